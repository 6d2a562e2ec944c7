//! Organisations, their inspectors, and the inspections that were reported.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{OrganisationId, Purpose};
use crate::shell::ids::PersonId;

/// An organisation whose people check people.
#[derive(Clone)]
pub(super) struct Organisation {
    pub(super) organisation: OrganisationId,
    pub(super) name: String,
    pub(super) purpose: Purpose,
    pub(super) since_at: Timestamp,
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &Organisation) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO inspection_organisation (organisation, name, purpose, since_at) VALUES ($1, $2, $3, $4)",
        &[
            (&new.organisation).into(),
            (&new.name).into(),
            new.purpose.word().into(),
            new.since_at.into(),
        ],
    )?;
    Ok(())
}

/// All organisations, with the number of their inspectors.
pub(super) fn list(conn: &mut Conn<'_>) -> Result<Vec<(Organisation, i64)>, Error> {
    conn.query(
        "SELECT o.organisation, o.name, o.purpose, o.since_at, COUNT(i.person) AS inspectors
           FROM inspection_organisation o
           LEFT JOIN inspection_inspector i ON i.organisation = o.organisation
          GROUP BY o.organisation, o.name, o.purpose, o.since_at
          ORDER BY o.name",
        &[],
        |row| Ok((organisation(row)?, row.get("inspectors")?)),
    )
}

pub(super) fn find(conn: &mut Conn<'_>, id: &OrganisationId) -> Result<Option<Organisation>, Error> {
    conn.query_opt(
        "SELECT organisation, name, purpose, since_at FROM inspection_organisation WHERE organisation = $1",
        &[id.into()],
        organisation,
    )
}

fn organisation(row: &db::Row<'_>) -> Result<Organisation, Error> {
    Ok(Organisation {
        organisation: row.get("organisation")?,
        name: row.get("name")?,
        purpose: row.get("purpose")?,
        since_at: row.get("since_at")?,
    })
}

/// Names an inspector, in the place of an earlier organisation's.
pub(super) fn name(tx: &mut Tx<'_>, person: &PersonId, by: &OrganisationId, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO inspection_inspector (person, organisation, since_at) VALUES ($1, $2, $3)
             ON CONFLICT (person) DO UPDATE SET organisation = excluded.organisation, since_at = excluded.since_at",
        &[person.into(), by.into(), now.into()],
    )?;
    Ok(())
}

pub(super) fn take_away(tx: &mut Tx<'_>, person: &PersonId, by: &OrganisationId) -> Result<bool, Error> {
    let rows = tx.execute(
        "DELETE FROM inspection_inspector WHERE person = $1 AND organisation = $2",
        &[person.into(), by.into()],
    )?;
    Ok(rows > 0)
}

/// For which organisation somebody checks people, and for what.
pub(super) fn membership(conn: &mut Conn<'_>, person: &PersonId) -> Result<Option<(String, Purpose)>, Error> {
    conn.query_opt(
        "SELECT o.name, o.purpose
           FROM inspection_inspector i
           JOIN inspection_organisation o ON o.organisation = i.organisation
          WHERE i.person = $1",
        &[person.into()],
        |row| Ok((row.get("name")?, row.get("purpose")?)),
    )
}

/// Remembers that an inspection was reported; false if it was before.
pub(super) fn report(tx: &mut Tx<'_>, code_digest: &[u8; 32], made_at: Timestamp) -> Result<bool, Error> {
    let rows = tx.execute(
        "INSERT INTO inspection_report (code_digest, made_at) VALUES ($1, $2) ON CONFLICT (code_digest) DO NOTHING",
        &[code_digest.as_slice().into(), made_at.into()],
    )?;
    Ok(rows > 0)
}
