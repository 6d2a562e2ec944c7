//! The schema: one set of files for both engines.

use crate::{Engine, Error, Tx};

/// One step of the schema, applied once and never changed again.
///
/// The text is written for PostgreSQL, in its plain part: `CREATE TABLE`, `CREATE INDEX`, the types TEXT, BIGINT and
/// BYTEA, no booleans, no triggers. For `SQLite`, BIGINT becomes INT and BYTEA becomes BLOB (outside of
/// quotes, in any case), and every table is made STRICT and, if it has a primary key, WITHOUT ROWID.
/// What only one engine understands (partitions) stands between lines:
///
/// ```sql
/// -- only postgres
/// PARTITION BY RANGE (entered_at)
/// -- end
/// ```
///
/// The text that was applied is kept in the table `schema_migration`, so that a change is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Its name, for example `V0001__accounts`; the order of the names is the order of application.
    pub name: &'static str,
    /// Its statements.
    pub sql: &'static str,
}

const APPLIED: &str =
    "CREATE TABLE IF NOT EXISTS schema_migration (name TEXT NOT NULL PRIMARY KEY, content TEXT NOT NULL);";

pub(crate) fn apply(tx: &mut Tx<'_>, engine: Engine, migrations: &[Migration]) -> Result<Vec<String>, Error> {
    tx.script(&dialect(engine, APPLIED))?;
    let mut applied = tx.query("SELECT name, content FROM schema_migration", &[], |row| {
        Ok((row.get::<String>("name")?, row.get::<String>("content")?))
    })?;
    // Sorted here: the engines do not agree on the order of text.
    applied.sort();

    continues(&applied, migrations)?;

    let mut now = Vec::new();
    for migration in migrations.iter().skip(applied.len()) {
        tx.script(&dialect(engine, migration.sql))?;
        tx.execute(
            "INSERT INTO schema_migration (name, content) VALUES ($1, $2)",
            &[migration.name.into(), migration.sql.into()],
        )?;
        now.push(migration.name.to_owned());
    }
    Ok(now)
}

/// Do the migrations given begin with those applied, unchanged?
fn continues(applied: &[(String, String)], migrations: &[Migration]) -> Result<(), Error> {
    for ((name, content), known) in applied.iter().zip(migrations) {
        if name != known.name {
            return Err(Error::Migration(format!(
                "{name} was applied where {} is expected",
                known.name
            )));
        }
        if content != known.sql {
            return Err(Error::Migration(format!("{name} has changed since it was applied")));
        }
    }
    if let Some((name, _)) = applied.get(migrations.len()) {
        return Err(Error::Migration(format!(
            "{name} was applied, but is unknown to this program"
        )));
    }
    if let Some(name) = migrations
        .iter()
        .zip(migrations.iter().skip(1))
        .find(|(a, b)| a.name >= b.name)
    {
        return Err(Error::Migration(format!(
            "{} must stand before {}",
            name.1.name, name.0.name
        )));
    }
    Ok(())
}

/// The text as an engine understands it.
fn dialect(engine: Engine, sql: &str) -> String {
    let own = lines_for(engine, sql);
    match engine {
        Engine::Postgres => own,
        Engine::Sqlite => strict(&own),
    }
}

/// Leaves out what is only for the other engine.
fn lines_for(engine: Engine, sql: &str) -> String {
    let mut text = String::new();
    let mut wanted = true;
    for line in sql.lines() {
        match line.trim() {
            "-- only postgres" => wanted = engine == Engine::Postgres,
            "-- only sqlite" => wanted = engine == Engine::Sqlite,
            "-- end" => wanted = true,
            _ if wanted => {
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    text
}

/// Where a token stands.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Statement,
    Quote,
    Comment,
}

/// Puts the types of `SQLite` in place and makes every table STRICT; the comments are left out.
///
/// A table with a primary key is kept in its order (WITHOUT ROWID): a row is one step away, not two, and the rows of a
/// person, whose key comes first, lie together.
fn strict(sql: &str) -> String {
    let mut text = String::new();
    let mut within = Within::Statement;
    let mut before = "";
    let (mut table, mut primary) = (false, false);
    for token in tokens(sql) {
        match (within, token) {
            (Within::Comment, "\n") => {
                within = Within::Statement;
                text.push('\n');
            }
            (Within::Comment, _) => {}
            (Within::Quote, _) => {
                if token == "'" {
                    within = Within::Statement;
                }
                text.push_str(token);
            }
            (Within::Statement, "-") if text.ends_with('-') => {
                text.pop();
                within = Within::Comment;
            }
            (Within::Statement, ";") => {
                text.push_str(match (table, primary) {
                    (false, _) => ";",
                    (true, false) => " STRICT;",
                    (true, true) => " STRICT, WITHOUT ROWID;",
                });
                (table, primary) = (false, false);
            }
            (Within::Statement, _) => {
                if token == "'" {
                    within = Within::Quote;
                }
                table |= before.eq_ignore_ascii_case("CREATE") && token.eq_ignore_ascii_case("TABLE");
                primary |= token.eq_ignore_ascii_case("PRIMARY");
                text.push_str(sqlite_type(token).unwrap_or(token));
            }
        }
        if !token.trim().is_empty() {
            before = token;
        }
    }
    text
}

/// INT, not INTEGER: an INTEGER PRIMARY KEY would number itself.
fn sqlite_type(word: &str) -> Option<&'static str> {
    let types = [("BYTEA", "BLOB"), ("BIGINT", "INT")];

    types
        .iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name))
        .map(|(_, own)| *own)
}

/// Words, and everything between them character by character.
fn tokens(sql: &str) -> impl Iterator<Item = &str> {
    sql.split_inclusive(|each: char| !is_of_word(each)).flat_map(|piece| {
        let mark = piece.char_indices().next_back().filter(|(_, last)| !is_of_word(*last));
        let (word, mark) = piece.split_at(mark.map_or(piece.len(), |(at, _)| at));
        [word, mark]
    })
}

fn is_of_word(each: char) -> bool {
    each.is_alphanumeric() || each == '_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::strict;

    #[test]
    fn only_types_and_tables_are_translated() {
        let sql = "create table bytea_log (a bytea, b BIGINT DEFAULT -1, c TEXT DEFAULT 'it''s; BYTEA'); -- it's; x
CREATE TABLE two (a TEXT NOT NULL PRIMARY KEY);
CREATE INDEX log_a ON bytea_log (a);";

        let translated = strict(sql);

        let expected = "create table bytea_log (a BLOB, b INT DEFAULT -1, c TEXT DEFAULT 'it''s; BYTEA') STRICT; 
CREATE TABLE two (a TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE INDEX log_a ON bytea_log (a);";
        assert_eq!(translated, expected);
    }

    proptest! {
        #[test]
        fn what_has_no_name_of_a_type_stays_as_it_is(sql in "[a-z0-9_'\"(),. \n\u{1ea0}-\u{1ef9}]{0,60}") {
            prop_assert_eq!(strict(&sql), sql);
        }

        #[test]
        fn any_text_can_be_translated(sql in ".*") {
            strict(&sql);
        }
    }
}
