//! The developers' page of a connection: credentials, what their clients did right and wrong, and whom they reach.
//!
//! **Invariant:** a connection is shown to who asked for it and to those whom its owners invited, and to nobody else.

pub(super) mod http;
