//! Handing a message over, and how it can fail.

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
