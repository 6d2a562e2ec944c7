//! SMS and e-mail, sent through the outbox.
//!
//! A capability that has something to tell asks for [`sms`] or [`email`] and puts the order into its own unit of work.
//!
//! **Invariant:** a message leaves the platform if and only if the unit of work that decided it was committed.
//! **Invariant:** a code that somebody waits for overtakes what can wait, and is not sent when it is too old to be used.
//! **Invariant:** a message taken up twice by the worker reaches the gateway under the same id, which keeps it once.

use std::error::Error;
use std::path::PathBuf;

use axum::Router;
use db::Db;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::{App, Capability};
use crate::shell::clock::Clock;
use crate::shell::config;
use crate::shell::jobs::{Order, Runner};
use crate::shell::problem::Problem;
use crate::shell::texts;

pub mod delivery;
mod jobs;
pub mod mail;
mod rules;
pub mod smpp;
mod store;

#[cfg(test)]
mod tests;

use delivery::Lines;
use jobs::Send;
pub use rules::Refused;
use smpp::Centre;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes: Router::new,
    jobs: learn,
    only_in_sandbox: false,
};

fn learn(runner: &mut Runner) {
    runner.learn::<Send>();
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
            let keep = delivery::keeper(db.clone(), clock.clone(), centre.address.clone());
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
    let send = Send {
        channel: Channel::Sms,
        to: to.to_owned(),
        text,
        until: Some(until),
    };
    Order::now(app, &send).urgent()
}

/// An order to send a text message to a phone number (E.164).
pub fn sms(app: &App, to: &str, text: String) -> Order {
    Order::now(
        app,
        &Send {
            channel: Channel::Sms,
            to: to.to_owned(),
            text,
            until: None,
        },
    )
}

/// An order to send an e-mail.
pub fn email(app: &App, to: &str, text: String) -> Order {
    Order::now(
        app,
        &Send {
            channel: Channel::Email,
            to: to.to_owned(),
            text,
            until: None,
        },
    )
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
