//! Texts that editors write: paragraphs, headings, lists, strong words and links, and nothing else. What is not one of these is plain text.
//!
//! | written | is |
//! | --- | --- |
//! | `## words` | a heading |
//! | `- words` | an item of a list |
//! | `1. words` | a step, in order |
//! | `**words**` | strong |
//! | `[words](https://…)`, `[words](/path)`, `[words](tel:…)` | a link |
//! | an empty line | the end of a paragraph |

use serde::Serialize;
use url::Url;

use super::input::local_path;

/// What a block of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A heading.
    Heading,
    /// A paragraph.
    Paragraph,
    /// A list without order.
    List,
    /// Steps, one after the other.
    Steps,
}

/// A part of a text that stands by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// What it is.
    pub kind: Kind,
    /// One line; of a list each item.
    pub lines: Vec<Vec<Span>>,
}

/// Words of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The words.
    pub text: String,
    /// They are strong.
    pub strong: bool,
    /// Where they lead.
    pub to: Option<String>,
}

impl Block {
    /// The element around its lines, where there is one.
    pub fn frame(&self) -> Option<&'static str> {
        match self.kind {
            Kind::List => Some("ul"),
            Kind::Steps => Some("ol"),
            Kind::Heading | Kind::Paragraph => None,
        }
    }

    /// The element of a line.
    pub fn tag(&self) -> &'static str {
        match self.kind {
            Kind::Heading => "h2",
            Kind::Paragraph => "p",
            Kind::List | Kind::Steps => "li",
        }
    }

    /// The text of each line, without its marks.
    pub fn plain(&self) -> Vec<String> {
        let line = |spans: &Vec<Span>| spans.iter().map(|span| span.text.as_str()).collect();
        self.lines.iter().map(line).collect()
    }
}

/// Reads a text.
pub fn parse(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<(Kind, Vec<String>)> = None;
    for line in text.lines().map(str::trim) {
        let (kind, words) = kind_of(line);
        match &mut open {
            Some((before, lines)) if *before == kind && kind != Kind::Heading && !line.is_empty() => {
                join(kind, lines, words);
            }
            _ => {
                blocks.extend(open.take().map(close));
                open = (!line.is_empty()).then(|| (kind, vec![words.to_owned()]));
            }
        }
    }
    blocks.extend(open.map(close));
    blocks
}

/// All words of a text, for searching.
pub fn plain(blocks: &[Block]) -> String {
    let lines: Vec<String> = blocks.iter().flat_map(Block::plain).collect();
    lines.join("\n")
}

/// The lines of a paragraph are one; those of a list are its items.
fn join(kind: Kind, lines: &mut Vec<String>, words: &str) {
    match (kind, lines.last_mut()) {
        (Kind::Paragraph, Some(last)) => {
            last.push(' ');
            last.push_str(words);
        }
        _ => lines.push(words.to_owned()),
    }
}

fn close((kind, lines): (Kind, Vec<String>)) -> Block {
    let lines = lines.iter().map(|line| spans(line)).collect();
    Block { kind, lines }
}

fn kind_of(line: &str) -> (Kind, &str) {
    if let Some(words) = line.strip_prefix("## ") {
        return (Kind::Heading, words.trim());
    }
    if let Some(words) = line.strip_prefix("- ") {
        return (Kind::List, words.trim());
    }
    match line.split_once(". ") {
        Some((number, words))
            if (1..=2).contains(&number.len()) && number.bytes().all(|digit| digit.is_ascii_digit()) =>
        {
            (Kind::Steps, words.trim())
        }
        _ => (Kind::Paragraph, line),
    }
}

/// The words of a line, by kind.
fn spans(line: &str) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let next = rest.find(['*', '[']).unwrap_or(rest.len());
        let (before, mark) = rest.split_at(next);
        push_text(&mut spans, before);
        match strong(mark).or_else(|| link(mark)) {
            Some((span, after)) => {
                spans.push(span);
                rest = after;
            }
            None => {
                // A mark that opens nothing is a letter like any other.
                let letter = mark.chars().next().map_or(0, char::len_utf8);
                let (letter, after) = mark.split_at(letter);
                push_text(&mut spans, letter);
                rest = after;
            }
        }
    }
    spans
}

fn push_text(spans: &mut Vec<Span>, text: &str) {
    match spans.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if !last.strong && last.to.is_none() => last.text.push_str(text),
        _ => spans.push(Span {
            text: text.to_owned(),
            ..Span::default()
        }),
    }
}

fn strong(text: &str) -> Option<(Span, &str)> {
    let (words, after) = text.strip_prefix("**")?.split_once("**")?;
    let span = Span {
        text: words.to_owned(),
        strong: true,
        to: None,
    };
    (!words.trim().is_empty()).then_some((span, after))
}

fn link(text: &str) -> Option<(Span, &str)> {
    let (words, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (to, after) = rest.split_once(')')?;
    let span = Span {
        text: words.to_owned(),
        strong: false,
        to: Some(leads(to)?),
    };
    (!words.trim().is_empty()).then_some((span, after))
}

/// Where a link may lead: to a page of ours, to a site by TLS, to a phone.
fn leads(to: &str) -> Option<String> {
    if let Some(path) = local_path(to) {
        return Some(path.to_owned());
    }
    let url = Url::parse(to).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    match url.scheme() {
        "https" if plain && url.has_host() => Some(url.into()),
        "tel"
            if url
                .path()
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"+.-".contains(&byte)) =>
        {
            Some(url.into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shape(text: &str) -> Vec<(Kind, Vec<String>)> {
        parse(text).iter().map(|block| (block.kind, block.plain())).collect()
    }

    #[test]
    fn a_text_is_read_as_blocks() {
        let told = shape("## Một\nhai\nba\n\nbốn\n- a\n- b\n1. x\n2. y\n2026. năm");

        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            told,
            [
                (Kind::Heading, lines(&["Một"])),
                (Kind::Paragraph, lines(&["hai ba"])),
                (Kind::Paragraph, lines(&["bốn"])),
                (Kind::List, lines(&["a", "b"])),
                (Kind::Steps, lines(&["x", "y"])),
                (Kind::Paragraph, lines(&["2026. năm"])),
            ]
        );
    }

    #[test]
    fn links_lead_only_where_they_may() {
        let to = |text: &str| {
            let blocks = parse(text);
            blocks.first()?.lines.first()?.iter().find_map(|span| span.to.clone())
        };

        assert_eq!(to("xem [đây](/authenticity) nhé").as_deref(), Some("/authenticity"));
        assert_eq!(
            to("[x](https://vneid.gov.vn/a)").as_deref(),
            Some("https://vneid.gov.vn/a")
        );
        assert_eq!(to("[gọi](tel:19000368)").as_deref(), Some("tel:19000368"));
        for bad in [
            "javascript:alert(1)",
            "//evil.example",
            "http://a.example",
            "https://a@evil.example",
            "data:text/html,x",
        ] {
            assert_eq!(to(&format!("[x]({bad})")), None, "{bad}");
            assert!(plain(&parse(&format!("[x]({bad})"))).contains(bad));
        }
    }

    #[test]
    fn strong_words_are_told_apart() {
        let blocks = parse("Không **bao giờ** đọc mã, * dù **ai hỏi");

        let strong: Vec<&str> = blocks[0].lines[0]
            .iter()
            .filter(|span| span.strong)
            .map(|span| span.text.as_str())
            .collect();
        assert_eq!(strong, ["bao giờ"]);
        assert_eq!(blocks[0].plain(), ["Không bao giờ đọc mã, * dù **ai hỏi"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[-#*\\[\\]()1. a\\n/:]{0,60}|\\PC{0,80}") {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<String>();

            let told = words(&plain(&parse(&text)));

            prop_assert!(told.len() <= words(&text).len());
        }
    }
}
