//! Stay notifications (*thông báo lưu trú*): whoever puts somebody up for less than thirty days tells the police of the commune (Luật Cư trú
//! 68/2020/QH14, article 30; Circular 55/2021/TT-BCA, article 15). Level 1 suffices.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /stays` | what the citizen has told, and what others told of the citizen; `side`, `status`, `month`, `q` choose |
//! | `GET /stays/{id}` | a notification, with its number: the receipt |
//! | `POST /stays/{id}/withdrawal` | takes it back, told by mistake |
//! | `POST /stays/{id}/departures` | a guest has left before the time: `stay` |
//! | `/stays/new`, `/stays/drafts`, `/stays/drafts/{id}…` | `drafts`: where, when, who; telling |
//! | `GET /stays/list.csv` | `lists`: a list of guests to fill in |
//! | `GET /stays/facilities/{id}` | `facilities`: the desk of a hotel, a hospital, a rooming house |
//! | `/officers/stays/facilities…` | `facilities`: a unit registers them and names their people |
//! | `/officers/stays`, `/officers/stays/{id}` | `unit`: what the police receive |
//!
//! **Invariant:** what is told keeps the times of the law; what came late is kept and says so.
//! **Invariant:** a facility's stays are told only by whom the unit has named for it, as the rows stand in the unit of work that tells.
//! **Invariant:** a guest is told once for one place and time; that somebody is told of elsewhere is known to the police alone.
//! **Invariant:** who has an account finds in the own history that a stay was told, and each look of the police at it.

use ::http::StatusCode;
use axum::Router;
use axum::routing::{get, post};
use db::{Conn, Tx};
use jiff::Timestamp;

use crate::accounts::{self, Account, Level};
use crate::app::{App, Capability};
use crate::officers;
use crate::shell::ids::{PersonId, id};
use crate::shell::jobs::Runner;
use crate::shell::problem::Problem;
use crate::shell::texts;
use crate::shell::vault::Vault;
use crate::statistics::{self, Measure, Spot};

mod drafts;
mod facilities;
mod guests;
mod http;
mod lists;
mod rules;
mod store;
mod unit;

#[cfg(test)]
mod tests;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/stays", get(http::list))
        .route("/stays/{id}", get(http::show))
        .route("/stays/{id}/withdrawal", post(http::withdraw))
        .route("/stays/{id}/departures", post(http::leave))
        .merge(drafts::routes())
        .merge(lists::routes())
        .merge(facilities::routes())
        .merge(unit::routes())
}

fn learn(runner: &mut Runner) {
    runner.learn::<drafts::Lapse>();
}

/// Under what a notification is counted (`statistics`): the kind of place, where it lies.
fn spot(kind: &str, commune: &str) -> Spot {
    Spot::new(kind, format!("{}/{commune}", officers::province(commune)))
}

/// A notification is counted, or not any more.
///
/// # Errors
/// Those of the database.
fn moved(
    tx: &mut Tx<'_>,
    notification: NotificationId,
    spots: (Option<&Spot>, Option<&Spot>),
    now: Timestamp,
) -> Result<(), db::Error> {
    statistics::moved(tx, Measure::Stays, notification.bytes(), spots, now)
}

/// How many notifications stand, by kind of place and commune: counts every one, which takes its time.
///
/// # Errors
/// Those of the database.
pub(crate) fn counted(conn: &mut Conn<'_>) -> Result<Vec<(Spot, i64)>, db::Error> {
    store::count_all(conn)
}

id! {
    /// A place that tells the police of its guests through its own people.
    FacilityId
}

id! {
    /// A notification that is being written.
    DraftId
}

id! {
    /// A notification that was received.
    NotificationId
}

id! {
    /// One guest's stay.
    StayId
}

/// The account of somebody who may tell.
async fn teller(app: &App, person: PersonId) -> Result<Account, Problem> {
    let vault = app.vault.clone();
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    if account.level < Level::One {
        return Err(Problem::new("stays-level-needed", StatusCode::FORBIDDEN));
    }
    Ok(account)
}

/// The digest by which a guest is found again.
fn digest_of_guest(vault: &Vault, mark: &str) -> [u8; 32] {
    vault.digest("stay-guest", mark.as_bytes())
}

/// The digest that tells a place from all others.
fn digest_of_place(vault: &Vault, place: &rules::Place) -> [u8; 32] {
    vault.digest("stay-place", &place.mark())
}
