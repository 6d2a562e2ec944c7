//! Inspections that were made without network, reported afterwards.

pub(super) mod http;
