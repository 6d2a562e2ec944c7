//! A Rust source as its string literals and, apart from them, its code.

/// A string literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// What stands between the quotes, escapes as written.
    pub text: String,
    /// The code on the way to it: what was last written before the opening quote, without white space.
    pub before: String,
}

/// A source taken apart.
#[derive(Debug, Default)]
pub struct Source {
    pub literals: Vec<Literal>,
    /// The code with comments removed and every literal emptied; lines keep their numbers.
    pub code: String,
}

/// How many characters of code are kept in [`Literal::before`].
const MEMORY: usize = 40;

impl Source {
    pub fn read(text: &str) -> Source {
        let mut reader = Reader {
            rest: text,
            line: 1,
            source: Source::default(),
        };
        while !reader.rest.is_empty() {
            reader.step();
        }
        reader.source
    }
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    source: Source,
}

impl Reader<'_> {
    fn step(&mut self) {
        if self.rest.starts_with("//") {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.skip(end);
        } else if self.rest.starts_with("/*") {
            let end = self.rest.find("*/").map_or(self.rest.len(), |at| at + 2);
            self.skip(end);
        } else if self.rest.starts_with('"') {
            self.string(1, "\"", true);
        } else if let Some(hashes) = self.raw_opening() {
            let close = format!("\"{}", "#".repeat(hashes));
            self.string(hashes + 2, &close, false);
        } else if let Some(length) = self.character() {
            self.skip(length);
        } else {
            let length = self.rest.chars().next().map_or(1, char::len_utf8);
            self.keep(length);
        }
    }

    /// The number of hashes if a raw string begins here.
    fn raw_opening(&self) -> Option<usize> {
        let after = self.rest.strip_prefix('r')?;
        let inside_a_word =
            self.source.code.ends_with(|c: char| c.is_alphanumeric() || c == '_') && !self.source.code.ends_with('b');
        let hashes = after.len() - after.trim_start_matches('#').len();
        (!inside_a_word && after.get(hashes..)?.starts_with('"')).then_some(hashes)
    }

    /// The length of a character literal that begins here; a lifetime is none.
    fn character(&self) -> Option<usize> {
        let after = self.rest.strip_prefix('\'')?;
        let first = after.chars().next()?;
        if first == '\\' {
            let end = after.get(2..)?.find('\'')?;
            return Some(end + 4);
        }
        after
            .get(first.len_utf8()..)?
            .starts_with('\'')
            .then(|| first.len_utf8() + 2)
    }

    fn string(&mut self, opening: usize, close: &str, escapes: bool) {
        let line = self.line;
        let text = self.rest.get(opening..).unwrap_or_default();
        let end = if escapes { closing_quote(text) } else { text.find(close) }.unwrap_or(text.len());
        let code = self.source.code.trim_end();
        let before: String = code.chars().rev().take(MEMORY).filter(|c| !c.is_whitespace()).collect();
        let text = text.get(..end).unwrap_or_default().to_owned();
        self.source.literals.push(Literal {
            line,
            text,
            before: before.chars().rev().collect(),
        });
        self.source.code.push_str("\"\"");
        self.skip((opening + end + close.len()).min(self.rest.len()));
    }

    /// Leaves out what comes next, but for its line ends.
    fn skip(&mut self, length: usize) {
        let (left, rest) = self.rest.split_at(length);
        let lines = left.matches('\n').count();
        self.source.code.push_str(&"\n".repeat(lines));
        self.line += lines;
        self.rest = rest;
    }

    fn keep(&mut self, length: usize) {
        let (kept, rest) = self.rest.split_at(length);
        self.source.code.push_str(kept);
        self.line += kept.matches('\n').count();
        self.rest = rest;
    }
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        Source::read(source)
            .literals
            .into_iter()
            .map(|literal| literal.text)
            .collect()
    }

    #[test]
    fn comments_characters_and_lifetimes_are_not_strings() {
        let source = "// \"no\"\nfn f<'a>(x: &'a str) { let q = '\"'; let n = '\\''; g(\"yes\"); /* \"no\" */ }";

        assert_eq!(texts(source), ["yes"]);
    }

    #[test]
    fn raw_and_escaped_strings_end_where_they_end() {
        let source = r##"f("a\"b", r"c\", r#"d"e"#, br"g", "h\\")"##;

        assert_eq!(texts(source), ["a\\\"b", "c\\", "d\"e", "g", "h\\\\"]);
    }

    #[test]
    fn a_literal_knows_its_line_and_the_code_before_it() {
        let source = "fn f() {\n    Problem::new(\n        \"slug\",\n        \"two\nlines\",\n    )\n}\n";

        let read = Source::read(source);

        assert_eq!((read.literals[0].line, read.literals[1].line), (3, 4));
        assert!(read.literals[0].before.ends_with("Problem::new("));
        assert_eq!(read.code.lines().count(), source.lines().count());
    }
}
