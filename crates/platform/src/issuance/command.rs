//! `vneid issuers`: what a nation's own authority certifies.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Subcommand;

use super::signers;
use crate::app::App;
use crate::shell::server::Failure;

/// What the command line can do with the keys that credentials, status lists and requests are signed with.
#[derive(Subcommand)]
pub enum Command {
    /// Write a certificate request for each of these keys, in use and next, to be sent to the authority.
    Requests {
        /// The folder to write them to.
        #[arg(long)]
        to: PathBuf,
    },
    /// Say which certificate each of these keys has, and until when.
    List,
}

impl Command {
    /// Does it: answers what to print.
    ///
    /// # Errors
    /// If the keys cannot be used, or the folder not written.
    pub fn run(self, app: &App) -> Result<String, Failure> {
        match self {
            Self::Requests { to } => {
                std::fs::create_dir_all(&to)?;
                let mut told = String::new();
                for (name, request) in signers::requests(app)? {
                    let file = to.join(format!("{name}.csr"));
                    std::fs::write(&file, request)?;
                    writeln!(told, "{}", file.display())?;
                }
                Ok(told)
            }
            Self::List => {
                let mut told = String::new();
                for (purpose, until, name) in signers::in_use(app)? {
                    writeln!(told, "{purpose:10} until {until}  {name}")?;
                }
                Ok(told)
            }
        }
    }
}
