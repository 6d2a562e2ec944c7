//! The tiles: what the platform can do for people, as data; and finding one of them. No I/O.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::accounts::Level;
use crate::shell::finding::{Findable, Wanted};
use crate::shell::texts::Lang;

/// Where a tile stands on the home page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Group {
    /// *Thủ tục hành chính*.
    Procedures,
    /// *Ví giấy tờ*.
    Wallet,
    /// *An sinh xã hội*.
    Welfare,
    /// *Dịch vụ khác*.
    Other,
    /// *Cá nhân*.
    Personal,
    /// *Tin tức và trợ giúp*.
    Information,
}

impl Group {
    /// All of them, in the order of the page.
    pub(super) const ALL: [Self; 6] = [
        Self::Procedures,
        Self::Wallet,
        Self::Welfare,
        Self::Other,
        Self::Personal,
        Self::Information,
    ];

    /// The word for it in addresses and sentences.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Procedures => "procedures",
            Self::Wallet => "wallet",
            Self::Welfare => "welfare",
            Self::Other => "other",
            Self::Personal => "personal",
            Self::Information => "information",
        }
    }
}

/// A utility as the home page offers it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tile {
    /// The word for it in addresses and tables.
    pub(crate) id: String,
    /// Its number among the sixteen utilities of the official letter 859/CV-TCTTKĐA, where it is one of them.
    #[cfg_attr(not(test), expect(dead_code, reason = "the document is held to it by tests"))]
    pub(crate) utility: Option<u8>,
    /// The lowest level that may use it.
    level: i64,
    /// Where it stands.
    pub(crate) group: Group,
    /// Its symbol.
    pub(crate) icon: String,
    /// Its page.
    pub(crate) path: String,
    vi: String,
    en: String,
    /// What tells it apart from others that sound like it.
    #[serde(default)]
    vi_line: String,
    #[serde(default)]
    en_line: String,
    vi_words: String,
    en_words: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tile: Vec<Tile>,
}

fn read() -> Result<Vec<Tile>, toml::de::Error> {
    toml::from_str::<File>(include_str!("tiles.toml")).map(|file| file.tile)
}

/// Every tile with what search knows of it.
static TILES: LazyLock<Vec<(Tile, Findable)>> = LazyLock::new(|| {
    let tiles = read().unwrap_or_else(|error| {
        tracing::error!(%error, "the tiles cannot be read");
        Vec::new()
    });
    let findable = |tile: &Tile| {
        let more = format!("{} {}", tile.vi_words, tile.en_words);
        Findable::new([&tile.vi, &tile.en], &more)
    };
    tiles
        .into_iter()
        .map(|tile| (findable(&tile), tile))
        .map(|(words, tile)| (tile, words))
        .collect()
});

/// All tiles, in the order of the file.
pub(crate) fn tiles() -> impl Iterator<Item = &'static Tile> {
    TILES.iter().map(|(tile, _)| tile)
}

/// The tile with an id.
pub(crate) fn tile(id: &str) -> Option<&'static Tile> {
    tiles().find(|tile| tile.id == id)
}

/// The tiles that answer a search, the best first.
pub(super) fn found(wanted: &Wanted) -> Vec<&'static Tile> {
    wanted.among(TILES.iter().map(|(tile, words)| (tile, words)))
}

impl Tile {
    /// The lowest level that may use it.
    pub(crate) fn level(&self) -> Level {
        Level::from_number(self.level).unwrap_or(Level::Two)
    }

    /// Its name.
    pub(crate) fn name(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        }
    }
}

/// A tile as a visitor sees it.
#[derive(Clone, Serialize)]
pub(super) struct Shown {
    pub(super) id: &'static str,
    pub(super) level: Level,
    pub(super) group: Group,
    /// Where it leads: its page, or what to do first.
    pub(super) path: String,
    /// Whether the visitor's level is enough; true for somebody who has not signed in.
    pub(super) opens: bool,
    pub(super) favourite: bool,
    pub(super) name: &'static str,
    pub(super) name_en: &'static str,
    /// A line under the name, where others sound like it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) line: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) line_en: &'static str,
    #[serde(skip)]
    pub(super) icon: &'static str,
    #[serde(skip)]
    pub(super) words: [&'static str; 4],
}

impl Shown {
    /// What it is found by while somebody types.
    pub(super) fn words(&self) -> String {
        self.words.join(" ")
    }

    /// A tile as somebody of a level sees it, who pinned the favourites.
    pub(super) fn of(tile: &'static Tile, level: Option<Level>, favourites: &[String]) -> Self {
        let opens = level.is_none_or(|level| level >= tile.level());
        Self {
            id: &tile.id,
            level: tile.level(),
            group: tile.group,
            path: if opens {
                tile.path.clone()
            } else {
                format!("/tiles/{}", tile.id)
            },
            opens,
            favourite: favourites.contains(&tile.id),
            name: &tile.vi,
            name_en: &tile.en,
            line: &tile.vi_line,
            line_en: &tile.en_line,
            icon: &tile.icon,
            words: [&tile.vi, &tile.en, &tile.vi_words, &tile.en_words],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_tiles_can_be_read_and_each_has_its_own_name_and_a_symbol() {
        let tiles = read().unwrap();
        let symbols = include_str!("../../assets/tiles.svg");

        let ids: BTreeSet<&str> = tiles.iter().map(|tile| tile.id.as_str()).collect();

        assert_eq!(ids.len(), tiles.len());
        for tile in &tiles {
            assert!(
                symbols.contains(&format!("id=\"{}\"", tile.icon)),
                "{}: {}",
                tile.id,
                tile.icon
            );
            assert!(
                tile.path.starts_with('/') && (0..=2).contains(&tile.level),
                "{}",
                tile.id
            );
        }
    }

    #[test]
    fn tiles_that_show_something_to_others_say_how_they_differ() {
        let alike = ["sharing", "handovers", "wallet"].map(|id| tile(id).unwrap());
        let lines: BTreeSet<&str> = alike
            .iter()
            .flat_map(|tile| [tile.vi_line.as_str(), &tile.en_line])
            .collect();

        assert_eq!(lines.len(), 6);
        assert!(!lines.contains(""));
    }

    #[test]
    fn the_sixteen_utilities_are_there_at_their_level_and_in_the_document() {
        let document = include_str!("../../../../docs/utilities.md");
        let numbered = tiles().filter_map(|tile| Some((tile.utility?, tile)));
        let mut found: BTreeSet<u8> = BTreeSet::new();

        for (number, tile) in numbered {
            let (level, path) = (tile.level().number(), format!("`{}`", tile.path));
            assert!(if number < 10 { level <= 1 } else { level == 2 }, "{}", tile.id);
            let row = document.lines().find(|line| line.starts_with(&format!("| {number} |")));
            assert!(
                row.is_some_and(|row| row.contains(&path)),
                "docs/utilities.md lacks {path} in row {number}"
            );
            found.insert(number);
        }

        assert_eq!(found, (1..=16).collect());
    }

    #[test]
    fn a_tile_is_found_by_its_words_with_and_without_their_marks() {
        let first = |text: &str| found(&Wanted::read(text)).first().map(|tile| tile.id.clone());

        for tile in tiles() {
            for text in [tile.vi.clone(), civil::names::fold(&tile.vi), tile.en.to_uppercase()] {
                assert_eq!(first(&text).as_ref(), Some(&tile.id), "{text}");
            }
        }
        assert_eq!(first("so suc khoe").as_deref(), Some("health-book"));
        assert_eq!(first("bang lai").as_deref(), Some("driving-licence"));
        assert_eq!(first("làm sao để đổi số điện thoại?").as_deref(), Some("phone"));
    }

    #[test]
    fn what_is_no_word_finds_nothing() {
        for text in [
            "",
            "  ",
            "🚗🚗",
            "'; DROP TABLE account; --",
            "%",
            "\u{0}\u{202e}",
            "zzzz qqqq",
        ] {
            assert!(found(&Wanted::read(text)).is_empty(), "{text:?}");
        }
    }
}
