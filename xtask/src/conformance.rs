//! `cargo xtask conformance`: which modules of the conformance suites have a test of their name, and why the others have none.
//!
//! The plans stand in `xtask/conformance.txt`; a test carries the name of its module with `_` for `-`. `docs/conformance.md` is written from both.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use crate::workspace::{files, packages, root, say};

/// Where the plans stand, from the root.
const PLANS: &str = "xtask/conformance.txt";
/// Where the page stands, from the root.
pub const PAGE: &str = "docs/conformance.md";

/// Writes the page; true if every module has a test or a reason.
pub fn run() -> bool {
    let (page, open) = compose();
    for module in &open {
        say(format!("{PLANS}: `{module}` has neither a test nor a reason why not"));
    }
    let written = fs::write(root().join(PAGE), page).is_ok();
    say(format!("{PAGE}: written, {} modules open", open.len()));
    written && open.is_empty()
}

/// The page as it should be, and the modules that have neither a test nor a reason.
pub fn compose() -> (String, Vec<String>) {
    let plans = fs::read_to_string(root().join(PLANS)).unwrap_or_default();
    let packages = packages();
    let sources = packages.iter().flat_map(|package| files(package)).filter_map(|path| {
        let text = fs::read_to_string(&path).ok()?;
        let name = path.strip_prefix(root()).ok()?.to_str()?.to_owned();
        path.extension()
            .is_some_and(|kind| kind == "rs")
            .then_some((name, text))
    });
    page(&plans, &tests(sources))
}

/// The file of each function that a source has.
fn tests(sources: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (path, text) in sources {
        for after in text.split("fn ").skip(1) {
            if let Some(name) = after.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next() {
                found.entry(name.to_owned()).or_insert_with(|| path.clone());
            }
        }
    }
    found
}

fn page(plans: &str, tests: &BTreeMap<String, String>) -> (String, Vec<String>) {
    let mut page = String::from(
        "# Conformance\n\nWritten by `cargo xtask conformance`; do not edit. A module of a plan is covered by the test of its name (`-` becomes `_`): those in \
         `crates/platform/tests/conformance` speak over TLS with the running program, others in `crates/platform` send requests to the whole platform, those in \
         `crates/oidc` judge the message. The suites themselves were not run; [conformance/](conformance/README.md) says how to run them.\n",
    );
    let mut open = Vec::new();
    for line in plans
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
    {
        if let Some(plan) = line.strip_prefix("# ") {
            // Writing to a String does not fail.
            write!(page, "\n## {plan}\n\n| module | test |\n| --- | --- |\n").ok();
            continue;
        }
        let (module, reason) = match line.split_once(": ") {
            Some((module, reason)) => (module, Some(reason)),
            None => (line, None),
        };
        match (tests.get(&module.replace(['-', '.'], "_").to_lowercase()), reason) {
            (Some(path), _) => writeln!(page, "| `{module}` | `{path}` |").ok(),
            (None, Some(reason)) => writeln!(page, "| `{module}` | not covered: {reason} |").ok(),
            (None, None) => {
                open.push(module.to_owned());
                writeln!(page, "| `{module}` | open |").ok()
            }
        };
    }
    (page, open)
}

#[cfg(test)]
mod tests_of_the_page {
    use super::*;

    #[test]
    fn a_module_has_its_test_or_a_reason_or_is_open() {
        let sources = [("a.rs".to_owned(), "async fn plan_1_0_good() {}".to_owned())];

        let (page, open) = page(
            "# plan\nplan-1_0-good\nplan-other: RS256 is not offered\nplan-gone\n",
            &tests(sources.into_iter()),
        );

        assert!(page.contains("| `plan-1_0-good` | `a.rs` |"));
        assert!(page.contains("| `plan-other` | not covered: RS256 is not offered |"));
        assert_eq!(open, ["plan-gone"]);
    }
}
