//! The citizen's pages: what waits, and the answer.

pub(super) mod http;
