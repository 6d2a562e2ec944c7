//! The schema: one set of files for both engines.

use crate::{Engine, Error, Tx};

/// One step of the schema, applied once and never changed again.
///
/// The text is written for PostgreSQL, in its plain part: `CREATE TABLE`, `CREATE INDEX`, the types TEXT, BIGINT and
/// BYTEA, no booleans, no triggers. For `SQLite`, BIGINT becomes INT and BYTEA becomes BLOB (whole words outside of
/// quotes and comments, in any case), and every table is made STRICT. What only one engine understands (partitions) stands between lines:
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

pub(crate) fn apply(tx: &mut Tx<'_>, engine: Engine, migrations: &[Migration]) -> Result<Vec<String>, Error> {
    tx.script("CREATE TABLE IF NOT EXISTS schema_migration (name TEXT NOT NULL PRIMARY KEY, content TEXT NOT NULL)")?;
    let mut applied = tx.query("SELECT name, content FROM schema_migration", &[], |row| {
        Ok((row.get::<String>("name")?, row.get::<String>("content")?))
    })?;
    // Sorted here: the engines do not agree on the order of text.
    applied.sort();

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

/// The text as an engine understands it.
fn dialect(engine: Engine, sql: &str) -> String {
    let own = lines_for(engine, sql);
    match engine {
        Engine::Postgres => own,
        Engine::Sqlite => strict(&own),
    }
}

/// Leaves out comments and what is only for the other engine.
fn lines_for(engine: Engine, sql: &str) -> String {
    let mut text = String::new();
    let mut wanted = true;
    for line in sql.lines() {
        match line.trim() {
            "-- only postgres" => wanted = engine == Engine::Postgres,
            "-- only sqlite" => wanted = engine == Engine::Sqlite,
            "-- end" => wanted = true,
            comment if comment.starts_with("--") => {}
            _ if wanted => {
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    text
}

/// Puts the types of `SQLite` in place and makes every table STRICT.
fn strict(sql: &str) -> String {
    let mut text = String::new();
    let mut quoted = false;
    let mut table = false;
    for token in tokens(sql) {
        if token == "'" {
            quoted = !quoted;
        }
        let plain = !quoted;
        match token {
            _ if plain && token.eq_ignore_ascii_case("BYTEA") => text.push_str("BLOB"),
            _ if plain && token.eq_ignore_ascii_case("BIGINT") => text.push_str("INT"),
            ";" if plain => {
                text.push_str(if table { " STRICT;" } else { ";" });
                table = false;
            }
            _ => {
                // Of the statements in migrations, only CREATE TABLE has the word TABLE right behind CREATE.
                table |= plain
                    && token.eq_ignore_ascii_case("TABLE")
                    && text.trim_end().to_ascii_uppercase().ends_with("CREATE");
                text.push_str(token);
            }
        }
    }
    text
}

/// Words, and everything between them character by character.
fn tokens(sql: &str) -> impl Iterator<Item = &str> {
    sql.split_inclusive(|each: char| !each.is_alphanumeric() && each != '_')
        .flat_map(|piece| {
            let end = piece
                .char_indices()
                .next_back()
                .filter(|(_, last)| !last.is_alphanumeric() && *last != '_');
            let (word, mark) = piece.split_at(end.map_or(piece.len(), |(at, _)| at));
            [word, mark]
        })
}
