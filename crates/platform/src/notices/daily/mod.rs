//! The daily runs (*rà soát hằng ngày*) over all accounts: whose card, licence or insurance runs out, whose level waits for activation, whose
//! birthday it is.
//!
//! Other capabilities say [`expect`] when they learn of a day. A run goes over the people of each round in the order of their identifiers, a piece
//! in each unit of work, which moves the round's mark on; whoever is killed goes on where it was. A day on which no run was possible is made up
//! for, but not its birthdays. What nobody has said is learned by `learning`, which begins with each day's first run.
//!
//! **Invariant:** each round of a day tells each of its people once, through kills and however many nodes there are.
//! **Invariant:** a day that has changed is not told any more; nobody who died is told anything.

use db::Tx;
use jiff::civil::Date;

use crate::app::App;
use crate::notices::learning;
use crate::shell::ids::PersonId;
use crate::shell::jobs::Runner;

mod jobs;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) use jobs::{piece, start};
pub use rules::Occasion;
pub(super) use store::{Progress, progress};

pub(super) fn learn(runner: &mut Runner) {
    runner.learn::<jobs::Daily>();
    runner.learn::<jobs::Piece>();
}

/// Expects an occasion of a person on a day; none: not any more.
///
/// # Errors
/// Those of the database.
pub fn expect(tx: &mut Tx<'_>, person: &PersonId, occasion: Occasion, day: Option<Date>) -> Result<(), db::Error> {
    match day {
        Some(day) => store::put(tx, person, occasion, &occasion.kept(day)),
        None => store::remove(tx, person, occasion),
    }
}

/// Expects an occasion of a person, unless a day for it is known.
///
/// # Errors
/// Those of the database.
pub(super) fn expect_new(tx: &mut Tx<'_>, person: &PersonId, occasion: Occasion, day: Date) -> Result<(), db::Error> {
    store::put_new(tx, person, occasion, &occasion.kept(day))
}

/// Expects nothing of a person any more.
///
/// # Errors
/// Those of the database.
pub fn expect_nothing(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), db::Error> {
    learning::forget(tx, person)?;
    store::remove_all(tx, person)
}

/// Orders the daily run, when the platform opens.
///
/// # Errors
/// Those of the database.
pub(super) async fn begin(app: &App) -> Result<(), db::Error> {
    let now = app.clock.now();
    let due = rules::begins(now).max(now);
    jobs::order(app, due).await
}
