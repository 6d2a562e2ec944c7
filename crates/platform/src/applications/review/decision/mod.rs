//! The decision of an application: one unit of work for everything that follows from it.

pub(super) mod http;
