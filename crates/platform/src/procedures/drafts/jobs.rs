//! Removing drafts that nobody goes on with.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Draft, store};
use crate::app::App;
use crate::evidence::{self, PieceId, Removal};
use crate::shell::clock::civil_date;
use crate::shell::jobs::{self as outbox, Failure, Job, JobId};

/// How many drafts are looked up at once.
const PIECE: i64 = 200;
/// How often what is old is removed.
const EVERY: SignedDuration = SignedDuration::from_hours(24);

/// Remove the drafts whose last day is over, and do so again tomorrow. Each is a unit of work: what a run does not reach, the next does.
#[derive(Serialize, Deserialize)]
pub(super) struct Abandoned;

impl Job for Abandoned {
    const KIND: &'static str = "procedures-abandoned-drafts";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let now = app.clock.now();
        order(&app, now + EVERY).await?;
        let before = first_kept(&app, now);
        let mut removed = 0_u64;
        loop {
            let found = app
                .db
                .read(move |conn| store::saved_before(conn, before, PIECE))
                .await?;
            if found.is_empty() {
                break;
            }
            for row in found {
                removed += u64::from(remove(&app, row, before).await?);
            }
        }
        if removed > 0 {
            tracing::info!(removed, "drafts that nobody went on with were removed");
        }
        metrics::counter!("vneid_procedures_drafts_removed_total").increment(removed);
        Ok(())
    }
}

/// What was saved before this instant is over.
fn first_kept(app: &App, now: Timestamp) -> Timestamp {
    let days = SignedDuration::from_hours(24 * app.config.procedures.drafts_kept_days);
    civil::calendar::end_of(civil_date(now - days).yesterday().unwrap_or(civil_date(now)))
}

/// Removes one with what is attached, unless it was saved meanwhile.
async fn remove(app: &App, row: store::Row, before: Timestamp) -> Result<bool, Failure> {
    let (person, id) = (row.person, row.draft);
    let pieces: Vec<PieceId> = match Draft::of(&app.vault, row) {
        Ok(draft) => draft.content.files.values().map(|file| file.piece).collect(),
        Err(problem) => {
            tracing::error!(
                slug = problem.slug(),
                "a draft that does not open is removed without what is attached"
            );
            Vec::new()
        }
    };
    let removal = Removal::now(app, person);
    let removed = app.db.write(move |tx| {
        if !store::remove_before(tx, &person, &id, before)? {
            return Ok(false);
        }
        evidence::drop_pieces(tx, &removal, &pieces)?;
        Ok::<_, db::Error>(true)
    });
    Ok(removed.await?)
}

/// Orders the daily work, when the platform opens.
///
/// # Errors
/// Those of the database.
pub(in crate::procedures) async fn begin(app: &App) -> Result<(), db::Error> {
    order(app, app.clock.now()).await
}

/// The order of a day is one, however many nodes ask for it.
async fn order(app: &App, due: Timestamp) -> Result<(), db::Error> {
    app.db
        .write(move |tx| outbox::enqueue_daily::<Abandoned>(tx, due))
        .await
}
