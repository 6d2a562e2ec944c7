//! What time does to the history: five years after its instant a look is gone.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{contests, rules, store};
use crate::app::App;
use crate::shell::jobs::{self as outbox, Failure, Job, JobId};

/// How many looks are removed in one unit of work.
const PIECE: i64 = 1000;
/// For how many months parts are ready before they are needed.
const MONTHS_AHEAD: usize = 3;
/// How often what is old is removed.
const EVERY: SignedDuration = SignedDuration::from_hours(24);

/// Remove the looks that are older than they may be kept, and do so again tomorrow.
#[derive(Serialize, Deserialize)]
pub(super) struct Retain;

impl Job for Retain {
    const KIND: &'static str = "history-retain";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let now = app.clock.now();
        order(&app, now + EVERY).await?;
        let before = rules::kept_since(now);
        app.db
            .make_parts("history_look", rules::months(now, MONTHS_AHEAD))
            .await?;
        let dropped = app.db.drop_parts("history_look", before.as_microsecond()).await?;
        let mut removed = 0;
        loop {
            let piece = app.db.write(move |tx| store::remove_before(tx, before, PIECE)).await?;
            removed += piece;
            if piece < PIECE.unsigned_abs() {
                break;
            }
        }
        app.db.write(move |tx| contests::forget_before(tx, before)).await?;
        if removed > 0 || dropped > 0 {
            tracing::info!(removed, dropped, "looks older than five years were removed");
        }
        metrics::counter!("vneid_history_removed_total").increment(removed);
        Ok(())
    }
}

/// Orders the daily work, when the platform opens.
///
/// # Errors
/// Those of the database.
pub(crate) async fn begin(app: &App) -> Result<(), db::Error> {
    order(app, app.clock.now()).await
}

/// The order of a day is one, however many nodes ask for it.
async fn order(app: &App, due: Timestamp) -> Result<(), db::Error> {
    app.db.write(move |tx| outbox::enqueue_daily::<Retain>(tx, due)).await
}
