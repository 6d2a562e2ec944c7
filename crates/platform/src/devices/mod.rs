//! The device of a person: a key pair made on it that no script can read out. There is one at a time.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /account/security/device` | the device, and what is asked of it |
//! | `POST /account/security/device/remove` | gives it up: `secret` |
//! | `POST /account/security/device/asks/{ask}/refuse` | the present device refuses what is asked of it |
//!
//! The sub-folders: `proofs` (a device proves itself), `moves` (a new device takes the place of the old one).
//!
//! **Invariant:** a person has one device at a time; when a new one comes, the old one is signed out everywhere, and its
//! credentials are suspended, in the same unit of work. Seven days later they are revoked, unless the holder has said "this was not me":
//! then the old device is the person's again, and they are valid with it.
//! **Invariant:** a new device needs the passcode and a code that the old one shows; or the card's chip and a code to the phone; or an officer.
//! **Invariant:** a proof counts once, in time, for this platform, by the key that is registered.

use axum::Router;
use axum::routing::{get, post};
use crypto::jwk::Jwk;
use db::{Conn, Tx};
use jiff::{SignedDuration, Timestamp};

use crate::app::{App, Capability};
use crate::shell::ids::{PersonId, id};
use crate::shell::jobs::{self as outbox, Order, Runner};
use crate::shell::passkey;
use crate::shell::problem::Problem;
use crate::shell::session;
use crate::shell::texts;
use crate::shell::whence::Whence;
use crate::signals::{self, Event as Signal};
use crate::{issuance, sso};

pub(crate) mod asks;
mod http;
mod jobs;
mod moves;
pub(crate) mod proofs;
pub(crate) mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(crate) use rules::Way;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

fn learn(runner: &mut Runner) {
    runner.learn::<jobs::MakeFinal>();
}

fn routes() -> Router<App> {
    Router::new()
        .route("/account/security/device", get(http::show))
        .route("/account/security/device/remove", post(http::remove))
        .route("/account/security/device/asks/{ask}/refuse", post(http::refuse))
        .merge(moves::routes())
        .merge(proofs::routes())
}

id! {
    /// A device.
    DeviceId
}

/// A person's device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its identifier.
    pub device: DeviceId,
    /// Its public key.
    pub key: Jwk,
    /// The thumbprint of the key (RFC 7638).
    pub thumbprint: String,
    /// Since when it is the person's.
    pub bound_at: Timestamp,
    label_sealed: Vec<u8>,
}

impl Device {
    /// What it is: browser and system.
    fn label(&self, app: &App) -> Result<String, Problem> {
        let place = *self.device.bytes();
        Ok(app.vault.open_text("device", "label", &place, &self.label_sealed)?)
    }
}

/// A person's present device.
///
/// # Errors
/// Those of the database.
pub fn current(conn: &mut Conn<'_>, person: &PersonId) -> Result<Option<Device>, db::Error> {
    store::current(conn, person)
}

/// A device that is about to become a person's.
#[derive(Clone)]
pub(crate) struct Binding {
    person: PersonId,
    device: DeviceId,
    key: Jwk,
    label_sealed: Vec<u8>,
    way: Way,
    at: Timestamp,
    farewell: Farewell,
}

/// How long a change of device can be undone: as long as the link works by which its holder says "this was not me".
pub(crate) const UNDONE_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The leave of a present device, which can be undone for a time.
#[derive(Clone)]
pub(crate) struct Farewell {
    person: PersonId,
    by: &'static str,
    at: Timestamp,
    make_final: Order,
}

impl Farewell {
    /// Prepares it; `by` is `moved` or `holder`.
    pub(crate) fn draw(app: &App, person: PersonId, by: &'static str) -> Self {
        let at = app.clock.now();
        let order = jobs::MakeFinal { person, at };
        Self {
            make_final: Order::at(app, &order, at + UNDONE_FOR),
            person,
            by,
            at,
        }
    }

    /// Signs the present device out everywhere and suspends what was issued to it.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn carry_out(&self, tx: &mut Tx<'_>) -> Result<(), db::Error> {
        if take_away(tx, &self.person, self.by, self.at)? {
            issuance::suspend_issued(tx, &self.person, self.at)?;
            outbox::enqueue(tx, &self.make_final)?;
        }
        Ok(())
    }
}

impl Binding {
    /// Prepares the binding of the key of the browser whose request is being answered.
    pub(crate) fn draw(app: &App, person: PersonId, key: &Jwk, way: Way) -> Self {
        let device = DeviceId::draw(&app.chance);
        let place = *device.bytes();
        let label = Whence::here().browser();
        Self {
            label_sealed: app.vault.seal_text("device", "label", &place, &label),
            person,
            device,
            key: key.clone(),
            way,
            at: app.clock.now(),
            farewell: Farewell::draw(app, person, "moved"),
        }
    }

    /// The device that it will be.
    pub(crate) fn device(&self) -> DeviceId {
        self.device
    }

    /// Puts it in the place of the old one, which is signed out everywhere, with its passkeys gone.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn carry_out(&self, tx: &mut Tx<'_>) -> Result<(), db::Error> {
        self.farewell.carry_out(tx)?;
        store::insert(tx, self)
    }
}

/// Takes a person's device away for good: signed out everywhere, at relying parties too; its credentials revoked, its passkeys gone, what is asked
/// of it void. Without a device the sessions end all the same.
///
/// # Errors
/// Those of the database.
pub(crate) fn give_up(tx: &mut Tx<'_>, person: &PersonId, by: &'static str, now: Timestamp) -> Result<(), db::Error> {
    if take_away(tx, person, by, now)? {
        issuance::revoke_issued(tx, person, now)?;
    }
    Ok(())
}

/// The holder says that it was somebody else who changed the device: what is the device now is given up for good, but for what was suspended, and
/// the device that had to go since then is the person's again.
///
/// # Errors
/// Those of the database.
pub(crate) fn undo(tx: &mut Tx<'_>, person: &PersonId, since: Timestamp, now: Timestamp) -> Result<(), db::Error> {
    // The alarm is drawn a moment after the change that it tells of.
    let since = since - SignedDuration::from_mins(1);
    issuance::resume_suspended(tx, person, since, now)?;
    let returns = store::first_gone(tx, person, since)?;
    match returns {
        None => give_up(tx, person, "not-me", now),
        Some(device) => {
            take_away(tx, person, "not-me", now)?;
            issuance::revoke_issued_since(tx, person, since, now)?;
            store::bring_back(tx, person, &device)
        }
    }
}

/// True if there was a device to take away.
fn take_away(tx: &mut Tx<'_>, person: &PersonId, by: &'static str, now: Timestamp) -> Result<bool, db::Error> {
    session::end_all(tx, person.bytes(), now)?;
    asks::close(tx, person, now)?;
    sso::revoke_all(tx, person, now)?;
    let Some(old) = store::remove(tx, person, by, now)? else {
        return Ok(false);
    };
    signals::emit(tx, person, Signal::SessionsRevoked, now)?;
    let subject = passkey::Subject {
        kind: session::Kind::Citizen,
        id: *person.bytes(),
    };
    passkey::remove_of_device(tx, &subject, old.bytes())?;
    Ok(true)
}
