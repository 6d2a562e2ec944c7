//! Finding texts by words, as people type them: without marks, half finished, or within a whole question.

use std::cmp::Reverse;

use civil::names;

/// The longest search that is read, in characters.
pub const LONGEST: usize = 100;
/// How many words of a search count.
const MOST_WORDS: usize = 12;

/// What somebody looks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    words: Vec<String>,
    /// As it was typed, in small letters with its marks.
    typed: String,
}

/// A text that can be found: its title counts more than what else it says.
#[derive(Clone, Debug)]
pub struct Findable {
    title: Vec<String>,
    more: Vec<String>,
    /// The title in small letters with its marks.
    spelt: String,
}

/// The words of a text, without marks and in small letters.
fn words(text: &str) -> impl Iterator<Item = String> {
    let folded = names::fold(text);
    let words: Vec<String> = folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.into_iter()
}

/// In small letters and with single spaces; the marks stay.
fn spelt(text: &str) -> String {
    names::normalise(text).to_lowercase()
}

impl Findable {
    /// A text with a title.
    pub fn new(title: &str, more: &str) -> Self {
        Self {
            title: words(title).collect(),
            more: words(more).collect(),
            spelt: spelt(title),
        }
    }

    /// How well it answers one word.
    fn worth(&self, word: &str) -> u32 {
        let worth = |among: &[String], whole: u32, begun: u32| {
            let of = |known: &String| match known.strip_prefix(word) {
                Some("") => whole,
                Some(_) => begun,
                None => 0,
            };
            among.iter().map(of).max().unwrap_or_default()
        };
        worth(&self.title, 8, 5).max(worth(&self.more, 3, 2))
    }
}

impl Wanted {
    /// Reads what somebody typed; of a long text its beginning.
    pub fn read(text: &str) -> Self {
        let text: String = text.chars().take(LONGEST).collect();
        Self {
            words: words(&text).take(MOST_WORDS).collect(),
            typed: spelt(&text),
        }
    }

    /// Whether there is no word in it.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How well a text answers; 0 where it does not. Of a whole question more than half of the words are enough.
    pub fn rank(&self, text: &Findable) -> u32 {
        let worths: Vec<u32> = self.words.iter().map(|word| text.worth(word)).collect();
        let met = worths.iter().filter(|worth| **worth > 0).count();
        if met * 2 <= self.words.len() {
            return 0;
        }
        let spelt_alike = text.spelt.contains(self.typed.as_str());
        let begins = text.spelt.starts_with(self.typed.as_str());
        worths.iter().sum::<u32>() + if spelt_alike { 6 } else { 0 } + if begins { 3 } else { 0 }
    }

    /// Those that answer, the best first; of equals in their order.
    pub fn among<'a, T>(&self, texts: impl Iterator<Item = (T, &'a Findable)>) -> Vec<T> {
        let ranked = texts.map(|(thing, text)| (self.rank(text), thing));
        let mut ranked: Vec<(u32, T)> = ranked.filter(|(rank, _)| *rank > 0).collect();
        ranked.sort_by_key(|(rank, _)| Reverse(*rank));
        ranked.into_iter().map(|(_, thing)| thing).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_may_be_missing_and_who_types_them_is_answered_better() {
        let (number, book) = (Findable::new("Số định danh", ""), Findable::new("Sổ sức khỏe", ""));

        assert_eq!(Wanted::read("so").rank(&number), Wanted::read("so").rank(&book));
        assert!(Wanted::read("sổ").rank(&book) > Wanted::read("sổ").rank(&number));
        assert!(Wanted::read("SO SUC KHOẺ").rank(&book) > 0);
        assert_eq!(Wanted::read("hộ chiếu").rank(&book), 0);
    }

    proptest! {
        #[test]
        fn anything_can_be_looked_for(text in "\\PC{0,200}") {
            let wanted = Wanted::read(&text);

            let rank = wanted.rank(&Findable::new("Hộ chiếu", "xuất cảnh"));

            prop_assert!(!wanted.is_empty() || rank == 0);
        }
    }
}
