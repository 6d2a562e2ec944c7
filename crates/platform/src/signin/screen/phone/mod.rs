//! What the phone shows, and what the person answers there.

pub(super) mod http;
