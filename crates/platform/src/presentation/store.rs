//! Verifiers, their requests, and the answers.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{RequestId, Verifier, VerifierId};

/// A request about to be opened.
#[derive(Clone)]
pub(super) struct NewRequest {
    pub(super) request: RequestId,
    pub(super) verifier: VerifierId,
    pub(super) content_sealed: Vec<u8>,
    pub(super) opened_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// A request as it stands.
pub(super) struct Row {
    pub(super) verifier: VerifierId,
    pub(super) content_sealed: Vec<u8>,
    pub(super) expires_at: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) answer_sealed: Option<Vec<u8>>,
    pub(super) code_digest: Option<Vec<u8>>,
}

/// Writes a verifier, in the place of one of the same name, which keeps its identifier.
pub(super) fn put(tx: &mut Tx<'_>, new: &Verifier, secret: &[u8; 32], now: Timestamp) -> Result<Verifier, Error> {
    let registered = serde_json::to_string(&new.registered).unwrap_or_default();
    tx.execute(
        "INSERT INTO presentation_verifier (verifier, name, purpose, registered, secret_digest, since_at)
         VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (name) DO UPDATE
            SET purpose = excluded.purpose, registered = excluded.registered, secret_digest = excluded.secret_digest",
        &[
            (&new.verifier).into(),
            (&new.name).into(),
            (&new.purpose).into(),
            (&registered).into(),
            secret.as_slice().into(),
            now.into(),
        ],
    )?;
    let kept = named(tx, &new.name)?;
    Ok(kept.unwrap_or_else(|| new.clone()))
}

pub(super) fn named(conn: &mut Conn<'_>, name: &str) -> Result<Option<Verifier>, Error> {
    conn.query_opt(
        "SELECT verifier, name, purpose, registered FROM presentation_verifier WHERE name = $1",
        &[name.into()],
        verifier,
    )
}

/// The verifier whose secret this is.
pub(super) fn proven(conn: &mut Conn<'_>, id: &VerifierId, secret: &[u8; 32]) -> Result<Option<Verifier>, Error> {
    conn.query_opt(
        "SELECT verifier, name, purpose, registered FROM presentation_verifier WHERE verifier = $1 AND secret_digest = $2",
        &[id.into(), secret.as_slice().into()],
        verifier,
    )
}

fn verifier(row: &db::Row<'_>) -> Result<Verifier, Error> {
    let registered: String = row.get("registered")?;
    Ok(Verifier {
        verifier: row.get("verifier")?,
        name: row.get("name")?,
        purpose: row.get("purpose")?,
        // What cannot be read allows nothing.
        registered: serde_json::from_str(&registered).unwrap_or(credentials::openid4vp::Registered(Vec::new())),
    })
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &NewRequest) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO presentation_request (request, verifier, content_sealed, opened_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
        &[
            (&new.request).into(),
            (&new.verifier).into(),
            (&new.content_sealed).into(),
            new.opened_at.into(),
            new.expires_at.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, id: &RequestId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT verifier, content_sealed, expires_at, ended_at, answer_sealed, code_digest
           FROM presentation_request
          WHERE request = $1",
        &[id.into()],
        |row| {
            Ok(Row {
                verifier: row.get("verifier")?,
                content_sealed: row.get("content_sealed")?,
                expires_at: row.get("expires_at")?,
                ended_at: row.get("ended_at")?,
                answer_sealed: row.get("answer_sealed")?,
                code_digest: row.get("code_digest")?,
            })
        },
    )
}

/// A request that can still be answered, which a wallet fetches now.
pub(super) fn fetch(tx: &mut Tx<'_>, id: &RequestId, now: Timestamp) -> Result<Option<Vec<u8>>, Error> {
    tx.query_opt(
        "UPDATE presentation_request
            SET fetched_at = $2
          WHERE request = $1 AND ended_at IS NULL AND expires_at > $2
      RETURNING content_sealed",
        &[id.into(), now.into()],
        |row| row.get("content_sealed"),
    )
}

/// Ends a request with its answer, or without one if it was refused. Of two answers at once, one wins.
pub(super) fn end(
    tx: &mut Tx<'_>,
    id: &RequestId,
    (answer, code): (Option<&Vec<u8>>, Option<&[u8; 32]>),
    now: Timestamp,
) -> Result<bool, Error> {
    let rows = tx.execute(
        "UPDATE presentation_request
            SET ended_at = $2, answer_sealed = $3, code_digest = $4
          WHERE request = $1 AND ended_at IS NULL AND expires_at > $2",
        &[
            id.into(),
            now.into(),
            answer.into(),
            code.map(|code| code.to_vec()).as_ref().into(),
        ],
    )?;
    Ok(rows > 0)
}

pub(super) fn remove(tx: &mut Tx<'_>, id: &RequestId) -> Result<(), Error> {
    tx.execute("DELETE FROM presentation_request WHERE request = $1", &[id.into()])?;
    Ok(())
}
