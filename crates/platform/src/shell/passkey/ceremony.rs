//! The note of a ceremony: what was asked, of whom, until when; sealed, and used up by its answer.

use db::Tx;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration, Webauthn, WebauthnBuilder};

use super::{Challenge, store};
use crate::app::App;
use crate::shell::problem::Problem;
use crate::shell::session::Kind;

/// How long a ceremony may take.
const CEREMONY_LASTS: SignedDuration = SignedDuration::from_mins(5);

#[derive(Serialize, Deserialize)]
pub(super) struct Ceremony {
    pub(super) id: [u8; 16],
    pub(super) expires_at: Timestamp,
    kind: Kind,
    pub(super) step: Step,
}

#[derive(Serialize, Deserialize)]
pub(super) enum Step {
    Make {
        subject: [u8; 16],
        state: PasskeyRegistration,
    },
    Prove {
        subject: Option<[u8; 16]>,
        state: DiscoverableAuthentication,
    },
}

/// We, as browsers know us. Passkeys are bound to our host's name, answers to our whole origin.
pub(super) fn party(app: &App) -> Result<Webauthn, Problem> {
    let unavailable = || Problem::new("passkey-unavailable", StatusCode::CONFLICT);
    let origin = url::Url::parse(app.config.origin()).map_err(|error| unavailable().caused_by(error))?;
    let host = origin.domain().ok_or_else(unavailable)?;
    let builder = WebauthnBuilder::new(host, &origin).map_err(|error| unavailable().caused_by(error))?;
    builder.rp_name("VNeID").build().map_err(Problem::internal)
}

pub(super) fn challenge(app: &App, kind: Kind, step: Step, options: Value) -> Result<Challenge, Problem> {
    let ceremony = Ceremony {
        id: app.chance.bytes(),
        expires_at: app.clock.now() + CEREMONY_LASTS,
        kind,
        step,
    };
    let sealed = app.vault.seal_record("passkey", "ceremony", b"", &ceremony)?;
    Ok(Challenge {
        options,
        ceremony: crypto::base64url::encode(sealed),
    })
}

pub(super) fn take_up(app: &App, kind: Kind, sealed: &str) -> Result<Ceremony, Problem> {
    let sealed = crypto::base64url::decode(sealed).map_err(|error| expired().caused_by(error))?;
    let ceremony: Ceremony = app
        .vault
        .open_record("passkey", "ceremony", b"", &sealed)
        .map_err(|error| expired().caused_by(error))?;
    let in_time = app.clock.now() < ceremony.expires_at;
    (in_time && ceremony.kind == kind)
        .then_some(ceremony)
        .ok_or_else(expired)
}

pub(super) fn spend(
    tx: &mut Tx<'_>,
    (ceremony, expires_at): &([u8; 16], Timestamp),
    now: Timestamp,
) -> Result<(), Problem> {
    match store::spend(tx, ceremony, *expires_at, now) {
        Err(db::Error::Taken(_)) => Err(expired()),
        other => Ok(other?),
    }
}

pub(super) fn expired() -> Problem {
    Problem::new("passkey-expired", StatusCode::FORBIDDEN)
}
