//! `vneid ledger`: checks a whole log, and writes it as static files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::{Args, Subcommand};
use db::{Db, Options};
use jiff::Timestamp;

use super::audit::{Finding, Report, Saved, Site, Source, Unreachable, audit, entry};
use super::note::{Head, Note, NoteError, Use, Verifier};
use super::tree::{Hash, Resource};
use super::{Kind, Standing, jobs, release, rules, standing, store, witness};
use crate::app::App;
use crate::history;
use crate::notices::Gateway;
use crate::shell::chance::Chance;
use crate::shell::clock::Clock;
use crate::shell::config::Config;
use crate::shell::keys::LEDGER;
use crate::shell::problem::Problem;
use crate::shell::server::{self, Failure};

/// How many leaves are compared with records at once.
const PIECE: u64 = 10_000;

/// What the command line can do with the ledger.
#[derive(Subcommand)]
pub enum Command {
    /// Check a whole log; the answer is JSON, and the exit code 1 if anything is wrong.
    Verify {
        /// Where the log is.
        #[command(flatten)]
        place: Place,
        /// A signed head that was saved earlier: the log must continue it. Can be repeated.
        #[arg(long = "checkpoint", value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
        /// A key that signs the heads, written name+id+key. Can be repeated.
        #[arg(long = "key", value_name = "KEY")]
        keys: Vec<String>,
    },
    /// Check that one record, as its holder is shown it, is in a log on the web.
    Entry {
        /// The address of the log.
        #[arg(long, value_name = "URL")]
        from: String,
        /// The number of the entry.
        #[arg(long)]
        leaf: u64,
        /// What kind of record it is.
        #[arg(long, default_value = "look")]
        kind: String,
        /// The salt, in hexadecimal.
        #[arg(long)]
        salt: String,
        /// The text of the record, a file.
        #[arg(long, value_name = "FILE")]
        record: PathBuf,
        /// A signed head that was saved earlier: the log must continue it.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        /// A key that signs the heads, written name+id+key.
        #[arg(long = "key", value_name = "KEY")]
        key: Option<String>,
    },
    /// Bring the newest head to a witness, and keep its cosignature. Meant to be run every few minutes.
    Witness {
        /// The configuration of the platform.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// The address at which the witness takes heads (C2SP tlog-witness), as <https://witness.example/add-checkpoint>.
        #[arg(long, value_name = "URL")]
        at: String,
    },
    /// Announce a program in the log: this one, unless a file is given.
    Release {
        /// The configuration of the platform.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// The executable.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Check that a program was released by the owner of a log on the web: this one, unless a file is given.
    Program {
        /// The address of the log.
        #[arg(long, value_name = "URL")]
        from: String,
        /// The executable.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// A signed head that was saved earlier: the log must continue it.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        /// A key that signs the heads, written name+id+key.
        #[arg(long = "key", value_name = "KEY")]
        key: Option<String>,
    },
    /// Write the log as static files, which any host can serve.
    Export {
        /// Where the log is.
        #[command(flatten)]
        place: Place,
        /// The folder to write to; full tiles that are there already are left alone.
        folder: PathBuf,
    },
}

/// Where the log is.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Place {
    /// The configuration of the platform: checks also every record against its commitment.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A database: `sqlite:PATH` or `postgres://…`.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// The address of the log on the web, as <https://id.example.vn/ledger>, or a folder of its files.
    #[arg(long, value_name = "URL|DIR")]
    from: Option<String>,
}

/// What was done.
pub struct Outcome {
    /// What to print.
    pub text: String,
    /// Whether nothing was wrong.
    pub whole: bool,
}

impl Outcome {
    fn of(wrong: Option<String>, right: &str) -> Self {
        Self {
            whole: wrong.is_none(),
            text: wrong.unwrap_or_else(|| right.to_owned()),
        }
    }
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// If the log cannot be read; what is wrong in it is not an error.
    pub async fn run(self) -> Result<Outcome, Failure> {
        match self {
            Command::Verify {
                place,
                checkpoints,
                keys,
            } => {
                let (source, app) = place.open().await?;
                let report = verify(&source, app.as_ref(), &checkpoints, &keys).await?;
                Ok(Outcome {
                    text: serde_json::to_string_pretty(&report)?,
                    whole: report.whole,
                })
            }
            Command::Entry {
                from,
                leaf,
                kind,
                salt,
                record,
                checkpoint,
                key,
            } => {
                let record = std::fs::read_to_string(&record).map_err(|error| Unreachable::File(record, error))?;
                let entry = rules::commitment(
                    &kind,
                    &rules::salt(&salt).ok_or("the salt is not 64 hexadecimal digits")?,
                    &record,
                );
                let (keys, saved) = (read_keys(key.as_slice())?, read_saved(checkpoint.as_slice())?);
                let site = Site::new(&from)?;
                let answer = entry::check(&site, leaf, entry, &saved, &keys).await?;
                Ok(Outcome::of(answer.map(str::to_owned), "the record is in the log"))
            }
            Command::Witness { config, at } => bring(&config, &at).await,
            Command::Release { config, file } => announce(&config, file.as_deref()).await,
            Command::Program {
                from,
                file,
                checkpoint,
                key,
            } => {
                let (keys, saved) = (read_keys(key.as_slice())?, read_saved(checkpoint.as_slice())?);
                Ok(Outcome::of(
                    release::http::check(&from, file.as_deref(), &saved, &keys).await?,
                    "the program was released, and the log proves it",
                ))
            }
            Command::Export { place, folder } => {
                let (source, _) = place.open().await?;
                let written = export(&source, &folder).await?;
                Ok(Outcome::of(
                    None,
                    &format!("{written} files were written to {}", folder.display()),
                ))
            }
        }
    }
}

async fn open(config: &Path) -> Result<App, Failure> {
    let config = Config::load(config, std::env::vars())?;
    server::open(config, Gateway::Mailbox, Clock::system(), Chance::system()).await
}

async fn bring(config: &Path, at: &str) -> Result<Outcome, Failure> {
    let app = open(config).await?;
    let brought = witness::bring(&app, at).await;
    app.db.close().await;
    Ok(Outcome::of(None, &brought?))
}

async fn announce(config: &Path, file: Option<&Path>) -> Result<Outcome, Failure> {
    let app = open(config).await?;
    let announced = release::announce(&app, file).await;
    app.db.close().await;
    Ok(Outcome::of(None, &announced?.told()))
}

impl Place {
    async fn open(self) -> Result<(Source, Option<App>), Failure> {
        if let Some(file) = self.config {
            let app = open(&file).await?;
            return Ok((Source::Database(app.db.clone()), Some(app)));
        }
        if let Some(url) = self.database {
            return Ok((Source::Database(Db::open(&url, Options::default()).await?), None));
        }
        let from = self.from.unwrap_or_default();
        let source = if from.starts_with("https://") || from.starts_with("http://") {
            Source::Site(Site::new(&from)?)
        } else {
            Source::Folder(PathBuf::from(from))
        };
        Ok((source, None))
    }
}

async fn verify(
    source: &Source,
    app: Option<&App>,
    checkpoints: &[PathBuf],
    keys: &[String],
) -> Result<Report, Failure> {
    let (mut keys, saved) = (read_keys(keys)?, read_saved(checkpoints)?);
    if let Some(app) = app {
        let published = app.keys.jwks(LEDGER, app.clock.now());
        let origin = jobs::origin(app);
        keys.extend(
            published
                .keys()
                .iter()
                .map(|key| Verifier::new(&origin, Use::Note, key.key())),
        );
    }
    let mut report = audit(source, saved, &keys).await?;
    if let Some(app) = app {
        let size = report.size;
        records(app, size, &mut report)
            .await
            .map_err(|problem| format!("the records cannot be read: {}", problem.slug()))?;
        report.whole = report.wrong == 0;
    }
    Ok(report)
}

fn read_keys(keys: &[String]) -> Result<Vec<Verifier>, NoteError> {
    keys.iter().map(|key| key.parse()).collect()
}

fn read_saved(files: &[PathBuf]) -> Result<Vec<Saved>, Unreachable> {
    let read = |file: &PathBuf| match std::fs::read_to_string(file) {
        Ok(note) => Ok(Saved {
            name: file.display().to_string(),
            note,
        }),
        Err(error) => Err(Unreachable::File(file.clone(), error)),
    };
    files.iter().map(read).collect()
}

/// Compares every look of the history with what was committed to.
pub(super) async fn records(app: &App, size: u64, report: &mut Report) -> Result<(), Problem> {
    let (mut there, mut after) = (HashSet::<Hash>::new(), None);
    loop {
        let looks = history::committed(app, after).await?;
        let Some((last, _)) = looks.last() else { break };
        after = Some(last.clone());
        for (place, commitment) in looks {
            report.records += 1;
            there.insert(commitment.hash);
            let standing = app.db.read(move |conn| standing(conn, &commitment)).await?;
            if standing == Standing::Absent {
                report.tell(Finding::RecordChanged {
                    record: place.to_string(),
                });
            }
        }
    }
    // Places follow each other in time: a look is old enough to be gone only if everything placed before it is, too.
    let (kept_since, mut newest) = (history::kept_since(app.clock.now()), Timestamp::MIN);
    let mut from = 0;
    while from < size {
        let to = (from + PIECE).min(size);
        let placed = app.db.read(move |conn| store::placed(conn, from, to)).await?;
        for entry in placed {
            newest = newest.max(entry.at);
            let is_gone = entry.kind == Kind::Look.word() && !there.contains(&entry.commitment);
            if is_gone && newest >= kept_since {
                report.tell(Finding::RecordRemoved { leaf: entry.leaf });
            }
        }
        from = to;
    }
    Ok(())
}

/// Writes all files of a log; answers how many.
pub(super) async fn export(source: &Source, folder: &Path) -> Result<u64, Failure> {
    let note = source.checkpoint().await?.ok_or("no head has been signed yet")?;
    let head: Head = note.parse::<Note>()?.text.parse()?;
    let mut written = 0;
    for resource in Resource::all(head.size) {
        let file = folder.join("tile").join(resource.to_string());
        if resource.width.is_none() && file.exists() {
            continue;
        }
        let bytes = source
            .read(resource)
            .await?
            .ok_or_else(|| format!("{resource} is missing"))?;
        write(&file, &bytes)?;
        written += 1;
    }
    // Last, so that a host never tells of what it does not have yet.
    write(&folder.join("checkpoint"), note.as_bytes())?;
    tracing::info!(
        size = head.size,
        root = BASE64.encode(head.root),
        "the log was exported"
    );
    Ok(written + 1)
}

/// Writes a file beside its place and moves it there, whole.
fn write(file: &Path, bytes: &[u8]) -> Result<(), Unreachable> {
    let failed = |error| Unreachable::File(file.to_owned(), error);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let draft = file.with_extension("draft");
    std::fs::write(&draft, bytes)
        .and_then(|()| std::fs::rename(&draft, file))
        .map_err(failed)
}
