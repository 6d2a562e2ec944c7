//! Kinds of notices, the ways they travel, and how handing one over can fail.

use crate::shell::words::words;

words! {
    /// What a notice is about.
    Kind {
        /// The person's access: sign-ins, devices, secrets.
        Security = "security",
        /// Decisions with legal effect: locks, refusals, answers with a time for objection.
        Legal = "legal",
        /// How a dossier stands.
        Progress = "progress",
        /// A time that runs out: card, licence, insurance, activation.
        Deadline = "deadline",
        /// A paper of the wallet that changed.
        Document = "document",
        /// A birthday.
        Greeting = "greeting",
    }
}

words! {
    /// How a notice reaches a person.
    Way {
        /// The inbox on the platform's pages.
        Inbox = "inbox",
        /// A message of the browser.
        Push = "push",
        /// An e-mail.
        Email = "email",
        /// A text message.
        Sms = "sms",
    }
}

impl Kind {
    /// Whether the person cannot switch this way off.
    pub fn must(self, way: Way) -> bool {
        match way {
            Way::Inbox => self != Kind::Greeting,
            Way::Sms => matches!(self, Kind::Security | Kind::Legal),
            Way::Push | Way::Email => false,
        }
    }

    /// Whether it travels this way as long as the person has chosen nothing.
    pub fn usually(self, way: Way) -> bool {
        match way {
            Way::Inbox | Way::Push => true,
            Way::Email => !matches!(self, Kind::Document | Kind::Greeting),
            Way::Sms => self != Kind::Greeting,
        }
    }
}

words! {
    /// How a notice stands beside others.
    Priority {
        /// Not held by quiet hours, ahead of all that can wait.
        Urgent = "urgent",
        /// In its turn.
        Usual = "usual",
        /// When nothing else is to be done.
        Leisure = "leisure",
    }
}

/// Why a message was not handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing was handed over: another centre, or the same one later, may take it.
    #[error("not handed over: {0}")]
    NotYet(String),
    /// It was sent, and the line broke before an answer: it may have been taken or not.
    #[error("handed over, but not answered: {0}")]
    Unanswered(String),
    /// The centre will never take this message.
    #[error("refused: {0}")]
    Never(String),
}
