//! No forbidden dependency, none that is named but not used, and none that the audit refuses.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

use super::audit;
use crate::workspace::{cargo, files, packages, root, say};

/// One cryptographic library (aws-lc-rs) serves everything; these would bring a second.
const FORBIDDEN: &[&str] = &["ring", "openssl", "openssl-sys", "native-tls"];

/// Where a package names its dependencies.
const SECTIONS: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// Checks these rules and prints what breaks them.
pub fn run() -> bool {
    let mut wrong = match cargo(&["tree", "--workspace", "--prefix", "none", "--format", "{p}"]).output() {
        Ok(tree) if tree.status.success() => forbidden(&String::from_utf8_lossy(&tree.stdout)),
        _ => vec!["`cargo tree` failed: see whether Cargo.lock fits the Cargo.toml files".to_owned()],
    };
    let mut manifests = Vec::new();
    for package in packages() {
        wrong.extend(unused_in(&package));
        manifests.extend(table(&package.join("Cargo.toml")));
    }
    if let Some(workspace) = table(&root().join("Cargo.toml")) {
        wrong.extend(unclaimed(&workspace, &manifests));
    }
    wrong.extend(audit::run());
    for line in &wrong {
        say(line);
    }
    wrong.is_empty()
}

/// The forbidden packages in the output of `cargo tree`.
fn forbidden(tree: &str) -> Vec<String> {
    let mut found: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    found.sort_unstable();
    found.dedup();
    found.retain(|name| FORBIDDEN.contains(name));
    found
        .into_iter()
        .map(|name| format!("`{name}` is forbidden: find who brings it with `cargo tree --workspace -i {name}`"))
        .collect()
}

/// A TOML file, read.
pub fn table(path: &Path) -> Option<Table> {
    fs::read_to_string(path).ok()?.parse().ok()
}

/// The dependencies of the workspace that none of its packages names.
fn unclaimed(workspace: &Table, packages: &[Table]) -> Vec<String> {
    let listed = workspace
        .get("workspace")
        .and_then(|table| table.get("dependencies"))
        .and_then(Value::as_table);
    let is_claimed = |name: &str| {
        packages.iter().any(|package| {
            SECTIONS
                .iter()
                .any(|section| names(package, section).any(|known| known == name))
        })
    };
    listed
        .into_iter()
        .flat_map(Table::keys)
        .filter(|name| !is_claimed(name))
        .map(|name| format!("Cargo.toml: no package uses `{name}`: remove it"))
        .collect()
}

fn names<'a>(manifest: &'a Table, section: &str) -> impl Iterator<Item = &'a String> + use<'a> {
    manifest
        .get(section)
        .and_then(Value::as_table)
        .into_iter()
        .flat_map(Table::keys)
}

fn unused_in(package: &Path) -> Vec<String> {
    let path = package.join("Cargo.toml");
    let shown = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
    let Some(manifest) = table(&path) else {
        return vec![format!("{shown}: cannot be read")];
    };
    let (mut shipped, mut all) = (String::new(), String::new());
    for file in files(package)
        .iter()
        .filter(|file| file.extension().is_some_and(|kind| kind == "rs"))
    {
        let source = fs::read_to_string(file).unwrap_or_default();
        let inside = file.strip_prefix(package).unwrap_or(file);
        if inside.starts_with("src") || inside == Path::new("build.rs") {
            shipped.push_str(&source);
        }
        all.push_str(&source);
    }
    unused(&manifest, &shipped, &all)
        .into_iter()
        .map(|name| format!("{shown}: `{name}` is not used: remove it"))
        .collect()
}

/// The dependencies that no source names. Test-only ones may be named anywhere, the others in what is shipped.
fn unused(manifest: &Table, shipped: &str, all: &str) -> Vec<String> {
    let mut found: Vec<String> = names(manifest, "dependencies")
        .filter(|name| !mentions(shipped, name))
        .cloned()
        .collect();
    found.extend(
        names(manifest, "dev-dependencies")
            .filter(|name| !mentions(all, name))
            .cloned(),
    );
    found
}

/// Whether the source has `dependency::` or `use dependency`, as whole words.
fn mentions(source: &str, dependency: &str) -> bool {
    let name = dependency.replace('-', "_");
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    source.match_indices(&name).any(|(at, _)| {
        let before = source.get(..at).unwrap_or_default();
        let after = source.get(at + name.len()..).unwrap_or_default();
        let whole = !before.ends_with(is_word) && !after.starts_with(is_word);
        whole && (after.starts_with("::") || before.ends_with("use "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbidden_package_is_found_whatever_its_version() {
        let tree = "vneid v0.1.0 (/x)\nring v0.17.14\nring v0.17.14 (*)\nstring v1.0.0\n";

        let found = forbidden(tree);

        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("`ring` is forbidden"));
    }

    #[test]
    fn a_dependency_that_no_source_names_is_unused() {
        let manifest: Table = "[dependencies]\ntower-http = '1'\ntower = '1'\n[dev-dependencies]\ninsta = '1'\n"
            .parse()
            .unwrap();
        let source = "use tower_http::trace; // tower\n";

        let found = unused(&manifest, source, "insta::assert_snapshot!()");

        assert_eq!(found, ["tower"]);
    }

    #[test]
    fn a_dependency_of_the_workspace_that_no_package_names_is_found() {
        let workspace: Table = "[workspace.dependencies]\nserde = '1'\nrefinery = '1'\n"
            .parse()
            .unwrap();
        let package: Table = "[dev-dependencies]\nserde.workspace = true\n".parse().unwrap();

        assert_eq!(
            unclaimed(&workspace, &[package]),
            ["Cargo.toml: no package uses `refinery`: remove it"]
        );
    }

    #[test]
    fn a_dependency_that_only_tests_name_is_a_dev_dependency() {
        let manifest: Table = "[dependencies]\nserde = '1'\n".parse().unwrap();

        assert_eq!(unused(&manifest, "", "use serde::Serialize;"), ["serde"]);
    }
}
