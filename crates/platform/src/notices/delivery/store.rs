//! The parts of text messages that a centre has taken.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use crate::notices::smpp::Fate;
use crate::shell::jobs::JobId;

/// How many receipts wait for their parts.
#[cfg(test)]
pub(super) fn count_receipts(conn: &mut Conn<'_>) -> Result<i64, Error> {
    conn.query_one("SELECT COUNT(*) AS receipts FROM notice_receipt", &[], |row| {
        row.get("receipts")
    })
}

/// A part, as far as it has come.
#[cfg(test)]
#[derive(Debug, PartialEq, Eq)]
pub(in crate::notices) struct Part {
    pub(in crate::notices) remote: String,
    pub(in crate::notices) is_delivered: bool,
    pub(in crate::notices) has_failed: bool,
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    id: &JobId,
    (channel, gateway): (&str, &str),
    remotes: &[String],
    now: Timestamp,
) -> Result<(), Error> {
    for (part, remote) in (0_i64..).zip(remotes) {
        tx.execute(
            "INSERT INTO notice_delivery (notice, part, channel, centre, remote, handed_at) VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                id.into(),
                part.into(),
                channel.into(),
                gateway.into(),
                remote.into(),
                now.into(),
            ],
        )?;
        if let Some((fate, at)) = take_up(tx, (gateway, remote))? {
            note(tx, (gateway, remote), fate, at)?;
        }
    }
    Ok(())
}

pub(super) fn is_taken(conn: &mut Conn<'_>, id: &JobId) -> Result<bool, Error> {
    let parts: i64 = conn.query_one(
        "SELECT COUNT(*) AS parts FROM notice_delivery WHERE notice = $1",
        &[id.into()],
        |row| row.get("parts"),
    )?;
    Ok(parts > 0)
}

/// Writes down what became of a part, or keeps it for a part that is not known yet; the first word about it counts.
pub(super) fn settle(tx: &mut Tx<'_>, part: (&str, &str), fate: Fate, now: Timestamp) -> Result<(), Error> {
    if is_known(tx, part)? {
        return note(tx, part, fate, now);
    }
    tx.execute(
        "INSERT INTO notice_receipt (centre, remote, fate, received_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (centre, remote) DO NOTHING",
        &[part.0.into(), part.1.into(), fate.word().into(), now.into()],
    )?;
    Ok(())
}

fn is_known(conn: &mut Conn<'_>, part: (&str, &str)) -> Result<bool, Error> {
    let parts: i64 = conn.query_one(
        "SELECT COUNT(*) AS parts FROM notice_delivery WHERE centre = $1 AND remote = $2",
        &[part.0.into(), part.1.into()],
        |row| row.get("parts"),
    )?;
    Ok(parts > 0)
}

/// The receipt that came before the part was known, if one did.
fn take_up(tx: &mut Tx<'_>, part: (&str, &str)) -> Result<Option<(Fate, Timestamp)>, Error> {
    let kept: Option<(String, Timestamp)> = tx.query_opt(
        "DELETE FROM notice_receipt WHERE centre = $1 AND remote = $2 RETURNING fate, received_at",
        &[part.0.into(), part.1.into()],
        |row| Ok((row.get("fate")?, row.get("received_at")?)),
    )?;
    Ok(kept.and_then(|(fate, at)| Some((Fate::of_word(&fate)?, at))))
}

pub(super) fn drop_receipts(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), Error> {
    tx.execute("DELETE FROM notice_receipt WHERE received_at < $1", &[before.into()])?;
    Ok(())
}

fn note(tx: &mut Tx<'_>, part: (&str, &str), fate: Fate, now: Timestamp) -> Result<(), Error> {
    let (delivered, failed) = match fate {
        Fate::Delivered => (Some(now), None),
        Fate::Failed => (None, Some(now)),
    };
    tx.execute(
        "UPDATE notice_delivery SET delivered_at = $3, failed_at = $4
          WHERE centre = $1 AND remote = $2 AND delivered_at IS NULL AND failed_at IS NULL",
        &[part.0.into(), part.1.into(), delivered.into(), failed.into()],
    )?;
    Ok(())
}

#[cfg(test)]
pub(super) fn list(conn: &mut Conn<'_>, id: &JobId) -> Result<Vec<Part>, Error> {
    conn.query(
        "SELECT remote, delivered_at, failed_at FROM notice_delivery WHERE notice = $1 ORDER BY part",
        &[id.into()],
        |row| {
            let (delivered, failed): (Option<Timestamp>, Option<Timestamp>) =
                (row.get("delivered_at")?, row.get("failed_at")?);
            Ok(Part {
                remote: row.get("remote")?,
                is_delivered: delivered.is_some(),
                has_failed: failed.is_some(),
            })
        },
    )
}
