//! "This was not me": whatever changes a person's access is told on every channel, with a link that stops it by one tap.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /recovery/not-me/{token}` | what happened, and the button |
//! | `POST /recovery/not-me/{token}` | stops what is under way, takes device and new passkeys away, signs out everywhere, locks (TK03, at the holder's request) |
//!
//! What the change of device took away comes back: the old device is the person's again, its credentials are valid with the end of the lock.
//!
//! **Invariant:** a link works once, for seven days, and gives nobody any right: it only takes away.

use axum::Router;
use axum::routing::get;
use db::Tx;
use jiff::{SignedDuration, Timestamp};

use crate::accounts::Account;
use crate::app::App;
use crate::devices;
use crate::notices;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{self, Order};
use crate::shell::texts::Lang;

mod http;
mod store;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/recovery/not-me/{token}", get(http::show).post(http::disown))
}

/// How long a link works.
const LASTS: SignedDuration = devices::UNDONE_FOR;

/// What is told. Each has its sentences `recovery-alarm-…` and `recovery-sms-…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A new password.
    Password,
    /// The password was removed.
    NoPassword,
    /// A new passcode.
    Passcode,
    /// A new passkey.
    Passkey,
    /// A new device.
    Device,
    /// The device was removed.
    DeviceRemoved,
    /// Another phone.
    Phone,
    /// A recovery was begun.
    Recovery,
    /// A recovery is proven, and cools off.
    Proven,
    /// Access was recovered.
    Recovered,
}

impl What {
    pub(super) fn word(self) -> &'static str {
        match self {
            What::Password => "password",
            What::NoPassword => "no-password",
            What::Passcode => "passcode",
            What::Passkey => "passkey",
            What::Device => "device",
            What::DeviceRemoved => "device-removed",
            What::Phone => "phone",
            What::Recovery => "recovery",
            What::Proven => "proven",
            What::Recovered => "recovered",
        }
    }
}

/// An alarm ready to be raised in the unit of work of what it tells.
#[derive(Clone)]
pub(crate) struct Alarm {
    token_digest: [u8; 32],
    person: PersonId,
    what: What,
    at: Timestamp,
    orders: Vec<Order>,
}

impl Alarm {
    /// Prepares it: for the phone and the e-mail address as they stand before the change.
    pub(crate) fn draw(app: &App, account: &Account, what: What) -> Self {
        let token = crypto::base64url::encode(app.chance.bytes::<16>());
        let link = format!("{}/recovery/not-me/{token}", app.config.public_url);
        let text = app.texts.say(
            Lang::Vi,
            &format!("recovery-sms-{}", what.word()),
            &[("link", link.as_str().into())],
        );
        let mut orders = vec![notices::sms(app, &account.phone.e164(), text.clone())];
        orders.extend(account.email.as_ref().map(|email| notices::email(app, email, text)));
        Self {
            token_digest: digest(app, &token),
            person: account.person,
            what,
            at: app.clock.now(),
            orders,
        }
    }

    /// Raises it.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn raise(&self, tx: &mut Tx<'_>) -> Result<(), db::Error> {
        store::insert(tx, self)?;
        self.orders.iter().try_for_each(|order| jobs::enqueue(tx, order))
    }
}

fn digest(app: &App, token: &str) -> [u8; 32] {
    app.vault.digest("recovery-alarm", token.as_bytes())
}
