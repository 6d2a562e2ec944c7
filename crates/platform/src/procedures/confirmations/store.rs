//! The table of confirmations.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::ConfirmationId;
use crate::procedures::dossiers::DossierId;
use crate::shell::ids::PersonId;

/// A confirmation about to be asked for.
#[derive(Clone)]
pub(super) struct NewRow {
    pub(super) person: PersonId,
    pub(super) dossier: DossierId,
    pub(super) id: ConfirmationId,
    pub(super) answerer: PersonId,
    pub(super) content_sealed: Vec<u8>,
    pub(super) basis: String,
    pub(super) asked_at: Timestamp,
    pub(super) ends_at: Timestamp,
}

/// A confirmation as it stands.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) person: PersonId,
    pub(super) dossier: DossierId,
    pub(super) id: ConfirmationId,
    pub(super) answerer: PersonId,
    pub(super) content_sealed: Vec<u8>,
    pub(super) basis: String,
    pub(super) asked_at: Timestamp,
    pub(super) ends_at: Timestamp,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) confirmed_at: Option<Timestamp>,
}

/// A statement over all columns.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT person, dossier, confirmation, answerer, content_sealed, basis, asked_at, ends_at, answered_at, confirmed_at
               FROM procedure_confirmation ",
            $rest
        )
    };
}

fn read(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        person: row.get("person")?,
        dossier: row.get("dossier")?,
        id: row.get("confirmation")?,
        answerer: row.get("answerer")?,
        content_sealed: row.get("content_sealed")?,
        basis: row.get("basis")?,
        asked_at: row.get("asked_at")?,
        ends_at: row.get("ends_at")?,
        answered_at: row.get("answered_at")?,
        confirmed_at: row.get("confirmed_at")?,
    })
}

pub(super) fn insert(tx: &mut Tx<'_>, row: &NewRow) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO procedure_confirmation (person, dossier, confirmation, answerer, content_sealed, basis, asked_at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            (&row.person).into(),
            (&row.dossier).into(),
            (&row.id).into(),
            (&row.answerer).into(),
            (&row.content_sealed).into(),
            (&row.basis).into(),
            row.asked_at.into(),
            row.ends_at.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, id: &ConfirmationId) -> Result<Option<Row>, Error> {
    conn.query_opt(select!("WHERE confirmation = $1"), &[id.into()], read)
}

pub(super) fn of_dossier(conn: &mut Conn<'_>, person: &PersonId, dossier: &DossierId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        select!("WHERE person = $1 AND dossier = $2"),
        &[person.into(), dossier.into()],
        read,
    )
}

/// What somebody is asked to confirm, newest first.
pub(super) fn list(conn: &mut Conn<'_>, answerer: &PersonId, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        select!("WHERE answerer = $1 ORDER BY asked_at DESC, confirmation LIMIT $2"),
        &[answerer.into(), most.into()],
        read,
    )
}

/// Writes an answer; false if there is one, or the time is over.
pub(super) fn answer(
    tx: &mut Tx<'_>,
    row: &Row,
    confirmed_at: Option<Timestamp>,
    words_sealed: &[u8],
    now: Timestamp,
) -> Result<bool, Error> {
    let rows = tx.execute(
        "UPDATE procedure_confirmation SET answered_at = $3, confirmed_at = $4, words_sealed = $5
          WHERE person = $1 AND dossier = $2 AND answered_at IS NULL AND ends_at > $3",
        &[
            (&row.person).into(),
            (&row.dossier).into(),
            now.into(),
            confirmed_at.into(),
            words_sealed.into(),
        ],
    )?;
    Ok(rows == 1)
}

/// A dossier waits no longer: who was asked need not answer any more.
pub(in crate::procedures) fn lapse(
    tx: &mut Tx<'_>,
    person: &PersonId,
    dossier: &DossierId,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE procedure_confirmation SET ends_at = $3
          WHERE person = $1 AND dossier = $2 AND answered_at IS NULL AND ends_at > $3",
        &[person.into(), dossier.into(), now.into()],
    )?;
    Ok(())
}
