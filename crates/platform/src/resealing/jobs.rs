//! Sealing anew, one piece at a time.

use serde::{Deserialize, Serialize};

use super::rules::{INVENTORY, Progress};
use super::store::{self, Done, Found};
use crate::app::App;
use crate::shell::jobs::{self, Failure, Job, JobId, Order};
use crate::shell::vault::Vault;

/// How many values are looked at in one unit of work, so that nobody who writes waits long.
const PIECE: i64 = 100;

/// Seals the next piece anew, and orders the one after it.
#[derive(Serialize, Deserialize)]
pub(super) struct SealAnew {}

impl Job for SealAnew {
    const KIND: &'static str = "seal-anew";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        if piece(&app).await? {
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
                let mark = store::mark(tx, key_id, sealed)?;
                if mark.as_ref().is_some_and(|mark| mark.finished) {
                    continue;
                }
                if mark.is_none() {
                    store::begin(tx, key_id, sealed, now)?;
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
                store::move_on(tx, key_id, sealed, &done)?;
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
                    store::begin(tx, key_id, sealed, now)?;
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
