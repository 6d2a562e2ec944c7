//! The table of reports.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{Report, ReportId};
use crate::shell::ids::PersonId;

pub(super) struct Row {
    pub(super) id: ReportId,
    pub(super) kind: String,
    pub(super) content_sealed: Vec<u8>,
    pub(super) reference: Option<String>,
    pub(super) state: String,
    pub(super) reported_at: Timestamp,
    pub(super) due_at: Timestamp,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) answer_sealed: Option<Vec<u8>>,
}

fn row(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        id: row.get("report")?,
        kind: row.get("kind")?,
        content_sealed: row.get("content_sealed")?,
        reference: row.get("reference")?,
        state: row.get("state")?,
        reported_at: row.get("reported_at")?,
        due_at: row.get("due_at")?,
        answered_at: row.get("answered_at")?,
        answer_sealed: row.get("answer_sealed")?,
    })
}

pub(super) fn insert(tx: &mut Tx<'_>, report: &Report) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO document_report (person, report, kind, field, content_sealed, state, reported_at, due_at)
         VALUES ($1, $2, $3, $4, $5, 'kept', $6, $7)",
        &[
            (&report.person).into(),
            (&report.id).into(),
            report.kind.word().into(),
            report.fields.as_str().into(),
            (&report.content_sealed).into(),
            report.at.into(),
            report.due_at.into(),
        ],
    )?;
    Ok(())
}

/// Newest first.
pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT report, kind, content_sealed, reference, state, reported_at, due_at, answered_at, answer_sealed
           FROM document_report WHERE person = $1 ORDER BY reported_at DESC, report",
        &[person.into()],
        row,
    )
}

pub(super) fn find(conn: &mut Conn<'_>, person: &PersonId, id: &ReportId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT report, kind, content_sealed, reference, state, reported_at, due_at, answered_at, answer_sealed
           FROM document_report WHERE person = $1 AND report = $2",
        &[person.into(), id.into()],
        row,
    )
}

/// The source has it; answers whether this is the first time.
pub(super) fn sent(
    tx: &mut Tx<'_>,
    person: &PersonId,
    id: &ReportId,
    reference: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let sent = tx.execute(
        "UPDATE document_report SET state = 'sent', reference = $3, sent_at = $4
          WHERE person = $1 AND report = $2 AND state = 'kept'",
        &[person.into(), id.into(), reference.into(), now.into()],
    )?;
    Ok(sent == 1)
}

/// The source has decided; answers whether this is the first time.
pub(super) fn answered(
    tx: &mut Tx<'_>,
    person: &PersonId,
    id: &ReportId,
    (state, answer_sealed): (&str, &[u8]),
    now: Timestamp,
) -> Result<bool, Error> {
    let answered = tx.execute(
        "UPDATE document_report SET state = $3, answer_sealed = $4, answered_at = $5
          WHERE person = $1 AND report = $2 AND state = 'sent'",
        &[person.into(), id.into(), state.into(), answer_sealed.into(), now.into()],
    )?;
    Ok(answered == 1)
}
