//! What is asked of a person's present device: to let another browser sign in, or to give way to a new device.
//!
//! The device shows a code; whoever asks types it there. So the answer comes from somebody who has the device in the hand.
//!
//! **Invariant:** an ask is answered once, within ten minutes and five tries, and not after the device refused it.

use ::http::StatusCode;
use crypto::jwk::Jwk;
use db::{Conn, Tx};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::app::App;
use crate::shell::ids::{PersonId, id};
use crate::shell::problem::Problem;
use crate::shell::whence::Whence;

mod store;

pub(super) use store::close;

id! {
    /// Something asked of a device.
    AskId
}

/// How long an ask stands.
const LASTS: SignedDuration = SignedDuration::from_mins(10);
/// How often its code may be tried.
const MOST_TRIES: i64 = 5;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// To give way to a new device.
    Move,
    /// To let another browser sign in.
    SignIn,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Move => "move",
            Kind::SignIn => "sign-in",
        }
    }
}

/// An ask about to be kept.
#[derive(Clone)]
pub(crate) struct NewAsk {
    person: PersonId,
    ask: AskId,
    kind: Kind,
    key: Option<String>,
    code_digest: [u8; 32],
    code_sealed: Vec<u8>,
    whence_sealed: Vec<u8>,
    at: Timestamp,
}

impl NewAsk {
    /// Draws an ask of the browser whose request is being answered; with the key of a new device.
    ///
    /// # Errors
    /// None that depend on the data.
    pub(crate) fn draw(app: &App, person: PersonId, kind: Kind, key: Option<&Jwk>) -> Result<Self, Problem> {
        let ask = AskId::draw(&app.chance);
        let code = app.chance.code();
        let place = *ask.bytes();
        Ok(Self {
            key: key.map(super::store::key_text),
            code_digest: digest(app, &person, &ask, &code),
            code_sealed: app.vault.seal_text("device_ask", "code", &place, &code),
            whence_sealed: app.vault.seal_record("device_ask", "whence", &place, &Whence::here())?,
            at: app.clock.now(),
            person,
            ask,
            kind,
        })
    }

    /// Its identifier.
    pub(crate) fn id(&self) -> AskId {
        self.ask
    }

    /// Keeps it, in the place of an earlier one of its kind.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn keep(&self, tx: &mut Tx<'_>) -> Result<(), db::Error> {
        store::close_kind(tx, &self.person, self.kind, self.at)?;
        store::insert(tx, self)
    }
}

/// An ask as the present device shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Shown {
    pub(crate) ask: AskId,
    pub(crate) kind: String,
    pub(crate) code: String,
    pub(crate) address: String,
    pub(crate) browser: String,
    pub(crate) expires_at: Timestamp,
}

/// What is asked of a person's device now.
pub(crate) fn open(conn: &mut Conn<'_>, app: &App, person: &PersonId) -> Result<Vec<Shown>, Problem> {
    let rows = store::open(conn, person, app.clock.now())?;
    rows.into_iter()
        .map(|row| {
            let place = *row.ask.bytes();
            let whence: Whence = app
                .vault
                .open_record("device_ask", "whence", &place, &row.whence_sealed)?;
            Ok(Shown {
                ask: row.ask,
                kind: row.kind,
                code: app.vault.open_text("device_ask", "code", &place, &row.code_sealed)?,
                browser: whence.browser(),
                address: whence.address,
                expires_at: row.expires_at,
            })
        })
        .collect()
}

/// The key for which a move was asked, while it stands.
pub(super) fn key(
    conn: &mut Conn<'_>,
    person: &PersonId,
    ask: &AskId,
    now: Timestamp,
) -> Result<Option<Jwk>, db::Error> {
    store::key(conn, person, ask, now)?
        .map(|key| super::store::key_of(&key))
        .transpose()
}

/// Tries the code that the present device shows. The try is counted before the code is compared.
///
/// # Errors
/// `devices-wrong-code`, alike for a wrong, an old, a refused and a missing one.
pub(crate) async fn answer(app: &App, person: PersonId, ask: AskId, code: &str) -> Result<(), Problem> {
    let (digest, now) = (digest(app, &person, &ask, code.trim()), app.clock.now());
    let right = app
        .db
        .write(move |tx| {
            let kept = store::count_try(tx, (&person, &ask), now)?;
            Ok::<_, db::Error>(kept.is_some_and(|kept| crypto::equal(&kept, &digest)))
        })
        .await?;
    right
        .then_some(())
        .ok_or_else(|| Problem::new("devices-wrong-code", StatusCode::FORBIDDEN))
}

/// Uses up an ask; false if it is over, was refused or was used before.
///
/// # Errors
/// Those of the database.
pub(crate) fn spend(tx: &mut Tx<'_>, person: &PersonId, ask: &AskId, now: Timestamp) -> Result<bool, db::Error> {
    store::spend(tx, person, ask, now)
}

/// The present device refuses; false if there is nothing to refuse.
///
/// # Errors
/// Those of the database.
pub(super) fn refuse(tx: &mut Tx<'_>, person: &PersonId, ask: &AskId, now: Timestamp) -> Result<bool, db::Error> {
    store::refuse(tx, person, ask, now)
}

fn digest(app: &App, person: &PersonId, ask: &AskId, code: &str) -> [u8; 32] {
    let bound = [person.bytes().as_slice(), ask.bytes(), code.as_bytes()].concat();
    app.vault.digest("device-ask-code", &bound)
}
