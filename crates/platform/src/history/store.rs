//! The table of looks.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{Look, LookId, Place, Statement};
use crate::ledger::Commitment;
use crate::shell::ids::PersonId;
use crate::shell::vault::{Unreadable, Vault};

pub(super) struct Row {
    pub(super) id: LookId,
    pub(super) at: Timestamp,
    pub(super) who_kind: String,
    pub(super) who_sealed: Vec<u8>,
    pub(super) purpose: String,
    pub(super) what: String,
}

impl Row {
    /// Who looked, opened.
    pub(super) fn name(&self, vault: &Vault) -> Result<String, Unreadable> {
        vault.open_text("history_look", "who", self.id.bytes(), &self.who_sealed)
    }

    /// The commitment that follows from the row as it is now.
    pub(super) fn commitment(&self, vault: &Vault, person: &PersonId, name: &str) -> Commitment {
        let statement = Statement {
            look: &self.id,
            person,
            who: &self.who_kind,
            name,
            purpose: &self.purpose,
            what: &self.what,
        };
        statement.commitment(vault, self.at)
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, look: &Look) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO history_look (person, looked_at, look, who_kind, who_sealed, purpose, what) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            (&look.person).into(),
            look.at.into(),
            (&look.id).into(),
            look.who_kind.into(),
            (&look.who_sealed).into(),
            look.purpose.slug().into(),
            (&look.what).into(),
        ],
    )?;
    Ok(())
}

pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId, before: Timestamp, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT look, looked_at, who_kind, who_sealed, purpose, what
           FROM history_look
          WHERE person = $1 AND looked_at < $2
          ORDER BY looked_at DESC
          LIMIT $3",
        &[person.into(), before.into(), most.into()],
        read,
    )
}

/// The first looks of all, person by person.
pub(super) fn list_first(conn: &mut Conn<'_>, most: i64) -> Result<Vec<(PersonId, Row)>, Error> {
    conn.query(
        "SELECT person, look, looked_at, who_kind, who_sealed, purpose, what
           FROM history_look
          ORDER BY person, looked_at, look
          LIMIT $1",
        &[most.into()],
        |row| Ok((row.get("person")?, read(row)?)),
    )
}

/// The looks that follow a place, person by person.
pub(super) fn list_after(conn: &mut Conn<'_>, after: &Place, most: i64) -> Result<Vec<(PersonId, Row)>, Error> {
    conn.query(
        "SELECT person, look, looked_at, who_kind, who_sealed, purpose, what
           FROM history_look
          WHERE (person, looked_at, look) > ($1, $2, $3)
          ORDER BY person, looked_at, look
          LIMIT $4",
        &[
            (&after.person).into(),
            after.at.into(),
            (&after.look).into(),
            most.into(),
        ],
        |row| Ok((row.get("person")?, read(row)?)),
    )
}

fn read(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        id: row.get("look")?,
        at: row.get("looked_at")?,
        who_kind: row.get("who_kind")?,
        who_sealed: row.get("who_sealed")?,
        purpose: row.get("purpose")?,
        what: row.get("what")?,
    })
}

/// What somebody who can write to the database might do.
#[cfg(test)]
pub(crate) mod tampered {
    /// The oldest look is said to have been at something else.
    pub(crate) const CHANGED: &str =
        "UPDATE history_look SET what = 'name' WHERE looked_at = (SELECT MIN(looked_at) FROM history_look)";
    /// The newest look is gone.
    pub(crate) const REMOVED: &str =
        "DELETE FROM history_look WHERE looked_at = (SELECT MAX(looked_at) FROM history_look)";
}
