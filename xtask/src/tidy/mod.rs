//! `cargo xtask tidy`: the rules of the house that no compiler checks.
//!
//! Each rule is a function from a few files to findings; a finding names the place and says what to do.

mod documents;
mod edges;
mod folders;
mod marks;
mod secrets;
mod sizes;
mod source;
mod sql;
mod texts;

use std::fmt;
use std::fs;

use crate::workspace::{files, packages, root, say};

/// A file of the workspace: its path from the root, with `/`, and its text.
pub struct File {
    pub path: String,
    pub text: String,
}

/// A broken rule: where, and what to do about it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub path: String,
    /// From 1.
    pub line: usize,
    pub advice: String,
}

/// A rule of the house.
type Rule = fn(&[File]) -> Vec<Finding>;

/// Where the capabilities live.
const PLATFORM: &str = "crates/platform/src/";

/// Checks every rule and prints the findings; true if there is none.
pub fn run() -> bool {
    let files = read();
    let rules: [Rule; 11] = [
        edges::crates_know_only_what_they_may,
        folders::capabilities_keep_the_grammar,
        folders::modules_open_with_their_purpose,
        sizes::files_are_small,
        marks::nothing_is_left_undone,
        marks::problem_slugs_are_unique,
        sql::statements_live_with_the_owner_of_the_table,
        texts::both_languages_say_the_same,
        texts::sentences_are_used_and_exist,
        documents::guards_exist,
        documents::the_overview_is_short,
    ];
    let mut findings: Vec<Finding> = rules.iter().flat_map(|rule| rule(&files)).collect();
    findings.extend(secrets::none_is_kept());
    findings.extend(documents::the_conformance_page_is_current());
    findings.sort();
    for finding in &findings {
        say(finding.to_string());
    }
    say(format!(
        "tidy: {} rules, {} files, {} findings",
        rules.len() + 1,
        files.len(),
        findings.len()
    ));
    findings.is_empty()
}

fn read() -> Vec<File> {
    let root = root();
    let known = ["rs", "toml", "ftl", "html", "md"];
    packages()
        .iter()
        .flat_map(|package| files(package))
        .chain(documents::INVARIANTS.map(|page| root.join(page)))
        .filter(|path| {
            path.extension()
                .is_some_and(|kind| known.iter().any(|known| kind == *known))
        })
        .filter_map(|path| {
            let text = fs::read_to_string(&path).ok()?;
            let path = path.strip_prefix(&root).ok()?.to_str()?.replace('\\', "/");
            Some(File { path, text })
        })
        .collect()
}

impl File {
    /// The name after the last `/`.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The path up to its last `/`.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    pub fn is(&self, kind: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, end)| end == kind)
    }

    /// The path inside the platform's sources.
    pub fn in_platform(&self) -> Option<&str> {
        self.path.strip_prefix(PLATFORM)
    }

    /// The folder of the platform it lies in (a capability, `shell` or `testing`), and its path inside that.
    pub fn in_capability(&self) -> Option<(&str, &str)> {
        self.in_platform()?.split_once('/')
    }

    /// Whether it holds tests alone.
    pub fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.name().ends_with("tests.rs")
    }

    pub fn finding(&self, line: usize, advice: impl Into<String>) -> Finding {
        Finding {
            path: self.path.clone(),
            line,
            advice: advice.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.advice)
    }
}

#[cfg(test)]
fn file(path: &str, text: &str) -> File {
    File {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}
