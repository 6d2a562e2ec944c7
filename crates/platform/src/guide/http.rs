use askama::Template;
use serde::Serialize;

use super::rules::{self, Entry, Part};
use crate::home;
use crate::shell::filters;
use crate::shell::input::Path;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::prose::Block;
use crate::shell::texts::Lang;

/// All pages of the guide.
#[derive(Template, Serialize)]
#[template(path = "guide/pages/list.html")]
pub(super) struct Guide {
    parts: Vec<PartShown>,
}

#[derive(Serialize)]
struct PartShown {
    part: Part,
    pages: Vec<Entry>,
    /// Where the part is downloaded, in Vietnamese and English.
    pdf: [String; 2],
    /// The QR codes of the same.
    codes: [String; 2],
}

/// Both languages, as they stand in pages.
const LANGS: [Lang; 2] = [Lang::Vi, Lang::En];

/// Where something is downloaded, in both languages.
fn downloads(what: &str) -> [String; 2] {
    LANGS.map(|lang| format!("/guide/pdf/{}/{what}", lang.tag()))
}

/// The QR codes of the same.
fn codes(what: &str) -> [String; 2] {
    LANGS.map(|lang| format!("/guide/code/{}/{what}", lang.tag()))
}

/// Shows all pages.
pub(super) async fn list() -> Page<Guide> {
    let part = |part: &Part| PartShown {
        part: *part,
        pages: rules::chapters()
            .iter()
            .filter(|chapter| chapter.part == *part)
            .map(Entry::from)
            .collect(),
        pdf: downloads(part.word()),
        codes: codes(part.word()),
    };
    Page(Guide {
        parts: Part::ALL.iter().map(part).collect(),
    })
}

/// One page of the guide.
#[derive(Template, Serialize)]
#[template(path = "guide/pages/page.html")]
pub(super) struct Shown {
    #[serde(flatten)]
    entry: Entry,
    part: Part,
    body: &'static [Block],
    body_en: &'static [Block],
    /// The utilities that it explains.
    tiles: Vec<Way>,
    pdf: [String; 2],
    codes: [String; 2],
}

/// The way to a utility.
#[derive(Serialize)]
struct Way {
    path: String,
    name: &'static str,
    name_en: &'static str,
}

/// Shows one page.
pub(super) async fn show(Path(id): Path<String>) -> Result<Page<Shown>, Problem> {
    let chapter = rules::chapter(&id).ok_or_else(Problem::not_found)?;
    let way = |tile: &'static home::Tile| Way {
        path: format!("/tiles/{}", tile.id),
        name: tile.name(Lang::Vi),
        name_en: tile.name(Lang::En),
    };
    Ok(Page(Shown {
        entry: Entry::from(chapter),
        part: chapter.part,
        body: chapter.blocks(Lang::Vi),
        body_en: chapter.blocks(Lang::En),
        tiles: chapter.tiles.iter().filter_map(|id| home::tile(id)).map(way).collect(),
        pdf: downloads(&chapter.id),
        codes: codes(&chapter.id),
    }))
}
