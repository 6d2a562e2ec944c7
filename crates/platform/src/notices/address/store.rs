//! The table of addresses that wait for their code.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::rules::{LASTS, MOST_SENT, TRIES, WITHIN};
use crate::shell::ids::PersonId;

/// Writes down an address and the digest of its code; false if too many codes were sent.
pub(super) fn ask(
    tx: &mut Tx<'_>,
    person: &PersonId,
    address_sealed: &[u8],
    code_digest: &[u8; 32],
    now: Timestamp,
) -> Result<bool, Error> {
    let written = tx.execute(
        "INSERT INTO notice_address (person, address_sealed, code_digest, wrong, sent, since_at, asked_at) VALUES ($1, $2, $3, 0, 1, $4, $4)
         ON CONFLICT (person) DO UPDATE
            SET address_sealed = excluded.address_sealed, code_digest = excluded.code_digest, wrong = 0, asked_at = excluded.asked_at,
                sent = CASE WHEN notice_address.since_at < $5 THEN 1 ELSE notice_address.sent + 1 END,
                since_at = CASE WHEN notice_address.since_at < $5 THEN excluded.since_at ELSE notice_address.since_at END
          WHERE notice_address.since_at < $5 OR notice_address.sent < $6",
        &[
            person.into(),
            address_sealed.into(),
            code_digest.into(),
            now.into(),
            (now - WITHIN).into(),
            MOST_SENT.into(),
        ],
    )?;
    Ok(written == 1)
}

/// The address that waits for its code.
pub(super) fn find(conn: &mut Conn<'_>, person: &PersonId, now: Timestamp) -> Result<Option<Vec<u8>>, Error> {
    conn.query_opt(
        "SELECT address_sealed FROM notice_address WHERE person = $1 AND asked_at > $2 AND wrong < $3",
        &[person.into(), (now - LASTS).into(), TRIES.into()],
        |row| row.get("address_sealed"),
    )
}

/// Uses a code up; the address that it proves, or nothing, and the try counts.
pub(super) fn prove(
    tx: &mut Tx<'_>,
    person: &PersonId,
    code_digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Vec<u8>>, Error> {
    let proved = tx.query_opt(
        "DELETE FROM notice_address WHERE person = $1 AND code_digest = $2 AND asked_at > $3 AND wrong < $4 RETURNING address_sealed",
        &[person.into(), code_digest.into(), (now - LASTS).into(), TRIES.into()],
        |row| row.get("address_sealed"),
    )?;
    if proved.is_none() {
        tx.execute(
            "UPDATE notice_address SET wrong = wrong + 1 WHERE person = $1",
            &[person.into()],
        )?;
    }
    Ok(proved)
}

pub(super) fn remove(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), Error> {
    tx.execute("DELETE FROM notice_address WHERE person = $1", &[person.into()])?;
    Ok(())
}
