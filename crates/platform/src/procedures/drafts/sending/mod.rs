//! The last look before a request is sent in: everything once more, the consents, the fee; and sending it in.

pub(super) mod http;
