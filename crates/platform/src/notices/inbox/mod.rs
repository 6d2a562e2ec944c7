//! The inbox (*hộp thư*): what a person is told, kept on the platform, read in the reader's language.
//!
//! A capability that has something to tell a person calls [`inform`] in its own unit of work. The note is in the inbox with that unit;
//! by which other ways it travels is decided when it leaves, by what the person wishes and how the person is reached then.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /notices` | the notes, newest first: `kind`, `before` |
//! | `POST /notices/read` | all are read |
//! | `POST /notices/{note}/read` | one is read; goes on to what it is about |
//!
//! **Invariant:** what is told twice under the same name is there once, and leaves once by each way.
//! **Invariant:** a note goes to the phone and the address that the person has when it leaves, never to earlier ones.
//! **Invariant:** what may have left so long ago that nobody knows any more is not sent again; it is in the inbox.
//! **Invariant:** what was read in the inbox before it left is not sent after it, unless it is a matter of security or law.

use std::collections::BTreeMap;

use axum::Router;
use axum::routing::{get, post};
use db::{Conn, Tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::choices;
use super::{Kind, Priority, Way};
use crate::app::App;
use crate::shell::ids::{PersonId, id};
use crate::shell::jobs::{self as outbox, Runner};
use crate::shell::texts::{Arg, Lang, Texts};
use crate::shell::vault::{Unreadable, Vault};

mod http;
mod jobs;
mod store;

#[cfg(test)]
mod tests;

pub(super) use jobs::Carry;
pub(super) use store::remove_read;

id! {
    /// A note: made of the name under which it was told.
    NoteId
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/notices", get(http::list))
        .route("/notices/read", post(http::read_all))
        .route("/notices/{note}/read", post(http::read))
}

pub(super) fn learn(runner: &mut Runner) {
    runner.learn::<Carry>();
}

/// Something to tell a person.
#[derive(Clone, Debug)]
pub struct Note {
    once: String,
    kind: Kind,
    priority: Priority,
    told: Told,
}

/// What is told, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    text: String,
    args: BTreeMap<String, Value>,
    link: Option<String>,
}

/// A value in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Value {
    /// The same in all languages.
    Is(String),
    /// A sentence of its own.
    Says { says: String },
}

impl Note {
    /// The sentence `text`, told under a name: whatever else is told to the person under that name is not told again.
    ///
    /// The sentence stands in the texts of the capability that tells it, whole, with all diacritics. On a phone it is shown without them.
    pub fn new(kind: Kind, text: impl Into<String>, once: impl Into<String>) -> Self {
        let priority = match kind {
            Kind::Security => Priority::Urgent,
            Kind::Greeting => Priority::Leisure,
            _ => Priority::Usual,
        };
        Self {
            once: once.into(),
            kind,
            priority,
            told: Told {
                text: text.into(),
                args: BTreeMap::new(),
                link: None,
            },
        }
    }

    /// Gives the sentence a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.told.args.insert(name.to_owned(), Value::Is(value.to_string()));
        self
    }

    /// Gives the sentence a value that is itself a sentence, said in the same language.
    #[must_use]
    pub fn saying(mut self, name: &str, text: impl Into<String>) -> Self {
        let says = text.into();
        self.told.args.insert(name.to_owned(), Value::Says { says });
        self
    }

    /// Where the person goes on: a path of the platform.
    #[must_use]
    pub fn link(mut self, path: impl Into<String>) -> Self {
        self.told.link = Some(path.into());
        self
    }

    /// Another priority than that of its kind.
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// The name of what is told, as it is kept.
    pub fn id(&self, vault: &Vault) -> NoteId {
        let digest = vault.digest("notice-note", self.once.as_bytes());
        let [id, _] = digest.as_chunks::<16>().0 else {
            return NoteId::from([0; 16]);
        };
        NoteId::from(*id)
    }

    /// What is kept of it, the same for each person who is told it.
    pub(super) fn sealed(&self, vault: &Vault) -> Sealed {
        let note = self.id(vault);
        let told = serde_json::to_vec(&self.told).unwrap_or_default();
        Sealed {
            note,
            kind: self.kind,
            told_sealed: vault.seal("notice_note", "told", note.bytes(), &told),
        }
    }
}

/// A note as it is kept.
pub(super) struct Sealed {
    pub(super) note: NoteId,
    pub(super) kind: Kind,
    pub(super) told_sealed: Vec<u8>,
}

impl Told {
    fn open(vault: &Vault, note: &NoteId, sealed: &[u8]) -> Result<Self, Unreadable> {
        vault.open_record("notice_note", "told", note.bytes(), sealed)
    }

    fn say(&self, texts: &Texts, lang: Lang) -> String {
        let value = |value: &Value| match value {
            Value::Is(text) => text.clone(),
            Value::Says { says } => texts.say(lang, says, &[]),
        };
        let args: Vec<Arg<'_>> = self
            .args
            .iter()
            .map(|(name, kept)| (name.as_str(), value(kept).into()))
            .collect();
        texts.say(lang, &self.text, &args)
    }
}

/// Tells a person something, in the unit of work that decided it: puts it into the inbox, and orders it to be carried by the other ways
/// that the person wishes when it leaves.
///
/// # Errors
/// Those of the database.
pub fn inform(app: &App, tx: &mut Tx<'_>, person: &PersonId, note: &Note, now: Timestamp) -> Result<(), db::Error> {
    if !note.kind.must(Way::Inbox) && !choices::find(tx, person)?.wants(note.kind, Way::Inbox) {
        return Ok(());
    }
    let sealed = note.sealed(&app.vault);
    if store::insert(tx, person, &sealed, now)? {
        let carry = Carry {
            person: *person,
            note: sealed.note,
            priority: note.priority,
        };
        outbox::enqueue(tx, &carry.order(app, now))?;
    }
    Ok(())
}

/// How many notes a person has not read; no more than are worth counting.
///
/// # Errors
/// Those of the database.
pub fn unread(conn: &mut Conn<'_>, person: &PersonId) -> Result<i64, db::Error> {
    const MOST: i64 = 100;
    store::unread(conn, person, MOST)
}

/// Forgets everything that a person was told: the account is gone.
pub(super) fn forget(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), db::Error> {
    store::remove_all(tx, person)
}
