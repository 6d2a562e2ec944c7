//! Partners (*cơ quan, tổ chức kết nối*): an organisation asks to be connected, the ministry decides, its developers serve themselves.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /partners` | how to connect, who is connected, the asker's own connections |
//! | `GET /partners/register` | the public register: who may ask for what, on which legal basis |
//! | `GET`, `POST /partners/connections` | the form; asks for a connection, with the signed letter, and gets sandbox credentials at once |
//! | `GET /partners/connections/{id}` | the developers' page of a connection |
//! | `POST /partners/connections/{id}/secret` | another secret for the sandbox |
//! | `POST /partners/connections/{id}/check` | asks the partner's sites: is the challenge there, is a forged answer refused? |
//! | `POST /partners/connections/{id}/keys` | proves the keys and takes them for production: `jwks`, `proof` |
//! | `POST /partners/connections/{id}/members` | an owner invites somebody: `label`, `role` |
//! | `POST /partners/connections/{id}/members/{member}/end` | an owner ends somebody's part, or somebody the own |
//! | `GET`, `POST /partners/invitation` | who was invited reads what for, and joins: `code` |
//! | `GET /officers/connections`, `GET /officers/connections/{id}` | what the ministry has to decide |
//! | `GET /officers/connections/{id}/letter` | the letter |
//! | `POST /officers/connections/{id}/decision` | grants, with or without single purposes, or refuses: `decision`, `answer`, `without-…` |
//!
//! Who may connect, and when the ministry answers: Decree 69/2024/NĐ-CP, articles 18 and 19.
//!
//! **Invariant:** production credentials exist only for what the ministry has granted, and only with a key that the partner has proved to hold,
//! after its integration has passed the automatic check.
//! **Invariant:** outside the sandbox, a partner's sandbox credentials sign in nobody but the people of the connection.
//! **Invariant:** who may only look changes nothing; who is not of the connection does not learn that there is one.
//! **Invariant:** a connection is decided once, by an officer whom the policies let decide.

use ::http::StatusCode;
use axum::Router;
use axum::routing::{get, post};

use crate::app::{App, Capability};
use crate::shell::ids::{PersonId, id};
use crate::shell::problem::Problem;
use crate::shell::texts;

mod checks;
mod credentials;
mod failures;
mod http;
mod jobs;
mod portal;
mod review;
mod rules;
mod services;
mod store;
mod team;

#[cfg(test)]
mod tests;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |runner| runner.learn::<jobs::WarnOfEnd>(),
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/partners", get(http::welcome))
        .route("/partners/register", get(http::register))
        .route("/partners/connections", get(http::form).post(http::ask))
        .route("/partners/connections/{id}", get(portal::http::show))
        .route(
            "/partners/connections/{id}/secret",
            post(credentials::http::renew_secret),
        )
        .route("/partners/connections/{id}/check", post(checks::http::run))
        .route("/partners/connections/{id}/keys", post(credentials::http::prove_keys))
        .route("/partners/connections/{id}/members", post(team::http::invite))
        .route("/partners/connections/{id}/members/{member}/end", post(team::http::end))
        .route("/partners/invitation", get(team::http::show).post(team::http::join))
        .route("/officers/connections", get(review::http::list))
        .route("/officers/connections/{id}", get(review::http::show))
        .route("/officers/connections/{id}/letter", get(review::http::letter))
        .route("/officers/connections/{id}/decision", post(review::http::decide))
}

id! {
    /// A connection that was asked for.
    ConnectionId
}

pub(crate) use failures::{look_at, note};
pub(crate) use rules::media_type;
pub(crate) use services::{Service, services};

/// How the identifiers of sandbox credentials begin.
const TRIAL: &str = "sandbox-";
/// How those of production credentials begin.
const LIVE: &str = "vneid-";

fn is_trial(client_id: &str) -> bool {
    client_id.starts_with(TRIAL)
}

fn is_partner(client_id: &str) -> bool {
    is_trial(client_id) || client_id.starts_with(LIVE)
}

/// Refuses a sign-in of somebody who is not of the connection with a partner's sandbox credentials; in the sandbox everybody is synthetic.
///
/// # Errors
/// `partners-sandbox-only`; those of the database.
pub(crate) async fn admit(app: &App, client_id: &str, person: &PersonId) -> Result<(), Problem> {
    if app.config.sandbox || !is_trial(client_id) {
        return Ok(());
    }
    let (id, person) = (client_id.to_owned(), *person);
    let found = app.db.read(move |conn| {
        let Some(row) = store::of_trial(conn, &id)? else {
            return Ok(false);
        };
        Ok::<_, db::Error>(row.person == person || team::role_of(conn, &row.connection, &person)?.is_some())
    });
    if found.await? {
        return Ok(());
    }
    Err(Problem::new("partners-sandbox-only", StatusCode::FORBIDDEN))
}
