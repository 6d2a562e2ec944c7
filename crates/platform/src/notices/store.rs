//! The sandbox's mailbox.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

pub(super) struct Sealed {
    pub(super) id: [u8; 16],
    pub(super) to_sealed: Vec<u8>,
    pub(super) channel: String,
    pub(super) text_sealed: Vec<u8>,
    pub(super) sent_at: Timestamp,
}

pub(super) fn insert(tx: &mut Tx<'_>, row: &Sealed, to_digest: &[u8; 32]) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notice (notice, to_digest, to_sealed, channel, text_sealed, sent_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[(&row.id).into(), to_digest.into(), (&row.to_sealed).into(), (&row.channel).into(), (&row.text_sealed).into(), row.sent_at.into()],
    )?;
    Ok(())
}

pub(super) fn list(conn: &mut Conn<'_>, to_digest: Option<&[u8; 32]>, most: i64) -> Result<Vec<Sealed>, Error> {
    match to_digest {
        Some(digest) => conn.query(
            "SELECT notice, to_sealed, channel, text_sealed, sent_at FROM notice WHERE to_digest = $1 ORDER BY sent_at DESC LIMIT $2",
            &[digest.into(), most.into()],
            read,
        ),
        None => conn.query(
            "SELECT notice, to_sealed, channel, text_sealed, sent_at FROM notice ORDER BY sent_at DESC LIMIT $1",
            &[most.into()],
            read,
        ),
    }
}

fn read(row: &Row<'_>) -> Result<Sealed, Error> {
    Ok(Sealed {
        id: row.get("notice")?,
        to_sealed: row.get("to_sealed")?,
        channel: row.get("channel")?,
        text_sealed: row.get("text_sealed")?,
        sent_at: row.get("sent_at")?,
    })
}
