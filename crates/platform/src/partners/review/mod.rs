//! The ministry's side: what was asked for, the letter, and the decision.
//!
//! **Invariant:** nothing beyond what was asked for is granted; single purposes can be left out.

pub(super) mod http;
