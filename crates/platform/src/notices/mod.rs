//! Notices (*thông báo*): what people are told, in the inbox, by SMS, e-mail and push, through the outbox.
//!
//! A capability that has something to tell a person calls [`inform`] in its own unit of work. Codes, and messages to addresses that are not those
//! of an account, are ordered as [`code`], [`sms`] and [`email`].
//!
//! | requests | where |
//! | --- | --- |
//! | `/notices`, `/notices/{note}/read` | `inbox` |
//! | `/notices/choices` | `choices` |
//! | `/notices/push` | `push` |
//! | `/notices/email` | `address` |
//! | `/officers/notices` | `operations` |
//!
//! **Invariant:** a message leaves the platform if and only if the unit of work that decided it was committed.
//! **Invariant:** a code that somebody waits for overtakes what can wait, and is not sent when it is too old to be used.
//! **Invariant:** a message taken up twice by the worker reaches the gateway under the same id, which keeps it once.

use std::error::Error;
use std::path::PathBuf;

use axum::Router;
use db::{Db, Tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::{App, Capability};
use crate::shell::clock::Clock;
use crate::shell::config;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{Order, Runner};
use crate::shell::problem::Problem;
use crate::shell::texts;

mod address;
mod choices;
pub mod command;
mod costs;
mod daily;
pub mod delivery;
mod inbox;
mod jobs;
mod learning;
pub mod mail;
mod operations;
mod push;
mod retention;
mod rules;
pub mod smpp;
mod store;

#[cfg(test)]
mod tests;

pub use daily::{Occasion, expect, expect_nothing};
use delivery::Lines;
pub use inbox::{Note, inform, unread};
use jobs::Send;
pub use learning::ask_about;
pub use rules::{Kind, Priority, Refused, Way};
use smpp::Centre;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

/// How the kinds of jobs of notices begin.
const KINDS: &str = "notices-";
/// How many messages that were given up are told.
const GIVEN_UP_MOST: i64 = 100;

fn routes() -> Router<App> {
    inbox::routes()
        .merge(choices::routes())
        .merge(push::routes())
        .merge(address::routes())
        .merge(operations::routes())
}

fn learn(runner: &mut Runner) {
    runner.learn::<Send>();
    inbox::learn(runner);
    daily::learn(runner);
    learning::learn(runner);
    retention::learn(runner);
    costs::learn(runner);
}

/// Orders what is done every day, when the platform opens.
///
/// # Errors
/// Those of the database.
pub(crate) async fn begin(app: &App) -> Result<(), db::Error> {
    daily::begin(app).await?;
    retention::begin(app).await?;
    costs::begin(app).await
}

/// Sends no push messages of a person any more: the account may have been in other hands, and with it a browser that gets them.
///
/// # Errors
/// Those of the database.
pub fn forget_browsers(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), db::Error> {
    push::forget(tx, person)
}

/// Forgets everything about a person: the account is gone.
///
/// # Errors
/// Those of the database.
pub fn forget(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), db::Error> {
    inbox::forget(tx, person)?;
    push::forget(tx, person)?;
    address::forget(tx, person)?;
    expect_nothing(tx, person)?;
    choices::forget(tx, person)
}

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A text message to a phone.
    Sms,
    /// An e-mail.
    Email,
}

impl Channel {
    fn text(self) -> &'static str {
        match self {
            Channel::Sms => "sms",
            Channel::Email => "email",
        }
    }
}

/// Where messages leave the platform.
#[derive(Clone, Debug)]
pub enum Gateway {
    /// A table, from which the sandbox shows them.
    Mailbox,
    /// A folder from which a gateway takes them, one JSON file each, whole from the moment it appears.
    Spool(PathBuf),
    /// Lines to SMS centres and to a mail server.
    Lines(Lines),
}

impl Gateway {
    /// The gateway that the operator has set: lines if there are any, else the spool, else the mailbox.
    ///
    /// # Errors
    /// A password that cannot be read, a sender that is none.
    pub fn open(
        settings: &config::Notices,
        db: &Db,
        clock: &Clock,
    ) -> Result<Self, Box<dyn Error + std::marker::Send + Sync>> {
        if settings.smpp.is_empty() && settings.smtp.is_none() {
            return Ok(settings.spool.clone().map_or(Gateway::Mailbox, Gateway::Spool));
        }
        let mut centres = Vec::new();
        for centre in &settings.smpp {
            let name = (centre.address.clone(), centre.receipt_ids);
            let keep = delivery::keeper(db.clone(), clock.clone(), name);
            centres.push(Centre::open(centre.line()?, keep));
        }
        let mail = settings
            .smtp
            .as_ref()
            .map(|server| Ok::<_, Box<dyn Error + std::marker::Send + Sync>>(mail::Server::open(&server.line()?)?));
        Ok(Gateway::Lines(Lines {
            centres,
            mail: mail.transpose()?,
        }))
    }
}

/// A message that has left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The phone number (E.164) or e-mail address.
    pub to: String,
    /// How it travelled.
    pub channel: String,
    /// What it says.
    pub text: String,
    /// When it left.
    pub at: Timestamp,
}

/// An order to send a code to a phone number (E.164) that waits for it. Once `until` has passed it is worth nothing, and is not sent any more.
///
/// Codes are written without diacritics, so that one message part suffices.
pub fn code(app: &App, to: &str, text: String, until: Timestamp) -> Order {
    let send = Send::new(Channel::Sms, to, text);
    let send = Send {
        until: Some(until),
        ..send
    };
    Order::now(app, &send).urgent()
}

/// An order to send a text message to a phone number (E.164).
pub fn sms(app: &App, to: &str, text: String) -> Order {
    Order::now(app, &Send::new(Channel::Sms, to, text))
}

/// An order to send an e-mail.
pub fn email(app: &App, to: &str, text: String) -> Order {
    Order::now(app, &Send::new(Channel::Email, to, text))
}

/// The messages in the sandbox's mailbox, newest first; of one address, or of all.
///
/// # Errors
/// Those of the database.
pub async fn mailbox(app: &App, to: Option<&str>, most: i64) -> Result<Vec<Message>, Problem> {
    let to_digest = to.map(|to| app.vault.digest("notice-to", to.as_bytes()));
    let sealed = app
        .db
        .read(move |conn| store::list(conn, to_digest.as_ref(), most))
        .await?;
    let open = |row: store::Sealed| {
        Ok(Message {
            to: app.vault.open_text("notice", "to", &row.id, &row.to_sealed)?,
            channel: row.channel,
            text: app.vault.open_text("notice", "text", &row.id, &row.text_sealed)?,
            at: row.sent_at,
        })
    };
    sealed.into_iter().map(open).collect()
}
