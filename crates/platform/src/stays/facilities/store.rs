//! Facilities, and who tells for them.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::Facility;
use crate::officers::OfficerId;
use crate::shell::ids::PersonId;
use crate::stays::FacilityId;

pub(super) fn insert(tx: &mut Tx<'_>, new: &Facility, by: &OfficerId) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO stay_facility (facility, kind, name, address, commune, phone, registered_at, registered_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            (&new.facility).into(),
            (&new.kind).into(),
            (&new.name).into(),
            (&new.address).into(),
            (&new.commune).into(),
            (&new.phone).into(),
            new.registered_at.into(),
            by.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, id: &FacilityId) -> Result<Option<Facility>, Error> {
    conn.query_opt(
        "SELECT facility, kind, name, address, commune, phone, registered_at, closed_at
           FROM stay_facility WHERE facility = $1",
        &[id.into()],
        facility,
    )
}

/// The facilities of some communes, by name, each with the number of its people.
pub(super) fn of_commune(conn: &mut Conn<'_>, commune: &str, most: i64) -> Result<Vec<(Facility, i64)>, Error> {
    conn.query(
        "SELECT f.facility, f.kind, f.name, f.address, f.commune, f.phone, f.registered_at, f.closed_at,
                (SELECT COUNT(*) FROM stay_clerk c WHERE c.facility = f.facility) AS people
           FROM stay_facility f WHERE f.commune = $1 ORDER BY f.name LIMIT $2",
        &[commune.into(), most.into()],
        |row| Ok((facility(row)?, row.get("people")?)),
    )
}

/// The open facilities that somebody tells for.
pub(super) fn of_clerk(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<Facility>, Error> {
    conn.query(
        "SELECT f.facility, f.kind, f.name, f.address, f.commune, f.phone, f.registered_at, f.closed_at
           FROM stay_clerk c
           JOIN stay_facility f ON f.facility = c.facility
          WHERE c.person = $1 AND f.closed_at IS NULL ORDER BY f.name",
        &[person.into()],
        facility,
    )
}

pub(super) fn name(
    tx: &mut Tx<'_>,
    (person, facility): (&PersonId, &FacilityId),
    by: &OfficerId,
    now: Timestamp,
) -> Result<bool, Error> {
    let rows = tx.execute(
        "INSERT INTO stay_clerk (person, facility, since_at, named_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (person, facility) DO NOTHING",
        &[person.into(), facility.into(), now.into(), by.into()],
    )?;
    Ok(rows == 1)
}

pub(super) fn take_away(tx: &mut Tx<'_>, person: &PersonId, facility: &FacilityId) -> Result<bool, Error> {
    let rows = tx.execute(
        "DELETE FROM stay_clerk WHERE person = $1 AND facility = $2",
        &[person.into(), facility.into()],
    )?;
    Ok(rows == 1)
}

/// Closes a facility; false if it is closed.
pub(super) fn close(tx: &mut Tx<'_>, id: &FacilityId, now: Timestamp) -> Result<bool, Error> {
    let rows = tx.execute(
        "UPDATE stay_facility SET closed_at = $2 WHERE facility = $1 AND closed_at IS NULL",
        &[id.into(), now.into()],
    )?;
    Ok(rows == 1)
}

fn facility(row: &Row<'_>) -> Result<Facility, Error> {
    Ok(Facility {
        facility: row.get("facility")?,
        kind: row.get("kind")?,
        name: row.get("name")?,
        address: row.get("address")?,
        commune: row.get("commune")?,
        phone: row.get("phone")?,
        registered_at: row.get("registered_at")?,
        closed_at: row.get("closed_at")?,
    })
}
