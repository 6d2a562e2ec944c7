//! The table of published trust lists.

use db::{Conn, Error, Row, Tx};

use super::Published;

pub(super) fn newest(conn: &mut Conn<'_>) -> Result<Option<Published>, Error> {
    conn.query_opt(
        "SELECT version, content_digest, signed, issued_at FROM issuance_trust_list ORDER BY version DESC LIMIT 1",
        &[],
        published,
    )
}

/// The versions of a year, newest first.
pub(super) fn latest(conn: &mut Conn<'_>) -> Result<Vec<Published>, Error> {
    conn.query(
        "SELECT version, content_digest, signed, issued_at FROM issuance_trust_list ORDER BY version DESC LIMIT 366",
        &[],
        published,
    )
}

fn published(row: &Row<'_>) -> Result<Published, Error> {
    Ok(Published {
        version: row.get("version")?,
        content_digest: row.get("content_digest")?,
        signed: row.get("signed")?,
        issued_at: row.get("issued_at")?,
    })
}

/// Publishes a list; answers whether its version was free.
pub(super) fn insert(tx: &mut Tx<'_>, list: &Published) -> Result<bool, Error> {
    let inserted = tx.execute(
        "INSERT INTO issuance_trust_list (version, content_digest, signed, issued_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (version) DO NOTHING",
        &[
            list.version.into(),
            (&list.content_digest).into(),
            (&list.signed).into(),
            list.issued_at.into(),
        ],
    )?;
    Ok(inserted == 1)
}
