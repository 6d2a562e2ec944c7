//! What waits for a decision, in the order of the legal limits; nothing in it tells whose it is.

pub(super) mod http;

#[cfg(test)]
mod tests;
