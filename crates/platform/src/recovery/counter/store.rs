//! The table of codes given at counters.

use db::{Error, Tx};
use jiff::Timestamp;

use super::LASTS;
use crate::officers::OfficerId;
use crate::shell::ids::PersonId;

/// A code about to be given.
#[derive(Clone)]
pub(super) struct NewVoucher {
    pub(super) voucher_digest: [u8; 32],
    pub(super) person: PersonId,
    pub(super) officer: OfficerId,
    /// The number that the person has from now on.
    pub(super) phone_sealed: Option<Vec<u8>>,
    pub(super) given_at: Timestamp,
}

/// Keeps a code; earlier ones of the person are void.
pub(super) fn insert(tx: &mut Tx<'_>, voucher: &NewVoucher) -> Result<(), Error> {
    tx.execute(
        "UPDATE recovery_voucher SET used_at = $2 WHERE person = $1 AND used_at IS NULL",
        &[(&voucher.person).into(), voucher.given_at.into()],
    )?;
    tx.execute(
        "INSERT INTO recovery_voucher (voucher_digest, person, officer, phone_sealed, given_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            (&voucher.voucher_digest).into(),
            (&voucher.person).into(),
            (&voucher.officer).into(),
            voucher.phone_sealed.as_deref().into(),
            voucher.given_at.into(),
            (voucher.given_at + LASTS).into(),
        ],
    )?;
    Ok(())
}

/// A code that was used.
pub(super) struct Used {
    pub(super) phone_sealed: Option<Vec<u8>>,
}

/// Uses up a code.
pub(super) fn spend(tx: &mut Tx<'_>, voucher_digest: &[u8; 32], now: Timestamp) -> Result<Option<Used>, Error> {
    tx.query_opt(
        "UPDATE recovery_voucher SET used_at = $2
          WHERE voucher_digest = $1 AND used_at IS NULL AND expires_at > $2
      RETURNING phone_sealed",
        &[voucher_digest.into(), now.into()],
        |row| {
            Ok(Used {
                phone_sealed: row.get("phone_sealed")?,
            })
        },
    )
}

/// Whose code it is, while it can be used.
pub(super) fn find(
    conn: &mut db::Conn<'_>,
    voucher_digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<PersonId>, Error> {
    conn.query_opt(
        "SELECT person FROM recovery_voucher WHERE voucher_digest = $1 AND used_at IS NULL AND expires_at > $2",
        &[voucher_digest.into(), now.into()],
        |row| row.get("person"),
    )
}
