//! A device proves itself: by a JWS of its key over a challenge of ours.
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /signin/device/challenge` | draws a challenge |
//! | `GET /signin/device?next=` | where a session waits for its device's proof |
//! | `POST /signin/device` | the proof: `proof`, `next` |
//!
//! The header has `typ` `vneid-device+jwt` and the public key as `jwk`; the claims are `challenge` and `aud`, our own origin.

use axum::Router;
use axum::routing::{get, post};
use crypto::jwk::Jwk;
use crypto::jws::Compact;
use crypto::sign::Algorithm;
use db::Tx;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use ::http::StatusCode;

use super::Device;
use crate::app::App;
use crate::shell::problem::Problem;

mod http;
mod store;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/signin/device", get(http::wait).post(http::prove))
        .route("/signin/device/challenge", post(http::challenge))
}

/// How long a challenge may be answered: as long as somebody may sit before a sign-in form.
const CHALLENGE_LASTS: SignedDuration = SignedDuration::from_mins(30);
/// The type of a proof.
const TYPE: &str = "vneid-device+jwt";

#[derive(Serialize, Deserialize)]
struct Challenge {
    id: [u8; 16],
    expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Claims {
    challenge: String,
    aud: String,
}

/// Draws a challenge; it is kept nowhere before it is answered.
///
/// # Errors
/// None that depend on the data.
pub(crate) fn challenge(app: &App) -> Result<String, Problem> {
    let challenge = Challenge {
        id: app.chance.bytes(),
        expires_at: app.clock.now() + CHALLENGE_LASTS,
    };
    let sealed = app.vault.seal_record("device", "challenge", b"", &challenge)?;
    Ok(crypto::base64url::encode(sealed))
}

/// A key that proved itself; its challenge is to be used up in the unit of work that depends on it.
#[derive(Clone)]
pub(crate) struct Proof {
    /// The public key.
    pub(crate) key: Jwk,
    challenge: ([u8; 16], Timestamp),
}

/// Checks a proof.
///
/// # Errors
/// `devices-proof-refused`, whatever is wrong with it.
pub(crate) fn check(app: &App, proof: &str) -> Result<Proof, Problem> {
    let compact = Compact::parse(proof).map_err(|error| refused().caused_by(error))?;
    let key = compact.header().get("jwk").ok_or_else(refused)?;
    let key = Jwk::from_value(key).map_err(|error| refused().caused_by(error))?;
    if !compact.header().is_typ(TYPE) {
        return Err(refused());
    }
    let verified = compact
        .verify(&std::slice::from_ref(&key), &[Algorithm::Es256])
        .map_err(|error| refused().caused_by(error))?;
    let claims: Claims = verified.claims().map_err(|error| refused().caused_by(error))?;
    let sealed = crypto::base64url::decode(&claims.challenge).map_err(|error| refused().caused_by(error))?;
    let challenge: Challenge = app
        .vault
        .open_record("device", "challenge", b"", &sealed)
        .map_err(|error| refused().caused_by(error))?;
    if claims.aud != app.config.origin() || app.clock.now() >= challenge.expires_at {
        return Err(refused());
    }
    Ok(Proof {
        key,
        challenge: (challenge.id, challenge.expires_at),
    })
}

impl Proof {
    /// Whether it is the proof of this device.
    pub(crate) fn is_of(&self, device: &Device) -> bool {
        self.key.thumbprint() == device.thumbprint
    }

    /// Uses up the challenge.
    ///
    /// # Errors
    /// `devices-proof-refused` if it was used before.
    pub(crate) fn spend(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Problem> {
        match store::spend(tx, &self.challenge.0, self.challenge.1, now) {
            Err(db::Error::Taken(_)) => Err(refused()),
            other => Ok(other?),
        }
    }
}

fn refused() -> Problem {
    Problem::new("devices-proof-refused", StatusCode::FORBIDDEN)
}
