//! The configuration of streams: made, read, changed, replaced, deleted by their receivers.

pub(super) mod http;
