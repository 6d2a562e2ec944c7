//! The sequencer: gives commitments their places in batches, grows the tree, and signs its head.

use std::future::Future;
use std::time::Duration;

use crypto::sign::Signer as _;
use db::Db;

use super::note::{Head, Note, Use, Verifier};
use super::store::{self, Checkpoint};
use super::tree::{self, leaf_hash, root_of};
use crate::app::App;
use crate::shell::keys::LEDGER;
use crate::shell::pause::pause;

/// How many commitments get their places in one unit of work, so that nobody who writes waits long.
const BATCH: i64 = 1024;
/// How often the sequencer looks, in real time.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The file beside the keys that holds the last head that this node has signed.
const LAST_SIGNED: &str = "ledger.checkpoint";

/// Why the head of the tree is not signed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The database has fewer leaves than this node has signed before: it was restored from a backup, or leaves were removed.
    #[error("the log has {0} leaves, but {1} were signed: the database is older than the last checkpoint")]
    Shorter(u64, u64),
    /// The tree's beginning is not the tree that this node has signed before.
    #[error("the first {0} leaves are not those that were signed")]
    Rewritten(u64),
    /// The last head that was signed cannot be read.
    #[error("the last signed head cannot be used")]
    LastSigned(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no key, or it does not sign.
    #[error("the head cannot be signed")]
    Key(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
}

/// Works until `stop`.
pub async fn work(app: App, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    loop {
        if let Err(refusal) = turn(&app).await {
            metrics::counter!("vneid_ledger_refused_total").increment(1);
            let cause = std::error::Error::source(&refusal).map(ToString::to_string);
            tracing::error!(%refusal, cause, "the head of the ledger is not signed");
        }
        tokio::select! {
            () = &mut stop => return,
            () = pause(LOOK_EVERY) => {}
        }
    }
}

/// Gives every commitment that waits its place, and signs the head if it has moved.
///
/// # Errors
/// [`Refusal`]: the places are given, but the head is not signed.
pub async fn turn(app: &App) -> Result<(), Refusal> {
    while app.db.read(store::any_waiting).await? {
        let placed = sequence(&app.db, BATCH).await?;
        metrics::counter!("vneid_ledger_entries_total").increment(placed);
    }
    sign(app).await
}

/// Gives at most so many commitments their places, in one unit of work; answers how many.
///
/// # Errors
/// Those of the database.
pub async fn sequence(db: &Db, most: i64) -> Result<u64, db::Error> {
    db.write(move |tx| {
        let size = store::size(tx)?;
        let placed = store::place(tx, size, most)?;
        let (mut edge, mut changed) = (store::edge(tx, size)?, Vec::new());
        for commitment in &placed {
            edge.append(leaf_hash(commitment), &mut changed);
        }
        changed.extend(edge.partial());
        changed.iter().try_for_each(|tile| store::keep_tile(tx, tile))?;
        store::grow(tx, size, edge.size())?;
        Ok(edge.size() - size)
    })
    .await
}

/// The key under which the heads of this log are signed now.
pub(super) fn verifier(app: &App) -> Result<Verifier, Refusal> {
    let signer = app.keys.signer(LEDGER).map_err(|error| Refusal::Key(error.into()))?;
    Ok(Verifier::new(&origin(app), Use::Note, signer.public().key()))
}

/// The name of this log: what its public address is without the scheme, unless the operator has named it.
pub(super) fn origin(app: &App) -> String {
    let of_address = || {
        let (_, rest) = app.config.public_url.split_once("://").unwrap_or_default();
        format!("{rest}/ledger")
    };
    app.config.ledger.origin.clone().unwrap_or_else(of_address)
}

async fn sign(app: &App) -> Result<(), Refusal> {
    let last = last_signed(app)?;
    let (last_size, origin) = (last.as_ref().map_or(0, |head| head.size), origin(app));
    let (size, begun, root, told) = app
        .db
        .read(move |conn| {
            let size = store::size(conn)?;
            let root = store::edge(conn, size)?.root();
            let begun = match last_size {
                0 => tree::perfect(&[]),
                beyond if beyond > size => root,
                last_size => root_of(last_size, &mut store::nodes(conn))?,
            };
            let told = store::newest(conn)?.is_some_and(|newest| newest.size == size);
            Ok::<_, db::Error>((size, begun, root, told))
        })
        .await?;
    if let Some(last) = &last {
        if last.size > size {
            return Err(Refusal::Shorter(size, last.size));
        }
        if last.root != begun {
            return Err(Refusal::Rewritten(last.size));
        }
    }
    metrics::gauge!("vneid_ledger_size").set(u32::try_from(size).map_or(f64::MAX, f64::from));
    if told {
        return Ok(());
    }

    let text = Head { origin, size, root }.to_string();
    let signer = app.keys.signer(LEDGER).map_err(|error| Refusal::Key(error.into()))?;
    let line = verifier(app)?
        .sign(&*signer, &text)
        .map_err(|error| Refusal::Key(error.into()))?;
    let note = format!("{text}\n{line}\n");
    // First beside the keys, so that no head is ever told that this node would not remember.
    app.keys
        .keep(LAST_SIGNED, note.as_bytes())
        .map_err(|error| Refusal::LastSigned(error.into()))?;
    let (checkpoint, now) = (Checkpoint { size, note }, app.clock.now());
    app.db
        .write(move |tx| store::keep_checkpoint(tx, &checkpoint, now))
        .await?;
    Ok(())
}

fn last_signed(app: &App) -> Result<Option<Head>, Refusal> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| Refusal::LastSigned(error);
    let Some(kept) = app.keys.kept(LAST_SIGNED).map_err(|error| failed(error.into()))? else {
        return Ok(None);
    };
    let note: Note = String::from_utf8(kept)
        .map_err(|error| failed(error.into()))?
        .parse()
        .map_err(|error: super::note::NoteError| failed(error.into()))?;
    let head = note
        .text
        .parse()
        .map_err(|error: super::note::NoteError| failed(error.into()))?;
    Ok(Some(head))
}
