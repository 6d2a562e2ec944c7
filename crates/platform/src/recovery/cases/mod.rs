//! Recoveries without the old device: begun by anybody, proven by relatives, cooled off, finished in the browser that began them.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /recovery/cases` | the form |
//! | `POST /recovery/cases` | begins: `number`, `full_name`, `date_of_birth`, `way` (`relatives` or `card-and-face`) |
//! | `GET /recovery/cases/{ticket}` | where it stands |
//! | `POST /recovery/cases/{ticket}` | sets new secrets: `password`, `passcode`, and the browser's `proof` |
//! | `POST /account/security/recovery/stop` | the holder stops it, signed in |
//!
//! **Invariant:** a person has one live recovery at a time.
//! **Invariant:** the page of a recovery that nobody can prove looks like any other.

use axum::Router;
use axum::routing::{get, post};
use db::{Conn, Tx};
use jiff::Timestamp;

use super::alarm::{Alarm, What};
use super::relatives::RelationId;
use super::relatives::store::{self as relations, Relation};
use super::rules::{Event, RELATIVES, State, Way, counts};
use crate::accounts::{self, Account};
use crate::app::App;
use crate::shell::ids::{PersonId, id};
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

mod http;
mod store;

pub(super) use http::{Shown, Ticket, load, shown};

id! {
    /// A recovery.
    CaseId
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/recovery/cases", get(http::ask).post(http::begin))
        .route("/recovery/cases/{ticket}", get(http::show).post(http::finish))
        .route("/account/security/recovery/stop", post(http::stop))
}

/// Whether a recovery waits for the word of this relative.
pub(super) fn waits_for(conn: &mut Conn<'_>, relation: &Relation, now: Timestamp) -> Result<bool, db::Error> {
    let Some((id, case)) = store::live(conn, &relation.person)? else {
        return Ok(false);
    };
    let gathering = case.way == Way::Relatives && matches!(case.state(now), State::Gathering { .. });
    let (Some(relative), Some(agreed_at)) = (relation.relative, relation.agreed_at) else {
        return Ok(false);
    };
    Ok(gathering
        && counts(agreed_at, case.started_at)
        && !store::confirmed(conn, &relation.person, &id)?.contains(&relative))
}

/// A relative confirms; the second one proves the recovery, which then cools off.
pub(super) async fn confirm(app: &App, citizen: &Citizen, relation: RelationId) -> Result<(), Problem> {
    let (relative, now, parts) = (citizen.person, app.clock.now(), app.clone());
    let found = app
        .db
        .read(move |conn| {
            let account = accounts::own(conn, &parts.vault, &relative)?;
            let found = relations::of_relative(conn, &relation, &relative)?;
            let Some(found) = found.filter(|_| account.level == accounts::Level::Two) else {
                return Err(Problem::not_found());
            };
            let holder = accounts::own(conn, &parts.vault, &found.person)?;
            Ok((found, holder))
        })
        .await?;
    let (found, holder) = found;
    let alarm = Alarm::draw(app, &holder, What::Proven);
    app.db
        .write(move |tx| {
            let person = found.person;
            if !waits_for(tx, &found, now)? {
                return Err(Problem::not_found());
            }
            let (id, case) = store::live(tx, &person)?.ok_or_else(Problem::not_found)?;
            store::insert_confirmation(tx, (&person, &id), &relative, now)?;
            if store::confirmed(tx, &person, &id)?.len() >= RELATIVES
                && let Some(proven) = case.after(Event::Proven, now)
            {
                store::proven(tx, (&person, &id), now, now + proven.way.cools())?;
                alarm.raise(tx)?;
            }
            Ok(())
        })
        .await?;
    app.bell.ring();
    Ok(())
}

/// A recovery by card and face is proven, and cools off.
pub(super) async fn prove(app: &App, account: &Account, ticket: &Ticket) -> Result<(), Problem> {
    let (person, id, now) = (ticket.person, ticket.case, app.clock.now());
    let alarm = Alarm::draw(app, account, What::Proven);
    app.db
        .write(move |tx| {
            let case = store::find(tx, (&person, &id))?.filter(|case| case.way == Way::CardAndFace);
            let Some(proven) = case.and_then(|case| case.after(Event::Proven, now)) else {
                return Err(Problem::not_found());
            };
            store::proven(tx, (&person, &id), now, now + proven.way.cools())?;
            Ok(alarm.raise(tx)?)
        })
        .await?;
    app.bell.ring();
    Ok(())
}

/// Since when a person's recovery is under way.
pub(super) fn under_way(
    conn: &mut Conn<'_>,
    person: &PersonId,
    now: Timestamp,
) -> Result<Option<Timestamp>, db::Error> {
    let live = store::live(conn, person)?.filter(|(_, case)| case.state(now) != State::Lapsed);
    Ok(live.map(|(_, case)| case.started_at))
}

/// Stops a person's live recovery; false if there is none.
pub(super) fn stop(tx: &mut Tx<'_>, person: &PersonId, by: &'static str, now: Timestamp) -> Result<bool, db::Error> {
    let live = store::live(tx, person)?;
    match live.and_then(|(_, case)| case.after(Event::Stopped, now)) {
        Some(_) => store::stop(tx, person, by, now),
        None => Ok(false),
    }
}
