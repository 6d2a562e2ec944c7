//! The copies of the sources' answers.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::super::Source;

/// A copy, sealed.
pub(super) struct Copy {
    pub(super) answer_sealed: Vec<u8>,
    pub(super) as_of: Timestamp,
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
            SET answer_sealed = excluded.answer_sealed, as_of = excluded.as_of, kept_at = excluded.kept_at
          WHERE registry_copy.as_of <= excluded.as_of",
        &[
            number.into(),
            source.text().into(),
            (&copy.answer_sealed).into(),
            copy.as_of.into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// Forgets what was kept about a number that a source does not know any more.
pub(super) fn forget(tx: &mut Tx<'_>, number: &[u8; 32], source: Source) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM registry_copy WHERE number_digest = $1 AND source = $2",
        &[number.into(), source.text().into()],
    )?;
    Ok(())
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
