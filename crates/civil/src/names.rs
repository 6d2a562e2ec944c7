//! Vietnamese names: one form to keep, comparison, and the Latin letters of the machine-readable zone.
//!
//! One name has many spellings in bytes: precomposed or combining letters, repeated spaces, capital letters, and two
//! schools of where the tone mark goes (*hòa* and *hoà*, *thúy* and *thuý*, *khỏe* and *khoẻ*). All these are the same
//! name. A missing or another mark is another name: *Nguyễn* is not *Nguyên*.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The five tone marks: grave, acute, hook above, tilde, dot below.
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{309}', '\u{303}', '\u{323}'];

/// The form that is kept: NFC, without space at the ends, one space between words.
pub fn normalise(name: &str) -> String {
    one_space(name).nfc().collect()
}

/// Whether two spellings are one name.
pub fn same(one: &str, other: &str) -> bool {
    key(one) == key(other)
}

/// A text that is equal for all spellings of one name, for digests and indexes; not for showing.
pub fn key(name: &str) -> String {
    let lower = one_space(name).to_lowercase();
    let mut letters = Letter::split(&lower);
    place_tones(&mut letters);
    letters.into_iter().flat_map(Letter::join).nfc().collect()
}

/// The name in capital Latin letters and single spaces, as the machine-readable zone spells it (ICAO 9303-3 section 6:
/// diacritics are dropped, `Đ` becomes `D`, apostrophes go, hyphens become spaces).
pub fn ascii_upper(name: &str) -> String {
    let plain = fold(name).to_ascii_uppercase();
    let kept: String = plain.chars().filter_map(machine_letter).collect();
    one_space(&kept)
}

/// The name in small letters without any diacritics, for searching.
pub fn fold(name: &str) -> String {
    without_diacritics(&one_space(name).to_lowercase())
}

/// A text without any diacritics, as it is written where each of them costs: in text messages.
pub fn without_diacritics(text: &str) -> String {
    let letter = |letter| match letter {
        'đ' => 'd',
        'Đ' => 'D',
        other => other,
    };
    text.nfd()
        .filter(|letter| !is_combining_mark(*letter))
        .map(letter)
        .collect()
}

/// Whether a text can be a person's name: at least one letter, and nothing but letters, marks, spaces, `'`, `’`, `-`, `.`.
pub fn is_plausible(name: &str) -> bool {
    let allowed = |letter: char| letter.is_alphabetic() || is_combining_mark(letter) || " '’-.".contains(letter);
    name.chars().all(allowed) && name.chars().any(char::is_alphabetic)
}

fn one_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn machine_letter(letter: char) -> Option<char> {
    match letter {
        'A'..='Z' => Some(letter),
        ' ' | '-' => Some(' '),
        _ => None,
    }
}

/// A base letter with the marks that make it another letter (circumflex, horn …) and the tone of its syllable.
struct Letter {
    base: char,
    marks: Vec<char>,
    tone: Option<char>,
}

impl Letter {
    fn split(text: &str) -> Vec<Self> {
        let mut letters: Vec<Self> = Vec::new();
        for part in text.nfd() {
            match letters.last_mut() {
                Some(letter) if TONES.contains(&part) && letter.tone.is_none() => letter.tone = Some(part),
                Some(letter) if is_combining_mark(part) => letter.marks.push(part),
                _ => letters.push(Self {
                    base: part,
                    marks: Vec::new(),
                    tone: None,
                }),
            }
        }
        letters
    }

    fn join(self) -> impl Iterator<Item = char> {
        std::iter::once(self.base).chain(self.marks).chain(self.tone)
    }

    fn is_plain(&self, base: char) -> bool {
        self.base == base && self.marks.is_empty()
    }
}

/// Moves a tone from the glide to the vowel after it (`òa` → `oà`, `òe` → `oè`, `ùy` → `uỳ`), the newer school.
fn place_tones(letters: &mut [Letter]) {
    for at in 1..letters.len() {
        let Some([glide, vowel]) = letters.get_mut(at - 1..=at) else {
            continue;
        };
        let pair = (glide.is_plain('o') && (vowel.is_plain('a') || vowel.is_plain('e')))
            || (glide.is_plain('u') && vowel.is_plain('y'));
        if pair && vowel.tone.is_none() {
            vowel.tone = glide.tone.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_name_has_many_spellings() {
        for (one, other) in [
            ("Nguyễn Thị Hòa", "NGUYỄN THỊ HOÀ"),
            ("Lê Thúy", "lê thuý"),
            ("Trần Khỏe", "Trần Khoẻ"),
            ("Trần Thị An", "Tra\u{302}\u{300}n Thi\u{323} An"),
            ("Trần Thị An", "Tra\u{300}\u{302}n Thi\u{323} An"),
            ("  Vũ   Thị\u{a0}Loan ", "Vũ Thị Loan"),
            ("Đỗ Đạt", "ĐỖ ĐẠT"),
            ("Qúy", "Quý"),
        ] {
            assert!(same(one, other), "{one} / {other}");
        }
    }

    #[test]
    fn a_mark_makes_another_name() {
        for (one, other) in [
            ("NGUYỄN VĂN A", "NGUYÊN VĂN A"),
            ("Hòa", "Hoa"),
            ("Hòa", "Hóa"),
            ("Thủy", "Thùy"),
            ("Đạt", "Dạt"),
            ("Mai An", "Maian"),
            ("Trần", "Trân"),
        ] {
            assert!(!same(one, other), "{one} / {other}");
        }
    }

    #[test]
    fn the_kept_form_is_composed_and_single_spaced() {
        assert_eq!(normalise(" Tra\u{302}\u{300}n \t Thi\u{323}  An\n"), "Trần Thị An");
    }

    #[test]
    fn the_machine_spelling_has_capital_latin_letters_only() {
        assert_eq!(ascii_upper("Đặng Thị Ánh Tuyết"), "DANG THI ANH TUYET");
        assert_eq!(ascii_upper("H’Hen Niê-Kđăm"), "HHEN NIE KDAM");
        assert_eq!(fold("Đặng  Ước"), "dang uoc");
    }

    #[test]
    fn digits_and_signs_are_not_a_name() {
        assert!(is_plausible("H'Hen Niê"));
        assert!(!is_plausible("Nguyễn Văn 2"));
        assert!(!is_plausible("<b>"));
        assert!(!is_plausible(" "));
    }

    proptest! {
        #[test]
        fn every_text_is_the_same_as_its_other_forms(text in "\\PC{0,40}") {
            let decomposed: String = text.nfd().collect();

            prop_assert!(same(&text, &decomposed));
            prop_assert!(same(&text, &normalise(&text)));
            prop_assert_eq!(normalise(&normalise(&text)), normalise(&text));
            prop_assert!(ascii_upper(&text).bytes().all(|byte| byte == b' ' || byte.is_ascii_uppercase()));
        }
    }
}
