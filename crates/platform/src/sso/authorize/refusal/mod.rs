//! What a person is shown, before the relying party is told, where a lock keeps it from getting anything.

pub(super) mod http;
