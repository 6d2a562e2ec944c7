//! The grammar of a capability's folder.

use super::{File, Finding};

/// Folders of the platform that are not capabilities.
const FREE: &[&str] = &["shell", "testing"];

/// What a capability may consist of, besides `pages/*.html`, data (`*.toml`) and sub-folders of the same grammar.
const NAMES: &[&str] = &[
    "mod.rs",
    "rules.rs",
    "store.rs",
    "http.rs",
    "jobs.rs",
    "command.rs",
    "tests.rs",
    "vi.ftl",
    "en.ftl",
];

/// A capability's folder holds the files of the grammar and nothing else.
pub fn capabilities_keep_the_grammar(files: &[File]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.in_capability().is_some_and(|(capability, inside)| !FREE.contains(&capability) && !keeps(inside)))
        .map(|file| {
            let names = NAMES.join(", ");
            file.finding(1, format!("a capability consists of {names}, pages/*.html, data in *.toml, or a sub-folder of the same: move this to one of them"))
        })
        .collect()
}

/// Every `mod.rs` of the platform opens with a `//!` paragraph.
pub fn modules_open_with_their_purpose(files: &[File]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.name() == "mod.rs" && file.in_platform().is_some() && !file.text.starts_with("//!"))
        .map(|file| file.finding(1, "open it with `//!`: what it is for, its requests, its invariants"))
        .collect()
}

fn keeps(inside: &str) -> bool {
    let mut parts = inside.rsplit('/');
    let name = parts.next().unwrap_or(inside);
    let kind = name.rsplit_once('.').map(|(_, kind)| kind);
    if kind == Some("html") {
        parts.next() == Some("pages")
    } else {
        (NAMES.contains(&name) || kind == Some("toml")) && !parts.any(|part| part == "pages")
    }
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn only_the_names_of_the_grammar_are_allowed() {
        let files = [
            file("crates/platform/src/app.rs", ""),
            file("crates/platform/src/shell/page/layout.rs", ""),
            file("crates/platform/src/eid/store.rs", ""),
            file("crates/platform/src/eid/pages/card.html", ""),
            file("crates/platform/src/eid/card/rules.rs", ""),
            file("crates/platform/src/eid/faces.toml", ""),
            file("crates/platform/src/eid/utils.rs", ""),
            file("crates/platform/src/eid/card.html", ""),
            file("crates/platform/src/eid/pages/rules.rs", ""),
        ];

        let found: Vec<String> = capabilities_keep_the_grammar(&files)
            .into_iter()
            .map(|finding| finding.path)
            .collect();

        let expected =
            ["utils.rs", "card.html", "pages/rules.rs"].map(|name| format!("crates/platform/src/eid/{name}"));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_module_without_its_purpose_is_found() {
        let files = [
            file("crates/platform/src/eid/mod.rs", "mod http;\n"),
            file("crates/platform/src/stays/mod.rs", "//! Stays.\n"),
        ];

        let found = modules_open_with_their_purpose(&files);

        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/platform/src/eid/mod.rs");
    }
}
