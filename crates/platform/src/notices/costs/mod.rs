//! What notices cost: how many messages and parts each gateway took on each day of Viet Nam, and what became of them.
//!
//! The parts of the last week are counted one by one; after that a day is one line for each gateway, and its parts are removed.
//!
//! **Invariant:** a part is counted once: it is removed in the unit of work that counts it.

use db::Conn;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::notices::delivery;
use crate::shell::clock::civil_date;
use crate::shell::jobs::{self as outbox, Failure, Job, JobId, Runner};

mod store;

#[cfg(test)]
mod tests;

/// How long parts are kept, for receipts that come late. What is older may have left: nobody knows any more.
pub(super) const KEPT_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// What is settled in one unit of work.
const SLICE: SignedDuration = SignedDuration::from_hours(1);
/// How often.
const EVERY: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn learn(runner: &mut Runner) {
    runner.learn::<Settle>();
}

/// What a gateway took on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Cost {
    pub(super) day: String,
    pub(super) gateway: String,
    pub(super) channel: String,
    pub(super) messages: i64,
    pub(super) parts: i64,
    pub(super) delivered: i64,
    pub(super) failed: i64,
    /// In đồng, by the price that the operator has set for a part.
    pub(super) vnd: i64,
}

/// The costs of the last days, newest first.
///
/// # Errors
/// Those of the database.
pub(super) async fn table(app: &App, days: i64) -> Result<Vec<Cost>, db::Error> {
    let (now, since) = (
        app.clock.now(),
        app.clock.now() - SignedDuration::from_hours(24 * days.clamp(1, 400)),
    );
    let mut costs = app.db.read(move |conn| counted(conn, since, now)).await?;
    for cost in &mut costs {
        let mut centres = app.config.notices.smpp.iter();
        let price = centres
            .find(|centre| centre.address == cost.gateway)
            .map(|centre| centre.vnd_per_part);
        cost.vnd = price.unwrap_or_default().saturating_mul(cost.parts);
    }
    costs.sort_by(|one, other| (&other.day, &one.gateway).cmp(&(&one.day, &other.gateway)));
    Ok(costs)
}

fn counted(conn: &mut Conn<'_>, since: Timestamp, now: Timestamp) -> Result<Vec<Cost>, db::Error> {
    let mut costs = store::settled(conn, &civil_date(since).to_string())?;
    let mut from = slice(now - KEPT_FOR - EVERY);
    while from <= now {
        let day = civil_date(from).to_string();
        for cost in store::count(conn, &day, (from, from + SLICE))? {
            add(&mut costs, cost);
        }
        from += SLICE;
    }
    Ok(costs)
}

/// Adds what was counted later to what was counted before.
fn add(costs: &mut Vec<Cost>, more: Cost) {
    let same =
        |cost: &&mut Cost| (&cost.day, &cost.gateway, &cost.channel) == (&more.day, &more.gateway, &more.channel);
    match costs.iter_mut().find(same) {
        Some(cost) => {
            cost.messages += more.messages;
            cost.parts += more.parts;
            cost.delivered += more.delivered;
            cost.failed += more.failed;
        }
        None => costs.push(more),
    }
}

/// The beginning of the hour.
fn slice(at: Timestamp) -> Timestamp {
    let hour = at.as_second() - at.as_second().rem_euclid(SLICE.as_secs());
    Timestamp::from_second(hour).unwrap_or(at)
}

/// Settle the days that are over a week ago, and do so again tomorrow.
#[derive(Serialize, Deserialize)]
struct Settle;

impl Job for Settle {
    const KIND: &'static str = "notices-settle";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        order(&app, app.clock.now() + EVERY).await?;
        while settle(&app).await? {}
        let before = app.clock.now() - KEPT_FOR;
        app.db.write(move |tx| delivery::drop_receipts(tx, before)).await?;
        Ok(())
    }
}

/// Settles one slice; answers whether there may be more.
async fn settle(app: &App) -> Result<bool, db::Error> {
    let before = slice(app.clock.now() - KEPT_FOR);
    app.db
        .write(move |tx| {
            let Some(oldest) = store::oldest(tx)?.map(slice).filter(|oldest| *oldest < before) else {
                return Ok(false);
            };
            let (window, day) = ((oldest, oldest + SLICE), civil_date(oldest).to_string());
            for cost in store::count(tx, &day, window)? {
                store::add(tx, &cost)?;
            }
            store::remove(tx, window)?;
            Ok::<_, db::Error>(true)
        })
        .await
}

/// Orders the daily work, when the platform opens.
///
/// # Errors
/// Those of the database.
pub(super) async fn begin(app: &App) -> Result<(), db::Error> {
    order(app, app.clock.now()).await
}

async fn order(app: &App, due: Timestamp) -> Result<(), db::Error> {
    app.db.write(move |tx| outbox::enqueue_daily::<Settle>(tx, due)).await
}
