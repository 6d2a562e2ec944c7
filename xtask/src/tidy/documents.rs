//! What the documents say about the code.

use std::collections::BTreeSet;

use super::{File, Finding};
use crate::conformance;
use crate::workspace::root;

/// The pages that name what must hold or is there, each with the test that guards it.
pub const INVARIANTS: [&str; 3] = ["ARCHITECTURE.md", "docs/invariants.md", "docs/utilities.md"];

/// A test that a page of invariants names as a guard exists.
///
/// Such a name is a sentence: at least three words of small letters and digits, joined by `_`, between backticks.
pub fn guards_exist(files: &[File]) -> Vec<Finding> {
    let functions: BTreeSet<&str> = files
        .iter()
        .filter(|file| file.is("rs"))
        .flat_map(|file| file.text.split("fn ").skip(1))
        .filter_map(|after| after.split(|c: char| !is_part(c)).next())
        .collect();
    let documents = files.iter().filter(|file| INVARIANTS.contains(&file.path.as_str()));
    documents
        .flat_map(|file| {
            let lines = file.text.lines().enumerate();
            let guards = lines.flat_map(|(at, line)| line.split('`').skip(1).step_by(2).map(move |name| (at, name)));
            let gone = guards.filter(|(_, name)| is_sentence(name) && !functions.contains(name));
            gone.map(|(at, name)| file.finding(at + 1, format!("there is no test `{name}`: name what guards this now")))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Whoever begins reads ARCHITECTURE.md at a sitting.
pub fn the_overview_is_short(files: &[File]) -> Vec<Finding> {
    const MOST: usize = 300;
    let overview = files.iter().find(|file| file.path == "ARCHITECTURE.md");
    overview
        .filter(|file| file.text.lines().count() > MOST)
        .map(|file| {
            file.finding(
                MOST + 1,
                format!("it has more than {MOST} lines: what one capability promises belongs in docs/invariants.md"),
            )
        })
        .into_iter()
        .collect()
}

/// `docs/conformance.md` is what `cargo xtask conformance` would write, and no module of a plan is open.
pub fn the_conformance_page_is_current() -> Vec<Finding> {
    let (page, open) = conformance::compose();
    let finding = |advice: String| Finding {
        path: conformance::PAGE.to_owned(),
        line: 1,
        advice,
    };
    let open = open
        .iter()
        .map(|module| finding(format!("`{module}` has neither a test nor a reason: write one of them")));
    let kept = std::fs::read_to_string(root().join(conformance::PAGE)).unwrap_or_default();
    let stale = (kept != page).then(|| finding("it is out of date: run `cargo xtask conformance`".to_owned()));
    open.chain(stale).collect()
}

fn is_sentence(name: &str) -> bool {
    name.chars().all(is_part) && name.split('_').count() >= 3
}

fn is_part(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_guard_that_is_gone_is_found() {
        let files = [
            file("crates/x/src/lib.rs", "async fn a_code_works_only_once() {}"),
            file(
                "ARCHITECTURE.md",
                "`crates/x` and `store.rs`\n`a_code_works_only_once`\n| x | `a_look_cannot_change`, `xtask tidy` |",
            ),
        ];

        let found = guards_exist(&files);

        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 3);
    }
}
