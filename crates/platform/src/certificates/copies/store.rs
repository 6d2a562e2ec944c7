//! The table of printed copies.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::Delivery;
use crate::certificates::CertificateId;
use crate::officers::OfficerId;
use crate::shell::ids::PersonId;

/// Copies about to be ordered.
#[derive(Clone)]
pub(super) struct NewRow {
    pub(super) person: PersonId,
    pub(super) certificate: CertificateId,
    pub(super) unit: String,
    pub(super) copies: i64,
    pub(super) delivery: Delivery,
    pub(super) address_sealed: Option<Vec<u8>>,
    pub(super) asked_at: Timestamp,
}

/// Copies as they stand.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) person: PersonId,
    pub(super) certificate: CertificateId,
    pub(super) unit: String,
    pub(super) copies: i64,
    pub(super) delivery: Delivery,
    pub(super) address_sealed: Option<Vec<u8>>,
    pub(super) asked_at: Timestamp,
    pub(super) ready_at: Option<Timestamp>,
    pub(super) handed_at: Option<Timestamp>,
}

/// A statement over all columns.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT person, certificate, unit, copies, delivery, address_sealed, asked_at, ready_at, handed_at
               FROM certificate_copies ",
            $rest
        )
    };
}

fn read(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        person: row.get("person")?,
        certificate: row.get("certificate")?,
        unit: row.get("unit")?,
        copies: row.get("copies")?,
        delivery: row.get("delivery")?,
        address_sealed: row.get("address_sealed")?,
        asked_at: row.get("asked_at")?,
        ready_at: row.get("ready_at")?,
        handed_at: row.get("handed_at")?,
    })
}

pub(super) fn insert(tx: &mut Tx<'_>, row: &NewRow) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO certificate_copies (person, certificate, unit, copies, delivery, address_sealed, asked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            (&row.person).into(),
            (&row.certificate).into(),
            (&row.unit).into(),
            row.copies.into(),
            row.delivery.word().into(),
            (&row.address_sealed).into(),
            row.asked_at.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, certificate: &CertificateId) -> Result<Option<Row>, Error> {
    conn.query_opt(select!("WHERE certificate = $1"), &[certificate.into()], read)
}

/// What a unit has still to hand over, or without one all units, what was asked for first in front.
pub(super) fn waiting(conn: &mut Conn<'_>, unit: &str, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        select!("WHERE ($1 = '' OR unit = $1) AND handed_at IS NULL ORDER BY asked_at, certificate LIMIT $2"),
        &[unit.into(), most.into()],
        read,
    )
}

/// They are printed; false if they were before.
pub(super) fn ready(tx: &mut Tx<'_>, row: &Row, officer: &OfficerId, now: Timestamp) -> Result<bool, Error> {
    let rows = tx.execute(
        "UPDATE certificate_copies SET ready_at = $4, ready_by = $3
          WHERE person = $1 AND certificate = $2 AND ready_at IS NULL",
        &[
            (&row.person).into(),
            (&row.certificate).into(),
            officer.into(),
            now.into(),
        ],
    )?;
    Ok(rows == 1)
}

/// They are handed over, or posted; false if they were before, or are not printed yet.
pub(super) fn hand(tx: &mut Tx<'_>, row: &Row, officer: &OfficerId, now: Timestamp) -> Result<bool, Error> {
    let rows = tx.execute(
        "UPDATE certificate_copies SET handed_at = $4, handed_by = $3
          WHERE person = $1 AND certificate = $2 AND ready_at IS NOT NULL AND handed_at IS NULL",
        &[
            (&row.person).into(),
            (&row.certificate).into(),
            officer.into(),
            now.into(),
        ],
    )?;
    Ok(rows == 1)
}
