//! Evidence (*tài liệu làm căn cứ*): pictures and chip files that decisions rest on, kept outside the database, sealed, and no longer than needed.
//!
//! It has no requests of its own. Content is an object in a local folder or in an S3-compatible store; the row says whose it is, what it is and
//! until when. Three steps keep the two together:
//!
//! | step | what is written |
//! | --- | --- |
//! | [`place`] | a row that says "about to be uploaded", with an order to sweep it; then the object |
//! | [`keep`] | in the unit of work that needs it: the row says "kept" |
//! | [`drop_pieces`], [`settle`] | in the unit of work that ends the need: the row says until when, with the order to remove it |
//!
//! A process that dies between any two leaves either a row that the sweep removes with its object, or a piece that is kept. Which kinds are
//! kept how long, and on what basis, is data: `crates/platform/data/retention.toml`, or the operator's own by `evidence.retention`.
//!
//! **Invariant:** an object exists only while a row names it; what no unit of work took is gone after a day.
//! **Invariant:** content is sealed for its piece before it leaves the process; a stolen folder shows nothing.
//! **Invariant:** a piece is not read once it was dropped or its time is over, even before its object is removed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::http::StatusCode;
use axum::Router;
use db::{Conn, Tx};
use jiff::{SignedDuration, Timestamp};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig};

use crate::app::{App, Capability};
use crate::shell::config;
use crate::shell::ids::{PersonId, id};
use crate::shell::jobs::{self as outbox, Order, Runner};
use crate::shell::problem::Problem;
use crate::shell::texts;

mod jobs;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub use rules::{Outcome, Retention, RetentionError, Rule, SetBy};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes: Router::new,
    jobs: learn,
    only_in_sandbox: false,
};

fn learn(runner: &mut Runner) {
    runner.learn::<jobs::Sweep>();
    runner.learn::<jobs::Remove>();
}

id! {
    /// A piece of evidence.
    PieceId
}

const TABLE: &str = "evidence_piece";
/// What was uploaded and never taken by a unit of work is removed after this.
const SWEPT_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Where evidence lies, and how long. Part of [`App`].
pub struct Evidence {
    objects: Arc<dyn ObjectStore>,
    /// The local folder, where uploads that a crash cut off leave files behind.
    folder: Option<PathBuf>,
    retention: Retention,
}

/// The place for evidence cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The folder or the file cannot be used.
    #[error("cannot use {0}")]
    File(PathBuf, #[source] std::io::Error),
    /// The store does not take its settings.
    #[error("the store of evidence cannot be opened")]
    Store(#[from] object_store::Error),
    /// The rules of retention are not understood.
    #[error("the rules of retention cannot be used")]
    Retention(#[from] RetentionError),
    /// The file with the access key does not hold its two lines.
    #[error("{0} must hold two lines: the access key's name and its secret")]
    AccessKey(PathBuf),
}

impl Evidence {
    /// The place that the operator set.
    ///
    /// # Errors
    /// [`Unusable`].
    pub fn open(config: &config::Evidence) -> Result<Self, Unusable> {
        let retention = match &config.retention {
            Some(file) => {
                let text = std::fs::read_to_string(file).map_err(|error| Unusable::File(file.clone(), error))?;
                Retention::from_toml(&text)?
            }
            None => Retention::official()?,
        };
        let (objects, folder): (Arc<dyn ObjectStore>, _) = match &config.bucket {
            Some(bucket) => (Arc::new(bucket_of(config, bucket)?), None),
            None => {
                let folder = &config.folder;
                std::fs::create_dir_all(folder).map_err(|error| Unusable::File(folder.clone(), error))?;
                let local = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
                (Arc::new(local), Some(folder.clone()))
            }
        };
        Ok(Self {
            objects,
            folder,
            retention,
        })
    }

    /// How long evidence is kept.
    pub fn retention(&self) -> &Retention {
        &self.retention
    }

    /// Removes the object of a piece, and what an upload that was cut off left of it.
    async fn remove(&self, piece: &PieceId) -> Result<(), object_store::Error> {
        match self.objects.delete(&key(piece)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        if let Some(folder) = &self.folder {
            let path = folder.join(key(piece).as_ref());
            let cut_off = (path.parent(), path.file_name());
            if let (Some(parent), Some(name)) = cut_off
                && let Ok(entries) = std::fs::read_dir(parent)
            {
                let begun = format!("{}#", name.to_string_lossy());
                for entry in entries.flatten() {
                    if entry.file_name().to_string_lossy().starts_with(&begun) {
                        drop(std::fs::remove_file(entry.path()));
                    }
                }
            }
        }
        Ok(())
    }
}

fn bucket_of(config: &config::Evidence, bucket: &str) -> Result<object_store::aws::AmazonS3, Unusable> {
    let patience = RetryConfig {
        max_retries: 2,
        retry_timeout: Duration::from_secs(10),
        ..RetryConfig::default()
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(&config.region)
        .with_disable_bulk_delete(true)
        .with_retry(patience);
    if let Some(endpoint) = &config.endpoint {
        builder = builder
            .with_endpoint(endpoint)
            .with_allow_http(endpoint.starts_with("http://"));
    }
    if let Some(file) = &config.access_key {
        let text = std::fs::read_to_string(file).map_err(|error| Unusable::File(file.clone(), error))?;
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let (Some(name), Some(secret)) = (lines.next(), lines.next()) else {
            return Err(Unusable::AccessKey(file.clone()));
        };
        builder = builder.with_access_key_id(name).with_secret_access_key(secret);
    }
    Ok(builder.build()?)
}

/// Where the object of a piece lies: spread over 256 folders.
fn key(piece: &PieceId) -> Key {
    let name = piece.to_string();
    Key::from(format!("{}/{name}", name.get(..2).unwrap_or_default()))
}

/// A piece whose content lies ready, waiting for the unit of work that needs it.
#[derive(Clone, Debug)]
pub struct Placed {
    person: PersonId,
    piece: PieceId,
}

impl Placed {
    /// Its identifier.
    pub fn piece(&self) -> PieceId {
        self.piece
    }
}

/// Puts content where evidence lies. Until [`keep`] it counts as nothing, and is swept after a day.
///
/// # Errors
/// `evidence-unavailable` if the store does not take it; those of the database.
pub async fn place(
    app: &App,
    person: PersonId,
    kind: &'static str,
    media_type: &str,
    content: &[u8],
) -> Result<Placed, Problem> {
    let piece = PieceId::draw(&app.chance);
    let sealed = app.vault.seal(TABLE, "content", piece.bytes(), content);
    let now = app.clock.now();
    let row = store::NewRow {
        person,
        piece,
        kind,
        media_type: media_type.to_owned(),
        size: i64::try_from(content.len()).unwrap_or(i64::MAX),
        placed_at: now,
    };
    let sweep = Order::at(app, &jobs::Sweep { person, piece }, now + SWEPT_AFTER);
    app.db
        .write(move |tx| {
            store::insert(tx, &row)?;
            outbox::enqueue(tx, &sweep)
        })
        .await?;

    let put = app.evidence.objects.put(&key(&piece), PutPayload::from(sealed)).await;
    put.map_err(unavailable)?;
    Ok(Placed { person, piece })
}

fn unavailable(error: object_store::Error) -> Problem {
    tracing::error!(alert = true, %error, "the store of evidence does not work");
    Problem::new("evidence-unavailable", StatusCode::SERVICE_UNAVAILABLE)
        .retry_after(10)
        .caused_by(error)
}

/// Takes a placed piece into the unit of work that needs it.
///
/// # Errors
/// `evidence-unavailable` if it was swept meanwhile; those of the database.
pub fn keep(tx: &mut Tx<'_>, placed: &Placed, now: Timestamp) -> Result<(), Problem> {
    if store::keep(tx, (&placed.person, &placed.piece), now)? {
        return Ok(());
    }
    Err(Problem::new("evidence-unavailable", StatusCode::SERVICE_UNAVAILABLE).retry_after(1))
}

/// The order to remove what a person's pieces no longer need to be, ready for the unit of work in which the need ends.
#[derive(Clone)]
pub struct Removal {
    person: PersonId,
    at: Timestamp,
    order: Order,
}

impl Removal {
    /// Removal as soon as the unit of work is committed.
    pub fn now(app: &App, person: PersonId) -> Self {
        Self::at(app, person, app.clock.now())
    }

    fn at(app: &App, person: PersonId, at: Timestamp) -> Self {
        Self {
            person,
            at,
            order: Order::at(app, &jobs::Remove { person }, at),
        }
    }
}

/// Ends pieces at once: they cannot be read any more, and their objects are removed. Once for a [`Removal`].
///
/// # Errors
/// Those of the database.
pub fn drop_pieces(tx: &mut Tx<'_>, removal: &Removal, pieces: &[PieceId]) -> Result<(), db::Error> {
    for piece in pieces {
        store::drop_row(tx, (&removal.person, piece), removal.at)?;
    }
    match pieces {
        [] => Ok(()),
        _ => outbox::enqueue(tx, &removal.order),
    }
}

/// What is written when the decision that a piece was needed for is made.
#[derive(Clone)]
pub struct Settlement {
    person: PersonId,
    piece: PieceId,
    basis: String,
    removal: Option<Removal>,
}

impl Settlement {
    /// By the rule for a kind of evidence and an outcome that is in force today.
    pub fn draw(app: &App, (person, piece): (PersonId, PieceId), kind: &str, outcome: Outcome) -> Self {
        let rule = app.evidence.retention.rule(kind, outcome, app.clock.today());
        let until = rule
            .days
            .map(|days| app.clock.now() + SignedDuration::from_hours(24 * i64::from(days)));
        Self {
            person,
            piece,
            basis: rule.basis.clone(),
            removal: until.map(|until| Removal::at(app, person, until)),
        }
    }
}

/// Says until when a piece is kept, and on what basis.
///
/// # Errors
/// Those of the database.
pub fn settle(tx: &mut Tx<'_>, settlement: &Settlement) -> Result<(), db::Error> {
    let place = (&settlement.person, &settlement.piece);
    let until = settlement.removal.as_ref().map(|removal| removal.at);
    store::settle(tx, place, until, &settlement.basis)?;
    match &settlement.removal {
        Some(removal) => outbox::enqueue(tx, &removal.order),
        None => Ok(()),
    }
}

/// The content of a piece; `None` once it was dropped or its time is over.
///
/// # Errors
/// `evidence-unavailable` if the store does not give it; those of the database, and content that cannot be opened.
pub async fn read(app: &App, person: &PersonId, piece: &PieceId) -> Result<Option<Vec<u8>>, Problem> {
    let (person, piece, now) = (*person, *piece, app.clock.now());
    let stands = app.db.read(move |conn| stands(conn, (&person, &piece), now)).await?;
    if !stands {
        return Ok(None);
    }
    let object = app.evidence.objects.get(&key(&piece)).await.map_err(unavailable)?;
    let sealed = object.bytes().await.map_err(unavailable)?;
    let content = app.vault.open(TABLE, "content", piece.bytes(), &sealed)?;
    Ok(Some(content.to_vec()))
}

/// Seals the content of some pieces anew, with the key that seals now, in the order of their names; answers the last, or `None` when none was left.
///
/// # Errors
/// `evidence-unavailable`; those of the database, and content that cannot be opened.
pub async fn reseal(
    app: &App,
    after: Option<(PersonId, PieceId)>,
    most: i64,
) -> Result<Option<(PersonId, PieceId)>, Problem> {
    let pieces = app.db.read(move |conn| store::list_after(conn, after, most)).await?;
    for (person, piece) in &pieces {
        let Some(content) = read(app, person, piece).await? else {
            continue;
        };
        let sealed = app.vault.seal(TABLE, "content", piece.bytes(), &content);
        let put = app.evidence.objects.put(&key(piece), PutPayload::from(sealed)).await;
        put.map_err(unavailable)?;
        // What was removed meanwhile must not come back.
        let (person, piece) = (*person, *piece);
        let still = app.db.read(move |conn| store::find(conn, (&person, &piece))).await?;
        if still.is_none() {
            app.evidence.remove(&piece).await.map_err(unavailable)?;
        }
    }
    Ok(pieces.last().copied())
}

/// Whether a piece can be read.
fn stands(conn: &mut Conn<'_>, place: (&PersonId, &PieceId), now: Timestamp) -> Result<bool, db::Error> {
    let row = store::find(conn, place)?;
    Ok(row.is_some_and(|row| {
        row.kept_at.is_some() && row.dropped_at.is_none() && row.keep_until.is_none_or(|until| now < until)
    }))
}
