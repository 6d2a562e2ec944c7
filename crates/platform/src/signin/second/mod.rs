//! The second step of a sign-in by password where the person's device is another one: the password alone is not enough there.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /signin/second?ticket=` | the ways |
//! | `POST /signin/second/code` | sends a code to the phone |
//! | `POST /signin/second` | opens the session: `code` (to the phone) or `shown` (by the device) |
//!
//! The ticket says that the password was right. It is sealed, and kept nowhere; the codes are used up.

use axum::Router;
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::devices::asks::AskId;
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;

mod http;

pub(super) use http::Second;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/signin/second", get(http::show).post(http::open))
        .route("/signin/second/code", post(http::send_code))
}

/// How long a ticket is good for.
const LASTS: SignedDuration = SignedDuration::from_mins(10);

/// Says that somebody knew a person's password.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Ticket {
    pub(super) person: PersonId,
    /// What was asked of the person's device.
    pub(super) ask: AskId,
    pub(super) next: String,
    expires_at: Timestamp,
}

impl Ticket {
    pub(super) fn new(app: &App, person: PersonId, ask: AskId, next: String) -> Self {
        Self {
            person,
            ask,
            next,
            expires_at: app.clock.now() + LASTS,
        }
    }

    /// The text that the browser carries.
    pub(super) fn seal(&self, app: &App) -> Result<String, Problem> {
        let sealed = app.vault.seal_record("signin", "second", b"", self)?;
        Ok(crypto::base64url::encode(sealed))
    }

    fn read(app: &App, text: &str) -> Result<Self, Problem> {
        let over = || Problem::new("signin-second-over", ::http::StatusCode::GONE);
        let sealed = crypto::base64url::decode(text).map_err(|error| over().caused_by(error))?;
        let ticket: Self = app
            .vault
            .open_record("signin", "second", b"", &sealed)
            .map_err(|error| over().caused_by(error))?;
        if app.clock.now() >= ticket.expires_at {
            return Err(over());
        }
        Ok(ticket)
    }
}
