//! What a unit has received, a page at a time, with what waits longest first.
//!
//! **Invariant:** whatever waits is on some page, and is found by its number.

pub(super) mod http;
