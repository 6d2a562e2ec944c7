//! The second factor of officers: a passkey, enrolled by a code, proved after the password.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/passkey` | the officer's own passkeys, and what this session lacks |
//! | `POST /officers/passkey/challenge` | begins to make one: `code` |
//! | `POST /officers/passkey` | keeps it: `code`, `label`, `ceremony`, `credential` |
//! | `POST /officers/passkey/proof/challenge` | asks for the proof of one of the officer's passkeys |
//! | `POST /officers/passkey/proof` | goes on in a new session with both factors: `ceremony`, `credential`, `next` |
//! | `GET /officers/{officer}/passkeys` | an officer's passkeys and codes, for an administrator |
//! | `POST /officers/{officer}/passkeys` | gives out a code: `reason`; where a passkey was lost, takes away all and ends the sessions |
//!
//! Which roles need it is the setting `officers.second_factor`; that they do nothing without it is a rule of the policies.
//!
//! **Invariant:** nobody enrols a passkey by the password alone: a code that somebody else gave out is used up with it.
//! **Invariant:** a code works once, for a day, for five tries, for one officer; a new one ends the old.
//! **Invariant:** who gave which officer a code, when and why, is kept and committed to in the ledger.

use axum::Router;
use axum::routing::{get, post};
use serde::Serialize;

use super::OfficerId;
use crate::app::App;
use crate::ledger::{self, Commitment, Kind};
use crate::shell::passkey;
use crate::shell::problem::Problem;
use crate::shell::session;

mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub use rules::{Code, Reason};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/passkey", get(http::own).post(http::keep))
        .route("/officers/passkey/challenge", post(http::begin))
        .route("/officers/passkey/proof", post(http::prove))
        .route("/officers/passkey/proof/challenge", post(http::ask))
        .route("/officers/{officer}/passkeys", get(http::held).post(http::give))
}

pub(super) fn subject(officer: OfficerId) -> passkey::Subject {
    passkey::Subject {
        kind: session::Kind::Officer,
        id: *officer.bytes(),
    }
}

/// A code as it is committed to in the ledger.
#[derive(Serialize)]
struct Statement {
    officer: OfficerId,
    reason: Reason,
    given_by: Option<OfficerId>,
}

/// Gives out a code by which an officer can enrol a passkey. `given_by` is nobody at the command line.
///
/// # Errors
/// Those of the database.
pub async fn give(app: &App, officer: OfficerId, reason: Reason, given_by: Option<OfficerId>) -> Result<Code, Problem> {
    let now = app.clock.now();
    let code = Code::draw(&app.chance);
    let enrolment = store::Enrolment {
        officer,
        enrolment: app.chance.bytes(),
        code_digest: code.digest(&app.vault, &officer),
        reason,
        given_by,
        given_at: now,
        expires_at: now + rules::CODE_LASTS,
    };
    let statement = Statement {
        officer,
        reason,
        given_by,
    };
    let commitment = Commitment::to(&app.vault, Kind::Enrolment, now, &statement);
    app.db
        .write(move |tx| {
            store::withdraw(tx, &officer, now)?;
            store::insert(tx, &enrolment)?;
            if reason.takes_away() {
                passkey::remove_all(tx, &subject(officer))?;
                session::end_all(tx, officer.bytes(), now)?;
            }
            ledger::commit(tx, &commitment)
        })
        .await?;
    Ok(code)
}
