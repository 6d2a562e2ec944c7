//! What the tables of tokens and consents say about a person and the relying parties.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use crate::shell::ids::PersonId;

/// The relying parties that hold a token.
pub(super) fn holders(conn: &mut Conn<'_>, person: &PersonId, now: Timestamp) -> Result<Vec<String>, Error> {
    conn.query(
        "SELECT client_id FROM sso_token WHERE person = $1 AND expires_at > $2 AND revoked_at IS NULL
          UNION
         SELECT client_id FROM sso_refresh WHERE person = $1 AND expires_at > $2 AND revoked_at IS NULL AND used_at IS NULL",
        &[person.into(), now.into()],
        |row| row.get("client_id"),
    )
}

/// How often codes have been taken back.
pub(super) fn revocations(conn: &mut Conn<'_>, person: &PersonId) -> Result<i64, Error> {
    let times = conn.query_opt(
        "SELECT times FROM sso_revocation WHERE person = $1",
        &[person.into()],
        |row| row.get("times"),
    )?;
    Ok(times.unwrap_or(0))
}

fn revoke_codes(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO sso_revocation (person, times) VALUES ($1, 1)
             ON CONFLICT (person) DO UPDATE SET times = sso_revocation.times + 1",
        &[person.into()],
    )?;
    Ok(())
}

pub(super) fn revoke_all(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<(), Error> {
    revoke_codes(tx, person)?;
    tx.execute("DELETE FROM sso_offer WHERE person = $1", &[person.into()])?;
    tx.execute(
        "UPDATE sso_token SET revoked_at = $2 WHERE person = $1 AND revoked_at IS NULL",
        &[person.into(), now.into()],
    )?;
    tx.execute(
        "UPDATE sso_refresh SET revoked_at = $2 WHERE person = $1 AND revoked_at IS NULL",
        &[person.into(), now.into()],
    )?;
    Ok(())
}

pub(super) fn revoke_of(tx: &mut Tx<'_>, person: &PersonId, client_id: &str, now: Timestamp) -> Result<(), Error> {
    // Codes are kept nowhere: all of the person's go, each of which lives a minute at most.
    revoke_codes(tx, person)?;
    tx.execute(
        "UPDATE sso_token SET revoked_at = $3 WHERE person = $1 AND client_id = $2 AND revoked_at IS NULL",
        &[person.into(), client_id.into(), now.into()],
    )?;
    tx.execute(
        "UPDATE sso_refresh SET revoked_at = $3 WHERE person = $1 AND client_id = $2 AND revoked_at IS NULL",
        &[person.into(), client_id.into(), now.into()],
    )?;
    Ok(())
}
