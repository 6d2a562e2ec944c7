//! The tables of what was issued and how it stands.

use credentials::status::{Place, Status};
use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::{CredentialId, Slip};
use crate::shell::ids::PersonId;

/// Takes a block of running numbers; answers the first that is not in it.
pub(super) fn take_numbers(tx: &mut Tx<'_>, count: i64) -> Result<i64, Error> {
    tx.query_one(
        "INSERT INTO issuance_number (name, next) VALUES ('place', $1)
             ON CONFLICT (name) DO UPDATE SET next = issuance_number.next + $1
      RETURNING next",
        &[count.into()],
        |row| row.get("next"),
    )
}

/// The first running number that nobody has taken.
pub(super) fn next_number(conn: &mut Conn<'_>) -> Result<i64, Error> {
    let next = conn.query_opt("SELECT next FROM issuance_number WHERE name = 'place'", &[], |row| {
        row.get("next")
    })?;
    Ok(next.unwrap_or_default())
}

pub(super) fn set_holder(
    tx: &mut Tx<'_>,
    person: &PersonId,
    standing: &'static str,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO issuance_holder (person, standing, since) VALUES ($1, $2, $3)
             ON CONFLICT (person) DO UPDATE SET standing = excluded.standing, since = excluded.since",
        &[person.into(), standing.into(), now.into()],
    )?;
    Ok(())
}

pub(super) fn find_holder(conn: &mut Conn<'_>, person: &PersonId) -> Result<Option<String>, Error> {
    conn.query_opt(
        "SELECT standing FROM issuance_holder WHERE person = $1",
        &[person.into()],
        |row| row.get("standing"),
    )
}

/// A credential that is neither over nor revoked.
pub(super) struct InForce {
    pub(super) id: CredentialId,
    pub(super) place: Place,
    pub(super) issued_at: Timestamp,
    /// Since when it is suspended for itself, whatever locks there are.
    pub(super) suspended_at: Option<Timestamp>,
}

/// The credentials of a person that are neither over nor revoked.
pub(super) fn in_force(conn: &mut Conn<'_>, person: &PersonId, now: Timestamp) -> Result<Vec<InForce>, Error> {
    conn.query(
        "SELECT credential, list, place, issued_at, suspended_at FROM issuance_credential
          WHERE person = $1 AND expires_at > $2 AND revoked_at IS NULL",
        &[person.into(), now.into()],
        |row| {
            Ok(InForce {
                id: row.get("credential")?,
                place: place(row)?,
                issued_at: row.get("issued_at")?,
                suspended_at: row.get("suspended_at")?,
            })
        },
    )
}

/// Notes since when a credential is suspended for itself, or that it is no more.
pub(super) fn suspend(
    tx: &mut Tx<'_>,
    person: &PersonId,
    credential: &CredentialId,
    since: Option<Timestamp>,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE issuance_credential SET suspended_at = CAST($3 AS BIGINT) WHERE person = $1 AND credential = $2",
        &[person.into(), credential.into(), since.into()],
    )?;
    Ok(())
}

/// Those among them whose configuration begins so.
pub(super) fn in_force_of(
    conn: &mut Conn<'_>,
    person: &PersonId,
    beginning: &str,
    now: Timestamp,
) -> Result<Vec<(CredentialId, Place)>, Error> {
    conn.query(
        "SELECT credential, list, place FROM issuance_credential
          WHERE person = $1 AND expires_at > $2 AND revoked_at IS NULL AND configuration LIKE $3",
        &[person.into(), now.into(), format!("{beginning}%").as_str().into()],
        |row| Ok((row.get("credential")?, place(row)?)),
    )
}

/// The credentials of a batch that are not revoked.
pub(super) fn in_batch(
    conn: &mut Conn<'_>,
    person: &PersonId,
    batch: &CredentialId,
) -> Result<Vec<(CredentialId, Place)>, Error> {
    conn.query(
        "SELECT credential, list, place FROM issuance_credential
          WHERE person = $1 AND batch = $2 AND revoked_at IS NULL",
        &[person.into(), batch.into()],
        |row| Ok((row.get("credential")?, place(row)?)),
    )
}

/// Whose credential has a place.
pub(super) fn at(conn: &mut Conn<'_>, place: Place) -> Result<Option<PersonId>, Error> {
    conn.query_opt(
        "SELECT person FROM issuance_credential WHERE list = $1 AND place = $2",
        &[i64::from(place.list).into(), i64::from(place.index).into()],
        |row| row.get("person"),
    )
}

/// The credentials of a configuration that a client holds and that are in force; those of a device that was moved can still come back.
pub(super) fn held_by(
    conn: &mut Conn<'_>,
    person: &PersonId,
    (client_id, configuration): (&str, &str),
) -> Result<Vec<(CredentialId, Place)>, Error> {
    conn.query(
        "SELECT credential, list, place FROM issuance_credential
          WHERE person = $1 AND client_id = $2 AND configuration = $3 AND revoked_at IS NULL AND suspended_at IS NULL",
        &[person.into(), client_id.into(), configuration.into()],
        |row| Ok((row.get("credential")?, place(row)?)),
    )
}

/// The place of the credential of a configuration that a client has received last and that is in force.
pub(in crate::issuance) fn newest(
    conn: &mut Conn<'_>,
    person: &PersonId,
    (client_id, configuration): (&str, &str),
    now: Timestamp,
) -> Result<Option<Place>, Error> {
    conn.query_opt(
        "SELECT list, place FROM issuance_credential
          WHERE person = $1 AND client_id = $2 AND configuration = $3 AND expires_at > $4 AND revoked_at IS NULL
            AND suspended_at IS NULL
          ORDER BY issued_at DESC, credential LIMIT 1",
        &[person.into(), client_id.into(), configuration.into(), now.into()],
        place,
    )
}

/// Notes what a wallet told of a batch that it received; answers whether there is one.
pub(in crate::issuance) fn notify(
    tx: &mut Tx<'_>,
    person: &PersonId,
    (client_id, batch): (&str, &CredentialId),
    event: &str,
) -> Result<bool, Error> {
    let noted = tx.execute(
        "UPDATE issuance_credential SET notified = $4 WHERE person = $1 AND batch = $2 AND client_id = $3",
        &[person.into(), batch.into(), client_id.into(), event.into()],
    )?;
    Ok(noted > 0)
}

/// What was issued together to one wallet and is neither over nor revoked.
pub(in crate::issuance) struct Group {
    pub(in crate::issuance) batch: CredentialId,
    pub(in crate::issuance) client_id: String,
    pub(in crate::issuance) configuration: String,
    pub(in crate::issuance) count: i64,
    pub(in crate::issuance) issued_at: Timestamp,
    pub(in crate::issuance) expires_at: Timestamp,
}

/// What a person's wallets hold, newest first.
pub(in crate::issuance) fn list(conn: &mut Conn<'_>, person: &PersonId, now: Timestamp) -> Result<Vec<Group>, Error> {
    conn.query(
        "SELECT batch, client_id, configuration, COUNT(*) AS count, MIN(issued_at) AS issued_at, MIN(expires_at) AS expires_at
           FROM issuance_credential
          WHERE person = $1 AND expires_at > $2 AND revoked_at IS NULL
          GROUP BY batch, client_id, configuration
          ORDER BY MIN(issued_at) DESC, batch",
        &[person.into(), now.into()],
        |row| {
            Ok(Group {
                batch: row.get("batch")?,
                client_id: row.get("client_id")?,
                configuration: row.get("configuration")?,
                count: row.get("count")?,
                issued_at: row.get("issued_at")?,
                expires_at: row.get("expires_at")?,
            })
        },
    )
}

/// Keeps what was issued, and forgets what is over.
pub(in crate::issuance) fn insert(
    tx: &mut Tx<'_>,
    person: &PersonId,
    (client_id, batch): (&str, &CredentialId),
    slips: &[Slip],
    now: Timestamp,
) -> Result<(), Error> {
    let over = tx.query(
        "DELETE FROM issuance_credential WHERE person = $1 AND expires_at < $2 RETURNING list, place",
        &[person.into(), now.into()],
        place,
    )?;
    for place in over {
        lift(tx, place)?;
    }
    for slip in slips {
        tx.execute(
            "INSERT INTO issuance_credential
                    (person, credential, batch, configuration, client_id, list, place, issued_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                person.into(),
                (&slip.id).into(),
                batch.into(),
                slip.configuration.into(),
                client_id.into(),
                i64::from(slip.place.list).into(),
                i64::from(slip.place.index).into(),
                now.into(),
                slip.expires_at.into(),
            ],
        )?;
    }
    Ok(())
}

pub(super) fn revoke(
    tx: &mut Tx<'_>,
    person: &PersonId,
    credential: &CredentialId,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE issuance_credential SET revoked_at = $3 WHERE person = $1 AND credential = $2 AND revoked_at IS NULL",
        &[person.into(), credential.into(), now.into()],
    )?;
    Ok(())
}

/// Says what a place of a list stands for, and that the list has changed.
pub(super) fn set_place(tx: &mut Tx<'_>, place: Place, status: Status) -> Result<(), Error> {
    let list = i64::from(place.list);
    if status == Status::Valid {
        lift(tx, place)?;
    } else {
        tx.execute(
            "INSERT INTO issuance_status (list, place, status) VALUES ($1, $2, $3)
                 ON CONFLICT (list, place) DO UPDATE SET status = excluded.status",
            &[
                list.into(),
                i64::from(place.index).into(),
                i64::from(status.value()).into(),
            ],
        )?;
    }
    tx.execute(
        "INSERT INTO issuance_list (list, turn) VALUES ($1, 1)
             ON CONFLICT (list) DO UPDATE SET turn = issuance_list.turn + 1",
        &[list.into()],
    )?;
    Ok(())
}

fn lift(tx: &mut Tx<'_>, place: Place) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM issuance_status WHERE list = $1 AND place = $2",
        &[i64::from(place.list).into(), i64::from(place.index).into()],
    )?;
    Ok(())
}

/// How often a list has changed.
pub(super) fn turn(conn: &mut Conn<'_>, list: u32) -> Result<i64, Error> {
    let turn = conn.query_opt(
        "SELECT turn FROM issuance_list WHERE list = $1",
        &[i64::from(list).into()],
        |row| row.get("turn"),
    )?;
    Ok(turn.unwrap_or_default())
}

/// The places of a list that say anything but valid.
pub(super) fn marked(conn: &mut Conn<'_>, list: u32) -> Result<Vec<(u64, Status)>, Error> {
    conn.query(
        "SELECT place, status FROM issuance_status WHERE list = $1",
        &[i64::from(list).into()],
        |row| {
            let (place, status): (i64, i64) = (row.get("place")?, row.get("status")?);
            Ok((
                u64::try_from(place).unwrap_or_default(),
                Status::from_value(u8::try_from(status).unwrap_or(1)),
            ))
        },
    )
}

fn place(row: &Row<'_>) -> Result<Place, Error> {
    let (list, index): (i64, i64) = (row.get("list")?, row.get("place")?);
    Ok(Place {
        list: u32::try_from(list).unwrap_or_default(),
        index: u32::try_from(index).unwrap_or_default(),
    })
}
