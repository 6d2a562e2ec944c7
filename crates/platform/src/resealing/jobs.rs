//! Sealing anew, one piece at a time.

use serde::{Deserialize, Serialize};

use super::inventory::INVENTORY;
use super::rules::Progress;
use super::store::{self, Done, Found, Part};
use crate::app::App;
use crate::evidence;
use crate::shell::jobs::{self, Failure, Job, JobId, Order};
use crate::shell::problem::Problem;
use crate::shell::vault::Vault;

/// How many values are looked at in one unit of work, so that nobody who writes waits long.
const PIECE: i64 = 100;

/// Seals the next piece anew, and orders the one after it.
#[derive(Serialize, Deserialize)]
pub(super) struct SealAnew {}

impl Job for SealAnew {
    const KIND: &'static str = "seal-anew";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let again = |problem: Problem| Failure::Again(problem.slug().to_owned());
        let more = piece(&app).await? || objects(&app).await.map_err(again)?;
        if more {
            let next = Order::now(&app, &SealAnew {});
            app.db.write(move |tx| jobs::enqueue(tx, &next)).await?;
        }
        Ok(())
    }
}

/// Seals one piece under the newest key; answers whether there may be more.
///
/// # Errors
/// Those of the database.
pub(super) async fn piece(app: &App) -> Result<bool, db::Error> {
    let (vault, now) = (app.vault.clone(), app.clock.now());
    app.db
        .write(move |tx| {
            let key_id = vault.active_key();
            for (number, sealed) in INVENTORY.iter().enumerate() {
                let place = sealed.place();
                let mark = store::mark(tx, key_id, &place)?;
                if mark.as_ref().is_some_and(|mark| mark.finished) {
                    continue;
                }
                if mark.is_none() {
                    store::begin(tx, key_id, &place, now)?;
                }
                let after = mark.and_then(|mark| mark.after);
                let found = store::next(tx, number, after.as_deref(), PIECE)?;
                let mut done = Done {
                    last: found.last().map(|last| last.key.clone()),
                    finished_at: (found.len() < usize::try_from(PIECE).unwrap_or(usize::MAX)).then_some(now),
                    ..Done::default()
                };
                for value in &found {
                    done.seen += 1;
                    match anew(&vault, key_id, sealed.table, value) {
                        Anew::Already => {}
                        Anew::Unreadable => done.unreadable += 1,
                        Anew::Sealed(fresh) => {
                            store::replace(tx, number, value, &fresh)?;
                            done.resealed += 1;
                        }
                    }
                }
                store::move_on(tx, key_id, &place, &done)?;
                return Ok(true);
            }
            Ok(false)
        })
        .await
}

enum Anew {
    Already,
    Unreadable,
    Sealed(Vec<u8>),
}

fn anew(vault: &Vault, key_id: [u8; 4], table: &str, found: &Found) -> Anew {
    if found.value.get(1..5) == Some(key_id.as_slice()) {
        return Anew::Already;
    }
    match vault.open(table, &found.word, &found.row, &found.value) {
        Ok(plain) => Anew::Sealed(vault.seal(table, &found.word, &found.row, &plain)),
        Err(_) => Anew::Unreadable,
    }
}

/// Where the mark of evidence stands, whose content is outside the database.
const EVIDENCE: &str = "evidence";
/// How many pieces of evidence are sealed anew between two marks.
const OBJECTS: i64 = 20;

/// Seals some pieces of evidence anew; answers whether there may be more. A piece that is sealed twice is as good as once.
///
/// # Errors
/// Those of the store of evidence and of the database.
pub(super) async fn objects(app: &App) -> Result<bool, Problem> {
    let (key_id, now) = (app.vault.active_key(), app.clock.now());
    if app.keys.earlier_sealing_keys() == 0 {
        return Ok(false);
    }
    let mark = app.db.read(move |conn| store::mark(conn, key_id, EVIDENCE)).await?;
    if mark.as_ref().is_some_and(|mark| mark.finished) {
        return Ok(false);
    }
    let (begun, after) = mark.map_or((false, None), |mark| (true, mark.after));
    let after = after.and_then(|parts| match parts.as_slice() {
        [person, piece] => Some((person.id()?.into(), piece.id()?.into())),
        _ => None,
    });
    let last = evidence::reseal(app, after, OBJECTS).await?;
    app.db
        .write(move |tx| {
            if !begun {
                store::begin(tx, key_id, EVIDENCE, now)?;
            }
            let done = Done {
                last: last.map(|(person, piece)| {
                    vec![
                        Part::Bytes(person.bytes().to_vec()),
                        Part::Bytes(piece.bytes().to_vec()),
                    ]
                }),
                finished_at: last.is_none().then_some(now),
                ..Done::default()
            };
            store::move_on(tx, key_id, EVIDENCE, &done)
        })
        .await?;
    Ok(true)
}

/// Whether evidence may still be sealed under an earlier key.
///
/// # Errors
/// Those of the database.
pub(super) async fn evidence_is_left(app: &App) -> Result<bool, db::Error> {
    let key_id = app.vault.active_key();
    let mark = app.db.read(move |conn| store::mark(conn, key_id, EVIDENCE)).await?;
    Ok(app.keys.earlier_sealing_keys() > 0 && !mark.is_some_and(|mark| mark.finished))
}

/// How many values can be sealed under the newest key but are not yet.
///
/// # Errors
/// Those of the database.
pub(super) async fn left(app: &App) -> Result<i64, db::Error> {
    let columns = progress(app).await?;
    Ok(columns
        .iter()
        .map(|column| (column.left - column.unreadable).max(0))
        .sum())
}

/// Begins those columns again in which something is left.
///
/// # Errors
/// Those of the database.
pub(super) async fn begin_again(app: &App) -> Result<(), db::Error> {
    let (key_id, now) = (app.vault.active_key(), app.clock.now());
    app.db
        .write(move |tx| {
            for (number, sealed) in INVENTORY.iter().enumerate() {
                if store::left(tx, number, key_id)? > 0 {
                    store::begin(tx, key_id, &sealed.place(), now)?;
                }
            }
            Ok(())
        })
        .await
}

/// How far each column is.
///
/// # Errors
/// Those of the database.
pub(super) async fn progress(app: &App) -> Result<Vec<Progress>, db::Error> {
    let key_id = app.vault.active_key();
    app.db.read(move |conn| store::progress(conn, key_id)).await
}
