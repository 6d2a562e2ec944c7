//! The pages of the guide, as data; no I/O.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::shell::finding::{Findable, Wanted};
use crate::shell::prose::{self, Block};
use crate::shell::texts::Lang;
use crate::shell::words::words;

words! {
    /// A part of the guide, which can be downloaded by itself.
    Part {
        /// From nothing to a verified account.
        Begin = "begin",
        /// The utilities from level 1 on.
        LevelOne = "level-1",
        /// The utilities of level 2.
        LevelTwo = "level-2",
    }
}

impl Part {
    fn file(self) -> &'static str {
        match self {
            Part::Begin => include_str!("begin.toml"),
            Part::LevelOne => include_str!("level-1.toml"),
            Part::LevelTwo => include_str!("level-2.toml"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    page: Vec<Written>,
}

/// A page as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    tiles: Vec<String>,
    vi_title: String,
    en_title: String,
    vi: String,
    en: String,
}

/// A page of the guide.
pub(crate) struct Chapter {
    /// The word for it in addresses.
    pub(crate) id: String,
    /// The part that it belongs to.
    pub(super) part: Part,
    /// The tiles that it explains.
    pub(crate) tiles: Vec<String>,
    vi: Telling,
    en: Telling,
    words: Findable,
}

/// A page in one language.
struct Telling {
    title: String,
    blocks: Vec<Block>,
}

impl Chapter {
    fn of(part: Part, written: Written) -> Self {
        let (vi, en) = (prose::parse(&written.vi), prose::parse(&written.en));
        Self {
            words: Findable::new(
                [&written.vi_title, &written.en_title],
                &format!("{} {}", prose::plain(&vi), prose::plain(&en)),
            ),
            part,
            id: written.id,
            tiles: written.tiles,
            vi: Telling {
                title: written.vi_title,
                blocks: vi,
            },
            en: Telling {
                title: written.en_title,
                blocks: en,
            },
        }
    }

    fn telling(&self, lang: Lang) -> &Telling {
        match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        }
    }

    /// Its title.
    pub(crate) fn title(&self, lang: Lang) -> &str {
        &self.telling(lang).title
    }

    /// What it says.
    pub(super) fn blocks(&self, lang: Lang) -> &[Block] {
        &self.telling(lang).blocks
    }
}

static CHAPTERS: LazyLock<Vec<Chapter>> = LazyLock::new(|| Part::ALL.iter().flat_map(|part| read(*part)).collect());

fn read(part: Part) -> Vec<Chapter> {
    match toml::from_str::<File>(part.file()) {
        Ok(file) => file
            .page
            .into_iter()
            .map(|written| Chapter::of(part, written))
            .collect(),
        Err(error) => {
            tracing::error!(part = part.word(), %error, "a part of the guide cannot be read");
            Vec::new()
        }
    }
}

/// All pages, in their order.
pub(super) fn chapters() -> &'static [Chapter] {
    &CHAPTERS
}

/// The page with an id.
pub(super) fn chapter(id: &str) -> Option<&'static Chapter> {
    chapters().iter().find(|chapter| chapter.id == id)
}

/// The pages of what can be downloaded: a part by its word, or one page by its id.
pub(super) fn download(what: &str) -> Vec<&'static Chapter> {
    match Part::of_word(what) {
        Some(part) => chapters().iter().filter(|chapter| chapter.part == part).collect(),
        None => chapter(what).into_iter().collect(),
    }
}

/// The pages that answer a search, the best first.
pub(super) fn found(wanted: &Wanted) -> Vec<&'static Chapter> {
    wanted.among(chapters().iter().map(|chapter| (chapter, &chapter.words)))
}

/// A page as a list tells it.
#[derive(Clone, Serialize)]
pub(crate) struct Entry {
    /// The word for it in addresses.
    pub(crate) id: &'static str,
    /// The title, in Vietnamese.
    pub(crate) title: &'static str,
    /// The title, in English.
    pub(crate) title_en: &'static str,
}

impl From<&'static Chapter> for Entry {
    fn from(chapter: &'static Chapter) -> Self {
        Self {
            id: &chapter.id,
            title: chapter.title(Lang::Vi),
            title_en: chapter.title(Lang::En),
        }
    }
}
