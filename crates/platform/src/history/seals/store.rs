//! The tables of seals and of the orders behind them.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use crate::history::SealId;
use crate::officers::OfficerId;

pub(super) struct Row {
    pub(super) seal: SealId,
    pub(super) begun_at: Timestamp,
    pub(super) ends_at: Timestamp,
    pub(super) lapsed_at: Option<Timestamp>,
    pub(super) order_sealed: Vec<u8>,
}

/// An order about to be entered.
#[derive(Clone)]
pub(super) struct Entered {
    pub(super) seal: SealId,
    pub(super) officer: OfficerId,
    pub(super) order_sealed: Vec<u8>,
    pub(super) at: Timestamp,
    pub(super) ends_at: Timestamp,
}

pub(super) fn begin(tx: &mut Tx<'_>, entered: &Entered) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO history_seal (seal, opened_by, begun_at, ends_at) VALUES ($1, $2, $3, $4)",
        &[
            (&entered.seal).into(),
            (&entered.officer).into(),
            entered.at.into(),
            entered.ends_at.into(),
        ],
    )?;
    insert_order(tx, entered)
}

/// A new order moves the end of a seal; false if the seal has lapsed, or would not end later.
pub(super) fn extend(tx: &mut Tx<'_>, entered: &Entered) -> Result<bool, Error> {
    let extended = tx.execute(
        "UPDATE history_seal SET ends_at = $2 WHERE seal = $1 AND lapsed_at IS NULL AND ends_at > $3 AND ends_at < $2",
        &[(&entered.seal).into(), entered.ends_at.into(), entered.at.into()],
    )?;
    if extended == 1 {
        insert_order(tx, entered)?;
    }
    Ok(extended == 1)
}

fn insert_order(tx: &mut Tx<'_>, entered: &Entered) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO history_order (seal, entered_at, ends_at, order_sealed, officer) VALUES ($1, $2, $3, $4, $5)",
        &[
            (&entered.seal).into(),
            entered.at.into(),
            entered.ends_at.into(),
            (&entered.order_sealed).into(),
            (&entered.officer).into(),
        ],
    )?;
    Ok(())
}

/// Marks a seal as lapsed if its end is past: then it never hides anything again, whatever a clock says.
pub(super) fn lapse(tx: &mut Tx<'_>, seal: &SealId, now: Timestamp) -> Result<bool, Error> {
    let lapsed = tx.execute(
        "UPDATE history_seal SET lapsed_at = $2 WHERE seal = $1 AND lapsed_at IS NULL AND ends_at <= $2",
        &[seal.into(), now.into()],
    )?;
    Ok(lapsed == 1)
}

/// Whether looks can be made under a seal now.
pub(super) fn is_in_force(
    conn: &mut Conn<'_>,
    seal: &SealId,
    officer: &OfficerId,
    now: Timestamp,
) -> Result<bool, Error> {
    let found = conn.query_opt(
        "SELECT ends_at FROM history_seal WHERE seal = $1 AND opened_by = $2 AND lapsed_at IS NULL AND ends_at > $3",
        &[seal.into(), officer.into(), now.into()],
        |row| row.get::<Timestamp>("ends_at"),
    )?;
    Ok(found.is_some())
}

/// The seals that an officer entered, newest first, each with its first order.
pub(super) fn list(conn: &mut Conn<'_>, officer: &OfficerId, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT history_seal.seal, begun_at, history_seal.ends_at, lapsed_at, order_sealed
           FROM history_seal
           JOIN history_order ON history_order.seal = history_seal.seal
          WHERE opened_by = $1
            AND history_order.ends_at = (SELECT MIN(first.ends_at) FROM history_order AS first WHERE first.seal = history_seal.seal)
          ORDER BY begun_at DESC
          LIMIT $2",
        &[officer.into(), most.into()],
        |row| {
            Ok(Row {
                seal: row.get("seal")?,
                begun_at: row.get("begun_at")?,
                ends_at: row.get("ends_at")?,
                lapsed_at: row.get("lapsed_at")?,
                order_sealed: row.get("order_sealed")?,
            })
        },
    )
}
