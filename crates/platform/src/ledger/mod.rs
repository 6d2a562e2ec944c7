//! The tamper-evident log: an append-only Merkle tree over commitments to what happened, which outsiders can check.
//!
//! Whatever must not vanish or change unseen (a look at a person's data, a decision, a key that takes over, an appointment) is committed to
//! with [`commit`] in the unit of work that writes it. The sequencer gives commitments their places within a second, in batches, and signs the head of the tree.
//! The log is served as C2SP tlog-tiles, so that any static host can copy it, any witness sign it, and anybody verify it.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /ledger` | what the log is: name, size, root, keys |
//! | `GET /ledger/checkpoint` | the signed head (C2SP tlog-checkpoint) |
//! | `GET /ledger/checkpoint/witnessed` | the newest head that a witness has signed, too |
//! | `GET /ledger/tile/{level}/{number}` | hashes of the tree (C2SP tlog-tiles) |
//! | `GET /ledger/tile/entries/{number}` | the commitments |
//! | `GET /ledger/proof/{leaf}` | the proof that a leaf is under the signed head |
//! | `GET /ledger/consistency/{old}/{new}` | the proof that a tree is the beginning of a later one |
//! | `GET /ledger/releases` | the programs that were released, with their proofs |
//! | `POST /ledger/cosignatures` | a witness brings its signature on a head |
//!
//! **Invariant:** there is a commitment if and only if the unit of work that asked for it was committed.
//! **Invariant:** a commitment gets one place, and a place is given once, whenever the sequencer is killed and however many run.
//! **Invariant:** no head is signed that is not a continuation of the last one that this node signed.
//! **Invariant:** no personal data is in the log: a commitment is a hash under a salt that only the record's holder is told.

use axum::Router;
use axum::routing::{get, post};
use db::{Conn, Tx};

use crate::app::{App, Capability};
use crate::shell::problem::Problem;
use crate::shell::texts;

mod audit;
pub mod command;
mod http;
mod jobs;
mod note;
mod release;
mod rules;
mod store;
mod tree;
mod witness;

#[cfg(test)]
mod tests;

pub use jobs::{Refusal, sequence, turn, work};
pub use rules::{Commitment, Kind};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/ledger", get(http::show))
        .route("/ledger/checkpoint", get(http::checkpoint))
        .route("/ledger/checkpoint/witnessed", get(http::witnessed))
        .route("/ledger/tile/{*path}", get(http::tile))
        .route("/ledger/proof/{leaf}", get(http::proof))
        .route("/ledger/consistency/{old}/{new}", get(http::consistency))
        .route("/ledger/releases", get(release::http::show))
        .route("/ledger/cosignatures", post(http::cosign))
}

/// Commits to a record in the unit of work that writes it.
///
/// # Errors
/// Those of the database.
pub fn commit(tx: &mut Tx<'_>, commitment: &Commitment) -> Result<(), db::Error> {
    store::insert(tx, commitment)
}

/// What the log has of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its place, counted from 0.
    Placed(u64),
    /// It is committed to, and gets its place within seconds.
    Waiting,
    /// Nothing: it was changed since it was committed to, or never was.
    Absent,
}

/// What the log has of a record, told by the commitment that follows from the record as it is now.
///
/// # Errors
/// Those of the database.
pub fn standing(conn: &mut Conn<'_>, commitment: &Commitment) -> Result<Standing, db::Error> {
    store::standing(conn, commitment.at, &commitment.hash)
}

/// What the holder of a record is told, so that anybody who is shown it can verify that the log has it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Proof {
    /// `placed`, `waiting` or `absent`.
    pub state: &'static str,
    /// The place in the log, counted from 0.
    pub leaf: Option<u64>,
    /// The kind of record.
    pub kind: &'static str,
    /// The salt, in hexadecimal.
    pub salt: String,
    /// The text that was committed to.
    pub record: String,
}

impl Proof {
    /// What to tell of a commitment that stands so.
    pub fn of(commitment: &Commitment, standing: Standing) -> Self {
        let (state, leaf) = match standing {
            Standing::Placed(leaf) => ("placed", Some(leaf)),
            Standing::Waiting => ("waiting", None),
            Standing::Absent => ("absent", None),
        };
        Self {
            state,
            leaf,
            kind: commitment.kind.word(),
            salt: hex::encode(commitment.salt),
            record: commitment.record.clone(),
        }
    }
}

/// What a reader keeps of a record: the text, its salt, and the proof that it stands under a signed head.
#[derive(serde::Serialize)]
pub(crate) struct Witnessed {
    kind: &'static str,
    salt: String,
    record: String,
    #[serde(flatten)]
    inclusion: http::Inclusion,
}

/// What to keep of a record; none before it has its place under a signed head.
///
/// # Errors
/// Those of the database.
pub(crate) async fn witnessed(app: &App, commitment: &Commitment) -> Result<Option<Witnessed>, Problem> {
    let wanted = commitment.clone();
    let standing = app.db.read(move |conn| standing(conn, &wanted)).await?;
    let Standing::Placed(leaf) = standing else {
        return Ok(None);
    };
    match http::inclusion(app, leaf).await {
        Ok(inclusion) => {
            let Proof { kind, salt, record, .. } = Proof::of(commitment, standing);
            Ok(Some(Witnessed {
                kind,
                salt,
                record,
                inclusion,
            }))
        }
        // It has a place, but no head that contains it is signed yet.
        Err(problem) if problem.status() == ::http::StatusCode::NOT_FOUND => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Whether a record with that salt stands at its place under a head that the key signed; answers the record.
pub(crate) fn verify_witnessed(text: &serde_json::Value, key: &str) -> Option<String> {
    let said = |name: &str| text.get(name)?.as_str();
    let number = |name: &str| text.get(name)?.as_u64();
    let key: note::Verifier = key.trim().parse().ok()?;
    let note: note::Note = said("checkpoint")?.parse().ok()?;
    key.verify(&note).ok()?;
    let head: note::Head = note.text.parse().ok()?;
    let hash = rules::commitment(said("kind")?, &rules::salt(said("salt")?)?, said("record")?);
    let hashes = text.get("hashes")?.as_array()?.iter().map(|hash| {
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, hash.as_str()?).ok()?;
        tree::Hash::try_from(bytes.as_slice()).ok()
    });
    let hashes: Vec<tree::Hash> = hashes.collect::<Option<_>>()?;
    let is_there = number("size")? == head.size
        && tree::verify_inclusion(tree::leaf_hash(&hash), number("leaf")?, head.size, &hashes, &head.root);
    is_there.then(|| said("record").unwrap_or_default().to_owned())
}

/// How many records are not what was committed to, or are gone before their time.
#[cfg(test)]
pub(crate) async fn check_records(app: &App) -> u64 {
    let size = app.db.read(store::size).await.unwrap();
    let mut report = audit::Report::default();
    command::records(app, size, &mut report).await.unwrap();
    report.wrong
}
