//! The table of connections.

use db::{Conn, Error, Row as DbRow, Tx};
use jiff::Timestamp;

use super::ConnectionId;
use super::rules::State;
use crate::evidence::PieceId;
use crate::officers::OfficerId;
use crate::shell::ids::PersonId;

/// A connection as it is kept.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) connection: ConnectionId,
    pub(super) person: PersonId,
    pub(super) state: State,
    pub(super) asked_sealed: Vec<u8>,
    pub(super) letter: PieceId,
    pub(super) asked_at: Timestamp,
    pub(super) answer_by: Timestamp,
    pub(super) law: String,
    pub(super) decided_at: Option<Timestamp>,
    pub(super) answer_sealed: Option<Vec<u8>>,
    /// The granted terms, as JSON.
    pub(super) granted: Option<String>,
    pub(super) trial_client: String,
    pub(super) live_client: Option<String>,
    pub(super) certificate_ends_at: Option<Timestamp>,
    /// Since when the keys of production are in use.
    pub(super) keys_since_at: Option<Timestamp>,
}

pub(super) fn insert(tx: &mut Tx<'_>, row: &Row) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO partner_connection (connection, person, state, asked_sealed, letter, asked_at, answer_by, law, trial_client)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            (&row.connection).into(),
            (&row.person).into(),
            row.state.word().into(),
            (&row.asked_sealed).into(),
            (&row.letter).into(),
            row.asked_at.into(),
            row.answer_by.into(),
            (&row.law).into(),
            (&row.trial_client).into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, connection: &ConnectionId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT connection, person, state, asked_sealed, letter, asked_at, answer_by, law, decided_at, answer_sealed, granted, trial_client, live_client, certificate_ends_at, keys_since_at
           FROM partner_connection WHERE connection = $1",
        &[connection.into()],
        read,
    )
}

pub(super) fn of_trial(conn: &mut Conn<'_>, client_id: &str) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT connection, person, state, asked_sealed, letter, asked_at, answer_by, law, decided_at, answer_sealed, granted, trial_client, live_client, certificate_ends_at, keys_since_at
           FROM partner_connection WHERE trial_client = $1",
        &[client_id.into()],
        read,
    )
}

/// Those that a person asked for, newest first.
pub(super) fn of_person(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT connection, person, state, asked_sealed, letter, asked_at, answer_by, law, decided_at, answer_sealed, granted, trial_client, live_client, certificate_ends_at, keys_since_at
           FROM partner_connection WHERE person = $1 ORDER BY asked_at DESC, connection",
        &[person.into()],
        read,
    )
}

/// Those that a person is a member of, newest first.
pub(super) fn of_member(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT connection, person, state, asked_sealed, letter, asked_at, answer_by, law, decided_at, answer_sealed, granted, trial_client, live_client, certificate_ends_at, keys_since_at
           FROM partner_connection
          WHERE connection IN (SELECT connection FROM partner_member WHERE person = $1 AND ended_at IS NULL)
          ORDER BY asked_at DESC, connection",
        &[person.into()],
        read,
    )
}

/// Those that wait for the ministry, oldest first.
pub(super) fn waiting(conn: &mut Conn<'_>, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT connection, person, state, asked_sealed, letter, asked_at, answer_by, law, decided_at, answer_sealed, granted, trial_client, live_client, certificate_ends_at, keys_since_at
           FROM partner_connection WHERE decided_at IS NULL ORDER BY asked_at, connection LIMIT $1",
        &[most.into()],
        read,
    )
}

/// Those that were granted, in the order of the decisions.
pub(super) fn granted(conn: &mut Conn<'_>) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT connection, person, state, asked_sealed, letter, asked_at, answer_by, law, decided_at, answer_sealed, granted, trial_client, live_client, certificate_ends_at, keys_since_at
           FROM partner_connection WHERE state = 'granted' ORDER BY decided_at, connection",
        &[],
        read,
    )
}

/// Writes the decision; false if there is one already.
pub(super) fn decide(
    tx: &mut Tx<'_>,
    connection: &ConnectionId,
    (state, officer): (State, &OfficerId),
    (answer_sealed, granted): (&[u8], Option<&str>),
    now: Timestamp,
) -> Result<bool, Error> {
    let decided = tx.execute(
        "UPDATE partner_connection SET state = $2, decided_by = $3, decided_at = $4, answer_sealed = $5, granted = $6
          WHERE connection = $1 AND decided_at IS NULL",
        &[
            connection.into(),
            state.word().into(),
            officer.into(),
            now.into(),
            answer_sealed.into(),
            granted.into(),
        ],
    )?;
    Ok(decided == 1)
}

/// Notes the production credentials of a granted connection, since when it has its keys, and when their certificate ends.
pub(super) fn go_live(
    tx: &mut Tx<'_>,
    connection: &ConnectionId,
    client_id: &str,
    certificate_ends_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE partner_connection SET live_client = $2, certificate_ends_at = $3, keys_since_at = $4
          WHERE connection = $1 AND state = 'granted'",
        &[
            connection.into(),
            client_id.into(),
            certificate_ends_at.into(),
            now.into(),
        ],
    )?;
    Ok(())
}

fn read(row: &DbRow<'_>) -> Result<Row, Error> {
    Ok(Row {
        connection: row.get("connection")?,
        person: row.get("person")?,
        state: State::of_word(&row.get::<String>("state")?).unwrap_or(State::Refused),
        asked_sealed: row.get("asked_sealed")?,
        letter: row.get("letter")?,
        asked_at: row.get("asked_at")?,
        answer_by: row.get("answer_by")?,
        law: row.get("law")?,
        decided_at: row.get("decided_at")?,
        answer_sealed: row.get("answer_sealed")?,
        granted: row.get("granted")?,
        trial_client: row.get("trial_client")?,
        live_client: row.get("live_client")?,
        certificate_ends_at: row.get("certificate_ends_at")?,
        keys_since_at: row.get("keys_since_at")?,
    })
}
