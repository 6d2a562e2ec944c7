//! The daily review of locks against the source databases (Decree 69/2024, articles 29, 30): what the population and the ID-card database say
//! raises and clears grounds; when none is left, the account is unlocked by itself.
//!
//! **Invariant:** the review touches no ground that somebody else raised, and decides nothing on a copy or on silence.

use db::Tx;
use jiff::Timestamp;

use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{self as outbox, Runner};
use crate::shell::problem::Problem;

mod jobs;
mod rules;

#[cfg(test)]
mod tests;

pub(super) fn learn(runner: &mut Runner) {
    runner.learn::<jobs::Review>();
    runner.learn::<jobs::ReviewSome>();
}

/// Orders the daily review, when the platform opens.
///
/// # Errors
/// Those of the database.
pub(crate) async fn begin(app: &App) -> Result<(), db::Error> {
    let due = app.clock.now();
    app.db.write(move |tx| order(tx, due)).await
}

/// Orders a review that does not wait for its day: for the sandbox.
///
/// # Errors
/// Those of the database.
pub(crate) async fn review_now(app: &App) -> Result<(), db::Error> {
    let first = outbox::Order::now(app, &jobs::ReviewSome { after: None });
    app.db.write(move |tx| outbox::enqueue(tx, &first)).await
}

/// Compares one person's locks with the source databases now: a source has told that something changed.
///
/// # Errors
/// The silence of a source; those of the database.
pub(crate) async fn review_person(app: &App, person: PersonId) -> Result<(), Problem> {
    jobs::review(app, person).await
}

fn order(tx: &mut Tx<'_>, due: Timestamp) -> Result<(), db::Error> {
    outbox::enqueue_daily::<jobs::Review>(tx, due)
}
