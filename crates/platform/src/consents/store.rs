//! The table of consents.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::{Asked, People};
use crate::shell::ids::PersonId;

/// A consent as it was given.
pub(super) struct Given {
    pub(super) client_id: String,
    pub(super) purpose: String,
    pub(super) given_at: Timestamp,
    pub(super) scopes: String,
    pub(super) basis: String,
    pub(super) ends_at: Timestamp,
    pub(super) withdrawn_at: Option<Timestamp>,
}

/// The consent that stands.
pub(super) fn find(
    conn: &mut Conn<'_>,
    person: &PersonId,
    (client_id, purpose): (&str, &str),
    now: Timestamp,
) -> Result<Option<Given>, Error> {
    conn.query_opt(
        "SELECT client_id, purpose, given_at, scopes, basis, ends_at, withdrawn_at FROM consent_given
          WHERE person = $1 AND client_id = $2 AND purpose = $3 AND ends_at > $4 AND replaced_at IS NULL AND withdrawn_at IS NULL",
        &[person.into(), client_id.into(), purpose.into(), now.into()],
        read,
    )
}

/// Writes a consent in place of the one that stood.
pub(super) fn replace(tx: &mut Tx<'_>, person: &PersonId, asked: &Asked, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE consent_given SET replaced_at = $4
          WHERE person = $1 AND client_id = $2 AND purpose = $3 AND replaced_at IS NULL AND withdrawn_at IS NULL",
        &[
            person.into(),
            (&asked.client_id).into(),
            (&asked.purpose).into(),
            now.into(),
        ],
    )?;
    tx.execute(
        "INSERT INTO consent_given (person, client_id, purpose, given_at, scopes, basis, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (person, client_id, purpose, given_at)
         DO UPDATE SET scopes = excluded.scopes, basis = excluded.basis, ends_at = excluded.ends_at, replaced_at = NULL",
        &[
            person.into(),
            (&asked.client_id).into(),
            (&asked.purpose).into(),
            now.into(),
            (&asked.scopes.to_string()).into(),
            (&asked.basis).into(),
            asked.until(now).into(),
        ],
    )?;
    Ok(())
}

/// Takes back the consent that stands; false if none does.
pub(super) fn withdraw(
    tx: &mut Tx<'_>,
    person: &PersonId,
    (client_id, purpose): (&str, &str),
    now: Timestamp,
) -> Result<bool, Error> {
    let withdrawn = tx.execute(
        "UPDATE consent_given SET withdrawn_at = $4
          WHERE person = $1 AND client_id = $2 AND purpose = $3 AND ends_at > $4 AND replaced_at IS NULL AND withdrawn_at IS NULL",
        &[person.into(), client_id.into(), purpose.into(), now.into()],
    )?;
    Ok(withdrawn == 1)
}

/// What a person agreed to, newest first, without what was replaced.
pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId, most: i64) -> Result<Vec<Given>, Error> {
    conn.query(
        "SELECT client_id, purpose, given_at, scopes, basis, ends_at, withdrawn_at FROM consent_given
          WHERE person = $1 AND replaced_at IS NULL ORDER BY given_at DESC, client_id, purpose LIMIT $2",
        &[person.into(), most.into()],
        read,
    )
}

pub(super) fn known_to(conn: &mut Conn<'_>, person: &PersonId, now: Timestamp) -> Result<Vec<String>, Error> {
    conn.query(
        "SELECT DISTINCT client_id FROM consent_given
          WHERE person = $1 AND ends_at > $2 AND replaced_at IS NULL AND withdrawn_at IS NULL",
        &[person.into(), now.into()],
        |row| row.get("client_id"),
    )
}

/// The latest end of what stands between a person and a relying party, past or future; none if nothing was ever agreed to.
pub(super) fn last_end(conn: &mut Conn<'_>, person: &PersonId, client_id: &str) -> Result<Option<Timestamp>, Error> {
    conn.query_opt(
        "SELECT ends_at FROM consent_given
          WHERE person = $1 AND client_id = $2 AND replaced_at IS NULL AND withdrawn_at IS NULL
          ORDER BY ends_at DESC LIMIT 1",
        &[person.into(), client_id.into()],
        |row| row.get("ends_at"),
    )
}

pub(super) fn people_of(
    conn: &mut Conn<'_>,
    client_id: &str,
    (now, lately): (Timestamp, Timestamp),
) -> Result<People, Error> {
    let people = conn.query_opt(
        "SELECT COUNT(DISTINCT CASE WHEN ends_at > $2 AND replaced_at IS NULL AND withdrawn_at IS NULL THEN person END) AS agree,
                COUNT(DISTINCT CASE WHEN given_at > $3 THEN person END) AS agreed_lately,
                COUNT(DISTINCT CASE WHEN withdrawn_at > $3 THEN person END) AS withdrew_lately
           FROM consent_given WHERE client_id = $1",
        &[client_id.into(), now.into(), lately.into()],
        |row| {
            Ok(People {
                agree: row.get("agree")?,
                agreed_lately: row.get("agreed_lately")?,
                withdrew_lately: row.get("withdrew_lately")?,
            })
        },
    )?;
    Ok(people.unwrap_or_default())
}

fn read(row: &Row<'_>) -> Result<Given, Error> {
    Ok(Given {
        client_id: row.get("client_id")?,
        purpose: row.get("purpose")?,
        given_at: row.get("given_at")?,
        scopes: row.get("scopes")?,
        basis: row.get("basis")?,
        ends_at: row.get("ends_at")?,
        withdrawn_at: row.get("withdrawn_at")?,
    })
}
