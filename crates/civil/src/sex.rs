//! Sex as the law, the card and the machine-readable zone write it.

use serde::{Deserialize, Serialize};

/// *Giới tính*: the law and the cards know these two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// *Nam*.
    Male,
    /// *Nữ*.
    Female,
}

impl Sex {
    /// The Vietnamese word: `Nam` or `Nữ`.
    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::Male => "Nam",
            Self::Female => "Nữ",
        }
    }

    /// Reads the Vietnamese word in any case and either Unicode form; `None` for anything else.
    pub fn from_vietnamese(word: &str) -> Option<Self> {
        [Self::Male, Self::Female]
            .into_iter()
            .find(|sex| crate::names::same(sex.vietnamese(), word))
    }

    /// The letter of the machine-readable zone: `M` or `F` (ICAO 9303-5).
    pub fn letter(self) -> char {
        match self {
            Self::Male => 'M',
            Self::Female => 'F',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_read_in_both_unicode_forms_and_any_case() {
        assert_eq!(Sex::from_vietnamese("Nữ"), Some(Sex::Female));
        assert_eq!(Sex::from_vietnamese("nu\u{31b}\u{303}"), Some(Sex::Female));
        assert_eq!(Sex::from_vietnamese("NAM"), Some(Sex::Male));
        assert_eq!(Sex::from_vietnamese("Nu"), None);
    }
}
