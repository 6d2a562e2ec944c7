//! SMS and e-mail, sent through the outbox.
//!
//! A capability that has something to tell asks for [`sms`] or [`email`] and puts the order into its own unit of work.
//!
//! **Invariant:** a message leaves the platform if and only if the unit of work that decided it was committed.
//! **Invariant:** a message taken up twice by the worker reaches the gateway under the same id, which keeps it once.

use std::path::PathBuf;

use axum::Router;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::{App, Capability};
use crate::shell::jobs::{Order, Runner};
use crate::shell::problem::Problem;
use crate::shell::texts;

mod jobs;
mod store;

#[cfg(test)]
mod tests;

use jobs::Send;

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

/// An order to send a text message to a phone number (E.164).
///
/// Codes are written without diacritics, so that one message part suffices.
pub fn sms(app: &App, to: &str, text: String) -> Order {
    Order::now(
        app,
        &Send {
            channel: Channel::Sms,
            to: to.to_owned(),
            text,
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
