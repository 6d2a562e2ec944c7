//! Telling: the last check of a draft, and the unit of work that makes it a notification with a number.
//!
//! **Invariant:** either all guests of a draft are told, or none, and the answer says which.
//! **Invariant:** who tells has a card that is not expired; where its database is silent, the notification is received and says so.

pub(super) mod http;
mod rules;
