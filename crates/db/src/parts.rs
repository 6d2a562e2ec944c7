//! Tables that PostgreSQL keeps in parts by range, so that what is old goes in one stroke.
//!
//! A part is named after its table and its range: `history_look_1761955200000000_1764547200000000`. Names and bounds are our own; nothing that
//! a stranger wrote stands in these statements.

use crate::{Error, Tx};

/// Makes the parts that are missing. Rows of a range that lie in the part for the rest already stay there.
pub(crate) fn make(tx: &mut Tx<'_>, table: &str, ranges: &[(i64, i64)]) -> Result<(), Error> {
    for (from, to) in ranges {
        tx.script(&format!(
            "DO $$ BEGIN
                 CREATE TABLE {table}_{from}_{to} PARTITION OF {table} FOR VALUES FROM ({from}) TO ({to});
             EXCEPTION WHEN duplicate_table OR check_violation THEN NULL;
             END $$;"
        ))?;
    }
    Ok(())
}

/// Drops the parts that end before a bound.
pub(crate) fn drop_before(tx: &mut Tx<'_>, table: &str, before: i64) -> Result<usize, Error> {
    let parts = tx.query(
        "SELECT part.relname::text AS name
           FROM pg_inherits
           JOIN pg_class AS part ON part.oid = pg_inherits.inhrelid
          WHERE pg_inherits.inhparent = to_regclass($1::text)
          ORDER BY 1",
        &[table.into()],
        |row| row.get::<String>("name"),
    )?;
    let mut dropped = 0;
    for name in parts {
        let range = name.strip_prefix(table).and_then(|rest| rest.strip_prefix('_'));
        let end = range.and_then(|range| range.split_once('_')?.1.parse::<i64>().ok());
        if end.is_some_and(|end| end <= before) {
            tx.script(&format!("DROP TABLE {name};"))?;
            dropped += 1;
        }
    }
    Ok(dropped)
}
