//! Chips: what the chip of a card says, whether it is the state's, and whether the chip is a copy.
//!
//! | request or command | what it does |
//! | --- | --- |
//! | `/chips/readings/{token}` | a reader brings a chip, see [`readings`] |
//! | `vneid chip verify FILE [--trust PATH] [--at TIME] [--json]` | what was checked and, if it is refused, why; status 0 or 1 |
//! | `vneid reader` | reads a card and saves what it says, or brings it to an invitation, see [`reader`] |
//!
//! The rules are those of [`civil::chip`], which the capabilities that receive chips apply, too.
//!
//! **Invariant:** a verdict holds no personal data, so that it can be logged and sent around
//! (`a_verdict_names_nobody`).

use std::io::Read as _;
use std::path::Path;

use axum::Router;
use civil::chip::TrustStore;

use crate::app::{App, Capability};
use crate::shell::jobs::Runner;
use crate::shell::server::Failure;
use crate::shell::texts;

pub mod command;
pub mod reader;
pub mod readings;
mod rules;

#[cfg(test)]
mod tests;

pub use readings::{Invitation, Invited, Received, forget, invite, invited, received, spend};
pub use rules::{Active, Agreement, CardAccess, Passive, Verdict};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    readings::routes()
}

fn learn(runner: &mut Runner) {
    runner.learn::<readings::Discard>();
}

/// A file of authorities or of a chip is never larger.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The authorities in a file, or in all files of a folder: certificates, link certificates and revocation lists, PEM or
/// DER, in any order. Files whose name begins with a dot are passed over.
///
/// # Errors
/// When something cannot be read, or [`TrustStore::from_files`] refuses one of them.
pub fn trust(path: &Path) -> Result<TrustStore, Failure> {
    let mut files = Vec::new();
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') && !entry.path().is_dir() {
                files.push((name, read(&entry.path())?));
            }
        }
        files.sort();
    } else {
        files.push((path.display().to_string(), read(path)?));
    }
    Ok(TrustStore::from_files(files)?)
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
