//! The table of contested looks.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::ContestId;
use crate::history::LookId;
use crate::shell::ids::PersonId;

pub(super) struct Row {
    pub(super) person: PersonId,
    pub(super) contest: ContestId,
    pub(super) look: LookId,
    pub(super) reason_sealed: Vec<u8>,
    pub(super) law: String,
    pub(super) filed_at: Timestamp,
    pub(super) due_at: Timestamp,
    pub(super) outcome: Option<String>,
    pub(super) answer_sealed: Option<Vec<u8>>,
    pub(super) answered_at: Option<Timestamp>,
}

/// A contest about to be filed.
#[derive(Clone)]
pub(super) struct Filed {
    pub(super) person: PersonId,
    pub(super) contest: ContestId,
    pub(super) look: LookId,
    pub(super) looked_at: Timestamp,
    pub(super) reason_sealed: Vec<u8>,
    pub(super) law: String,
    pub(super) filed_at: Timestamp,
    pub(super) due_at: Timestamp,
}

pub(super) fn insert(tx: &mut Tx<'_>, filed: &Filed) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO history_contest (person, contest, look, looked_at, reason_sealed, law, filed_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            (&filed.person).into(),
            (&filed.contest).into(),
            (&filed.look).into(),
            filed.looked_at.into(),
            (&filed.reason_sealed).into(),
            (&filed.law).into(),
            filed.filed_at.into(),
            filed.due_at.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn of_look(conn: &mut Conn<'_>, person: &PersonId, look: &LookId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT person, contest, look, reason_sealed, law, filed_at, due_at, outcome, answer_sealed, answered_at
           FROM history_contest WHERE person = $1 AND look = $2",
        &[person.into(), look.into()],
        read,
    )
}

pub(super) fn find(conn: &mut Conn<'_>, contest: &ContestId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT person, contest, look, reason_sealed, law, filed_at, due_at, outcome, answer_sealed, answered_at
           FROM history_contest WHERE contest = $1",
        &[contest.into()],
        read,
    )
}

/// The contests that wait for an answer, what is due first at the top.
pub(super) fn open(conn: &mut Conn<'_>, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT person, contest, look, reason_sealed, law, filed_at, due_at, outcome, answer_sealed, answered_at
           FROM history_contest WHERE answered_at IS NULL ORDER BY due_at, contest LIMIT $1",
        &[most.into()],
        read,
    )
}

/// Answers a contest; false if it was answered before.
pub(super) fn answer(
    tx: &mut Tx<'_>,
    (person, contest): (&PersonId, &ContestId),
    outcome: &str,
    answer_sealed: &[u8],
    now: Timestamp,
) -> Result<bool, Error> {
    let answered = tx.execute(
        "UPDATE history_contest SET outcome = $3, answer_sealed = $4, answered_at = $5
          WHERE person = $1 AND contest = $2 AND answered_at IS NULL",
        &[
            person.into(),
            contest.into(),
            outcome.into(),
            answer_sealed.into(),
            now.into(),
        ],
    )?;
    Ok(answered == 1)
}

pub(super) fn forget_before(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), Error> {
    tx.execute("DELETE FROM history_contest WHERE looked_at < $1", &[before.into()])?;
    Ok(())
}

fn read(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        person: row.get("person")?,
        contest: row.get("contest")?,
        look: row.get("look")?,
        reason_sealed: row.get("reason_sealed")?,
        law: row.get("law")?,
        filed_at: row.get("filed_at")?,
        due_at: row.get("due_at")?,
        outcome: row.get("outcome")?,
        answer_sealed: row.get("answer_sealed")?,
        answered_at: row.get("answered_at")?,
    })
}
