//! What the person decides: which account is the own one, and ending a link.

pub(super) mod http;
