//! What time does to notices: every night notes that were read long ago are removed from the inboxes, and the traces of jobs that were done from
//! the outbox. How long they are kept is the operator's to say (`notices.read_kept_days`, `notices.done_kept_days`): no law sets a time.
//!
//! **Invariant:** a note that was not read stays, and so does a job that is not done or was given up.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::notices::inbox;
use crate::shell::clock::civil_date;
use crate::shell::jobs::{self as outbox, Failure, Job, JobId, Order, Runner};

#[cfg(test)]
mod tests;

/// How many rows are removed in one unit of work, so that nobody who writes waits long.
const PIECE: i64 = 1000;
/// How many units of work one job does before it makes room for others.
const PIECES: usize = 20;
const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn learn(runner: &mut Runner) {
    runner.learn::<Retain>();
    runner.learn::<RetainSome>();
}

/// Remove what is too old, and do so again tomorrow.
#[derive(Serialize, Deserialize)]
struct Retain;

impl Job for Retain {
    const KIND: &'static str = "notices-retain";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let first = Order::now(&app, &RetainSome {}).at_leisure();
        app.db.write(move |tx| outbox::enqueue(tx, &first)).await?;
        Ok(order(&app, night(app.clock.now() + DAY)).await?)
    }
}

/// Remove some of it, and order the rest to be removed. Whoever is killed goes on with what is left.
#[derive(Serialize, Deserialize)]
struct RetainSome {}

impl Job for RetainSome {
    const KIND: &'static str = "notices-retain-some";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let (now, kept) = (app.clock.now(), &app.config.notices);
        let ago = |days: i64| now - DAY.saturating_mul(i32::try_from(days).unwrap_or(i32::MAX));
        let (read, done) = (ago(kept.read_kept_days), ago(kept.done_kept_days));
        for _ in 0..PIECES {
            if !piece(&app, (read, done), PIECE).await? {
                return Ok(());
            }
        }
        let next = Order::now(&app, &RetainSome {}).at_leisure();
        app.db.write(move |tx| outbox::enqueue(tx, &next)).await?;
        Ok(())
    }
}

/// Removes one piece of what was read and done before these instants; answers whether there may be more.
async fn piece(app: &App, (read, done): (Timestamp, Timestamp), most: i64) -> Result<bool, db::Error> {
    let (notes, jobs) = app
        .db
        .write(move |tx| {
            let notes = inbox::remove_read(tx, read, most)?;
            Ok::<_, db::Error>((notes, outbox::remove_done(tx, done, most)?))
        })
        .await?;
    metrics::counter!("vneid_notices_removed_total").increment(notes);
    metrics::counter!("vneid_jobs_removed_total").increment(jobs);
    Ok(notes.max(jobs) >= most.unsigned_abs())
}

/// Orders the nightly work, when the platform opens.
///
/// # Errors
/// Those of the database.
pub(super) async fn begin(app: &App) -> Result<(), db::Error> {
    let now = app.clock.now();
    order(app, night(now).max(now)).await
}

/// The order of a night is one, however many nodes ask for it.
async fn order(app: &App, due: Timestamp) -> Result<(), db::Error> {
    app.db.write(move |tx| outbox::enqueue_daily::<Retain>(tx, due)).await
}

/// The hour of the night of a day in Viet Nam: half past two.
fn night(on: Timestamp) -> Timestamp {
    let hour = civil_date(on).at(2, 30, 0, 0);
    jiff::tz::Offset::constant(7).to_timestamp(hour).unwrap_or(on)
}
