//! Words and numbers by which a person knows that phone and screen belong together.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::ScreenId;
use crate::shell::whence::Whence;
use crate::shell::words::words;

/// How long a code can be approved and used.
pub(super) const LIFE: SignedDuration = SignedDuration::from_secs(120);

words! {
    /// Where a sign-in on another screen stands.
    State {
        /// The screen shows the code.
        Waiting = "waiting",
        /// The person approved.
        Approved = "approved",
        /// The person refused, or chose a wrong number.
        Refused = "refused",
        /// The browser went in.
        Used = "used",
    }
}

/// What the person is told of the screen: sealed.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) whence: Whence,
    /// The service that asks; none where it is this platform.
    pub(super) service: Option<String>,
    pub(super) next: String,
}

/// Short words that nobody confuses, said the same in every language of the pages.
const WORDS: [&str; 32] = [
    "mây", "sen", "tre", "lúa", "núi", "biển", "sao", "gió", "cá", "voi", "hổ", "chim", "hoa", "lá", "suối", "trăng",
    "nắng", "mưa", "đá", "cau", "dừa", "cam", "mít", "ổi", "trà", "gạo", "thuyền", "cầu", "đèn", "trống", "sáo",
    "diều",
];

/// Three words that follow from the sign-in: both screens show them.
pub(super) fn said(id: &ScreenId) -> String {
    let of = |byte: u8| WORDS.get(usize::from(byte) % WORDS.len()).copied().unwrap_or_default();
    let [first, second, third, ..] = *id.bytes();
    [of(first), of(second), of(third)].join(" ")
}

/// The number that the screen shows, of two digits.
pub(super) fn number(random: u8) -> i64 {
    10 + i64::from(random) % 90
}

/// Three numbers to choose from, one of them right, in ascending order; the same each time for one sign-in.
pub(super) fn choices(id: &ScreenId, right: i64) -> [i64; 3] {
    let [.., one, other] = *id.bytes();
    let first = 10 + (right - 10 + 1 + i64::from(one) % 44) % 90;
    let second = 10 + (right - 10 + 46 + i64::from(other) % 44) % 90;
    let mut choices = [right, first, second];
    choices.sort_unstable();
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn three_different_numbers_of_two_digits_are_offered_and_one_is_right(id: [u8; 16], random: u8) {
            let right = number(random);
            let choices = choices(&ScreenId::from(id), right);

            proptest::prop_assert!(choices.contains(&right));
            proptest::prop_assert!(choices.iter().all(|one| (10..100).contains(one)));
            proptest::prop_assert!(choices[0] < choices[1] && choices[1] < choices[2]);
        }
    }

    #[test]
    fn the_words_differ() {
        let mut all = WORDS.to_vec();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), WORDS.len());
    }
}
