//! Papers as PDF: tagged, so that a screen reader tells them in their order, and with everything inside that an archive needs (PDF/A-2a, ISO 19005-2).
//!
//! A paper is a row of [`Block`]s. Where each line stands follows from them (`layout`); this module draws what stands there.
//!
//! **Invariant:** a paper that is not what it claims to be is not written: the validators of the library judge each before it leaves.

use jiff::Timestamp;
use jiff::tz::Offset;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TagGroup, TagTree};
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

use super::texts::Lang;
use faces::{Face, Faces};
use layout::{HEIGHT, Ink, Layout, MARGIN, Place, WIDTH};

mod faces;
mod layout;

/// Who has written the file, in its metadata.
const CREATOR: &str = "VNeID";
/// The size of what stands below every sheet, in points.
const FOOT: f32 = 8.0;

/// A paper.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Its name, which a reader shows instead of the name of the file.
    pub title: String,
    /// Who answers for it.
    pub author: String,
    /// The language that it is in.
    pub lang: Lang,
    /// When it was made.
    pub made_at: Timestamp,
    /// What stands below every sheet, before the number of the sheet.
    pub foot: String,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A part of a paper.
#[derive(Clone, Debug)]
pub enum Block {
    /// What the paper is called, large and in the middle. Each paper has one, before all headings.
    Title(String),
    /// A line in the middle; heavy or not.
    Centred(String, bool),
    /// The heading of a part.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A paragraph in small letters.
    Small(String),
    /// What is said of one thing: names and values.
    Fields(Vec<(String, String)>),
    /// A list.
    Items(Vec<String>),
    /// Steps, numbered.
    Steps(Vec<String>),
    /// A table with the names of its columns.
    Table(Vec<String>, Vec<Vec<String>>),
    /// A QR code, what it is for who cannot see it, and lines beside it.
    Code(Code),
    /// Room.
    Gap,
}

/// A QR code on a paper.
#[derive(Clone, Debug)]
pub struct Code {
    /// What the code says.
    pub text: String,
    /// What it is, for who cannot see it.
    pub alt: String,
    /// Paragraphs beside it.
    pub beside: Vec<String>,
}

/// A paper cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the paper cannot be written: {0}")]
pub struct Unwritten(String);

impl Paper {
    /// The paper as it is: PDF/A-2a and PDF/UA-1.
    ///
    /// # Errors
    /// [`Unwritten`].
    pub fn write(&self) -> Result<Vec<u8>, Unwritten> {
        self.written(true)
    }

    /// The paper as it is to be signed: PDF/A-2a alone, since the field of a signature that nobody sees is not tagged, as PDF/UA would ask.
    ///
    /// # Errors
    /// [`Unwritten`].
    pub fn write_unsigned(&self) -> Result<Vec<u8>, Unwritten> {
        self.written(false)
    }

    fn written(&self, universal: bool) -> Result<Vec<u8>, Unwritten> {
        let mut configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A2_A);
        if universal {
            configuration = configuration.with_accessibility_validator(Accessibility::UA1);
        }
        let configuration = configuration
            .finish()
            .map_err(|error| Unwritten(format!("{error:?}")))?;
        let settings = SerializeSettings {
            configuration,
            ..SerializeSettings::default()
        };
        let faces = Faces::load().ok_or_else(|| Unwritten("a font cannot be read".to_owned()))?;
        let layout = Layout::of(self, &faces);
        let mut document = Document::new_with(settings);
        document.set_metadata(self.metadata());
        let drawn = self.draw(&mut document, &layout, &faces)?;
        document.set_outline(outline(&layout));
        document.set_tag_tree(tree(layout, &drawn, self.lang));
        document.finish().map_err(|error| Unwritten(error.to_string()))
    }

    fn metadata(&self) -> Metadata {
        Metadata::new()
            .title(self.title.clone())
            .authors(vec![self.author.clone()])
            .creator(CREATOR.to_owned())
            .language(self.lang.tag().to_owned())
            .creation_date(date_time(self.made_at))
    }

    /// Draws the sheets; answers where each piece was drawn.
    fn draw(&self, document: &mut Document, layout: &Layout<'_>, faces: &Faces) -> Result<Vec<Identifier>, Unwritten> {
        let mut drawn = Vec::new();
        let many = layout.sheets.len();
        for (at, sheet) in layout.sheets.iter().enumerate() {
            let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| Unwritten("the sheet".to_owned()))?;
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            for place in sheet {
                let tag = match place.ink {
                    Ink::Rule { .. } => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
                    Ink::Line { .. } => ContentTag::Span(SpanTag::empty()),
                    Ink::Code { .. } => ContentTag::Other,
                };
                let identifier = surface.start_tagged(tag);
                place.draw(&mut surface, faces);
                surface.end_tagged();
                if !matches!(place.ink, Ink::Rule { .. }) {
                    drawn.push(identifier);
                }
            }
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
            let foot = format!("{} – {}/{many}", self.foot, at + 1);
            let text = faces.clean(Face::Plain, &foot);
            draw_line(
                &mut surface,
                faces,
                Point::from_xy(MARGIN, HEIGHT - MARGIN / 2.0),
                (Face::Plain, FOOT),
                &text,
            );
            surface.end_tagged();
        }
        Ok(drawn)
    }
}

impl Place {
    fn draw(&self, surface: &mut Surface<'_>, faces: &Faces) {
        match &self.ink {
            Ink::Line { face, size, text } => {
                draw_line(surface, faces, Point::from_xy(self.x, self.y), (*face, *size), text);
            }
            Ink::Rule { width } => {
                let mut path = PathBuilder::new();
                if let Some(rect) = Rect::from_xywh(self.x, self.y, *width, 0.5) {
                    path.push_rect(rect);
                }
                if let Some(path) = path.finish() {
                    surface.draw_path(&path);
                }
            }
            Ink::Code { code, side } => {
                let modules = code.size;
                #[expect(clippy::cast_precision_loss, reason = "a code has at most 177 modules")]
                let one = side / modules as f32;
                let mut path = PathBuilder::new();
                for (row, column) in (0..modules).flat_map(|row| (0..modules).map(move |column| (row, column))) {
                    #[expect(clippy::cast_precision_loss, reason = "a code has at most 177 modules")]
                    let (across, down) = (self.x + column as f32 * one, self.y + row as f32 * one);
                    let dark = code
                        .data
                        .get(row * modules + column)
                        .is_some_and(|module| module.value());
                    if let Some(rect) = Rect::from_xywh(across, down, one, one).filter(|_| dark) {
                        path.push_rect(rect);
                    }
                }
                if let Some(path) = path.finish() {
                    surface.draw_path(&path);
                }
            }
        }
    }
}

/// Draws one line of text that stands on a point.
fn draw_line(surface: &mut Surface<'_>, faces: &Faces, at: Point, (face, size): (Face, f32), text: &str) {
    let glyph = |(start, letter): (usize, char)| {
        let (id, advance) = faces.glyph(face, letter);
        let covers = start..start + letter.len_utf8();
        KrillaGlyph::new(GlyphId::new(id), advance, 0.0, 0.0, 0.0, covers, None)
    };
    let glyphs: Vec<KrillaGlyph> = text.char_indices().map(glyph).collect();
    surface.draw_glyphs(at, &glyphs, faces.font(face), text, size, false);
}

fn outline(layout: &Layout<'_>) -> Outline {
    let mut outline = Outline::new();
    for (text, sheet, y) in &layout.headings {
        let to = XyzDestination::new(*sheet, Point::from_xy(0.0, *y));
        outline.push_child(OutlineNode::new(text.clone(), to));
    }
    outline
}

fn tree(layout: Layout<'_>, drawn: &[Identifier], lang: Lang) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(lang.tag().to_owned()));
    for part in layout.tree {
        if let Some(node) = node(part, drawn) {
            tree.push(node);
        }
    }
    tree
}

fn node(part: layout::Part, drawn: &[Identifier]) -> Option<Node> {
    match part {
        layout::Part::Piece(at) => drawn.get(at).copied().map(Node::from),
        layout::Part::Group(kind, parts) => {
            let children = parts.into_iter().filter_map(|part| node(part, drawn)).collect();
            Some(TagGroup::with_children(kind, children).into())
        }
    }
}

fn date_time(at: Timestamp) -> DateTime {
    let local = Offset::constant(7).to_datetime(at);
    let small = |number: i8| number.unsigned_abs();
    DateTime::new(local.year().unsigned_abs())
        .month(small(local.month()))
        .day(small(local.day()))
        .hour(small(local.hour()))
        .minute(small(local.minute()))
        .second(small(local.second()))
        .utc_offset_hour(7)
        .utc_offset_minute(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(rows: usize) -> Paper {
        let row = |at| {
            vec![
                format!("{at}"),
                "Vi phạm quy định về tham gia giao thông đường bộ".to_owned(),
            ]
        };
        Paper {
            title: "Phiếu lý lịch tư pháp số 1".to_owned(),
            author: "Cục Hồ sơ nghiệp vụ".to_owned(),
            lang: Lang::Vi,
            made_at: "2026-11-23T02:00:00Z".parse().unwrap(),
            foot: "LLTP-1".to_owned(),
            blocks: vec![
                Block::Centred("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM".to_owned(), true),
                Block::Title("PHIẾU LÝ LỊCH TƯ PHÁP".to_owned()),
                Block::Fields(vec![("Họ và tên".to_owned(), "Nguyễn Thị Hường".to_owned())]),
                Block::Heading("Án tích".to_owned()),
                Block::Text("Không có án tích. ".repeat(40)),
                Block::Table(
                    vec!["Số".to_owned(), "Tội danh".to_owned()],
                    (0..rows).map(row).collect(),
                ),
                Block::Items(vec!["một".to_owned(), "hai".to_owned()]),
                Block::Steps(vec!["trước".to_owned(), "sau".to_owned()]),
                Block::Gap,
                Block::Code(Code {
                    text: "https://vneid.example/certificates/verification".to_owned(),
                    alt: "Mã QR".to_owned(),
                    beside: vec!["Quét mã để kiểm tra.".to_owned()],
                }),
                Block::Small("Ghi chú".to_owned()),
            ],
        }
    }

    fn sheets(pdf: &[u8]) -> usize {
        let text = String::from_utf8_lossy(pdf);
        text.matches("/Type /Page").count() + text.matches("/Type/Page").count()
            - text.matches("/Type /Pages").count()
            - text.matches("/Type/Pages").count()
    }

    #[test]
    fn a_paper_in_vietnamese_passes_the_validators_of_archives_and_of_accessibility() {
        let pdf = paper(3).write().unwrap();

        let text = String::from_utf8_lossy(&pdf);
        assert!(text.contains("<pdfaid:conformance>A</pdfaid:conformance>"));
        assert!(text.contains("<pdfuaid:part>1</pdfuaid:part>"));
        assert!(!String::from_utf8_lossy(&paper(3).write_unsigned().unwrap()).contains("pdfuaid:part>1"));
        assert_eq!(paper(3).write().unwrap(), pdf, "the same paper is the same file");
    }

    #[test]
    fn a_long_paper_goes_on_on_the_next_sheet() {
        let (one, many) = (paper(1).write().unwrap(), paper(120).write().unwrap());

        assert_eq!(sheets(&one), 1);
        assert!(sheets(&many) > 2);
    }

    #[test]
    fn letters_that_no_font_has_do_not_break_a_paper() {
        let mut odd = paper(1);
        odd.blocks
            .push(Block::Text("漢字 \u{1F600} \u{0} \u{E000} e\u{302}\u{301}".to_owned()));
        odd.blocks.push(Block::Text("x".repeat(2000)));
        odd.blocks.push(Block::Text(String::new()));

        assert!(odd.write().is_ok());
    }
}
