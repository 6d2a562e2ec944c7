//! The inventory of what is sealed, and how far its sealing anew has come.

use jiff::Timestamp;
use serde::Serialize;

/// One sealed column: where it is in the database, and for which place its values are sealed.
pub(super) struct Sealed {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    /// The primary key.
    pub(super) key: &'static [&'static str],
    /// The column as the vault knows it.
    pub(super) word: Word,
    /// The columns of which the bytes, one after the other, are the row as the vault knows it, joined by a plus.
    pub(super) row: &'static str,
}

/// The column as the vault knows it.
#[derive(Clone, Copy)]
pub(super) enum Word {
    /// The same for each row.
    Is(&'static str),
    /// What that column of the row says.
    Of(&'static str),
}

pub(super) const fn sealed(
    (table, column): (&'static str, &'static str),
    key: &'static [&'static str],
    word: &'static str,
    row: &'static str,
) -> Sealed {
    Sealed {
        table,
        column,
        key,
        word: Word::Is(word),
        row,
    }
}

impl Sealed {
    /// The column, as the operator is told it.
    pub(super) fn place(&self) -> String {
        format!("{}.{}", self.table, self.column)
    }
}

/// How far one column is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Progress {
    /// Table and column.
    pub(super) place: String,
    /// How many values there are now.
    pub(super) values: i64,
    /// How many were looked at.
    pub(super) seen: i64,
    /// How many of them were sealed anew.
    pub(super) resealed: i64,
    /// How many do not open.
    pub(super) unreadable: i64,
    /// How many are still sealed under an earlier key.
    pub(super) left: i64,
    /// When the last row was reached.
    pub(super) finished_at: Option<Timestamp>,
}
