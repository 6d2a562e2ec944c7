//! An application as officers see it: the outline for all who may, everything for who holds it or confirms its approval.

pub(super) mod http;
