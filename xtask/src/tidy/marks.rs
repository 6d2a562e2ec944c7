//! Words that may not stand in a source, and slugs that may stand there once.

use std::collections::BTreeMap;

use super::source::Source;
use super::{File, Finding};

/// What may not stand in code, and what to do instead.
const BANNED: &[(&str, &str)] = &[
    (
        "#[ignore",
        "a test that does not run proves nothing: make it run, or delete it",
    ),
    ("todo!(", "finish it, or leave it out"),
    ("unimplemented!(", "finish it, or leave it out"),
];

/// How a problem's slug is declared: the literal that follows directly.
const SLUG_FOLLOWS: &[&str] = &["Problem::new("];

/// No ignored test, no `todo!`.
pub fn nothing_is_left_undone(files: &[File]) -> Vec<Finding> {
    let sources = files.iter().filter(|file| file.is("rs"));
    sources
        .flat_map(|file| {
            let code = Source::read(&file.text).code;
            let mut found = Vec::new();
            for (at, line) in code.lines().enumerate() {
                let banned = BANNED.iter().filter(|(word, _)| line.contains(word));
                found.extend(banned.map(|(word, advice)| file.finding(at + 1, format!("`{word}`: {advice}"))));
            }
            found
        })
        .collect()
}

/// Two capabilities never declare the same slug: it is what a client tells problems apart by.
pub fn problem_slugs_are_unique(files: &[File]) -> Vec<Finding> {
    let mut first: BTreeMap<String, (&str, String)> = BTreeMap::new();
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.is("rs") && !file.is_test()) {
        let Some((owner, _)) = file.in_capability() else {
            continue;
        };
        for literal in Source::read(&file.text).literals {
            if !SLUG_FOLLOWS.iter().any(|opening| literal.before.ends_with(opening)) {
                continue;
            }
            let here = (owner, format!("{}:{}", file.path, literal.line));
            let (other, there) = first.entry(literal.text.clone()).or_insert(here);
            if *other != owner {
                let advice = format!(
                    "the problem `{}` is declared by `{other}` at {there}: use that, or name this one apart",
                    literal.text
                );
                found.push(file.finding(literal.line, advice));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn an_ignored_test_is_found_but_not_in_a_string_or_a_comment() {
        let text = "// todo!()\nlet s = \"#[ignore]\";\n#[ignore]\nfn f() { todo!() }\n";

        let lines: Vec<usize> = nothing_is_left_undone(&[file("crates/db/src/a.rs", text)])
            .iter()
            .map(|finding| finding.line)
            .collect();

        assert_eq!(lines, [3, 4]);
    }

    #[test]
    fn a_slug_declared_by_two_capabilities_is_found_with_both_places() {
        let files = [
            file("crates/platform/src/eid/mod.rs", "Problem::new(\"eid-locked\", 403)"),
            file(
                "crates/platform/src/locks/mod.rs",
                "Problem::new(\n    \"eid-locked\",\n)",
            ),
            file("crates/platform/src/eid/http.rs", "Problem::new(\"eid-locked\")"),
            file("crates/platform/src/locks/tests.rs", "Problem::new(\"eid-locked\")"),
        ];

        let found = problem_slugs_are_unique(&files);

        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].path.as_str(), found[0].line),
            ("crates/platform/src/locks/mod.rs", 2)
        );
        assert!(found[0].advice.contains("crates/platform/src/eid/mod.rs:1"));
    }
}
