//! The folder in which a sandbox keeps its data.
//!
//! **Invariant:** only a folder that says of itself that it is a sandbox's is written to or cleared, and only by one sandbox at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

#[cfg(test)]
mod tests;

/// The file by which a sandbox's folder is known; it is locked while the sandbox runs.
const MARK: &str = "SANDBOX";
const MARK_TEXT: &str = "This folder belongs to a sandbox of VNeID. Everybody in it is synthetic.\n";
/// What `--reset` deletes.
const FILES: [&str; 8] = [
    "vneid.db",
    "vneid.db-wal",
    "vneid.db-shm",
    "clock",
    "sources-authority.pem",
    "sources-identity.pem",
    "sources-signers.json",
    "chip-authority.der",
];
const KEYS: &str = "keys";

/// A sandbox's folder, locked.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Holds the lock.
    _mark: File,
}

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file cannot be read, written or deleted.
    #[error("cannot use {0}")]
    File(PathBuf, #[source] io::Error),
    /// There is something else in it.
    #[error("{0} holds other files and is not a sandbox's folder; choose another with --data DIR")]
    Foreign(PathBuf),
    /// Another sandbox runs on it.
    #[error("another sandbox is running on {0}; stop it, or choose another folder with --data DIR")]
    InUse(PathBuf),
}

impl Folder {
    /// Opens a sandbox's folder, or makes a new one; with `reset` it is cleared.
    pub(super) fn open(path: &Path, reset: bool) -> Result<Self, FolderError> {
        let failed = |error| FolderError::File(path.to_owned(), error);
        std::fs::create_dir_all(path).map_err(failed)?;
        let mark = path.join(MARK);
        let is_empty = std::fs::read_dir(path).map_err(failed)?.next().is_none();
        if !is_empty && !mark.is_file() {
            return Err(FolderError::Foreign(path.to_owned()));
        }
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&mark);
        let mut file = file.map_err(|error| FolderError::File(mark.clone(), error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FolderError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(FolderError::File(mark, error)),
        }
        file.write_all(MARK_TEXT.as_bytes())
            .map_err(|error| FolderError::File(mark, error))?;
        let folder = Self {
            path: path.to_owned(),
            _mark: file,
        };
        if reset {
            folder.clear()?;
        }
        Ok(folder)
    }

    fn clear(&self) -> Result<(), FolderError> {
        let files = FILES
            .iter()
            .map(|name| (self.file(name), std::fs::remove_file(self.file(name))));
        let folders = [self.keys(), self.evidence()].map(|path| (path.clone(), std::fs::remove_dir_all(path)));
        for (path, deleted) in files.chain(folders) {
            match deleted {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(FolderError::File(path, error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of the keys.
    pub(super) fn keys(&self) -> PathBuf {
        self.path.join(KEYS)
    }

    /// The folder of evidence.
    pub(super) fn evidence(&self) -> PathBuf {
        self.path.join("evidence")
    }

    /// The database.
    pub(super) fn database(&self) -> String {
        format!("sqlite:{}", self.file("vneid.db").display())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file that only its owner can read.
    pub(super) fn write(&self, name: &'static str, bytes: &[u8]) -> Result<PathBuf, FolderError> {
        let path = self.file(name);
        let file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&path);
        match file.and_then(|mut file| file.write_all(bytes)) {
            Ok(()) => Ok(path),
            Err(error) => Err(FolderError::File(path, error)),
        }
    }
}
