//! What a verifier's programs ask: open a request, fetch its outcome.

pub(super) mod http;
