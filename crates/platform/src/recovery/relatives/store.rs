//! The table of trusted relatives.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::RelationId;
use crate::shell::ids::PersonId;

#[derive(Clone)]
pub(in crate::recovery) struct Relation {
    pub(in crate::recovery) person: PersonId,
    pub(in crate::recovery) relation: RelationId,
    pub(in crate::recovery) label_sealed: Vec<u8>,
    pub(in crate::recovery) relative: Option<PersonId>,
    pub(in crate::recovery) named_at: Timestamp,
    pub(in crate::recovery) agreed_at: Option<Timestamp>,
}

pub(super) fn insert(tx: &mut Tx<'_>, relation: &Relation, relative_digest: &[u8; 32]) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO recovery_relative (person, relation, relative_digest, label_sealed, named_at)
         VALUES ($1, $2, $3, $4, $5)",
        &[
            (&relation.person).into(),
            (&relation.relation).into(),
            relative_digest.into(),
            (&relation.label_sealed).into(),
            relation.named_at.into(),
        ],
    )?;
    Ok(())
}

/// Whom a person trusts.
pub(in crate::recovery) fn list(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<Relation>, Error> {
    conn.query(
        "SELECT person, relation, label_sealed, relative, named_at, agreed_at
           FROM recovery_relative
          WHERE person = $1 AND removed_at IS NULL
          ORDER BY named_at",
        &[person.into()],
        read,
    )
}

/// Who trusts the holder of a number.
pub(super) fn trusting(conn: &mut Conn<'_>, relative_digest: &[u8; 32]) -> Result<Vec<Relation>, Error> {
    conn.query(
        "SELECT person, relation, label_sealed, relative, named_at, agreed_at
           FROM recovery_relative
          WHERE relative_digest = $1 AND removed_at IS NULL
          ORDER BY named_at",
        &[relative_digest.into()],
        read,
    )
}

pub(super) fn agree(
    tx: &mut Tx<'_>,
    relation: &RelationId,
    (relative, relative_digest): (&PersonId, &[u8; 32]),
    now: Timestamp,
) -> Result<bool, Error> {
    let agreed = tx.execute(
        "UPDATE recovery_relative SET relative = $3, agreed_at = $4
          WHERE relation = $1 AND relative_digest = $2 AND agreed_at IS NULL AND removed_at IS NULL",
        &[relation.into(), relative_digest.into(), relative.into(), now.into()],
    )?;
    Ok(agreed == 1)
}

pub(super) fn remove(tx: &mut Tx<'_>, person: &PersonId, relation: &RelationId, now: Timestamp) -> Result<bool, Error> {
    let removed = tx.execute(
        "UPDATE recovery_relative SET removed_at = $3 WHERE person = $1 AND relation = $2 AND removed_at IS NULL",
        &[person.into(), relation.into(), now.into()],
    )?;
    Ok(removed == 1)
}

fn read(row: &Row<'_>) -> Result<Relation, Error> {
    Ok(Relation {
        person: row.get("person")?,
        relation: row.get("relation")?,
        label_sealed: row.get("label_sealed")?,
        relative: row.get("relative")?,
        named_at: row.get("named_at")?,
        agreed_at: row.get("agreed_at")?,
    })
}

/// A relation, for the relative who agreed to it.
pub(in crate::recovery) fn of_relative(
    conn: &mut Conn<'_>,
    relation: &RelationId,
    relative: &PersonId,
) -> Result<Option<Relation>, Error> {
    conn.query_opt(
        "SELECT person, relation, label_sealed, relative, named_at, agreed_at
           FROM recovery_relative
          WHERE relation = $1 AND relative = $2 AND agreed_at IS NOT NULL AND removed_at IS NULL",
        &[relation.into(), relative.into()],
        read,
    )
}
