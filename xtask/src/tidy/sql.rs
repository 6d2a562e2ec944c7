//! SQL stands in a store, and only on the tables of its capability.

use super::source::{Literal, Source};
use super::{File, Finding};

/// How a statement begins.
const OPENINGS: &[&str] = &["SELECT", "INSERT INTO", "UPDATE", "DELETE FROM", "WITH"];

/// Words after which the name of a table stands.
const BEFORE_A_TABLE: &[&str] = &["FROM", "JOIN", "INTO", "UPDATE"];

/// The table names of a folder, where they are not simply the folder's name (tables are singular).
const TABLES: &[(&str, &[&str])] = &[
    ("shell", &["session", "job", "limit", "passkey", "toll"]),
    ("accounts", &["account"]),
    ("applications", &["application"]),
    ("certificates", &["certificate"]),
    ("chips", &["chip"]),
    ("consents", &["consent"]),
    ("declarations", &["declaration"]),
    ("devices", &["device"]),
    ("documents", &["document"]),
    ("locks", &["lock"]),
    ("notices", &["notice"]),
    ("officers", &["officer"]),
    ("partners", &["partner"]),
    ("payments", &["payment"]),
    ("procedures", &["procedure"]),
    ("registries", &["registry"]),
    ("reports", &["report"]),
    ("stays", &["stay"]),
    ("testing", &["information_schema.tables"]),
];

/// Statements stand in `store.rs`, on tables that begin with the capability's own name.
pub fn statements_live_with_the_owner_of_the_table(files: &[File]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.is("rs") && file.in_platform().is_some())
        .flat_map(wrong_statements)
        .collect()
}

fn wrong_statements(file: &File) -> Vec<Finding> {
    let statements = Source::read(&file.text).literals.into_iter().filter(is_statement);
    let Some((capability, inside)) = file.in_capability() else {
        return statements
            .map(|statement| {
                file.finding(
                    statement.line,
                    "SQL outside a capability: move it to the store of the table's owner",
                )
            })
            .collect();
    };
    if !is_store(inside) {
        return statements
            .map(|statement| {
                file.finding(
                    statement.line,
                    "SQL outside a store: move it to store.rs and give it a verb",
                )
            })
            .collect();
    }
    statements
        .flat_map(|statement| {
            let foreign = tables(&statement.text)
                .into_iter()
                .filter(|table| !owns(capability, table));
            foreign
                .map(|table| {
                    let advice =
                        format!("`{capability}` does not own the table `{table}`: call its owner's function instead");
                    file.finding(statement.line, advice)
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn is_statement(literal: &Literal) -> bool {
    let text = literal.text.trim_start();
    OPENINGS.iter().any(|opening| {
        text.strip_prefix(opening)
            .is_some_and(|rest| rest.starts_with(char::is_whitespace) && rest.trim() != "")
    })
}

fn is_store(inside: &str) -> bool {
    let name = inside.rsplit('/').next().unwrap_or(inside);
    name.starts_with("store") || inside.contains("store/")
}

fn owns(capability: &str, table: &str) -> bool {
    let known = TABLES.iter().find(|(folder, _)| *folder == capability);
    let names = known.map_or(&[][..], |(_, names)| names);
    names.iter().chain([&capability]).any(|name| {
        table
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    })
}

/// The tables that a statement names, without the names that it gives itself in `WITH`.
fn tables(sql: &str) -> Vec<String> {
    let spaced: String = sql
        .chars()
        .flat_map(|c| if "(),;".contains(c) { vec![' ', c, ' '] } else { vec![c] })
        .collect();
    let words: Vec<&str> = spaced.split_whitespace().filter(|word| *word != "\\").collect();
    let given: Vec<&str> = words
        .windows(3)
        .filter_map(|three| match three {
            [name, keyword, "("] if keyword.eq_ignore_ascii_case("AS") => Some(*name),
            _ => None,
        })
        .collect();
    let mut found: Vec<String> = Vec::new();
    for (at, three) in words.windows(2).enumerate() {
        let [keyword, table] = three else { continue };
        let before = at
            .checked_sub(1)
            .and_then(|at| words.get(at))
            .copied()
            .unwrap_or_default();
        let follows =
            BEFORE_A_TABLE.contains(keyword) && before != "DISTINCT" && !(*keyword == "UPDATE" && *table == "SET");
        let is_name = table.starts_with(|c: char| c.is_ascii_lowercase());
        if follows && is_name && !given.contains(table) && !found.iter().any(|known| known == table) {
            found.push((*table).to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn the_tables_of_a_statement_are_found() {
        let sql = "WITH due AS (SELECT id FROM stays_due) UPDATE stay SET x = $1 FROM due JOIN stay_guest g ON g.a IS DISTINCT FROM due.b \
                   WHERE EXISTS(SELECT 1 FROM account) ON CONFLICT DO UPDATE SET y = 1";

        assert_eq!(tables(sql), ["stays_due", "stay", "stay_guest", "account"]);
    }

    #[test]
    fn a_store_may_name_only_its_own_tables() {
        let text = "fn f() { q(\"SELECT a FROM stay_guest\"); q(\"DELETE FROM account\n WHERE x = $1\"); q(\"INSERT INTO staying (a) VALUES ($1)\") }";

        let found = statements_live_with_the_owner_of_the_table(&[file("crates/platform/src/stays/store.rs", text)]);

        let advice: Vec<&str> = found.iter().map(|finding| finding.advice.as_str()).collect();
        assert_eq!(
            advice,
            [
                "`stays` does not own the table `account`: call its owner's function instead",
                "`stays` does not own the table `staying`: call its owner's function instead",
            ]
        );
    }

    #[test]
    fn sql_outside_a_store_is_found_but_a_sentence_is_not_sql() {
        let files = [
            file(
                "crates/platform/src/stays/http.rs",
                "q(\"SELECT a FROM stay\"); say(\"SELECT\"); say(\"UPDATED\")",
            ),
            file("crates/platform/src/app.rs", "q(\"DELETE FROM stay\")"),
            file("crates/platform/src/shell/jobs/store.rs", "q(\"SELECT id FROM job\")"),
            file("crates/db/src/lib.rs", "q(\"SELECT 1 FROM x\")"),
        ];

        let found: Vec<String> = statements_live_with_the_owner_of_the_table(&files)
            .into_iter()
            .map(|finding| finding.path)
            .collect();

        assert_eq!(
            found,
            ["crates/platform/src/stays/http.rs", "crates/platform/src/app.rs"]
        );
    }
}
