//! The first question of a notification: where the guests stay.
//!
//! **Invariant:** hotels, hospitals, rooming houses and dormitories are told for by their own people alone, never by an address that is typed.

pub(super) mod http;
