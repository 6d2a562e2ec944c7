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

/// A text that can be found: its titles count more than what else it says.
#[derive(Clone, Debug)]
pub struct Findable {
    titles: Vec<Title>,
    more: Vec<String>,
}

/// What a text is called in a language.
#[derive(Clone, Debug)]
struct Title {
    words: Vec<String>,
    /// In small letters with its marks.
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
    /// A text with its title in each language.
    pub fn new<const N: usize>(titles: [&str; N], more: &str) -> Self {
        let title = |title: &str| Title {
            words: words(title).collect(),
            spelt: spelt(title),
        };
        Self {
            titles: titles.into_iter().map(title).collect(),
            more: words(more).collect(),
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
        let titled = self.titles.iter().map(|title| worth(&title.words, 8, 5)).max();
        titled.unwrap_or_default().max(worth(&self.more, 3, 2))
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
        let alike = |title: &Title| {
            let spelt = title.spelt.contains(self.typed.as_str());
            let begins = title.spelt.starts_with(self.typed.as_str());
            let whole = title.words == self.words;
            u32::from(spelt) * 6 + u32::from(begins) * 3 + u32::from(whole) * 4
        };
        worths.iter().sum::<u32>() + text.titles.iter().map(alike).max().unwrap_or_default()
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
        let (number, book) = (Findable::new(["Số định danh"], ""), Findable::new(["Sổ sức khỏe"], ""));

        assert_eq!(Wanted::read("so").rank(&number), Wanted::read("so").rank(&book));
        assert!(Wanted::read("sổ").rank(&book) > Wanted::read("sổ").rank(&number));
        assert!(Wanted::read("SO SUC KHOẺ").rank(&book) > 0);
        assert_eq!(Wanted::read("hộ chiếu").rank(&book), 0);
    }

    proptest! {
        #[test]
        fn anything_can_be_looked_for(text in "\\PC{0,200}") {
            let wanted = Wanted::read(&text);

            let rank = wanted.rank(&Findable::new(["Hộ chiếu"], "xuất cảnh"));

            prop_assert!(!wanted.is_empty() || rank == 0);
        }
    }
}
