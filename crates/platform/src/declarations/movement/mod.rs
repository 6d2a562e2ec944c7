//! The form of a movement: from which commune to which, chosen in two steps, province before commune.

pub(super) mod http;
