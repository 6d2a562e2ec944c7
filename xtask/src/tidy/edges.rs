//! Which crate may know which.

use toml::{Table, Value};

use super::{File, Finding};

/// Each crate of the workspace and the crates of the workspace it may name. Arrows point one way.
const EDGES: &[(&str, &[&str])] = &[
    ("db", &[]),
    ("crypto", &[]),
    ("civil", &["crypto"]),
    ("oidc", &["crypto"]),
    ("credentials", &["crypto", "civil"]),
    ("nation", &["crypto", "civil"]),
    ("platform", &["db", "crypto", "civil", "oidc", "credentials", "nation"]),
    ("xtask", &[]),
];

const SECTIONS: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// Every crate names only the crates that the table allows, for its tests too.
pub fn crates_know_only_what_they_may(files: &[File]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.name() == "Cargo.toml")
        .flat_map(wrong_edges)
        .collect()
}

fn wrong_edges(file: &File) -> Vec<Finding> {
    let folder = file.folder();
    let name = folder.rsplit('/').next().unwrap_or(folder);
    let Some((_, allowed)) = EDGES.iter().find(|(known, _)| *known == name) else {
        return vec![file.finding(
            1,
            format!("`{name}` is not in the table of crates: add it to xtask/src/tidy/edges.rs with what it may use"),
        )];
    };
    let Ok(manifest) = file.text.parse::<Table>() else {
        return vec![file.finding(1, "cannot be read as TOML")];
    };
    let named = SECTIONS
        .iter()
        .filter_map(|section| manifest.get(*section)?.as_table())
        .flat_map(Table::iter);
    named
        .map(|(key, value)| value.get("package").and_then(Value::as_str).unwrap_or(key))
        .filter(|used| EDGES.iter().any(|(known, _)| known == used) && !allowed.contains(used))
        .map(|used| {
            let line = file
                .text
                .lines()
                .position(|line| line.starts_with(used))
                .map_or(1, |at| at + 1);
            file.finding(
                line,
                format!(
                    "`{name}` may not use `{used}`: pass what it needs as an argument, or move it where both are known"
                ),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn an_arrow_against_the_table_is_found_in_every_section() {
        let text = "[dependencies]\ncrypto.workspace = true\ndb.workspace = true\n[dev-dependencies]\nnation.workspace = true\n";

        let found = crates_know_only_what_they_may(&[file("crates/oidc/Cargo.toml", text)]);

        let lines: Vec<usize> = found.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [3, 5]);
        assert!(found[0].advice.starts_with("`oidc` may not use `db`"));
    }

    #[test]
    fn a_crate_that_the_table_does_not_know_is_found() {
        let found = crates_know_only_what_they_may(&[file("crates/utils/Cargo.toml", "[package]\n")]);

        assert!(found[0].advice.contains("`utils` is not in the table"));
    }
}
