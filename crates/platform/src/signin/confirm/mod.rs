//! The confirmation of something sensitive: by the passcode, else by the password, else by a passkey of a moment ago.
//!
//! **Invariant:** a session alone changes no means of signing in.

use ::http::StatusCode;
use crypto::secret::Secret;
use db::Conn;
use jiff::SignedDuration;
use serde::Serialize;

use super::{check_passcode, check_password, has_passcode, has_password};
use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

/// How long a sign-in by passkey confirms what a person without passcode and password does.
const PASSKEY_CONFIRMS: SignedDuration = SignedDuration::from_mins(5);

/// By what a person confirms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Asks {
    /// The passcode.
    Passcode,
    /// The password: the account has not been activated.
    Password,
    /// A sign-in by passkey not long ago.
    Passkey,
}

impl Asks {
    /// Whether there is something to type.
    pub(crate) fn something(self) -> bool {
        self != Asks::Passkey
    }

    /// The sentence that names what to type.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Asks::Passcode => "signin-confirm-passcode",
            Asks::Password | Asks::Passkey => "signin-confirm-password",
        }
    }
}

/// By what a person confirms.
pub(crate) fn asks(conn: &mut Conn<'_>, person: &PersonId) -> Result<Asks, db::Error> {
    if has_passcode(conn, person)? {
        Ok(Asks::Passcode)
    } else if has_password(conn, person)? {
        Ok(Asks::Password)
    } else {
        Ok(Asks::Passkey)
    }
}

/// Confirms that it is the holder who asks.
///
/// # Errors
/// Those of [`check_passcode`] and [`check_password`]; `signin-passkey-again`.
pub(crate) async fn confirm(app: &App, citizen: &Citizen, secret: &Secret<String>) -> Result<(), Problem> {
    let person = citizen.person;
    match app.db.read(move |conn| asks(conn, &person)).await? {
        Asks::Passcode => check_passcode(app, &person, secret.expose()).await,
        Asks::Password => check_password(app, &person, secret).await,
        Asks::Passkey => {
            let session = &citizen.session;
            let fresh = app.clock.now().duration_since(session.opened_at) <= PASSKEY_CONFIRMS;
            let by_passkey = session.methods.split(' ').any(|means| means == "user");
            (fresh && by_passkey)
                .then_some(())
                .ok_or_else(|| Problem::new("signin-passkey-again", StatusCode::FORBIDDEN))
        }
    }
}
