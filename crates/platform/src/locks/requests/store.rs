//! The table of requests.

use db::{Conn, Error, Row as DbRow, Tx};
use jiff::Timestamp;

use super::RequestId;
use super::rules::State;
use crate::locks::Source;
use crate::officers::OfficerId;
use crate::shell::ids::PersonId;

#[derive(Clone)]
pub(super) struct Row {
    pub(super) request: RequestId,
    pub(super) person: PersonId,
    pub(super) raises: bool,
    pub(super) source: Source,
    pub(super) asked_sealed: Vec<u8>,
    pub(super) state: State,
    pub(super) received_by: OfficerId,
    pub(super) received_at: Timestamp,
    pub(super) forward_by: Timestamp,
    pub(super) decide_by: Option<Timestamp>,
    pub(super) answer_sealed: Option<Vec<u8>>,
}

pub(super) fn insert(tx: &mut Tx<'_>, row: &Row) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO lock_request (request, person, word, source, asked_sealed, state, received_by, received_at, forward_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            (&row.request).into(),
            (&row.person).into(),
            if row.raises { "raise" } else { "clear" }.into(),
            (&row.source).into(),
            (&row.asked_sealed).into(),
            row.state.word().into(),
            (&row.received_by).into(),
            row.received_at.into(),
            row.forward_by.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, request: &RequestId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT request, person, word, source, asked_sealed, state, received_by, received_at, forward_by, decide_by, answer_sealed
           FROM lock_request WHERE request = $1",
        &[request.into()],
        read,
    )
}

/// What waits, oldest first.
pub(super) fn open(conn: &mut Conn<'_>, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT request, person, word, source, asked_sealed, state, received_by, received_at, forward_by, decide_by, answer_sealed
           FROM lock_request WHERE decided_at IS NULL ORDER BY received_at, request LIMIT $1",
        &[most.into()],
        read,
    )
}

/// Forwards a request; false if it was forwarded or decided before.
pub(super) fn forward(
    tx: &mut Tx<'_>,
    request: &RequestId,
    now: Timestamp,
    decide_by: Timestamp,
) -> Result<bool, Error> {
    let forwarded = tx.execute(
        "UPDATE lock_request SET state = 'forwarded', forwarded_at = $2, decide_by = $3
          WHERE request = $1 AND state = 'received'",
        &[request.into(), now.into(), decide_by.into()],
    )?;
    Ok(forwarded == 1)
}

/// Decides a request; false if it is not the ministry's to decide, or was decided before.
pub(super) fn decide(
    tx: &mut Tx<'_>,
    request: &RequestId,
    (state, officer): (State, &OfficerId),
    answer_sealed: &[u8],
    now: Timestamp,
) -> Result<bool, Error> {
    let decided = tx.execute(
        "UPDATE lock_request SET state = $2, decided_by = $3, decided_at = $4, answer_sealed = $5
          WHERE request = $1 AND state = 'forwarded' AND received_by <> $3",
        &[
            request.into(),
            state.word().into(),
            officer.into(),
            now.into(),
            answer_sealed.into(),
        ],
    )?;
    Ok(decided == 1)
}

fn read(row: &DbRow<'_>) -> Result<Row, Error> {
    let state: String = row.get("state")?;
    Ok(Row {
        request: row.get("request")?,
        person: row.get("person")?,
        raises: row.get::<String>("word")? == "raise",
        source: row.get("source")?,
        asked_sealed: row.get("asked_sealed")?,
        state: State::of(&state).unwrap_or(State::Refused),
        received_by: row.get("received_by")?,
        received_at: row.get("received_at")?,
        forward_by: row.get("forward_by")?,
        decide_by: row.get("decide_by")?,
        answer_sealed: row.get("answer_sealed")?,
    })
}
