//! The desk of a facility: what its people have told, and the way to tell more. They sign in with their own accounts.
//!
//! **Invariant:** the desk shows no guest; a notification does, and that is recorded where its reader is not who told it.

pub(super) mod http;
