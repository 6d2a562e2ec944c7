//! Several applications at once, where the law allows it.
//!
//! Taking up and giving back are nobody's rights. An approval is lawful in a batch only for level 1, where every automatic check agrees: level 2
//! is approved after face and fingerprints were compared in each case (Decree 69/2024, article 10.2), and a refusal or a wish for more names the
//! reasons of each case, so neither is done in a batch. What is not lawful is left undone and named with the reason; the rest is done.

pub(super) mod http;

#[cfg(test)]
mod tests;
