//! Who may be depended on: the licences and the registry that `deny.toml` allows, and nothing with a known hole.
//!
//! The advisories are in `advisories.txt`, a copy of the facts of the RustSec database; `cargo xtask advisories FOLDER` makes it anew from a
//! checkout of that database, so that a test run needs no network.

use std::fs;
use std::path::Path;

use semver::{Version, VersionReq};
use toml::Value;

use super::dependencies::table;
use crate::workspace::{cargo, root};

/// The advisories that do not endanger us, and why.
const ACCEPTED: &[(&str, &str)] = &[
    (
        "RUSTSEC-2023-0071",
        "rsa: the leak is in operations with a private key; the passkey library only verifies",
    ),
    (
        "RUSTSEC-2026-0192",
        "ttf-parser is no longer maintained; it reads the font that we ship, never a stranger's",
    ),
    (
        "RUSTSEC-2026-0206",
        "rustybuzz is no longer maintained; krilla shapes our own texts with the font that we ship by it",
    ),
];

/// A package in the tree of dependencies.
struct Package<'a> {
    name: &'a str,
    version: Version,
    licence: &'a str,
}

/// What breaks these rules.
pub fn run() -> Vec<String> {
    let shown = ["tree", "--workspace", "--prefix", "none", "--format", "{p}\t{l}"];
    let (Ok(tree), Some(deny)) = (cargo(&shown).output(), table(&root().join("deny.toml"))) else {
        return vec!["`cargo tree` failed, or deny.toml cannot be read".to_owned()];
    };
    let tree = String::from_utf8_lossy(&tree.stdout).into_owned();
    let packages = packages(&tree);
    let advisories = fs::read_to_string(advisories()).unwrap_or_default();
    let lock = table(&root().join("Cargo.lock"));

    let mut wrong = unlicensed(&packages, &texts(&deny, "licenses", "allow"));
    wrong.extend(strangers(lock.as_ref(), &texts(&deny, "sources", "allow-registry")));
    if advisories.is_empty() {
        wrong.push("xtask/advisories.txt cannot be read".to_owned());
    }
    wrong.extend(holes(&packages, &advisories));
    wrong
}

/// Makes the list of advisories anew from a checkout of the RustSec database; false if that is none.
pub fn renew(database: &Path) -> std::io::Result<usize> {
    let mut lines = Vec::new();
    for package in fs::read_dir(database.join("crates"))?.flatten() {
        for file in fs::read_dir(package.path())?.flatten() {
            lines.extend(line_of(&fs::read_to_string(file.path())?));
        }
    }
    lines.sort();
    let count = lines.len();
    let head = "# The RustSec advisories on crates: package, advisory, kind, the versions that are safe (alternatives between bars).\n";
    fs::write(advisories(), format!("{head}{}\n", lines.join("\n")))?;
    Ok(count)
}

fn advisories() -> std::path::PathBuf {
    root().join("xtask/advisories.txt")
}

/// One line of the list, of an advisory that stands: its facts are a TOML block between fences.
fn line_of(text: &str) -> Option<String> {
    let facts = text.split("```").nth(1)?.strip_prefix("toml")?;
    let facts: toml::Table = facts.parse().ok()?;
    let advisory = facts.get("advisory")?.as_table()?;
    let word = |key: &str| advisory.get(key).and_then(Value::as_str);
    if advisory.contains_key("withdrawn") {
        return None;
    }
    let safe: Vec<String> = ["patched", "unaffected"]
        .iter()
        .filter_map(|key| facts.get("versions")?.get(key)?.as_array())
        .flatten()
        .filter_map(|range| Some(range.as_str()?.replace(' ', "")))
        .collect();
    let kind = word("informational").unwrap_or("vulnerability");
    Some(format!(
        "{}\t{}\t{kind}\t{}",
        word("package")?,
        word("id")?,
        safe.join(" | ")
    ))
}

fn packages(tree: &str) -> Vec<Package<'_>> {
    let mut found: Vec<Package<'_>> = tree
        .lines()
        .filter_map(|line| {
            let (package, licence) = line.split_once('\t')?;
            let (name, rest) = package.split_once(" v")?;
            let version = rest.split(' ').next()?;
            Some(Package {
                name,
                version: Version::parse(version).ok()?,
                licence: licence.trim_end_matches(" (*)"),
            })
        })
        .collect();
    found.sort_by(|a, b| (a.name, &a.version).cmp(&(b.name, &b.version)));
    found.dedup_by(|a, b| (a.name, &a.version) == (b.name, &b.version));
    found
}

fn texts(table: &toml::Table, section: &str, key: &str) -> Vec<String> {
    let list = table
        .get(section)
        .and_then(|section| section.get(key))
        .and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|text| text.as_str().map(str::to_owned))
        .collect()
}

fn unlicensed(packages: &[Package<'_>], allowed: &[String]) -> Vec<String> {
    let bad = packages.iter().filter(|package| !permits(package.licence, allowed));
    bad.map(|package| {
        format!(
            "`{}` has the licence `{}`, which deny.toml does not allow",
            package.name, package.licence
        )
    })
    .collect()
}

/// Whether a licence expression (SPDX, or the older form with a slash) can be met by licences that are allowed.
fn permits(expression: &str, allowed: &[String]) -> bool {
    let expression = expression.replace('/', " OR ");
    let parts = split(&expression, " OR ");
    if parts.len() > 1 {
        return parts.iter().any(|part| permits(part, allowed));
    }
    let parts = split(&expression, " AND ");
    if parts.len() > 1 {
        return parts.iter().all(|part| permits(part, allowed));
    }
    let one = expression.trim();
    match one.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => permits(inner, allowed),
        None => allowed.iter().any(|known| known == one),
    }
}

/// Splits where the word stands outside of parentheses.
fn split<'a>(expression: &'a str, word: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, _) in expression.match_indices(word) {
        let before = expression.get(..at).unwrap_or_default();
        if before.matches('(').count() == before.matches(')').count() {
            parts.extend(expression.get(from..at));
            from = at + word.len();
        }
    }
    parts.extend(expression.get(from..));
    parts
}

/// Packages that come from elsewhere than an allowed registry.
fn strangers(lock: Option<&toml::Table>, allowed: &[String]) -> Vec<String> {
    let packages = lock.and_then(|lock| lock.get("package")).and_then(Value::as_array);
    let Some(packages) = packages else {
        return vec!["Cargo.lock cannot be read".to_owned()];
    };
    let source = |package: &Value| {
        Some(
            package
                .get("source")?
                .as_str()?
                .trim_start_matches("registry+")
                .to_owned(),
        )
    };
    packages
        .iter()
        .filter_map(|package| Some((package.get("name")?.as_str()?, source(package)?)))
        .filter(|(_, source)| !allowed.contains(source))
        .map(|(name, source)| format!("`{name}` comes from `{source}`, which deny.toml does not allow"))
        .collect()
}

/// The packages that an advisory names in the version that we have.
fn holes(packages: &[Package<'_>], advisories: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in advisories.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split('\t');
        let (Some(name), Some(id), Some(kind), Some(safe)) = (words.next(), words.next(), words.next(), words.next())
        else {
            found.push(format!("xtask/advisories.txt: not understood: {line}"));
            continue;
        };
        if ACCEPTED.iter().any(|(accepted, _)| *accepted == id) {
            continue;
        }
        let here = packages.iter().filter(|package| package.name == name);
        found.extend(here.filter(|package| !is_safe(&package.version, safe)).map(|package| {
            format!(
                "`{name}` {} has the advisory {id} ({kind}); safe: {safe}",
                package.version
            )
        }));
    }
    found
}

fn is_safe(version: &Version, ranges: &str) -> bool {
    let mut ranges = ranges.split(" | ").filter(|range| !range.is_empty());
    ranges.any(|range| VersionReq::parse(range).is_ok_and(|range| range.matches(version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "vneid v0.1.0 (/x)\tApache-2.0\ntime v0.3.40\tMIT OR Apache-2.0\ntime v0.3.40\tMIT OR Apache-2.0 (*)\nodd v1.0.0\tGPL-3.0\n";

    #[test]
    fn a_package_with_a_known_hole_is_found_and_a_mended_one_is_not() {
        let list = "# head\ntime\tRUSTSEC-1\tvulnerability\t>=0.3.47 | <0.3.6\nodd\tRUSTSEC-2\tunsound\t>=0.9\n";

        let found = holes(&packages(TREE), list);

        assert_eq!(
            found,
            ["`time` 0.3.40 has the advisory RUSTSEC-1 (vulnerability); safe: >=0.3.47 | <0.3.6"]
        );
    }

    #[test]
    fn a_licence_expression_is_met_by_what_is_allowed() {
        let allowed = ["MIT".to_owned(), "ISC".to_owned(), "Unicode-3.0".to_owned()];
        for (expression, met) in [
            ("MIT", true),
            ("Apache-2.0/MIT", true),
            ("ISC AND (Apache-2.0 OR ISC)", true),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("MIT AND GPL-3.0", false),
            ("", false),
        ] {
            assert_eq!(permits(expression, &allowed), met, "{expression}");
        }
        assert_eq!(unlicensed(&packages(TREE), &allowed).len(), 2);
    }

    #[test]
    fn a_package_from_a_repository_is_found() {
        let lock = "[[package]]\nname = 'a'\nsource = 'git+https://x'\n[[package]]\nname = 'b'\nsource = 'registry+https://r'\n[[package]]\nname = 'ours'\n";

        let found = strangers(Some(&lock.parse().unwrap()), &["https://r".to_owned()]);

        assert_eq!(
            found,
            ["`a` comes from `git+https://x`, which deny.toml does not allow"]
        );
    }

    #[test]
    fn an_advisory_becomes_a_line_unless_it_was_withdrawn() {
        let text = "```toml\n[advisory]\nid = 'RUSTSEC-1'\npackage = 'a'\n[versions]\npatched = ['>= 1.2, < 2']\n```\n\n# Words\n";

        assert_eq!(line_of(text).unwrap(), "a\tRUSTSEC-1\tvulnerability\t>=1.2,<2");
        assert_eq!(line_of(&text.replace("id =", "withdrawn = '2026-01-01'\nid =")), None);
    }
}
