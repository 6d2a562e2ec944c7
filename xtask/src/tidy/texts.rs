//! The sentences: in both languages, used, and there when a page asks for them.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Source;
use super::{File, Finding};

/// What follows a quoted message id in a template.
const SAY: &str = "|say";

/// The `vi.ftl` and the `en.ftl` of a folder have the same messages.
pub fn both_languages_say_the_same(files: &[File]) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.name() == "vi.ftl" || file.name() == "en.ftl")
    {
        let other = if file.name() == "vi.ftl" { "en.ftl" } else { "vi.ftl" };
        let path = format!("{}/{other}", file.folder());
        let there = files
            .iter()
            .find(|file| file.path == path)
            .map(|file| messages(&file.text))
            .unwrap_or_default();
        let here = messages(&file.text);
        let missing = here.iter().filter(|(id, _)| !there.contains_key(*id));
        found.extend(
            missing.map(|(id, line)| file.finding(*line, format!("`{id}` is missing in {path}: translate it there"))),
        );
    }
    found
}

/// Every message is used in a source or a template of the platform, and every message a template asks for exists.
pub fn sentences_are_used_and_exist(files: &[File]) -> Vec<Finding> {
    let used = Uses::of(files);
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.is("ftl")) {
        for (id, line) in messages(&file.text) {
            if !used.contains(&id) {
                found.push(file.finding(line, format!("`{id}` is used nowhere: remove it in both languages")));
            }
            known.insert(id);
        }
    }
    for file in files.iter().filter(|file| file.is("html")) {
        let asked = asked_for(&file.text).into_iter().filter(|(id, _)| !known.contains(id));
        found.extend(asked.map(|(id, line)| {
            file.finding(
                line,
                format!("there is no message `{id}`: write it in vi.ftl and en.ftl"),
            )
        }));
    }
    found
}

/// The messages of a Fluent file with their lines.
fn messages(text: &str) -> BTreeMap<String, usize> {
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(at, line)| {
            let (id, _) = line.split_once('=')?;
            let id = id.trim_end();
            let is_id = id.starts_with(|c: char| c.is_ascii_alphabetic()) && id.chars().all(is_id_char);
            is_id.then(|| (id.to_owned(), at + 1))
        })
        .collect()
}

/// What the platform's sources and templates say about messages.
struct Uses {
    /// Every word that could be the id of a message.
    words: BTreeSet<String>,
    /// The beginnings of ids that are put together, as in `format!("stays-state-{}", state)`.
    beginnings: BTreeSet<String>,
}

impl Uses {
    fn of(files: &[File]) -> Uses {
        let mut uses = Uses {
            words: BTreeSet::new(),
            beginnings: BTreeSet::new(),
        };
        for file in files.iter().filter(|file| file.in_platform().is_some()) {
            for text in sayings(file) {
                uses.words.extend(text.split(|c| !is_id_char(c)).map(str::to_owned));
                let before_a_value = text.match_indices('{').filter_map(|(at, _)| text.get(..at));
                let beginnings = before_a_value.filter_map(|before| before.rsplit(|c| !is_id_char(c)).next());
                uses.beginnings.extend(
                    beginnings
                        .filter(|part| part.len() > 1 && part.ends_with('-'))
                        .map(str::to_owned),
                );
            }
        }
        // Every problem is told so; the slug stands in the source.
        uses.beginnings.retain(|beginning| beginning != "problem-");
        uses
    }

    /// Whether anything says the message: by its id, by a beginning of it, or by the slug of the problem whose title or advice it is.
    fn contains(&self, id: &str) -> bool {
        let slug = id
            .strip_prefix("problem-")
            .map(|rest| rest.strip_suffix("-advice").unwrap_or(rest));
        self.words.contains(id)
            || slug.is_some_and(|slug| self.words.contains(slug))
            || self
                .beginnings
                .iter()
                .any(|beginning| id.starts_with(beginning.as_str()))
    }
}

/// The parts of a file in which messages are named: string literals, templates, and where one message refers to another.
fn sayings(file: &File) -> Vec<String> {
    if file.is("rs") {
        Source::read(&file.text)
            .literals
            .into_iter()
            .map(|literal| literal.text)
            .collect()
    } else if file.is("html") {
        vec![file.text.clone()]
    } else {
        file.text
            .split('{')
            .skip(1)
            .filter_map(|part| Some(part.split_once('}')?.0.to_owned()))
            .collect()
    }
}

/// The ids in `"id"|say`, with their lines.
fn asked_for(html: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (at, line) in html.lines().enumerate() {
        let tight = line.replace(" | ", "|");
        let parts: Vec<&str> = tight.split(&format!("\"{SAY}")).collect();
        let before_a_say = parts.split_last().map_or(&[][..], |(_, before)| before);
        let ids = before_a_say.iter().filter_map(|before| before.rsplit('"').next());
        found.extend(
            ids.filter(|id| !id.is_empty() && id.chars().all(is_id_char))
                .map(|id| (id.to_owned(), at + 1)),
        );
    }
    found
}

fn is_id_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn folder(vi: &str, en: &str, html: &str) -> [File; 3] {
        [
            file("crates/platform/src/eid/vi.ftl", vi),
            file("crates/platform/src/eid/en.ftl", en),
            file("crates/platform/src/eid/pages/card.html", html),
        ]
    }

    #[test]
    fn a_sentence_in_one_language_alone_is_found() {
        let files = folder(
            "# Thẻ\neid-title = Căn cước điện tử\n    .label = nhãn\neid-no = Số\n",
            "eid-title = Electronic identity card\n",
            "",
        );

        let found = both_languages_say_the_same(&files);

        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].path.as_str(), found[0].line),
            ("crates/platform/src/eid/vi.ftl", 4)
        );
    }

    #[test]
    fn a_sentence_that_nothing_says_is_found() {
        let files = folder("a = { d }\nb = B\nc = C\nd = D\n", "", "<h1>{{ \"a\"|say(t) }}</h1>");
        let rust = file("crates/platform/src/eid/http.rs", "texts.say(\"b\") // \"c\"");
        let files: Vec<File> = files.into_iter().chain([rust]).collect();

        let advice: Vec<String> = sentences_are_used_and_exist(&files)
            .into_iter()
            .map(|finding| finding.advice)
            .collect();

        assert_eq!(advice, ["`c` is used nowhere: remove it in both languages"]);
    }

    #[test]
    fn ids_that_are_put_together_and_the_sentences_of_problems_are_used() {
        let sentences = "eid-state-locked = Khóa\nproblem-eid-locked = Đã khóa\nproblem-eid-locked-advice = Hãy mở\nproblem-eid-lost = Mất\n";
        let page = "{{ format!(\"eid-state-{}\", state)|say }}";
        let rust = file(
            "crates/platform/src/eid/mod.rs",
            "Problem::new(\"eid-locked\", 403); format!(\"problem-{slug}\")",
        );
        let files: Vec<File> = folder(sentences, "", page).into_iter().chain([rust]).collect();

        let advice: Vec<String> = sentences_are_used_and_exist(&files)
            .into_iter()
            .map(|finding| finding.advice)
            .collect();

        assert_eq!(
            advice,
            ["`problem-eid-lost` is used nowhere: remove it in both languages"]
        );
    }

    #[test]
    fn a_sentence_that_a_page_asks_for_must_exist() {
        let files = folder(
            "a = A\n",
            "a = A\n",
            "<p class=\"x\">{{ \"a\"|say }}</p>\n<p>{{ \"b\" | say }} {{ \"c\"|say(1) }}</p>",
        );

        let found: Vec<(usize, String)> = sentences_are_used_and_exist(&files)
            .into_iter()
            .map(|finding| (finding.line, finding.advice))
            .collect();

        assert_eq!(found.len(), 2);
        assert!(
            found
                .iter()
                .all(|(line, advice)| *line == 2 && advice.starts_with("there is no message `"))
        );
    }
}
