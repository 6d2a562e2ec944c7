//! The table of declarations.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::DeclarationId;
use crate::documents::rules::Kind;
use crate::shell::ids::PersonId;

/// Keeps a declaration; answers whether this is the first time.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    (person, id): (&PersonId, &DeclarationId),
    (kind, matched): (Kind, &str),
    content_sealed: &[u8],
    now: Timestamp,
) -> Result<bool, Error> {
    let kept = tx.execute(
        "INSERT INTO document_declaration (person, declaration, kind, content_sealed, matched, declared_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (person, declaration) DO NOTHING",
        &[
            person.into(),
            id.into(),
            kind.word().into(),
            content_sealed.into(),
            matched.into(),
            now.into(),
        ],
    )?;
    Ok(kept == 1)
}

/// A declaration: its kind, what was declared, and how it matched.
pub(super) fn find(
    conn: &mut Conn<'_>,
    person: &PersonId,
    id: &DeclarationId,
) -> Result<Option<(String, Vec<u8>, String)>, Error> {
    conn.query_opt(
        "SELECT kind, content_sealed, matched FROM document_declaration WHERE person = $1 AND declaration = $2",
        &[person.into(), id.into()],
        |row| Ok((row.get("kind")?, row.get("content_sealed")?, row.get("matched")?)),
    )
}

/// A correction of what differs was asked for; answers whether this is the first time.
pub(super) fn correcting(tx: &mut Tx<'_>, person: &PersonId, id: &DeclarationId) -> Result<bool, Error> {
    let moved = tx.execute(
        "UPDATE document_declaration SET matched = 'correcting' WHERE person = $1 AND declaration = $2 AND matched = 'differs'",
        &[person.into(), id.into()],
    )?;
    Ok(moved == 1)
}
