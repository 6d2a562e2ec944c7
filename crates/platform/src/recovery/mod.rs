//! The way back: forgotten secrets, a lost device, a changed phone; and the one tap by which a holder stops somebody else's.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /recovery` | the ways, for who cannot sign in |
//!
//! The sub-folders: `alarm` ("this was not me"), `password`, `passcode` (forgotten), `cases` (without the old device), `chip` (the card and the face), `relatives` (trusted
//! ones), `phone` (another number), `counter` (an officer saw the person).
//!
//! **Invariant:** a recovery goes through its states in their order; while it cools off, the old device and the old phone can stop it.
//! **Invariant:** after a recovery rights return in steps, but for one at the counter.
//! **Invariant:** no answer here tells a stranger whether a number has an account.

use ::http::StatusCode;
use axum::Router;
use axum::routing::get;
use db::{Conn, Tx};
use jiff::Timestamp;

use crate::app::{App, Capability};
use crate::shell::ids::PersonId;
use crate::shell::jobs::Runner;
use crate::shell::problem::Problem;
use crate::shell::texts;

pub(crate) mod alarm;
mod cases;
pub(crate) mod chip;
mod counter;
mod http;
mod passcode;
mod password;
mod phone;
mod relatives;
mod restoration;
pub(crate) mod rules;
mod store;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

pub(crate) use rules::Right;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/recovery", get(http::ways))
        .merge(alarm::routes())
        .merge(cases::routes())
        .merge(chip::routes())
        .merge(counter::routes())
        .merge(passcode::routes())
        .merge(password::routes())
        .merge(phone::routes())
        .merge(relatives::routes())
}

fn learn(runner: &mut Runner) {
    runner.learn::<phone::TakeEffect>();
}

/// Whether a person's phone proves little now: the password was reset by it, or it was changed without the old one, a short time ago.
///
/// # Errors
/// Those of the database.
pub(crate) fn phone_is_fresh(conn: &mut Conn<'_>, person: &PersonId, now: Timestamp) -> Result<bool, db::Error> {
    let standing = store::standing(conn, person)?;
    Ok(standing.is_some_and(|standing| standing.phone_fresh_until.is_some_and(|until| now < until)))
}

/// When a right returns to a person whose access was recovered; `None` if the person has it.
///
/// # Errors
/// Those of the database.
pub(crate) fn waits_for(
    conn: &mut Conn<'_>,
    person: &PersonId,
    right: Right,
    now: Timestamp,
) -> Result<Option<Timestamp>, db::Error> {
    let recovered = store::standing(conn, person)?.and_then(|standing| standing.recovered);
    Ok(recovered
        .map(|(way, at)| rules::returns(right, way, at))
        .filter(|returns| now < *returns))
}

/// Since when a recovery of a person's access is under way.
///
/// # Errors
/// Those of the database.
pub(crate) fn under_way(
    conn: &mut Conn<'_>,
    person: &PersonId,
    now: Timestamp,
) -> Result<Option<Timestamp>, db::Error> {
    cases::under_way(conn, person, now)
}

/// Refuses what a person may not do yet after a recovery.
///
/// # Errors
/// `recovery-right-waits`, 403.
pub(crate) fn must_have(conn: &mut Conn<'_>, person: &PersonId, right: Right, now: Timestamp) -> Result<(), Problem> {
    match waits_for(conn, person, right, now)? {
        None => Ok(()),
        Some(returns) => {
            let at = jiff::tz::Offset::constant(7).to_datetime(returns);
            Err(Problem::new("recovery-right-waits", StatusCode::FORBIDDEN).with("at", at.strftime("%H:%M %d/%m/%Y")))
        }
    }
}

/// Lets somebody's access have been recovered just now, with the card and the face.
#[cfg(test)]
pub(crate) async fn recovered(app: &App, person: PersonId) {
    let now = app.clock.now();
    app.db
        .write(move |tx| store::recovered(tx, &person, rules::Way::CardAndFace, now))
        .await
        .unwrap();
}

/// The holder stops everything that is under way: recoveries and changes of phone.
///
/// # Errors
/// Those of the database.
fn stop_all(tx: &mut Tx<'_>, person: &PersonId, by: &'static str, now: Timestamp) -> Result<bool, db::Error> {
    let cases = cases::stop(tx, person, by, now)?;
    let phones = phone::stop(tx, person, now)?;
    Ok(cases || phones)
}
