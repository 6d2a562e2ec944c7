//! The table of agreements.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::AgreementId;
use crate::shell::ids::PersonId;

/// An agreement about to be asked for.
#[derive(Clone)]
pub(super) struct NewAgreement {
    pub(super) person: PersonId,
    pub(super) id: AgreementId,
    pub(super) number: String,
    pub(super) answerer: PersonId,
    pub(super) place_digest: [u8; 32],
    pub(super) content_sealed: Vec<u8>,
    pub(super) asked_at: Timestamp,
    pub(super) ends_at: Timestamp,
}

/// An agreement as it stands.
#[derive(Clone)]
pub(super) struct Agreement {
    pub(super) person: PersonId,
    pub(super) id: AgreementId,
    pub(super) number: String,
    pub(super) answerer: PersonId,
    pub(super) content_sealed: Vec<u8>,
    pub(super) asked_at: Timestamp,
    pub(super) ends_at: Timestamp,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) agreed_at: Option<Timestamp>,
    pub(super) withdrawn_at: Option<Timestamp>,
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &NewAgreement) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO residence_agreement (person, agreement, number, answerer, place_digest, content_sealed, asked_at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            (&new.person).into(),
            (&new.id).into(),
            (&new.number).into(),
            (&new.answerer).into(),
            new.place_digest.as_slice().into(),
            (&new.content_sealed).into(),
            new.asked_at.into(),
            new.ends_at.into(),
        ],
    )?;
    Ok(())
}

/// What a person asked for, and what the person is asked, newest first.
pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId, most: i64) -> Result<Vec<Agreement>, Error> {
    conn.query(
        "SELECT person, agreement, number, answerer, content_sealed, asked_at, ends_at, answered_at, agreed_at, withdrawn_at
           FROM residence_agreement WHERE person = $1 OR answerer = $1 ORDER BY asked_at DESC, agreement LIMIT $2",
        &[person.into(), most.into()],
        agreement,
    )
}

pub(super) fn find(conn: &mut Conn<'_>, id: &AgreementId) -> Result<Option<Agreement>, Error> {
    conn.query_opt(
        "SELECT person, agreement, number, answerer, content_sealed, asked_at, ends_at, answered_at, agreed_at, withdrawn_at
           FROM residence_agreement WHERE agreement = $1",
        &[id.into()],
        agreement,
    )
}

/// What a person asked for about a dwelling and has not lapsed.
pub(super) fn of_place(
    conn: &mut Conn<'_>,
    person: &PersonId,
    place_digest: &[u8; 32],
    now: Timestamp,
) -> Result<Vec<Agreement>, Error> {
    conn.query(
        "SELECT person, agreement, number, answerer, content_sealed, asked_at, ends_at, answered_at, agreed_at, withdrawn_at
           FROM residence_agreement WHERE person = $1 AND place_digest = $2 AND withdrawn_at IS NULL AND ends_at > $3
          ORDER BY asked_at, agreement",
        &[person.into(), place_digest.as_slice().into(), now.into()],
        agreement,
    )
}

/// Writes an answer; false if there is one, or the time is over.
pub(super) fn answer(tx: &mut Tx<'_>, of: &Agreement, agrees: bool, now: Timestamp) -> Result<bool, Error> {
    let agreed_at = agrees.then_some(now);
    let rows = tx.execute(
        "UPDATE residence_agreement SET answered_at = $3, agreed_at = $4
          WHERE person = $1 AND agreement = $2 AND answered_at IS NULL AND ends_at > $3",
        &[(&of.person).into(), (&of.id).into(), now.into(), agreed_at.into()],
    )?;
    Ok(rows == 1)
}

/// Takes an agreement back; false if none stands.
pub(super) fn withdraw(tx: &mut Tx<'_>, of: &Agreement, now: Timestamp) -> Result<bool, Error> {
    let rows = tx.execute(
        "UPDATE residence_agreement SET withdrawn_at = $3
          WHERE person = $1 AND agreement = $2 AND agreed_at IS NOT NULL AND withdrawn_at IS NULL AND ends_at > $3",
        &[(&of.person).into(), (&of.id).into(), now.into()],
    )?;
    Ok(rows == 1)
}

/// Takes a question back; false if that was done already, or its time is over.
pub(super) fn take_back(tx: &mut Tx<'_>, of: &Agreement, now: Timestamp) -> Result<bool, Error> {
    let rows = tx.execute(
        "UPDATE residence_agreement SET withdrawn_at = $3
          WHERE person = $1 AND agreement = $2 AND withdrawn_at IS NULL AND ends_at > $3",
        &[(&of.person).into(), (&of.id).into(), now.into()],
    )?;
    Ok(rows == 1)
}

fn agreement(row: &Row<'_>) -> Result<Agreement, Error> {
    Ok(Agreement {
        person: row.get("person")?,
        id: row.get("agreement")?,
        number: row.get("number")?,
        answerer: row.get("answerer")?,
        content_sealed: row.get("content_sealed")?,
        asked_at: row.get("asked_at")?,
        ends_at: row.get("ends_at")?,
        answered_at: row.get("answered_at")?,
        agreed_at: row.get("agreed_at")?,
        withdrawn_at: row.get("withdrawn_at")?,
    })
}
