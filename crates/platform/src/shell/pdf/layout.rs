//! Where everything stands on the sheets of a paper, and how it hangs together for who cannot see it.

use std::num::NonZeroU16;

use fast_qr::qr::QRCode;
use fast_qr::{ECL, QRBuilder};
use krilla::geom::Rect;
use krilla::tagging::{BBox, ListNumbering, TableHeaderScope, Tag, TagKind};

use super::faces::{Face, Faces};
use super::{Block, Code, Paper};

/// A4 in points.
pub(super) const WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;
pub(super) const MARGIN: f32 = 56.0;
/// How much higher a line is than its letters.
const LEAD: f32 = 1.4;
const BODY: f32 = 10.5;
const SMALL: f32 = 8.5;
const HEADING: f32 = 11.5;
const TITLE: f32 = 16.0;
/// Between two blocks.
const BETWEEN: f32 = 6.0;
/// The part of the width that the names of fields have.
const NAMES: f32 = 0.36;
const INDENT: f32 = 14.0;
/// The side of a QR code.
const CODE: f32 = 96.0;
/// Between two columns.
const COLUMN: f32 = 8.0;

/// What is drawn.
pub(super) enum Ink {
    /// A line of text.
    Line { face: Face, size: f32, text: String },
    /// A thin line across, which says nothing.
    Rule { width: f32 },
    /// A QR code.
    Code { code: Box<QRCode>, side: f32 },
}

/// Something on a sheet; a line of text stands on its place, all else hangs from it.
pub(super) struct Place {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) ink: Ink,
}

/// The structure of a paper.
pub(super) enum Part {
    Group(TagKind, Vec<Part>),
    /// What was drawn as the so manyth piece, rules left out.
    Piece(usize),
}

/// How a text is set.
#[derive(Clone, Copy)]
struct Set {
    face: Face,
    size: f32,
    x: f32,
    width: f32,
    centred: bool,
}

/// A paper, laid out.
pub(super) struct Layout<'a> {
    faces: &'a Faces,
    pub(super) sheets: Vec<Vec<Place>>,
    pub(super) tree: Vec<Part>,
    /// What the headings say, each with its sheet and height.
    pub(super) headings: Vec<(String, usize, f32)>,
    /// The lower end of what stands on the last sheet.
    y: f32,
    pieces: usize,
}

impl<'a> Layout<'a> {
    pub(super) fn of(paper: &Paper, faces: &'a Faces) -> Self {
        let mut layout = Self {
            faces,
            sheets: vec![Vec::new()],
            tree: Vec::new(),
            headings: Vec::new(),
            y: MARGIN,
            pieces: 0,
        };
        for block in &paper.blocks {
            layout.block(block);
            layout.y += BETWEEN;
        }
        layout
    }

    fn block(&mut self, block: &Block) {
        let body = Set {
            face: Face::Plain,
            size: BODY,
            x: MARGIN,
            width: WIDTH - 2.0 * MARGIN,
            centred: false,
        };
        let part = match block {
            Block::Title(text) => {
                let title = Set {
                    face: Face::Bold,
                    size: TITLE,
                    centred: true,
                    ..body
                };
                self.heading(text, 1, title)
            }
            Block::Heading(text) => {
                let heading = Set {
                    face: Face::Bold,
                    size: HEADING,
                    ..body
                };
                self.heading(text, 2, heading)
            }
            Block::Centred(text, heavy) => {
                let face = if *heavy { Face::Bold } else { Face::Plain };
                self.paragraph(
                    text,
                    Set {
                        face,
                        centred: true,
                        ..body
                    },
                )
            }
            Block::Text(text) => self.paragraph(text, body),
            Block::Small(text) => self.paragraph(text, Set { size: SMALL, ..body }),
            Block::Fields(fields) => self.fields(fields, body),
            Block::Items(items) => self.items(items, ListNumbering::Disc, body),
            Block::Steps(items) => self.items(items, ListNumbering::Decimal, body),
            Block::Table(head, rows) => self.table(head, rows, body),
            Block::Code(code) => self.code(code, body),
            Block::Gap => {
                self.y += BODY;
                return;
            }
        };
        self.tree.push(part);
    }

    /// Begins the next sheet where so much no longer fits on this one.
    fn need(&mut self, height: f32) {
        if self.y + height > HEIGHT - MARGIN && self.y > MARGIN {
            self.sheets.push(Vec::new());
            self.y = MARGIN;
        }
    }

    fn put(&mut self, x: f32, y: f32, ink: Ink) -> Part {
        let piece = Part::Piece(self.pieces);
        if !matches!(ink, Ink::Rule { .. }) {
            self.pieces += 1;
        }
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.push(Place { x, y, ink });
        }
        piece
    }

    /// One line that hangs from `self.y`, which stays.
    fn line(&mut self, text: String, set: Set) -> Part {
        let left = if set.centred {
            (set.width - self.faces.width(set.face, text.trim_end()) * set.size) / 2.0
        } else {
            0.0
        };
        let ink = Ink::Line {
            face: set.face,
            size: set.size,
            text,
        };
        self.put(set.x + left.max(0.0), self.y + set.size * 1.05, ink)
    }

    fn lines(&mut self, text: &str, set: Set) -> Vec<Part> {
        let mut parts = Vec::new();
        for line in self.wrap(text, set) {
            self.need(set.size * LEAD);
            parts.push(self.line(line, set));
            self.y += set.size * LEAD;
        }
        parts
    }

    fn paragraph(&mut self, text: &str, set: Set) -> Part {
        Part::Group(Tag::P.into(), self.lines(text, set))
    }

    fn heading(&mut self, text: &str, level: u16, set: Set) -> Part {
        // A heading does not stand alone at the foot of a sheet.
        self.need(set.size * LEAD + 2.0 * BODY * LEAD);
        self.y += BETWEEN;
        self.headings.push((text.to_owned(), self.sheets.len() - 1, self.y));
        let lines = self.lines(text, set);
        let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
        Part::Group(Tag::Hn(level, Some(text.to_owned())).into(), lines)
    }

    fn fields(&mut self, fields: &[(String, String)], set: Set) -> Part {
        let names = Set {
            width: set.width * NAMES,
            ..set
        };
        let values = Set {
            face: Face::Bold,
            x: set.x + set.width * NAMES + COLUMN,
            width: set.width * (1.0 - NAMES) - COLUMN,
            ..set
        };
        let mut rows = Vec::new();
        for (name, value) in fields {
            let cells = self.row(&[(name, names), (value, values)]);
            let header: TagKind = Tag::TH(TableHeaderScope::Row).into();
            rows.push(row_of(
                cells,
                |at| if at == 0 { header.clone() } else { Tag::TD.into() },
            ));
            self.y += 2.0;
        }
        Part::Group(Tag::Table.into(), rows)
    }

    fn table(&mut self, head: &[String], rows: &[Vec<String>], set: Set) -> Part {
        #[expect(clippy::cast_precision_loss, reason = "a table has few columns")]
        let each = set.width / head.len().max(1) as f32;
        let small = Set { size: SMALL, ..set };
        #[expect(clippy::cast_precision_loss, reason = "a table has few columns")]
        let column = |at: usize| Set {
            x: set.x + at as f32 * each,
            width: each - COLUMN,
            ..small
        };
        let names: Vec<(&String, Set)> = head
            .iter()
            .enumerate()
            .map(|(at, name)| {
                (
                    name,
                    Set {
                        face: Face::Bold,
                        ..column(at)
                    },
                )
            })
            .collect();
        self.rule(set);
        let cells = self.row(&names);
        let header: TagKind = Tag::TH(TableHeaderScope::Column).into();
        let mut parts = vec![row_of(cells, |_| header.clone())];
        for row in rows {
            self.rule(set);
            let cells: Vec<(&String, Set)> = row.iter().enumerate().map(|(at, cell)| (cell, column(at))).collect();
            let cells = self.row(&cells);
            parts.push(row_of(cells, |_| Tag::TD.into()));
        }
        self.rule(set);
        Part::Group(Tag::Table.into(), parts)
    }

    fn rule(&mut self, set: Set) {
        self.need(set.size * LEAD);
        self.put(set.x, self.y, Ink::Rule { width: set.width });
        self.y += 2.0;
    }

    /// Cells beside each other: line by line, so that a long row goes on on the next sheet. Answers the pieces of each cell.
    fn row(&mut self, cells: &[(&String, Set)]) -> Vec<Vec<Part>> {
        let wrapped: Vec<Vec<String>> = cells.iter().map(|(text, set)| self.wrap(text, *set)).collect();
        let deepest = wrapped.iter().map(Vec::len).max().unwrap_or_default();
        let size = cells.first().map_or(BODY, |(_, set)| set.size);
        let mut parts: Vec<Vec<Part>> = cells.iter().map(|_| Vec::new()).collect();
        for at in 0..deepest {
            self.need(size * LEAD);
            for ((lines, (_, set)), parts) in wrapped.iter().zip(cells).zip(&mut parts) {
                if let Some(line) = lines.get(at) {
                    parts.push(self.line(line.clone(), *set));
                }
            }
            self.y += size * LEAD;
        }
        parts
    }

    fn items(&mut self, items: &[String], numbering: ListNumbering, set: Set) -> Part {
        let inner = Set {
            x: set.x + INDENT,
            width: set.width - INDENT,
            ..set
        };
        let mut parts = Vec::new();
        for (at, item) in items.iter().enumerate() {
            self.need(set.size * LEAD);
            let sign = match numbering {
                ListNumbering::Decimal => format!("{}. ", at + 1),
                _ => "• ".to_owned(),
            };
            let sign = self.line(sign, set);
            let text = self.lines(item, inner);
            let inside = vec![
                Part::Group(Tag::Lbl.into(), vec![sign]),
                Part::Group(Tag::LBody.into(), text),
            ];
            parts.push(Part::Group(Tag::LI.into(), inside));
        }
        Part::Group(Tag::L(numbering).into(), parts)
    }

    fn code(&mut self, code: &Code, set: Set) -> Part {
        let beside = Set {
            x: set.x + CODE + 2.0 * COLUMN,
            width: set.width - CODE - 2.0 * COLUMN,
            ..set
        };
        let lines: usize = code.beside.iter().map(|text| self.wrap(text, beside).len()).sum();
        #[expect(clippy::cast_precision_loss, reason = "a sheet has few lines")]
        let text_height = lines as f32 * BODY * LEAD;
        self.need(CODE.max(text_height.min(HEIGHT / 2.0)));
        let (top, sheet) = (self.y, self.sheets.len() - 1);
        let mut parts = Vec::new();
        // What is too long for a code is left out; the text beside it says the same.
        if let Ok(drawn) = QRBuilder::new(code.text.as_str()).ecl(ECL::M).build() {
            let ink = Ink::Code {
                code: Box::new(drawn),
                side: CODE,
            };
            let piece = self.put(set.x, top, ink);
            let bounds = Rect::from_xywh(set.x, top, CODE, CODE).map(|rect| BBox::new(sheet, rect));
            let figure = Tag::Figure(Some(code.alt.clone())).with_bbox(bounds);
            parts.push(Part::Group(figure.into(), vec![piece]));
        }
        for text in &code.beside {
            parts.push(self.paragraph(text, beside));
        }
        if self.sheets.len() - 1 == sheet {
            self.y = self.y.max(top + CODE);
        }
        Part::Group(Tag::Div.into(), parts)
    }

    /// The lines of a text; each but the last ends with the space that parts it from the next, as a screen reader needs it.
    fn wrap(&self, text: &str, set: Set) -> Vec<String> {
        let most = set.width / set.size;
        let mut lines = Vec::new();
        for paragraph in text.split('\n') {
            let mut line = String::new();
            for word in self.faces.clean(set.face, paragraph).split_whitespace() {
                for piece in self.broken(word, set.face, most) {
                    let longer = self.faces.width(set.face, &line) + self.faces.width(set.face, &piece);
                    if longer > most && !line.is_empty() {
                        lines.push(std::mem::take(&mut line));
                    }
                    line.push_str(&piece);
                }
                line.push(' ');
            }
            lines.push(line);
        }
        if let Some(last) = lines.last_mut() {
            last.truncate(last.trim_end().len());
        }
        lines.retain(|line| !line.is_empty());
        lines
    }

    /// A word that is longer than a line, in pieces.
    fn broken(&self, word: &str, face: Face, most: f32) -> Vec<String> {
        let mut pieces = vec![String::new()];
        let mut width = 0.0;
        for letter in word.chars() {
            let next = self.faces.glyph(face, letter).1;
            if width + next > most {
                pieces.push(String::new());
                width = 0.0;
            }
            width += next;
            if let Some(last) = pieces.last_mut() {
                last.push(letter);
            }
        }
        pieces
    }
}

fn row_of(cells: Vec<Vec<Part>>, kind: impl Fn(usize) -> TagKind) -> Part {
    let cell = |(at, pieces): (usize, Vec<Part>)| Part::Group(kind(at), vec![Part::Group(Tag::P.into(), pieces)]);
    Part::Group(Tag::TR.into(), cells.into_iter().enumerate().map(cell).collect())
}
