//! States and time limits of requests: no I/O, no clock.

use serde::{Deserialize, Serialize};

/// Working days for forwarding (QĐ 5709/QĐ-BCA-C06).
pub(super) const FORWARD_DAYS: u16 = 1;
/// Working days for the decision after that.
pub(super) const DECIDE_DAYS: u16 = 2;

/// Where a request stands.
///
/// ```text
/// Received -- forward --> Forwarded -- grant --> Granted
///                                   '- refuse -> Refused
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// It has come, and is forwarded within a working day.
    Received,
    /// The ministry decides within two working days.
    Forwarded,
    /// What was asked for is done.
    Granted,
    /// It was refused, with the reason.
    Refused,
}

impl State {
    pub(super) const ALL: [Self; 4] = [State::Received, State::Forwarded, State::Granted, State::Refused];

    pub(super) fn word(self) -> &'static str {
        match self {
            State::Received => "received",
            State::Forwarded => "forwarded",
            State::Granted => "granted",
            State::Refused => "refused",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// What a body asks for, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    /// The body.
    pub(super) body: String,
    /// The number of its document.
    pub(super) document: String,
    /// Its reason.
    pub(super) reason: String,
    /// The officer who received it, as others know them.
    pub(super) received_by: String,
}
