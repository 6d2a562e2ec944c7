//! The parts of messages as they are counted, and the table of what they came to.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::Cost;

/// What the gateways took between two instants of a day, and what became of it.
pub(super) fn count(conn: &mut Conn<'_>, day: &str, (from, to): (Timestamp, Timestamp)) -> Result<Vec<Cost>, Error> {
    conn.query(
        "SELECT centre, channel, COUNT(CASE WHEN part = 0 THEN 1 END) AS messages, COUNT(*) AS parts,
                COUNT(delivered_at) AS delivered, COUNT(failed_at) AS failed
           FROM notice_delivery WHERE handed_at >= $1 AND handed_at < $2 GROUP BY centre, channel",
        &[from.into(), to.into()],
        |row| {
            Ok(Cost {
                day: day.to_owned(),
                gateway: row.get("centre")?,
                channel: row.get("channel")?,
                messages: row.get("messages")?,
                parts: row.get("parts")?,
                delivered: row.get("delivered")?,
                failed: row.get("failed")?,
                vnd: 0,
            })
        },
    )
}

/// The oldest part that is there.
pub(super) fn oldest(conn: &mut Conn<'_>) -> Result<Option<Timestamp>, Error> {
    conn.query_one("SELECT MIN(handed_at) AS oldest FROM notice_delivery", &[], |row| {
        row.get("oldest")
    })
}

pub(super) fn remove(tx: &mut Tx<'_>, (from, to): (Timestamp, Timestamp)) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM notice_delivery WHERE handed_at >= $1 AND handed_at < $2",
        &[from.into(), to.into()],
    )?;
    Ok(())
}

/// Adds to what was settled of a day.
pub(super) fn add(tx: &mut Tx<'_>, cost: &Cost) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notice_cost (day, gateway, channel, messages, parts, delivered, failed) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (day, gateway, channel) DO UPDATE
            SET messages = notice_cost.messages + excluded.messages, parts = notice_cost.parts + excluded.parts,
                delivered = notice_cost.delivered + excluded.delivered, failed = notice_cost.failed + excluded.failed",
        &[
            (&cost.day).into(),
            (&cost.gateway).into(),
            (&cost.channel).into(),
            cost.messages.into(),
            cost.parts.into(),
            cost.delivered.into(),
            cost.failed.into(),
        ],
    )?;
    Ok(())
}

/// What was settled since a day.
pub(super) fn settled(conn: &mut Conn<'_>, since: &str) -> Result<Vec<Cost>, Error> {
    conn.query(
        "SELECT day, gateway, channel, messages, parts, delivered, failed FROM notice_cost WHERE day >= $1",
        &[since.into()],
        |row| {
            Ok(Cost {
                day: row.get("day")?,
                gateway: row.get("gateway")?,
                channel: row.get("channel")?,
                messages: row.get("messages")?,
                parts: row.get("parts")?,
                delivered: row.get("delivered")?,
                failed: row.get("failed")?,
                vnd: 0,
            })
        },
    )
}
