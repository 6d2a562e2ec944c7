//! Programs that were released: the hash of each executable stands in the log, so that anybody who holds a copy can see that it is the one
//! that everybody else got.

use std::path::Path;

use crypto::digest::sha256;
use jiff::Timestamp;
use serde::Serialize;

use super::{Commitment, Kind, commit};
use crate::app::App;
use crate::shell::server::Failure;

pub(super) mod http;
mod store;

#[cfg(test)]
mod tests;

/// A program as it was released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Release {
    /// What it calls itself.
    version: String,
    /// The SHA-256 of the executable, in hexadecimal.
    sha256: String,
    /// Its size.
    bytes: i64,
    /// When it was announced.
    #[serde(skip)]
    released_at: Timestamp,
}

/// The executable's SHA-256 and size; without a file that of this program.
///
/// # Errors
/// If it cannot be read.
pub(super) fn measured(file: Option<&Path>) -> Result<(String, i64), Failure> {
    let program = match file {
        Some(file) => std::fs::read(file)?,
        None => std::fs::read(std::env::current_exe()?)?,
    };
    Ok((hex::encode(sha256(&program)), i64::try_from(program.len())?))
}

/// Commits to a program; the same one twice is one.
///
/// # Errors
/// If it cannot be read; those of the database.
pub(super) async fn announce(app: &App, file: Option<&Path>) -> Result<Release, Failure> {
    let (sha256, bytes) = measured(file)?;
    let release = Release {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        sha256,
        bytes,
        released_at: app.clock.now(),
    };
    let (kept, commitment) = (release.clone(), release.commitment(app));
    app.db
        .write(move |tx| {
            if store::insert(tx, &kept)? {
                commit(tx, &commitment)?;
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    Ok(release)
}

impl Release {
    fn commitment(&self, app: &App) -> Commitment {
        Commitment::to(&app.vault, Kind::Release, self.released_at, self)
    }

    /// What the operator is told.
    pub(super) fn told(&self) -> String {
        format!(
            "vneid {} ({} bytes), sha256 {}: announced; `vneid ledger program --from URL` finds it within a second.",
            self.version, self.bytes, self.sha256
        )
    }
}
