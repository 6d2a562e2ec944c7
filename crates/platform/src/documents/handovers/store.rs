//! The table of handovers.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::HandoverId;
use super::rules::{SHOWN, State};
use crate::app::App;
use crate::documents::rules::Kind;
use crate::inspection::Purpose;
use crate::registries::Subject;
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;

#[derive(Clone)]
pub(super) struct Row {
    pub(super) person: PersonId,
    pub(super) id: HandoverId,
    pub(super) purpose: Purpose,
    pub(super) kinds: Vec<Kind>,
    pub(super) whose_sealed: Option<Vec<u8>>,
    pub(super) made_at: Timestamp,
    pub(super) expires_at: Timestamp,
    ended_at: Option<Timestamp>,
    pub(super) seen_at: Option<Timestamp>,
    seen_by_sealed: Option<Vec<u8>>,
}

impl Row {
    /// One that is about to be written.
    pub(super) fn new(
        (person, id): (PersonId, HandoverId),
        (purpose, kinds): (Purpose, Vec<Kind>),
        whose_sealed: Option<Vec<u8>>,
        (made_at, expires_at): (Timestamp, Timestamp),
    ) -> Self {
        Self {
            person,
            id,
            purpose,
            kinds,
            whose_sealed,
            made_at,
            expires_at,
            ended_at: None,
            seen_at: None,
            seen_by_sealed: None,
        }
    }

    pub(super) fn state(&self, now: Timestamp) -> State {
        State::of((self.seen_at, self.ended_at), self.expires_at, now)
    }

    /// Whose papers, where not the maker's own.
    pub(super) fn whose(&self, app: &App) -> Result<Option<Subject>, Problem> {
        let open = |sealed: &Vec<u8>| {
            app.vault
                .open_record("document_handover", "whose", self.id.bytes(), sealed)
        };
        Ok(self.whose_sealed.as_ref().map(open).transpose()?)
    }

    /// Who has seen them.
    pub(super) fn seen_by(&self, app: &App) -> Result<Option<String>, Problem> {
        let open = |sealed: &Vec<u8>| {
            app.vault
                .open_text("document_handover", "seen_by", self.id.bytes(), sealed)
        };
        Ok(self.seen_by_sealed.as_ref().map(open).transpose()?)
    }
}

fn row(row: &db::Row<'_>) -> Result<Row, Error> {
    let kinds: String = row.get("kinds")?;
    Ok(Row {
        person: row.get("person")?,
        id: row.get("handover")?,
        purpose: row.get("purpose")?,
        kinds: kinds.split(' ').filter_map(Kind::from_word).collect(),
        whose_sealed: row.get("whose_sealed")?,
        made_at: row.get("made_at")?,
        expires_at: row.get("expires_at")?,
        ended_at: row.get("ended_at")?,
        seen_at: row.get("seen_at")?,
        seen_by_sealed: row.get("seen_by_sealed")?,
    })
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &Row) -> Result<(), Error> {
    let kinds: Vec<&str> = new.kinds.iter().map(|kind| kind.word()).collect();
    tx.execute(
        "INSERT INTO document_handover (person, handover, purpose, kinds, whose_sealed, made_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            (&new.person).into(),
            (&new.id).into(),
            new.purpose.word().into(),
            kinds.join(" ").as_str().into(),
            new.whose_sealed.as_deref().into(),
            new.made_at.into(),
            new.expires_at.into(),
        ],
    )?;
    Ok(())
}

/// Forgets a person's handovers that were made before an instant.
pub(super) fn forget(tx: &mut Tx<'_>, person: &PersonId, before: Timestamp) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM document_handover WHERE person = $1 AND made_at < $2",
        &[person.into(), before.into()],
    )?;
    Ok(())
}

/// The handover of a code.
pub(super) fn find(conn: &mut Conn<'_>, id: &HandoverId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT person, handover, purpose, kinds, whose_sealed, made_at, expires_at, ended_at, seen_at, seen_by_sealed
           FROM document_handover WHERE handover = $1",
        &[id.into()],
        row,
    )
}

/// The newest handovers of a person, newest first.
pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT person, handover, purpose, kinds, whose_sealed, made_at, expires_at, ended_at, seen_at, seen_by_sealed
           FROM document_handover WHERE person = $1 ORDER BY made_at DESC, handover LIMIT $2",
        &[person.into(), SHOWN.into()],
        row,
    )
}

/// Opens it for one receiver; false where that is no longer possible.
pub(super) fn open(
    tx: &mut Tx<'_>,
    (person, id): (&PersonId, &HandoverId),
    by_sealed: &[u8],
    now: Timestamp,
) -> Result<bool, Error> {
    let opened = tx.execute(
        "UPDATE document_handover SET seen_at = $3, seen_by_sealed = $4
          WHERE person = $1 AND handover = $2 AND seen_at IS NULL AND ended_at IS NULL AND expires_at > $3",
        &[person.into(), id.into(), now.into(), by_sealed.into()],
    )?;
    Ok(opened == 1)
}

/// Takes back what nobody has seen.
pub(super) fn end(tx: &mut Tx<'_>, person: &PersonId, id: &HandoverId, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE document_handover SET ended_at = $3
          WHERE person = $1 AND handover = $2 AND seen_at IS NULL AND ended_at IS NULL",
        &[person.into(), id.into(), now.into()],
    )?;
    Ok(())
}
