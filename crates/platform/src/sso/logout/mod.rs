//! Logout at a relying party's wish (OpenID Connect RP-Initiated Logout 1.0).

pub(super) mod http;
