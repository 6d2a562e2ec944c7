//! The marks of how far the sealing anew has come, and the sealed columns of all capabilities as the inventory names them.

use std::sync::LazyLock;

use db::{Cell, Column, Conn, Error, Tx, Value};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::inventory::INVENTORY;
use super::rules::{Progress, Sealed, Word};

/// A part of a key, of whatever type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Part {
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Column for Part {
    fn read(cell: Cell<'_>) -> Result<Self, Error> {
        match cell.value() {
            Value::Int(number) => Ok(Self::Int(number)),
            Value::Text(text) => Ok(Self::Text(text.to_owned())),
            Value::Bytes(bytes) => Ok(Self::Bytes(bytes.to_vec())),
            Value::Null => Err(cell.not("part of a key")),
        }
    }
}

impl Part {
    /// An identifier.
    pub(super) fn id(&self) -> Option<[u8; 16]> {
        match self {
            Self::Bytes(bytes) => bytes.as_slice().try_into().ok(),
            _ => None,
        }
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Int(number) => (*number).into(),
            Self::Text(text) => text.into(),
            Self::Bytes(bytes) => bytes.as_slice().into(),
        }
    }
}

/// One sealed value.
pub(super) struct Found {
    pub(super) key: Vec<Part>,
    pub(super) word: String,
    pub(super) row: Vec<u8>,
    pub(super) value: Vec<u8>,
}

/// How far a column is: the key of the last row that was looked at.
pub(super) struct Mark {
    pub(super) after: Option<Vec<Part>>,
    pub(super) finished: bool,
}

/// Where a column is, and whether it was begun at all.
pub(super) fn mark(conn: &mut Conn<'_>, key_id: [u8; 4], place: &str) -> Result<Option<Mark>, Error> {
    conn.query_opt(
        "SELECT after_row, finished_at FROM resealing_column WHERE key_id = $1 AND place = $2",
        &[key_id.as_slice().into(), place.into()],
        |row| {
            let after: Option<String> = row.get("after_row")?;
            Ok(Mark {
                after: after.and_then(|after| serde_json::from_str(&after).ok()),
                finished: row.get::<Option<Timestamp>>("finished_at")?.is_some(),
            })
        },
    )
}

/// Begins a column, or begins it again.
pub(super) fn begin(tx: &mut Tx<'_>, key_id: [u8; 4], place: &str, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO resealing_column (key_id, place, seen, resealed, unreadable, started_at) VALUES ($1, $2, 0, 0, 0, $3)
         ON CONFLICT (key_id, place) DO UPDATE SET after_row = NULL, seen = 0, unreadable = 0, finished_at = NULL",
        &[key_id.as_slice().into(), place.into(), now.into()],
    )?;
    Ok(())
}

/// What one piece did.
#[derive(Default)]
pub(super) struct Done {
    pub(super) seen: i64,
    pub(super) resealed: i64,
    pub(super) unreadable: i64,
    pub(super) last: Option<Vec<Part>>,
    pub(super) finished_at: Option<Timestamp>,
}

/// Moves the mark on.
pub(super) fn move_on(tx: &mut Tx<'_>, key_id: [u8; 4], place: &str, done: &Done) -> Result<(), Error> {
    // The parts of keys are numbers, texts and bytes: they are always written.
    let last = done
        .last
        .as_ref()
        .map(|last| serde_json::to_string(last).unwrap_or_default());
    tx.execute(
        "UPDATE resealing_column
            SET after_row = COALESCE($3, after_row), seen = seen + $4, resealed = resealed + $5, unreadable = unreadable + $6,
                finished_at = $7
          WHERE key_id = $1 AND place = $2",
        &[
            key_id.as_slice().into(),
            place.into(),
            last.as_deref().into(),
            done.seen.into(),
            done.resealed.into(),
            done.unreadable.into(),
            done.finished_at.into(),
        ],
    )?;
    Ok(())
}

/// The next values of a column of the inventory.
pub(super) fn next(conn: &mut Conn<'_>, number: usize, after: Option<&[Part]>, most: i64) -> Result<Vec<Found>, Error> {
    let (sealed, statements) = column(number)?;
    let read = |row: &db::Row<'_>| {
        let key = sealed.key.iter().map(|column| row.get::<Part>(column));
        Ok(Found {
            key: key.collect::<Result<_, Error>>()?,
            word: match sealed.word {
                Word::Is(word) => word.to_owned(),
                Word::Of(_) => row.get("vault_word")?,
            },
            row: vault_row(sealed, row)?,
            value: row.get("vault_value")?,
        })
    };
    let mut values: Vec<Value<'_>> = vec![most.into()];
    let Some(after) = after else {
        return conn.query(statements.first, &values, read);
    };
    values.extend(after.iter().map(Part::value));
    conn.query(statements.after, &values, read)
}

/// The row as the vault knows it.
fn vault_row(sealed: &Sealed, row: &db::Row<'_>) -> Result<Vec<u8>, Error> {
    let parts = sealed.row.split('+').enumerate();
    let parts = parts.map(|(turn, _)| row.get::<Vec<u8>>(&format!("vault_row_{turn}")));
    Ok(parts.collect::<Result<Vec<_>, Error>>()?.concat())
}

/// Puts another value in place of one, if that is still there.
pub(super) fn replace(tx: &mut Tx<'_>, number: usize, found: &Found, fresh: &[u8]) -> Result<(), Error> {
    let (_, statements) = column(number)?;
    let mut values: Vec<Value<'_>> = vec![(&found.value).into(), fresh.into()];
    values.extend(found.key.iter().map(Part::value));
    tx.execute(statements.replace, &values)?;
    Ok(())
}

/// How many values of a column are not sealed under a key.
pub(super) fn left(conn: &mut Conn<'_>, number: usize, key_id: [u8; 4]) -> Result<i64, Error> {
    let (_, statements) = column(number)?;
    conn.query_one(statements.left, &[key_id.as_slice().into()], |row| row.get("found"))
}

/// How far each column is.
pub(super) fn progress(conn: &mut Conn<'_>, key_id: [u8; 4]) -> Result<Vec<Progress>, Error> {
    let mut all = Vec::new();
    for (number, (sealed, statements)) in INVENTORY.iter().zip(STATEMENTS.iter()).enumerate() {
        let place = sealed.place();
        let marked = conn.query_opt(
            "SELECT seen, resealed, unreadable, finished_at FROM resealing_column WHERE key_id = $1 AND place = $2",
            &[key_id.as_slice().into(), (&place).into()],
            |row| {
                Ok((
                    [row.get::<i64>("seen")?, row.get("resealed")?, row.get("unreadable")?],
                    row.get("finished_at")?,
                ))
            },
        )?;
        let ([seen, resealed, unreadable], finished_at) = marked.unwrap_or_default();
        all.push(Progress {
            values: conn.query_one(statements.count, &[], |row| row.get("found"))?,
            left: left(conn, number, key_id)?,
            place,
            seen,
            resealed,
            unreadable,
            finished_at,
        });
    }
    Ok(all)
}

fn column(number: usize) -> Result<(&'static Sealed, &'static Statements), Error> {
    INVENTORY.get(number).zip(STATEMENTS.get(number)).ok_or(Error::NoRow)
}

/// The statements for one column, as text that lives as long as the program.
struct Statements {
    /// The first rows, in the order of the key.
    first: &'static str,
    /// The rows after one.
    after: &'static str,
    /// Another value in place of the one that was read.
    replace: &'static str,
    /// How many values there are.
    count: &'static str,
    /// How many are not sealed under a key.
    left: &'static str,
}

/// The statements of the inventory, in its order.
static STATEMENTS: LazyLock<Vec<Statements>> = LazyLock::new(|| INVENTORY.iter().map(Statements::of).collect());

impl Statements {
    fn of(sealed: &Sealed) -> Self {
        let (table, column, key) = (sealed.table, sealed.column, sealed.key.join(", "));
        let also = match sealed.word {
            Word::Is(_) => String::new(),
            Word::Of(column) => format!(", {column} AS vault_word"),
        };
        // What is done with is empty; that and nothing at all have no length to speak of.
        let numbers = |from: usize| -> Vec<String> {
            (from..from + sealed.key.len())
                .map(|number| format!("${number}"))
                .collect()
        };
        let rows = sealed.row.split('+').enumerate();
        let rows: Vec<String> = rows
            .map(|(turn, column)| format!("{column} AS vault_row_{turn}"))
            .collect();
        let looked_at = format!(
            "SELECT {key}, {column} AS vault_value, {}{also} FROM {table} WHERE length({column}) > 0",
            rows.join(", ")
        );
        let same: Vec<String> = sealed
            .key
            .iter()
            .zip(numbers(3))
            .map(|(key, number)| format!("{key} = {number}"))
            .collect();
        Self {
            first: format!("{looked_at} ORDER BY {key} LIMIT $1").leak(),
            after: format!(
                "{looked_at} AND ({key}) > ({}) ORDER BY {key} LIMIT $1",
                numbers(2).join(", ")
            )
            .leak(),
            replace: format!(
                "UPDATE {table} SET {column} = $2 WHERE {column} = $1 AND {}",
                same.join(" AND ")
            )
            .leak(),
            count: format!("SELECT COUNT(*) AS found FROM {table} WHERE length({column}) > 0").leak(),
            left: format!(
                "SELECT COUNT(*) AS found FROM {table} WHERE length({column}) > 0 AND substr({column}, 2, 4) <> $1"
            )
            .leak(),
        }
    }
}
