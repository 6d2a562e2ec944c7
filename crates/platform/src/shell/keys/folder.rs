//! The folder of the keys: files that others cannot read, each replaced whole.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::KeysError;

/// The folder of the keys.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(folder: &Path) -> Result<Self, KeysError> {
        std::fs::create_dir_all(folder).map_err(|error| KeysError::File(folder.to_owned(), error))?;
        Ok(Self(folder.to_owned()))
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Waits until nobody else changes the keys; until the answer is dropped nobody else does.
    pub(super) fn lock(&self) -> Result<File, KeysError> {
        let file = self.file("keystore.lock");
        let lock = || -> std::io::Result<File> {
            let mut options = std::fs::OpenOptions::new();
            let lock = options
                .create(true)
                .truncate(false)
                .write(true)
                .mode(0o600)
                .open(&file)?;
            lock.lock()?;
            Ok(lock)
        };
        lock().map_err(|error| KeysError::File(file.clone(), error))
    }

    /// The sealed keystore, where there is one.
    pub(super) fn keystore(&self) -> Result<Option<Vec<u8>>, KeysError> {
        self.kept("keystore.sealed")
    }

    pub(super) fn replace_keystore(&self, bytes: &[u8]) -> Result<(), KeysError> {
        self.keep("keystore.sealed", bytes)
    }

    pub(super) fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), KeysError> {
        replace(&self.file(name), bytes)
    }

    pub(super) fn kept(&self, name: &str) -> Result<Option<Vec<u8>>, KeysError> {
        let file = self.file(name);
        file.exists().then(|| read_private(&file)).transpose()
    }

    pub(super) fn remove(&self, name: &str) -> Result<(), KeysError> {
        let file = self.file(name);
        std::fs::remove_file(&file).map_err(|error| KeysError::File(file, error))
    }
}

pub(super) fn read_private(file: &Path) -> Result<Vec<u8>, KeysError> {
    let failed = |error| KeysError::File(file.to_owned(), error);
    let mode = std::fs::metadata(file).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(KeysError::Exposed(file.to_owned()));
    }
    std::fs::read(file).map_err(failed)
}

/// Writes a private file beside its place, makes it durable, and moves it there.
fn replace(file: &Path, bytes: &[u8]) -> Result<(), KeysError> {
    let draft = file.with_extension("draft");
    let write = || -> std::io::Result<()> {
        let mut out = std::fs::OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&draft)?;
        out.write_all(bytes)?;
        out.sync_all()?;
        std::fs::rename(&draft, file)?;
        file.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    write().map_err(|error| KeysError::File(file.to_owned(), error))
}
