//! The table of looks.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::rules::Wanted;
use super::{Details, Look, LookId, Place, SealId, Statement};
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
    pub(super) details_sealed: Vec<u8>,
    pub(super) seal: Option<SealId>,
}

/// The sealed parts of a look, opened.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) name: String,
    pub(super) details: Details,
}

impl Row {
    /// Who looked, in which case and from where.
    pub(super) fn open(&self, vault: &Vault) -> Result<Opened, Unreadable> {
        Ok(Opened {
            name: vault.open_text("history_look", "who", self.id.bytes(), &self.who_sealed)?,
            details: vault.open_record("history_look", "details", self.id.bytes(), &self.details_sealed)?,
        })
    }

    /// The commitment that follows from the row as it is now.
    pub(super) fn commitment(&self, vault: &Vault, person: &PersonId, opened: &Opened) -> Commitment {
        let statement = Statement {
            look: &self.id,
            person,
            who: &self.who_kind,
            name: &opened.name,
            purpose: &self.purpose,
            what: &self.what,
            details: &opened.details,
            seal: self.seal.as_ref(),
        };
        statement.commitment(vault, self.at)
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, look: &Look) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO history_look (person, looked_at, look, who_kind, who_sealed, who_digest, purpose, what, details_sealed, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            (&look.person).into(),
            look.at.into(),
            (&look.id).into(),
            look.who.parts().0.into(),
            (&look.sealed.who).into(),
            (&look.sealed.who_digest).into(),
            look.purpose.slug().into(),
            (&look.what).into(),
            (&look.sealed.details).into(),
            look.seal.as_ref().into(),
        ],
    )?;
    Ok(())
}

/// Where a page of a history begins and ends, and what the clock says.
#[derive(Clone, Copy)]
pub(super) struct Page {
    pub(super) before: Timestamp,
    pub(super) now: Timestamp,
    pub(super) most: i64,
}

/// The looks that their holder may see, newest first: none under an order that has not lapsed.
pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId, wanted: &Wanted, page: Page) -> Result<Vec<Row>, Error> {
    let (from, after) = wanted.bounds(page.now);
    conn.query(
        "SELECT look, looked_at, who_kind, who_sealed, purpose, what, details_sealed, seal
           FROM history_look
          WHERE person = $1 AND looked_at < $2 AND looked_at >= $3
            AND ($4 = '' OR who_kind = $4) AND ($5 = '' OR purpose = $5)
            AND (seal IS NULL OR seal IN (SELECT seal FROM history_seal WHERE lapsed_at IS NOT NULL OR ends_at <= $6))
          ORDER BY looked_at DESC, look DESC
          LIMIT $7",
        &[
            person.into(),
            page.before.min(after).into(),
            from.into(),
            wanted.who.into(),
            (&wanted.purpose).into(),
            page.now.into(),
            page.most.into(),
        ],
        read,
    )
}

/// One look, if its holder may see it.
pub(super) fn find(
    conn: &mut Conn<'_>,
    person: &PersonId,
    look: &LookId,
    now: Timestamp,
) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT look, looked_at, who_kind, who_sealed, purpose, what, details_sealed, seal
           FROM history_look
          WHERE person = $1 AND look = $2
            AND (seal IS NULL OR seal IN (SELECT seal FROM history_seal WHERE lapsed_at IS NOT NULL OR ends_at <= $3))",
        &[person.into(), look.into(), now.into()],
        read,
    )
}

/// Removes some looks that are older than an instant; answers how many.
pub(super) fn remove_before(tx: &mut Tx<'_>, before: Timestamp, most: i64) -> Result<u64, Error> {
    tx.execute(
        "DELETE FROM history_look
          WHERE (person, looked_at, look) IN
                (SELECT person, looked_at, look FROM history_look WHERE looked_at < $1 ORDER BY looked_at LIMIT $2)",
        &[before.into(), most.into()],
    )
}

/// The first looks of all, person by person.
pub(super) fn list_first(conn: &mut Conn<'_>, most: i64) -> Result<Vec<(PersonId, Row)>, Error> {
    conn.query(
        "SELECT person, look, looked_at, who_kind, who_sealed, purpose, what, details_sealed, seal
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
        "SELECT person, look, looked_at, who_kind, who_sealed, purpose, what, details_sealed, seal
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
        details_sealed: row.get("details_sealed")?,
        seal: row.get("seal")?,
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
