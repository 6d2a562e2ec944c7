//! The last step of an activation: secrets are set or the passcode is confirmed, and the level is put to use.

pub(super) mod http;
