//! One-time codes sent to a person's phone.
//!
//! **Invariant:** a code is tried five times at most and works once, within five minutes, for its own purpose.
//! **Invariant:** tries and codes are counted for the person, so that it makes no difference from how many addresses they come.

use ::http::StatusCode;
use civil::Phone;
use db::Tx;
use jiff::{SignedDuration, Timestamp};

use crate::accounts;
use crate::app::App;
use crate::notices;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{self, Order};
use crate::shell::problem::Problem;
use crate::shell::texts::Lang;

mod store;

#[cfg(test)]
mod tests;

/// How long a code is good for.
const LASTS: SignedDuration = SignedDuration::from_mins(5);
/// How often a code may be tried.
const MOST_TRIES: i64 = 5;
/// How many codes a person gets for a purpose in [`COUNTED_IN`].
const MOST_CODES: i64 = 5;
const COUNTED_IN: SignedDuration = SignedDuration::from_hours(24);

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The second step of a sign-in on another device.
    SecondStep,
    /// A stronger authentication of a session.
    Raise,
    /// A new device.
    Device,
    /// The old phone agrees to a new one.
    OldPhone,
    /// A new phone is the person's.
    NewPhone,
    /// A recovery of access.
    Recovery,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Purpose::SecondStep => "second-step",
            Purpose::Raise => "raise",
            Purpose::Device => "device",
            Purpose::OldPhone => "old-phone",
            Purpose::NewPhone => "new-phone",
            Purpose::Recovery => "recovery",
        }
    }
}

/// A code drawn, to be kept and sent in a unit of work.
#[derive(Clone)]
pub(crate) struct Sending {
    person: PersonId,
    purpose: Purpose,
    code_digest: [u8; 32],
    at: Timestamp,
    order: Order,
}

/// Draws a code for a purpose, to be sent to a phone.
pub(crate) fn draw(app: &App, person: PersonId, purpose: Purpose, phone: &Phone) -> Sending {
    let code = app.chance.code();
    let text = app.texts.say(
        Lang::Vi,
        &format!("signin-sms-code-{}", purpose.word()),
        &[("code", code.as_str().into())],
    );
    Sending {
        person,
        purpose,
        code_digest: digest(app, &person, purpose, &code),
        at: app.clock.now(),
        order: notices::code(app, &phone.e164(), text, app.clock.now() + LASTS),
    }
}

impl Sending {
    /// Keeps the code and orders its sending.
    ///
    /// # Errors
    /// `signin-too-many-codes`.
    pub(crate) fn keep(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        let kept = store::put(
            tx,
            (&self.person, self.purpose.word()),
            &self.code_digest,
            (self.at, self.at + LASTS, self.at - COUNTED_IN),
        )?;
        if !kept {
            return Err(Problem::new("signin-too-many-codes", StatusCode::TOO_MANY_REQUESTS).retry_after(3600));
        }
        Ok(jobs::enqueue(tx, &self.order)?)
    }
}

/// Draws a code, keeps it and sends it to the phone of an account.
///
/// # Errors
/// `signin-too-many-codes`; `signin-phone-lost` if the phone is somebody else's by now.
pub(crate) async fn send(app: &App, person: PersonId, purpose: Purpose, phone: &Phone) -> Result<(), Problem> {
    let vault = app.vault.clone();
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    if account.phone_lost {
        return Err(Problem::new("signin-phone-lost", StatusCode::CONFLICT));
    }
    let sending = draw(app, person, purpose, phone);
    app.db.write(move |tx| sending.keep(tx)).await?;
    app.bell.ring();
    Ok(())
}

/// Uses up a code. The try is counted before the code is compared.
///
/// # Errors
/// `signin-wrong-code`, alike for a wrong, an old, a used and a missing one.
pub(crate) async fn spend(app: &App, person: PersonId, purpose: Purpose, code: &str) -> Result<(), Problem> {
    let typed = Typed::read(app, person, purpose, code);
    let right = app.db.write(move |tx| typed.spend(tx)).await?;
    right.then_some(()).ok_or_else(wrong)
}

/// The refusal of a code that is not right.
pub(crate) fn wrong() -> Problem {
    Problem::new("signin-wrong-code", StatusCode::FORBIDDEN)
}

/// A code as it was typed, to be used up in the unit of work of what it is for: a failure in the middle then uses nothing up.
pub(crate) struct Typed {
    person: PersonId,
    purpose: Purpose,
    digest: [u8; 32],
    at: Timestamp,
}

impl Typed {
    pub(crate) fn read(app: &App, person: PersonId, purpose: Purpose, code: &str) -> Self {
        Self {
            digest: digest(app, &person, purpose, code.trim()),
            at: app.clock.now(),
            person,
            purpose,
        }
    }

    /// Uses it up; false if it is not right, and then the unit of work is to be committed all the same, with the try that it counts.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn spend(&self, tx: &mut Tx<'_>) -> Result<bool, db::Error> {
        let at = (&self.person, self.purpose.word());
        let kept = store::count_try(tx, at, self.at)?;
        let right = kept.is_some_and(|kept| crypto::equal(&kept, &self.digest));
        Ok(right && store::spend(tx, at, self.at)?)
    }
}

fn digest(app: &App, person: &PersonId, purpose: Purpose, code: &str) -> [u8; 32] {
    let bound = [person.bytes().as_slice(), purpose.word().as_bytes(), code.as_bytes()].concat();
    app.vault.digest("signin-code", &bound)
}
