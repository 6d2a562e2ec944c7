//! What is decided without looking anything up.

/// How many requests may wait for one person: who is flooded approves by mistake.
pub(super) const MOST_WAITING: usize = 3;
/// How often the words of the other screen may be typed wrong before the request is refused.
pub(super) const MOST_TRIES: i64 = 3;

/// Whether somebody typed the words that both screens show. Case and spaces do not count.
pub(super) fn are_the_words(shown: &str, typed: &str) -> bool {
    let plain = |text: &str| {
        let text = text.to_lowercase();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    plain(shown) == plain(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_whatever_their_case_and_spaces() {
        assert!(are_the_words("Quầy 5 – Mã 4821", " quầy 5  – mã 4821"));
        assert!(!are_the_words("Quầy 5 – Mã 4821", "Quầy 5 – Mã 4822"));
        assert!(!are_the_words("Quầy 5", ""));
    }
}
