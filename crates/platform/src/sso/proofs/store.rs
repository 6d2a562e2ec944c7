//! The tables of used assertions and proofs.

use db::{Error, Tx};
use jiff::Timestamp;
use oidc::authentication::AssertionId;
use oidc::dpop::ProofId;

/// Uses up a client's assertion, and forgets the client's assertions that are over. Answers whether it was new.
pub(in crate::sso) fn use_assertion(
    tx: &mut Tx<'_>,
    client_id: &str,
    assertion: &AssertionId,
    now: Timestamp,
) -> Result<bool, Error> {
    tx.execute(
        "DELETE FROM sso_assertion WHERE client_id = $1 AND expires_at < $2",
        &[client_id.into(), now.into()],
    )?;
    let inserted = tx.execute(
        "INSERT INTO sso_assertion (client_id, jti, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        &[client_id.into(), (&assertion.id).into(), assertion.expires_at.into()],
    )?;
    Ok(inserted == 1)
}

/// Uses up a proof. Answers whether it was new. One in 256 also forgets the proofs that are over: were it each, units of
/// work at the same moment would all reach for the same rows.
pub(super) fn use_proof(tx: &mut Tx<'_>, id: &ProofId, now: Timestamp) -> Result<bool, Error> {
    if id.digest.first() == Some(&0) {
        tx.execute("DELETE FROM sso_proof WHERE expires_at < $1", &[now.into()])?;
    }
    let inserted = tx.execute(
        "INSERT INTO sso_proof (digest, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        &[(&id.digest).into(), id.expires_at.into()],
    )?;
    Ok(inserted == 1)
}
