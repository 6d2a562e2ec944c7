//! What happened to a person's means of signing in: when, where, by what, and whether it succeeded.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /account/security/signins` | the citizen's sign-ins and changes of means, newest first |
//!
//! **Invariant:** every sign-in, failed ones included, and every change of a means is told here, from where it was made.

use axum::Router;
use axum::routing::get;
use db::Tx;
use jiff::Timestamp;

use crate::app::App;
use crate::shell::ids::{PersonId, id};
use crate::shell::vault::Unreadable;
use crate::shell::whence::Whence;
use crate::signals::{self, Change, Credential, Event as Signal};

mod http;
mod store;

id! {
    /// One entry.
    EventId
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/account/security/signins", get(http::list))
}

/// What happened. Each kind has its sentence `signin-event-…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Signed in.
    SignedIn,
    /// A wrong password.
    WrongPassword,
    /// Sign-in by password was locked for a time.
    PasswordLocked,
    /// A wrong passcode.
    WrongPasscode,
    /// Authenticated more strongly within a session.
    Raised,
    /// A new password.
    PasswordChanged,
    /// The password was removed.
    PasswordRemoved,
    /// A new passcode.
    PasscodeChanged,
    /// A passkey was made.
    PasskeyMade,
    /// A passkey was removed.
    PasskeyRemoved,
    /// A session was ended from another.
    SessionEnded,
    /// A device became the person's.
    DeviceBound,
    /// The person's device was removed.
    DeviceRemoved,
    /// The phone number was changed.
    PhoneChanged,
    /// A trusted relative was named or removed.
    RelativesChanged,
    /// A recovery of access was begun.
    RecoveryBegun,
    /// Access was recovered.
    Recovered,
    /// A recovery was stopped.
    RecoveryStopped,
    /// The holder said "this was not me".
    Disowned,
}

impl Kind {
    /// What relying parties are told of it.
    fn signal(self) -> Option<Signal> {
        let changed = |credential, change| Some(Signal::CredentialChanged { credential, change });
        match self {
            Kind::PasswordChanged | Kind::Recovered => changed(Credential::Password, Change::Updated),
            Kind::PasswordRemoved => changed(Credential::Password, Change::Revoked),
            Kind::PasscodeChanged => changed(Credential::Passcode, Change::Updated),
            Kind::PasskeyMade => changed(Credential::Passkey, Change::Created),
            Kind::PasskeyRemoved => changed(Credential::Passkey, Change::Revoked),
            Kind::DeviceBound => changed(Credential::Device, Change::Created),
            Kind::DeviceRemoved => changed(Credential::Device, Change::Revoked),
            Kind::PhoneChanged => Some(Signal::PhoneChanged),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Kind::SignedIn => "signed-in",
            Kind::WrongPassword => "wrong-password",
            Kind::PasswordLocked => "password-locked",
            Kind::WrongPasscode => "wrong-passcode",
            Kind::Raised => "raised",
            Kind::PasswordChanged => "password-changed",
            Kind::PasswordRemoved => "password-removed",
            Kind::PasscodeChanged => "passcode-changed",
            Kind::PasskeyMade => "passkey-made",
            Kind::PasskeyRemoved => "passkey-removed",
            Kind::SessionEnded => "session-ended",
            Kind::DeviceBound => "device-bound",
            Kind::DeviceRemoved => "device-removed",
            Kind::PhoneChanged => "phone-changed",
            Kind::RelativesChanged => "relatives-changed",
            Kind::RecoveryBegun => "recovery-begun",
            Kind::Recovered => "recovered",
            Kind::RecoveryStopped => "recovery-stopped",
            Kind::Disowned => "disowned",
        }
    }
}

/// Something that happens now, to be kept in the unit of work in which it happens.
#[derive(Clone)]
pub(crate) struct Event {
    event: EventId,
    person: PersonId,
    at: Timestamp,
    kind: Kind,
    means: String,
    whence_sealed: Vec<u8>,
}

impl Event {
    /// What happens now, from where the request comes that is being answered. `means` are those of RFC 8176.
    ///
    /// # Errors
    /// None that depend on the data.
    pub(crate) fn now(app: &App, person: PersonId, kind: Kind, means: &str) -> Result<Self, Unreadable> {
        let event = EventId::draw(&app.chance);
        let place = *event.bytes();
        Ok(Self {
            whence_sealed: app
                .vault
                .seal_record("signin_event", "whence", &place, &Whence::here())?,
            event,
            person,
            at: app.clock.now(),
            kind,
            means: means.to_owned(),
        })
    }

    /// Keeps it, and tells relying parties that may know and want to (Shared Signals).
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn keep(&self, tx: &mut Tx<'_>) -> Result<(), db::Error> {
        if let Some(signal) = self.kind.signal() {
            signals::emit(tx, &self.person, signal, self.at)?;
        }
        store::insert(tx, self)
    }
}
