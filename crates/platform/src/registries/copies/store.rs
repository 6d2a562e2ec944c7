//! The copies of the sources' answers.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::super::Source;

/// A copy, sealed.
pub(super) struct Copy {
    pub(super) answer_sealed: Vec<u8>,
    pub(super) as_of: Timestamp,
}

/// What is known of a record without asking.
pub(super) enum Young {
    /// Nothing that is young enough.
    Nothing,
    /// That the source keeps nothing.
    Absent,
    /// A copy.
    Here(Copy),
}

/// Keeps an answer, unless a newer one is kept already.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    number: &[u8; 32],
    source: Source,
    copy: &Copy,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO registry_copy (number_digest, source, answer_sealed, as_of, kept_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (number_digest, source) DO UPDATE
            SET answer_sealed = excluded.answer_sealed, as_of = excluded.as_of, kept_at = excluded.kept_at, outdated_at = NULL
          WHERE registry_copy.as_of <= excluded.as_of",
        &[
            number.into(),
            source.text().into(),
            (&copy.answer_sealed).into(),
            copy.as_of.into(),
            now.into(),
        ],
    )?;
    present(tx, number, source)
}

fn present(tx: &mut Tx<'_>, number: &[u8; 32], source: Source) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM registry_absence WHERE number_digest = $1 AND source = $2",
        &[number.into(), source.text().into()],
    )?;
    Ok(())
}

/// Forgets what was kept about a number of which a source keeps nothing, and remembers that.
pub(super) fn forget(tx: &mut Tx<'_>, number: &[u8; 32], source: Source, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM registry_copy WHERE number_digest = $1 AND source = $2",
        &[number.into(), source.text().into()],
    )?;
    tx.execute(
        "INSERT INTO registry_absence (number_digest, source, kept_at) VALUES ($1, $2, $3)
             ON CONFLICT (number_digest, source) DO UPDATE SET kept_at = excluded.kept_at",
        &[number.into(), source.text().into(), now.into()],
    )?;
    Ok(())
}

/// Lets what was kept not count as young any more.
pub(super) fn outdate(tx: &mut Tx<'_>, number: &[u8; 32], source: Source, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE registry_copy SET outdated_at = $3 WHERE number_digest = $1 AND source = $2",
        &[number.into(), source.text().into(), now.into()],
    )?;
    present(tx, number, source)
}

/// What was kept since an instant and not outdated: a copy, or that there is nothing.
pub(super) fn find_young(
    conn: &mut Conn<'_>,
    number: &[u8; 32],
    source: Source,
    since: Timestamp,
) -> Result<Young, Error> {
    let copy = conn.query_opt(
        "SELECT answer_sealed, as_of FROM registry_copy
          WHERE number_digest = $1 AND source = $2 AND kept_at >= $3 AND outdated_at IS NULL",
        &[number.into(), source.text().into(), since.into()],
        |row| {
            Ok(Copy {
                answer_sealed: row.get("answer_sealed")?,
                as_of: row.get("as_of")?,
            })
        },
    )?;
    if let Some(copy) = copy {
        return Ok(Young::Here(copy));
    }
    let absent = conn.query_opt(
        "SELECT kept_at FROM registry_absence WHERE number_digest = $1 AND source = $2 AND kept_at >= $3",
        &[number.into(), source.text().into(), since.into()],
        |row| row.get::<Timestamp>("kept_at"),
    )?;
    Ok(absent.map_or(Young::Nothing, |_| Young::Absent))
}

/// The copy of an answer kept since an instant.
pub(super) fn find(
    conn: &mut Conn<'_>,
    number: &[u8; 32],
    source: Source,
    since: Timestamp,
) -> Result<Option<Copy>, Error> {
    conn.query_opt(
        "SELECT answer_sealed, as_of FROM registry_copy WHERE number_digest = $1 AND source = $2 AND kept_at >= $3",
        &[number.into(), source.text().into(), since.into()],
        |row| {
            Ok(Copy {
                answer_sealed: row.get("answer_sealed")?,
                as_of: row.get("as_of")?,
            })
        },
    )
}
