//! What stands on the PDF of the guide, and the code that leads to it. No I/O.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::super::rules::Chapter;
use crate::shell::pdf::{self, Code, Paper};
use crate::shell::prose::{Block, Kind};
use crate::shell::texts::Lang;

/// What a paper says beside the guide itself.
pub(super) struct Said {
    pub(super) lang: Lang,
    pub(super) title: String,
    pub(super) author: String,
    /// Where the newest is.
    pub(super) newest: String,
    /// What to do with the code.
    pub(super) scan: String,
    pub(super) address: String,
}

/// Pages of the guide as a paper.
pub(super) fn paper(said: Said, chapters: &[&Chapter], now: Timestamp) -> Paper {
    let mut blocks = vec![
        pdf::Block::Centred("VNeID".to_owned(), true),
        pdf::Block::Title(said.title.clone()),
        pdf::Block::Gap,
    ];
    let is_alone = chapters.len() == 1;
    for chapter in chapters {
        if !is_alone {
            blocks.push(pdf::Block::Heading(chapter.title(said.lang).to_owned()));
        }
        blocks.extend(
            chapter
                .blocks(said.lang)
                .iter()
                .flat_map(|block| printed(block, is_alone)),
        );
    }
    blocks.push(pdf::Block::Gap);
    blocks.push(pdf::Block::Code(Code {
        text: said.address,
        alt: said.scan.clone(),
        beside: vec![said.scan, said.newest],
    }));
    Paper {
        title: said.title,
        foot: said.author.clone(),
        author: said.author,
        lang: said.lang,
        made_at: now,
        blocks,
    }
}

/// A block of a text as it is printed; under the heading of a page its own headings are lines.
fn printed(block: &Block, is_alone: bool) -> Vec<pdf::Block> {
    let lines = block.plain();
    match block.kind {
        Kind::Heading if is_alone => lines.into_iter().map(pdf::Block::Heading).collect(),
        Kind::Heading | Kind::Paragraph => lines.into_iter().map(pdf::Block::Text).collect(),
        Kind::List => vec![pdf::Block::Items(lines)],
        Kind::Steps => vec![pdf::Block::Steps(lines)],
    }
}

/// A QR code as a picture of one path: each row in as few strokes as it has.
pub(super) fn drawn(text: &str) -> Option<String> {
    let code = fast_qr::QRBuilder::new(text).ecl(fast_qr::ECL::M).build().ok()?;
    let side = code.size;
    let mut path = String::new();
    for (y, row) in code.data.chunks(side).take(side).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, other| one.value() == other.value()) {
            if run.first().is_some_and(|module| module.value()) {
                // Writing to a text does not fail.
                let _ = write!(path, "M{x} {y}h{}v1H{x}z", run.len());
            }
            x += run.len();
        }
    }
    let whole = side + 8;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-4 -4 {whole} {whole}\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M-4-4h{whole}v{whole}h-{whole}z\"/><path d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_small_and_says_nothing_twice() {
        let drawn = drawn("https://vneid.example/guide/pdf/vi/level-1").unwrap();

        assert!(drawn.len() < 9_000, "{}", drawn.len());
        assert!(drawn.contains("viewBox=\"-4 -4 "));
    }
}
