//! The review itself, some accounts at a time.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{order, rules};
use crate::accounts;
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::locks::rules::Word;
use crate::locks::{Act, By, apply, standing};
use crate::registries;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{self as outbox, Failure, Job, JobId, Order};
use crate::shell::problem::Problem;

/// How many accounts are reviewed in one go.
const PIECE: i64 = 50;
/// How often.
const EVERY: SignedDuration = SignedDuration::from_hours(24);

/// Review all locks, and do so again tomorrow.
#[derive(Serialize, Deserialize)]
pub(super) struct Review;

impl Job for Review {
    const KIND: &'static str = "locks-review";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let tomorrow = app.clock.now() + EVERY;
        let first = Order::now(&app, &ReviewSome { after: None });
        app.db
            .write(move |tx| {
                order(tx, tomorrow)?;
                outbox::enqueue(tx, &first)
            })
            .await?;
        Ok(())
    }
}

/// Review some accounts, and go on with those after them.
#[derive(Serialize, Deserialize)]
pub(super) struct ReviewSome {
    pub(super) after: Option<PersonId>,
}

impl Job for ReviewSome {
    const KIND: &'static str = "locks-review-some";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let after = self.after;
        let people = app
            .db
            .read(move |conn| accounts::list_after(conn, after.as_ref(), PIECE))
            .await?;
        for person in &people {
            review(&app, *person).await.map_err(|problem| {
                // A source is silent or the database is busy: the same people are looked at again.
                Failure::Again(problem.slug().to_owned())
            })?;
        }
        metrics::counter!("vneid_locks_reviewed_total").increment(u64::try_from(people.len()).unwrap_or_default());
        if let Some(last) = people.last() {
            let next = Order::now(&app, &ReviewSome { after: Some(*last) });
            app.db.write(move |tx| outbox::enqueue(tx, &next)).await?;
        }
        Ok(())
    }
}

/// Compares one person's locks with the source databases.
///
/// The comparison is in the person's history where something follows from it.
pub(super) async fn review(app: &App, person: PersonId) -> Result<(), Problem> {
    let vault = app.vault.clone();
    let found = app
        .db
        .read(move |conn| {
            let account = accounts::find(conn, &vault, &person)?;
            Ok::<_, Problem>((account, standing(conn, &person)?))
        })
        .await?;
    let (Some(account), standing) = found else {
        return Ok(());
    };
    let record = registries::person(app, &account.number, "lock-review").await?;
    let cards = registries::cards(app, &account.number, "lock-review").await?;
    let cards = cards.map(|answer| answer.record).unwrap_or_default();
    let wanted = rules::grounds(record.as_ref().map(|answer| &answer.record), &cards);

    for (word, ground) in rules::acts(&standing, &wanted) {
        let act = match word {
            Word::Raise => Act::raise(app, person, ground, By::Platform, "").await?,
            Word::Clear => Act::clear(app, person, ground, By::Platform, "").await?,
        };
        let look = Look::now(app, person, &Who::Platform, Purpose::LockReview, "card life");
        app.db
            .write(move |tx| {
                if apply(tx, &act)?.changed {
                    history::record(tx, &look)?;
                }
                Ok::<_, Problem>(())
            })
            .await?;
    }
    Ok(())
}
