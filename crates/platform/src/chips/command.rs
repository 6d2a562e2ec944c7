//! `vneid chip`: for whoever has to look into a chip by hand.

use std::path::{Path, PathBuf};

use civil::chip::{Reading, TrustStore};
use clap::Subcommand;
use jiff::Timestamp;
use thiserror::Error;

use super::{LARGEST, Verdict};
use crate::shell::clock::Clock;
use crate::shell::server::Failure;

/// What the command line can do with chips.
#[derive(Subcommand)]
pub enum Command {
    /// Say whether the files of a chip are authentic, and whether the chip is the original.
    Verify {
        /// What a reader posts: JSON with the files in base64 and, if the chip was asked, its answer.
        file: PathBuf,
        /// A file or a folder with certificates and revocation lists of authorities, PEM or DER; without it nobody is
        /// trusted.
        #[arg(long)]
        trust: Option<PathBuf>,
        /// The time to judge at, such as 2026-11-22T08:00:00Z; now, if it is not said.
        #[arg(long)]
        at: Option<Timestamp>,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
}

/// The file is not what a reader saves.
#[derive(Debug, Error)]
pub enum Unreadable {
    /// It is larger than any.
    #[error("{0}: larger than what a reader saves")]
    TooLarge(PathBuf),
    /// Not JSON with the files of a chip.
    #[error("{0}: not the files of a chip in JSON")]
    Form(PathBuf, #[source] serde_json::Error),
}

impl Command {
    /// Does it: answers what to print, and whether the chip is accepted.
    ///
    /// # Errors
    /// When a file cannot be read, or an authority is refused.
    pub fn run(self, clock: &Clock) -> Result<(String, bool), Failure> {
        let Self::Verify { file, trust, at, json } = self;
        let reading = reading(&file)?;
        let trust = trust.map_or_else(|| Ok(TrustStore::new()), |path| super::trust(&path))?;
        let verdict = Verdict::of(&reading, &trust, at.unwrap_or_else(|| clock.now()));
        let text = if json {
            serde_json::to_string_pretty(&verdict)? + "\n"
        } else {
            verdict.to_string()
        };
        Ok((text, verdict.accepted))
    }
}

fn reading(file: &Path) -> Result<Reading, Failure> {
    let bytes = super::read(file)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(Unreadable::TooLarge(file.to_owned()).into());
    }
    serde_json::from_slice(&bytes).map_err(|error| Unreadable::Form(file.to_owned(), error).into())
}
