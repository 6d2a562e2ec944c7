//! `vneid keys`: rotation, and the ceremonies in which keys are made, split and moved.

use std::io::Read as _;
use std::path::PathBuf;

use clap::Subcommand;

use super::ceremony::{self, Act};
use super::{PURPOSES, rotate};
use crate::app::App;
use crate::ledger::{self, Commitment, Kind};
use crate::notices::Gateway;
use crate::resealing;
use crate::shell::chance::Chance;
use crate::shell::clock::Clock;
use crate::shell::config::Config;
use crate::shell::server::{self, Failure};

/// What the command line can do with the keys.
#[derive(Subcommand)]
pub enum Command {
    /// Let another key take over; running nodes notice it within seconds.
    Rotate {
        /// Which key: a purpose (`sso`, `ledger`, `authority`, `issuer`, `status-list`, `trust-list`), `sealing` for the key that seals personal
        /// data (then `reseal`), or `root` for the master key or the wrapping key of the device.
        #[arg(long, default_value = super::SSO)]
        purpose: String,
    },
    /// Seal all personal data under the newest sealing key; can be stopped and started again at any time.
    Reseal,
    /// Forget the sealing keys under which nothing is left. What backups were sealed under them never opens again.
    Forget,
    /// Ceremonies; each prints a protocol to be signed by those present.
    Ceremony {
        /// Which.
        #[command(subcommand)]
        what: Ceremony,
    },
}

/// The ceremonies.
#[derive(Subcommand)]
pub enum Ceremony {
    /// Make the first keys, in the device where one is configured. Refused where there are keys already.
    Generate {
        /// Who is present. Can be repeated.
        #[arg(long = "present", value_name = "NAME", required = true)]
        present: Vec<String>,
    },
    /// Draw a recovery key, and print its shares, one a page: each is handed to one person, and is nowhere else.
    Split {
        /// How many shares there are.
        #[arg(long, default_value_t = 5)]
        shares: u8,
        /// How many of them are needed.
        #[arg(long, default_value_t = 3)]
        threshold: u8,
        /// Who is present. Can be repeated.
        #[arg(long = "present", value_name = "NAME", required = true)]
        present: Vec<String>,
    },
    /// Make the keystore anew from `keystore.recovery` and shares, read from standard input, one a line.
    Recover,
    /// Move the keystore from under `master.key` to under a wrapping key of the configured device.
    Adopt {
        /// Who is present. Can be repeated.
        #[arg(long = "present", value_name = "NAME", required = true)]
        present: Vec<String>,
    },
    /// Let every key prove itself, and change nothing.
    Attest {
        /// Who is present. Can be repeated.
        #[arg(long = "present", value_name = "NAME")]
        present: Vec<String>,
    },
    /// Check a protocol: unchanged, signed, its keys still here.
    Verify {
        /// The protocol.
        protocol: PathBuf,
    },
}

impl Command {
    /// Does it; the answer is for the terminal.
    ///
    /// # Errors
    /// Whatever keeps it from being done.
    pub async fn run(self, config: Config) -> Result<String, Failure> {
        let made = config.keys.join("keystore.sealed").exists();
        match &self {
            Command::Ceremony {
                what: Ceremony::Recover,
            } => return recover(&config),
            Command::Ceremony {
                what: Ceremony::Generate { .. },
            } if made => {
                return Err(format!("there are keys in {} already", config.keys.display()).into());
            }
            _ => {}
        }
        let app = server::open(config, Gateway::Mailbox, Clock::system(), Chance::system()).await?;
        let answer = self.run_with(&app).await;
        app.db.close().await;
        answer
    }

    async fn run_with(self, app: &App) -> Result<String, Failure> {
        match self {
            Command::Rotate { purpose } => rotate_any(app, &purpose).await,
            Command::Reseal => resealing::run_to_the_end(app).await,
            Command::Forget => {
                resealing::nothing_is_left(app).await?;
                let forgotten = app.keys.forget_sealing()?;
                Ok(format!("{forgotten} sealing keys were forgotten."))
            }
            Command::Ceremony { what } => hold(app, what).await,
        }
    }
}

async fn rotate_any(app: &App, purpose: &str) -> Result<String, Failure> {
    match purpose {
        "sealing" => {
            app.keys.rotate_sealing()?;
            Ok(
                "A new key seals personal data from now on. `vneid keys reseal` seals what is there under it, too."
                    .to_owned(),
            )
        }
        "root" => {
            app.keys.rotate_root()?;
            Ok("The keystore is sealed under a new key. Copy the folder of the keys.".to_owned())
        }
        purpose if PURPOSES.iter().any(|(known, _)| *known == purpose) => {
            rotate(app, purpose).await?;
            Ok("The next signing key is in use; running nodes notice it within seconds. The one before it verifies for 30 more days.".to_owned())
        }
        unknown => Err(format!("there is no key for {unknown}").into()),
    }
}

async fn hold(app: &App, what: Ceremony) -> Result<String, Failure> {
    let now = app.clock.now();
    let (act, present, shares) = match what {
        Ceremony::Generate { present } => (Act::Generated, present, Vec::new()),
        Ceremony::Attest { present } => (Act::Attested, present, Vec::new()),
        Ceremony::Adopt { present } => {
            app.keys.adopt_device()?;
            (Act::Adopted, present, Vec::new())
        }
        Ceremony::Split {
            shares,
            threshold,
            present,
        } => {
            let split = app.keys.split_recovery(threshold, shares)?;
            ceremony::try_shares(&app.keys, &split)?;
            (Act::Split(threshold, shares), present, split)
        }
        Ceremony::Verify { protocol } => {
            let wrong = app.keys.verify_protocol(&std::fs::read_to_string(protocol)?, now);
            return if wrong.is_empty() {
                Ok("The protocol is unchanged and signed, and its keys are still here.".to_owned())
            } else {
                Err(wrong.join("; ").into())
            };
        }
        Ceremony::Recover => return Err("recover is done before anything is opened".into()),
    };
    let protocol = app.keys.protocol(act, &present, now)?;
    let commitment = Commitment::to(&app.vault, Kind::Ceremony, now, &protocol);
    app.db.write(move |tx| ledger::commit(tx, &commitment)).await?;
    Ok(shares.iter().fold(protocol, |text, share| {
        format!(
            "{text}\u{c}\nPHẦN KHÓA PHỤC HỒI / RECOVERY SHARE {}\ncần / needed: {}\n\n    {share}\n\nGiữ kín, không sao chép / Keep it secret, do not copy it\n",
            share.number, share.threshold
        )
    }))
}

fn recover(config: &Config) -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let shares = ceremony::read_shares(&text)?;
    let lost = super::recovery::recover(&config.keys, config.hsm.as_ref(), &shares, &Chance::system())?;
    let lost = if lost.is_empty() {
        "none".to_owned()
    } else {
        lost.join(", ")
    };
    Ok(format!(
        "The keystore was made anew. Signing keys that only the lost device had, and that are made anew at the next start: {lost}. Hold a ceremony split again."
    ))
}
