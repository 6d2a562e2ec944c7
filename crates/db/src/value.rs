//! What goes into a statement and what comes out of a row.

use jiff::Timestamp;
use rusqlite::types::ValueRef;

use crate::{Error, postgres::PgCell};

/// A value for a placeholder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// BIGINT; also an instant, in microseconds since 1970 UTC.
    Int(i64),
    /// TEXT.
    Text(&'a str),
    /// BYTEA, BLOB in `SQLite`.
    Bytes(&'a [u8]),
}

impl std::fmt::Debug for Value<'_> {
    /// Names the kind only: a value may be personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

impl Value<'_> {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Int(_) => "a whole number",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<&i64> for Value<'_> {
    fn from(number: &i64) -> Self {
        Self::Int(*number)
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Int(at.as_microsecond())
    }
}

impl From<&Timestamp> for Value<'_> {
    fn from(at: &Timestamp) -> Self {
        Self::Int(at.as_microsecond())
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<'a, T> From<&'a Option<T>> for Value<'a>
where
    &'a T: Into<Value<'a>>,
{
    fn from(value: &'a Option<T>) -> Self {
        value.as_ref().map_or(Self::Null, Into::into)
    }
}

/// One column of one row, on its way out.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    column: &'a str,
    value: Value<'a>,
}

impl<'a> Cell<'a> {
    /// What the column holds.
    pub fn value(&self) -> Value<'a> {
        self.value
    }

    /// The whole number in the column.
    ///
    /// # Errors
    ///
    /// [`Error::Column`] if it holds something else.
    pub fn int(&self) -> Result<i64, Error> {
        match self.value {
            Value::Int(number) => Ok(number),
            _ => Err(self.not("a whole number")),
        }
    }

    /// The text in the column.
    ///
    /// # Errors
    ///
    /// [`Error::Column`] if it holds something else.
    pub fn text(&self) -> Result<&'a str, Error> {
        match self.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.not("text")),
        }
    }

    /// The bytes in the column.
    ///
    /// # Errors
    ///
    /// [`Error::Column`] if it holds something else.
    pub fn bytes(&self) -> Result<&'a [u8], Error> {
        match self.value {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(self.not("bytes")),
        }
    }

    /// The error that this column does not hold `what`; for [`Column`]s of other crates. It names no value.
    pub fn not(&self, what: &str) -> Error {
        wrong(self.column, format!("{} is not {what}", self.value.kind()))
    }
}

/// A type that can be read from a column.
pub trait Column: Sized {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// [`Error::Column`] (see [`Cell::not`]) if the column holds something else.
    fn read(cell: Cell<'_>) -> Result<Self, Error>;
}

impl Column for i64 {
    fn read(cell: Cell<'_>) -> Result<Self, Error> {
        cell.int()
    }
}

impl Column for String {
    fn read(cell: Cell<'_>) -> Result<Self, Error> {
        cell.text().map(str::to_owned)
    }
}

impl Column for Vec<u8> {
    fn read(cell: Cell<'_>) -> Result<Self, Error> {
        cell.bytes().map(<[u8]>::to_vec)
    }
}

impl<const N: usize> Column for [u8; N] {
    fn read(cell: Cell<'_>) -> Result<Self, Error> {
        cell.bytes()?
            .try_into()
            .ok()
            .ok_or_else(|| cell.not(&format!("of {N} bytes")))
    }
}

impl Column for Timestamp {
    fn read(cell: Cell<'_>) -> Result<Self, Error> {
        Self::from_microsecond(cell.int()?)
            .ok()
            .ok_or_else(|| cell.not("an instant"))
    }
}

impl<T: Column> Column for Option<T> {
    fn read(cell: Cell<'_>) -> Result<Self, Error> {
        match cell.value {
            Value::Null => Ok(None),
            _ => T::read(cell).map(Some),
        }
    }
}

/// One row of an answer.
pub struct Row<'a> {
    row: EngineRow<'a>,
    /// Where the next column is likely to be: they are mostly read in their order.
    next: std::cell::Cell<usize>,
}

pub(crate) enum EngineRow<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl<'a> Row<'a> {
    pub(crate) fn new(row: EngineRow<'a>) -> Self {
        Self {
            row,
            next: std::cell::Cell::new(0),
        }
    }

    /// The column of that name.
    ///
    /// # Errors
    ///
    /// [`Error::Column`] if there is no such column or it does not hold a `T`.
    pub fn get<T: Column>(&self, column: &str) -> Result<T, Error> {
        let index = self.place(column).ok_or_else(|| missing(column))?;
        self.next.set(index + 1);
        let value = match &self.row {
            EngineRow::Sqlite(row) => from_sqlite(row, index, column)?,
            EngineRow::Postgres(row) => from_postgres(row, index, column)?,
        };

        T::read(Cell { column, value })
    }

    fn place(&self, column: &str) -> Option<usize> {
        let next = self.next.get();
        match &self.row {
            EngineRow::Sqlite(row) => {
                let statement = row.as_ref();
                let is_next = statement.column_name(next).is_ok_and(|name| name == column);
                let found = is_next.then_some(next);
                found.or_else(|| statement.column_index(column).ok())
            }
            EngineRow::Postgres(row) => {
                let columns = row.columns();
                let is_next = columns.get(next).is_some_and(|each| each.name() == column);
                let found = is_next.then_some(next);
                found.or_else(|| columns.iter().position(|each| each.name() == column))
            }
        }
    }
}

fn from_sqlite<'a>(row: &'a rusqlite::Row<'_>, index: usize, column: &str) -> Result<Value<'a>, Error> {
    let cell = row.get_ref(index).ok().ok_or_else(|| missing(column))?;

    match cell {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(text) => std::str::from_utf8(text)
            .map(Value::Text)
            .ok()
            .ok_or_else(|| wrong(column, "text is not UTF-8".to_owned())),
        ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes)),
        ValueRef::Real(_) => Err(wrong(column, "fractions are not supported".to_owned())),
    }
}

fn from_postgres<'a>(row: &'a tokio_postgres::Row, index: usize, column: &str) -> Result<Value<'a>, Error> {
    row.try_get::<_, PgCell<'a>>(index)
        .map(|cell| cell.0)
        .ok()
        .ok_or_else(|| {
            let kind = row
                .columns()
                .get(index)
                .map_or("", |described| described.type_().name());
            wrong(column, format!("the type {kind} is not supported"))
        })
}

fn missing(column: &str) -> Error {
    wrong(column, "there is no such column".to_owned())
}

fn wrong(column: &str, why: String) -> Error {
    Error::Column {
        column: column.to_owned(),
        why,
    }
}
