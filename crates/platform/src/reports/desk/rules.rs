//! What an officer does about a report.

use crate::reports::rules::{Word, message};
use crate::shell::problem::Fault;
use crate::shell::words::words;

words! {
    /// What an officer does.
    Act {
        /// Takes it up.
        Receive = "receive",
        /// Begins to check it.
        Check = "check",
        /// Writes to the sender.
        Ask = "ask",
        /// Answers, which ends it.
        Answer = "answer",
        /// Does not take it up, which ends it.
        Refuse = "refuse",
        /// Passes it on to the unit that is competent.
        Forward = "forward",
    }
}

impl Act {
    /// What stands in the trace of it.
    pub(super) fn entry(self) -> Word {
        match self {
            Act::Receive => Word::Received,
            Act::Check => Word::Checking,
            Act::Ask => Word::Asked,
            Act::Answer => Word::Answered,
            Act::Refuse => Word::Refused,
            Act::Forward => Word::Forwarded,
        }
    }

    /// The text that goes with it, where it needs one.
    ///
    /// # Errors
    /// The fault of the form where it is missing or too long.
    pub(super) fn text(self, typed: &str) -> Result<String, Fault> {
        let may_be_empty = matches!(self, Act::Receive | Act::Check);
        match message(typed) {
            Some(text) => Ok(text),
            None if may_be_empty && typed.trim().is_empty() => Ok(String::new()),
            None => Err(Fault::new("text", "reports-message-fault")),
        }
    }
}
