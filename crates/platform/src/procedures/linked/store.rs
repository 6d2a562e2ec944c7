//! Which dossiers belong together.

use db::{Conn, Error, Tx};

use super::super::dossiers::DossierId;
use crate::shell::ids::PersonId;

/// A part of a linked procedure.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) person: PersonId,
    pub(super) main: DossierId,
    pub(super) dossier: DossierId,
    pub(super) code: String,
    /// The body's number of it.
    pub(super) reference: Option<String>,
}

fn read(row: &db::Row<'_>) -> Result<Link, Error> {
    Ok(Link {
        person: row.get("person")?,
        main: row.get("main")?,
        dossier: row.get("dossier")?,
        code: row.get("code")?,
        reference: row.get("reference")?,
    })
}

pub(super) fn insert(tx: &mut Tx<'_>, link: &Link) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO procedure_link (person, main, dossier, code) VALUES ($1, $2, $3, $4)",
        &[
            (&link.person).into(),
            (&link.main).into(),
            (&link.dossier).into(),
            (&link.code).into(),
        ],
    )?;
    Ok(())
}

/// The link of a part; none for a dossier that stands alone.
pub(super) fn of_part(conn: &mut Conn<'_>, dossier: &DossierId) -> Result<Option<Link>, Error> {
    conn.query_opt(
        "SELECT person, main, dossier, code, reference FROM procedure_link WHERE dossier = $1",
        &[dossier.into()],
        read,
    )
}

/// The parts of a linked procedure.
pub(super) fn parts(conn: &mut Conn<'_>, person: &PersonId, main: &DossierId) -> Result<Vec<Link>, Error> {
    conn.query(
        "SELECT person, main, dossier, code, reference FROM procedure_link WHERE person = $1 AND main = $2",
        &[person.into(), main.into()],
        read,
    )
}

/// The body has it, under its own number.
pub(super) fn refer(tx: &mut Tx<'_>, dossier: &DossierId, reference: &str) -> Result<(), Error> {
    tx.execute(
        "UPDATE procedure_link SET reference = $2 WHERE dossier = $1",
        &[dossier.into(), reference.into()],
    )?;
    Ok(())
}
