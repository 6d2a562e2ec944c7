//! Readings: a page invites a reader to bring a chip, and takes over what it brought.
//!
//! A reader is a program that holds the card: an app on a phone, `vneid reader`, or the agent at a counter. It needs no
//! account, only the address of the invitation.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /chips/readings/{token}` | the challenge that the chip has to sign, until when, how far it is |
//! | `POST /chips/readings/{token}` | takes the files and the chip's answer; may ask the chip to agree on keys |
//! | `POST /chips/readings/{token}/answer` | takes the chip's answer to that |
//!
//! **Invariant:** what a chip signed counts only for the challenge drawn for this invitation (`a_replayed_answer_is_refused`).
//! **Invariant:** an invitation is used once, by one reader, in time (`an_invitation_is_used_once_and_in_time`).
//! **Invariant:** the address gives nothing back of what was brought to it (`the_address_tells_nothing_of_the_card`).

use axum::Router;
use axum::routing::{get, post};
use civil::chip::{Challenge, Reading};
use db::{Conn, Tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Verdict;
use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{self as outbox, Order};
use crate::shell::problem::Problem;
use crate::shell::vault::Vault;

mod http;
mod jobs;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) use jobs::Discard;
pub use rules::Stage;
use rules::{Drawn, INVITED_FOR, KEPT_FOR, Token};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/chips/readings/{token}", get(http::show).post(http::bring))
        .route("/chips/readings/{token}/answer", post(http::answer))
}

const TABLE: &str = "chip_reading";

/// An invitation to a reader.
#[derive(Clone)]
pub struct Invitation {
    token: Token,
    drawn: Drawn,
    row: store::NewRow,
    discard: Order,
}

impl Invitation {
    /// Draws an invitation to bring the chip of a person's card, in a matter: the identifier of an application, say.
    ///
    /// # Errors
    /// If what is drawn cannot be sealed.
    pub fn draw(app: &App, person: PersonId, concerns: [u8; 16]) -> Result<Self, Problem> {
        let token = Token {
            person,
            secret: app.chance.bytes(),
        };
        let drawn = Drawn {
            challenge: app.chance.bytes(),
            agreement: app.chance.bytes(),
        };
        let (now, secret_digest) = (app.clock.now(), digest(&app.vault, &token));
        let discard = Discard { person, secret_digest };
        Ok(Self {
            token,
            drawn,
            row: store::NewRow {
                person,
                concerns,
                secret_digest,
                drawn_sealed: app.vault.seal_record(TABLE, "drawn", &secret_digest, &drawn)?,
                invited_at: now,
                expires_at: now + INVITED_FOR,
            },
            discard: Order::at(app, &discard, now + KEPT_FOR),
        })
    }

    /// Where the reader brings the chip: a path of this platform.
    pub fn address(&self) -> String {
        format!("/chips/readings/{}", self.token.text())
    }

    /// What the chip has to sign.
    pub fn challenge(&self) -> Challenge {
        Challenge(self.drawn.challenge)
    }

    /// Until when the reader may come.
    pub fn expires_at(&self) -> Timestamp {
        self.row.expires_at
    }
}

/// Writes an invitation down, in the place of an earlier one of the same person and matter.
///
/// # Errors
/// Those of the database.
pub fn invite(tx: &mut Tx<'_>, invitation: &Invitation) -> Result<(), db::Error> {
    store::put(tx, &invitation.row)?;
    outbox::enqueue(tx, &invitation.discard)
}

/// An invitation that nobody has followed yet, as it is found again.
#[derive(Clone)]
pub struct Invited {
    person: PersonId,
    secret_digest: [u8; 32],
    challenge: Challenge,
}

impl Invited {
    /// What the chip has to sign.
    pub fn challenge(&self) -> Challenge {
        self.challenge
    }
}

/// The open invitation of a person and a matter, for who brings a file that a reader saved.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
pub fn invited(
    conn: &mut Conn<'_>,
    vault: &Vault,
    (person, concerns): (&PersonId, &[u8; 16]),
    now: Timestamp,
) -> Result<Option<Invited>, Problem> {
    let row = store::find_for(conn, person, concerns)?;
    let Some(row) = row.filter(|row| row.stage == Stage::Waiting && row.expires_at > now) else {
        return Ok(None);
    };
    let drawn: Drawn = vault.open_record(TABLE, "drawn", &row.secret_digest, &row.drawn_sealed)?;
    Ok(Some(Invited {
        person: *person,
        secret_digest: row.secret_digest,
        challenge: Challenge(drawn.challenge),
    }))
}

/// Uses an invitation up, in the unit of work that takes what was made for it; false if that was done before.
///
/// # Errors
/// Those of the database.
pub fn spend(tx: &mut Tx<'_>, invited: &Invited, now: Timestamp) -> Result<bool, db::Error> {
    store::spend(tx, &invited.person, &invited.secret_digest, now)
}

/// What a reader brought.
#[derive(Clone, Debug)]
pub struct Received {
    /// The files and the answer, as JSON of [`Reading`]; [`civil::chip::ChipFiles`] are read from it, too.
    pub reading: Vec<u8>,
    /// What was found of it.
    pub verdict: Verdict,
    /// When it came.
    pub at: Timestamp,
}

/// What has come for a person and a matter; `None` before that.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
pub fn received(
    conn: &mut Conn<'_>,
    vault: &Vault,
    person: &PersonId,
    concerns: &[u8; 16],
) -> Result<Option<Received>, Problem> {
    let Some(row) = store::find_for(conn, person, concerns)? else {
        return Ok(None);
    };
    let (Some(sealed), Some(at)) = (&row.reading_sealed, row.received_at) else {
        return Ok(None);
    };
    let brought: Brought = vault.open_record(TABLE, "reading", &place(person, concerns), sealed)?;
    Ok(Some(Received {
        reading: serde_json::to_vec(&brought.reading).map_err(Problem::internal)?,
        verdict: brought.verdict,
        at,
    }))
}

/// Forgets what has come for a person and a matter: it served.
///
/// # Errors
/// Those of the database.
pub fn forget(tx: &mut Tx<'_>, person: &PersonId, concerns: &[u8; 16]) -> Result<(), db::Error> {
    store::forget(tx, person, concerns)
}

/// What is kept, sealed.
#[derive(Serialize, Deserialize)]
struct Brought {
    reading: Reading,
    verdict: Verdict,
}

fn digest(vault: &Vault, token: &Token) -> [u8; 32] {
    vault.digest("chip reading", &token.secret)
}

fn place(person: &PersonId, concerns: &[u8; 16]) -> Vec<u8> {
    [&person.bytes()[..], concerns].concat()
}
