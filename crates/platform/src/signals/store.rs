//! The tables of streams, of events that wait, and of persons left out.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;
use oidc::shared_signals::Status;
use oidc::shared_signals::event::CONSENT_WITHDRAWN;

use super::{Jti, StreamId};
use crate::shell::ids::PersonId;

/// A stream as it is kept.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub(super) id: StreamId,
    pub(super) client_id: String,
    pub(super) requested: Vec<String>,
    pub(super) delivery_sealed: Vec<u8>,
    pub(super) pushes: bool,
    pub(super) description: Option<String>,
    pub(super) status: Status,
    pub(super) reason: Option<String>,
}

impl Stream {
    /// Whether there is anything to keep for it: a paused stream keeps, a disabled one does not.
    pub(super) fn is_on(&self) -> bool {
        self.status != Status::Disabled
    }

    /// Whether its receiver wants to be told of consents that are taken back.
    pub(super) fn hears_of_consents(&self) -> bool {
        self.is_on() && self.requested.iter().any(|wanted| wanted == CONSENT_WITHDRAWN)
    }
}

/// An event that waits.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) stream: StreamId,
    pub(super) jti: Jti,
    pub(super) person: Option<PersonId>,
    pub(super) event: String,
    pub(super) occurred_at: Timestamp,
}

pub(super) fn create(tx: &mut Tx<'_>, stream: &Stream, now: Timestamp) -> Result<(), Error> {
    let requested = serde_json::to_string(&stream.requested).unwrap_or_default();
    tx.execute(
        "INSERT INTO signals_stream (stream, client_id, requested, delivery_sealed, pushes, description, status, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            (&stream.id).into(),
            (&stream.client_id).into(),
            (&requested).into(),
            (&stream.delivery_sealed).into(),
            i64::from(stream.pushes).into(),
            stream.description.as_deref().into(),
            stream.status.word().into(),
            now.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn put(tx: &mut Tx<'_>, stream: &Stream) -> Result<(), Error> {
    let requested = serde_json::to_string(&stream.requested).unwrap_or_default();
    tx.execute(
        "UPDATE signals_stream
            SET requested = $2, delivery_sealed = $3, pushes = $4, description = $5, status = $6, reason = $7
          WHERE stream = $1",
        &[
            (&stream.id).into(),
            (&requested).into(),
            (&stream.delivery_sealed).into(),
            i64::from(stream.pushes).into(),
            stream.description.as_deref().into(),
            stream.status.word().into(),
            stream.reason.as_deref().into(),
        ],
    )?;
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<'_>, stream: &StreamId) -> Result<(), Error> {
    tx.execute("DELETE FROM signals_left_out WHERE stream = $1", &[stream.into()])?;
    tx.execute("DELETE FROM signals_event WHERE stream = $1", &[stream.into()])?;
    tx.execute("DELETE FROM signals_stream WHERE stream = $1", &[stream.into()])?;
    Ok(())
}

pub(super) fn of_client(conn: &mut Conn<'_>, client_id: &str) -> Result<Option<Stream>, Error> {
    conn.query_opt(
        "SELECT stream, client_id, requested, delivery_sealed, pushes, description, status, reason
           FROM signals_stream WHERE client_id = $1",
        &[client_id.into()],
        read,
    )
}

pub(super) fn find(conn: &mut Conn<'_>, stream: &StreamId) -> Result<Option<Stream>, Error> {
    conn.query_opt(
        "SELECT stream, client_id, requested, delivery_sealed, pushes, description, status, reason
           FROM signals_stream WHERE stream = $1",
        &[stream.into()],
        read,
    )
}

/// A verification is asked for: false if the last one was less than the interval ago.
pub(super) fn claim_verification(
    tx: &mut Tx<'_>,
    stream: &StreamId,
    now: Timestamp,
    before: Timestamp,
) -> Result<bool, Error> {
    let claimed = tx.execute(
        "UPDATE signals_stream SET verified_at = $2 WHERE stream = $1 AND (verified_at IS NULL OR verified_at <= $3)",
        &[stream.into(), now.into(), before.into()],
    )?;
    Ok(claimed == 1)
}

/// Keeps an event; the same one is kept once.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    stream: &StreamId,
    jti: &Jti,
    (person, event): (Option<&PersonId>, &str),
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO signals_event (stream, jti, person, event, occurred_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (stream, jti) DO NOTHING",
        &[stream.into(), jti.into(), person.into(), event.into(), now.into()],
    )?;
    Ok(())
}

pub(super) fn waiting_by_name(conn: &mut Conn<'_>, jti: &Jti) -> Result<Option<Waiting>, Error> {
    conn.query_opt(
        "SELECT stream, jti, person, event, occurred_at FROM signals_event WHERE jti = $1",
        &[jti.into()],
        read_waiting,
    )
}

/// The oldest events that wait in a stream.
pub(super) fn waiting(conn: &mut Conn<'_>, stream: &StreamId, most: i64) -> Result<Vec<Waiting>, Error> {
    conn.query(
        "SELECT stream, jti, person, event, occurred_at FROM signals_event
          WHERE stream = $1 ORDER BY occurred_at, jti LIMIT $2",
        &[stream.into(), most.into()],
        read_waiting,
    )
}

/// Whether something that happened to the person at that instant is not acknowledged.
pub(super) fn waits(conn: &mut Conn<'_>, stream: &StreamId, person: &PersonId, at: Timestamp) -> Result<bool, Error> {
    let found = conn.query_opt(
        "SELECT jti FROM signals_event WHERE stream = $1 AND person = $2 AND occurred_at = $3 LIMIT 1",
        &[stream.into(), person.into(), at.into()],
        |row| row.get::<Jti>("jti"),
    )?;
    Ok(found.is_some())
}

/// The receiver has it. What it acknowledges twice, and what is another's, is not there.
pub(super) fn acknowledge(tx: &mut Tx<'_>, stream: &StreamId, jti: &Jti) -> Result<bool, Error> {
    let gone = tx.execute(
        "DELETE FROM signals_event WHERE stream = $1 AND jti = $2",
        &[stream.into(), jti.into()],
    )?;
    Ok(gone == 1)
}

pub(super) fn forget_waiting(tx: &mut Tx<'_>, stream: &StreamId) -> Result<(), Error> {
    tx.execute("DELETE FROM signals_event WHERE stream = $1", &[stream.into()])?;
    Ok(())
}

pub(super) fn leave_out(tx: &mut Tx<'_>, stream: &StreamId, sub: &str, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO signals_left_out (stream, sub, since_at) VALUES ($1, $2, $3) ON CONFLICT (stream, sub) DO NOTHING",
        &[stream.into(), sub.into(), now.into()],
    )?;
    Ok(())
}

pub(super) fn take_in(tx: &mut Tx<'_>, stream: &StreamId, sub: &str) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM signals_left_out WHERE stream = $1 AND sub = $2",
        &[stream.into(), sub.into()],
    )?;
    Ok(())
}

pub(super) fn is_left_out(conn: &mut Conn<'_>, stream: &StreamId, sub: &str) -> Result<bool, Error> {
    let found = conn.query_opt(
        "SELECT since_at FROM signals_left_out WHERE stream = $1 AND sub = $2",
        &[stream.into(), sub.into()],
        |row| row.get::<Timestamp>("since_at"),
    )?;
    Ok(found.is_some())
}

fn read(row: &Row<'_>) -> Result<Stream, Error> {
    let requested: String = row.get("requested")?;
    Ok(Stream {
        id: row.get("stream")?,
        client_id: row.get("client_id")?,
        requested: serde_json::from_str(&requested).unwrap_or_default(),
        delivery_sealed: row.get("delivery_sealed")?,
        pushes: row.get::<i64>("pushes")? != 0,
        description: row.get("description")?,
        // A word that this program does not know tells nothing.
        status: Status::of(&row.get::<String>("status")?).unwrap_or(Status::Disabled),
        reason: row.get("reason")?,
    })
}

fn read_waiting(row: &Row<'_>) -> Result<Waiting, Error> {
    Ok(Waiting {
        stream: row.get("stream")?,
        jti: row.get("jti")?,
        person: row.get("person")?,
        event: row.get("event")?,
        occurred_at: row.get("occurred_at")?,
    })
}
