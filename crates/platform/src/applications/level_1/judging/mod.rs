//! Judging a portrait while it is taken.

pub(super) mod http;

/// What a portrait is judged for, in the matcher's log.
pub(super) const PURPOSE: &str = "application-level-1";
