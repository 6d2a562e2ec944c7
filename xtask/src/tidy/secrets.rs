//! No secret is kept in the repository.

use std::fs;

use super::{File, Finding};
use crate::workspace::{files, root};

/// How a secret begins, and what kind it is. Each is written in two halves, so that this list is none.
const MARKS: &[(&str, &str, &str)] = &[
    ("PRIVATE", " KEY-----", "a private key"),
    ("AK", "IA", "an access key of a cloud"),
    ("gh", "p_", "a token of a forge"),
    ("github", "_pat_", "a token of a forge"),
    ("xo", "xb-", "a token of a chat"),
    ("AGE-SECRET", "-KEY-", "a private key"),
];

/// How many letters and digits must follow a mark that could also be the beginning of a word.
const LONG: usize = 12;

/// What a build, a package manager or a sandbox leaves behind is none of ours.
const NOT_OURS: &[&str] = &["target/", ".git/", "node_modules/", "data/"];

/// Looks for secrets in every text of the repository, tests and documents included.
pub fn none_is_kept() -> Vec<Finding> {
    let root = root();
    files(&root)
        .into_iter()
        .filter_map(|path| {
            let name = path.strip_prefix(&root).ok()?.to_str()?.replace('\\', "/");
            let ours = !NOT_OURS.iter().any(|folder| name.starts_with(folder));
            let text = if ours {
                fs::read_to_string(&path).ok()?
            } else {
                return None;
            };
            Some(File { path: name, text })
        })
        .flat_map(|file| in_file(&file))
        .collect()
}

fn in_file(file: &File) -> Vec<Finding> {
    let places = MARKS.iter().flat_map(|(one, other, kind)| {
        let mark = format!("{one}{other}");
        let found: Vec<usize> = file.text.match_indices(&mark).map(|(at, _)| at + mark.len()).collect();
        found.into_iter().map(move |end| (end, *kind))
    });
    places
        .filter(|(end, _)| is_followed_by_a_secret(file.text.get(*end..).unwrap_or_default()))
        .map(|(end, kind)| {
            let line = file.text.get(..end).unwrap_or_default().lines().count();
            let advice =
                format!("this looks like {kind}: take it out, and out of the history; tests make their own keys");
            file.finding(line, advice)
        })
        .collect()
}

/// Whether many letters and digits follow, on this line or, as in a PEM file, the next.
fn is_followed_by_a_secret(rest: &str) -> bool {
    let rest = rest.strip_prefix("\\n").unwrap_or(rest).trim_start();
    rest.chars()
        .take_while(|c| c.is_alphanumeric() || "+/=_-".contains(*c))
        .count()
        >= LONG
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_key_and_a_token_are_found_and_a_word_is_not() {
        let text = format!(
            "-----BEGIN {}{}\nMIIEvQIBADANBgkqh\nlet a = \"{}{}ABCDEFGH12345678\";\nthe KIND of {}{}\n",
            "PRIVATE", " KEY-----", "AK", "IA", "AK", "IA"
        );

        let lines: Vec<usize> = in_file(&file("docs/a.md", &text))
            .iter()
            .map(|found| found.line)
            .collect();

        assert_eq!(lines, [1, 3]);
    }
}
