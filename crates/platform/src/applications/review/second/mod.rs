//! Four eyes: an approval against a failing automatic check is proposed by one officer and confirmed by another.

pub(super) mod http;

#[cfg(test)]
mod tests;
