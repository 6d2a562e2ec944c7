//! Codes of enrolment, and why they are given out.

use jiff::SignedDuration;
use serde::{Serialize, Serializer};

use crate::officers::OfficerId;
use crate::shell::chance::Chance;
use crate::shell::vault::Vault;
use crate::shell::words::words;

/// How long a code is good for.
pub(super) const CODE_LASTS: SignedDuration = SignedDuration::from_hours(24);
/// How many wrong tries use a code up.
pub(super) const MOST_TRIES: i64 = 5;

/// Letters and digits that nobody takes for one another when a code is read out.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 8;

words! {
    /// Why a code is given out.
    Reason {
        /// The officer has no passkey yet.
        First = "first",
        /// The officer wants one on a further device.
        Further = "further",
        /// The device with the passkey is lost or broken.
        Lost = "lost",
        /// Somebody else may have used it.
        Suspected = "suspected",
    }
}

impl Reason {
    /// Whether the passkeys that there are go, and the sessions with them.
    pub fn takes_away(self) -> bool {
        matches!(self, Reason::Lost | Reason::Suspected)
    }
}

impl clap::ValueEnum for Reason {
    fn value_variants<'a>() -> &'a [Self] {
        Reason::ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.word()))
    }
}

/// A code of enrolment: 40 bits, handed over in person or by telephone.
pub struct Code(String);

impl Code {
    pub(super) fn draw(chance: &Chance) -> Self {
        let drawn: [u8; LENGTH] = chance.bytes();
        let letter = |byte: &u8| LETTERS.get(usize::from(byte & 31)).map(|letter| char::from(*letter));
        Self(drawn.iter().filter_map(letter).collect())
    }

    /// Reads what somebody typed, with or without the hyphen, in small or capital letters.
    pub(super) fn parse(typed: &str) -> Option<Self> {
        let letters = typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-');
        let read: String = letters
            .map(|letter| match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .take(LENGTH + 1)
            .collect();
        let known = read
            .chars()
            .all(|letter| u8::try_from(letter).is_ok_and(|byte| LETTERS.contains(&byte)));
        (read.len() == LENGTH && known).then_some(Self(read))
    }

    pub(super) fn digest(&self, vault: &Vault, officer: &OfficerId) -> [u8; 32] {
        vault.digest("officer-enrolment", format!("{officer}\n{}", self.0).as_bytes())
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (first, last) = self.0.split_at_checked(LENGTH / 2).unwrap_or((&self.0, ""));
        write!(f, "{first}-{last}")
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_written_and_as_people_type_it() {
        for seed in 0..50 {
            let code = Code::draw(&Chance::seeded(seed));

            assert_eq!(Code::parse(&code.to_string()).unwrap().0, code.0);
        }
        assert_eq!(Code::parse(" ab0d-11xz ").unwrap().0, "AB0D11XZ");
        assert_eq!(Code::parse("aBod-ilxz").unwrap().0, "AB0D11XZ");
        for wrong in ["", "1234567", "123456789", "1234567U", "1234567é"] {
            assert!(Code::parse(wrong).is_none(), "{wrong}");
        }
    }
}
