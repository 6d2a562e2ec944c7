//! The runs, a piece at a time.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{rules, store};
use crate::app::App;
use crate::notices::inbox::Carry;
use crate::notices::{Kind, Priority, learning};
use crate::shell::clock::civil_date;
use crate::shell::jobs::{self as outbox, Failure, Job, JobId, Order};

/// How many people are told in one unit of work, so that nobody who writes waits long.
const PIECE: i64 = 1000;

/// Begin the rounds of the day, and order the next day.
#[derive(Serialize, Deserialize)]
pub(super) struct Daily;

impl Job for Daily {
    const KIND: &'static str = "notices-daily";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        start(&app).await?;
        let tomorrow = rules::begins(app.clock.now() + SignedDuration::from_hours(24));
        Ok(order(&app, tomorrow).await?)
    }
}

/// Tell the next piece, and order the one after it.
#[derive(Serialize, Deserialize)]
pub(super) struct Piece {}

impl Job for Piece {
    const KIND: &'static str = "notices-daily-piece";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        if piece(&app).await? {
            let next = Order::now(&app, &Piece {});
            app.db.write(move |tx| outbox::enqueue(tx, &next)).await?;
        }
        Ok(())
    }
}

/// The order of a day is one, however many nodes ask for it.
pub(super) async fn order(app: &App, due: Timestamp) -> Result<(), db::Error> {
    app.db.write(move |tx| outbox::enqueue_daily::<Daily>(tx, due)).await
}

/// Begins the rounds of today, and of days that were missed; what was begun goes on where it was.
///
/// # Errors
/// Those of the database.
pub(in crate::notices) async fn start(app: &App) -> Result<(), db::Error> {
    let now = app.clock.now();
    let today = civil_date(now);
    let (at, next) = (app.clone(), Order::now(app, &Piece {}));
    app.db
        .write(move |tx| {
            learning::begin(&at, tx, now)?;
            let last = store::last_day(tx)?;
            for day in rules::days(last, today) {
                for round in rules::rounds(day, today) {
                    store::begin(tx, &round, now)?;
                }
            }
            outbox::enqueue(tx, &next)
        })
        .await
}

/// Tells one piece of one round; answers whether there may be more.
///
/// # Errors
/// Those of the database.
pub(in crate::notices) async fn piece(app: &App) -> Result<bool, db::Error> {
    let (at, now) = (app.clone(), app.clock.now());
    let told = app
        .db
        .write(move |tx| {
            let Some(open) = store::next(tx)? else { return Ok(None) };
            let Some(last) = store::last_of_piece(tx, &open, PIECE)? else {
                store::move_on(tx, &open.round, None, 0, now)?;
                return Ok(Some(0));
            };
            let note = open.round.note().sealed(&at.vault);
            let mut told = store::tell(tx, (&open, &last), &note, now)?;
            let count = i64::try_from(told.len()).unwrap_or(i64::MAX);
            if note.kind == Kind::Greeting {
                // Most are greeted in the inbox alone.
                let wishes = store::with_wishes(tx, (&open, &last))?;
                told.retain(|person| wishes.binary_search(person).is_ok());
            }
            for person in told {
                let carry = Carry {
                    person,
                    note: note.note,
                    priority: Priority::Leisure,
                };
                outbox::enqueue(tx, &carry.order(&at, now))?;
            }
            store::move_on(tx, &open.round, Some(&last), count, now)?;
            Ok::<_, db::Error>(Some(count))
        })
        .await?;
    metrics::counter!("vneid_notices_daily_total").increment(told.unwrap_or_default().unsigned_abs());
    Ok(told.is_some())
}
