//! The table of relying parties.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

pub(super) fn replace(
    tx: &mut Tx<'_>,
    id: &str,
    metadata: &str,
    secret_digest: Option<&[u8; 32]>,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO sso_client (client_id, metadata, secret_digest, registered_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (client_id) DO UPDATE SET metadata = excluded.metadata, secret_digest = excluded.secret_digest",
        &[id.into(), metadata.into(), secret_digest.into(), now.into()],
    )?;
    Ok(())
}

/// A registration as it is kept: the metadata as JSON, and the digest of the secret.
type Row = (String, Option<[u8; 32]>);

pub(super) fn find(conn: &mut Conn<'_>, id: &str) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT metadata, secret_digest FROM sso_client WHERE client_id = $1",
        &[id.into()],
        |row| Ok((row.get("metadata")?, row.get("secret_digest")?)),
    )
}
