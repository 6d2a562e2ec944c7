//! The tables of applications, their evidence and what happened to them.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::rules::{Event, Risk, State};
use super::{ApplicationId, EventId, figures};
use crate::accounts::Level;
use crate::evidence::PieceId;
use crate::officers::OfficerId;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{self as outbox, Order};

/// An application as the table has it.
pub(super) struct Row {
    pub(super) person: PersonId,
    pub(super) application: ApplicationId,
    pub(super) number: String,
    pub(super) level: Level,
    pub(super) state: State,
    pub(super) commune: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) risk: Option<String>,
    pub(super) proposed_by: Option<OfficerId>,
    pub(super) proposal_sealed: Option<Vec<u8>>,
    pub(super) subject_sealed: Vec<u8>,
    pub(super) findings_sealed: Option<Vec<u8>>,
    pub(super) reasons: String,
    pub(super) remark_sealed: Option<Vec<u8>>,
    pub(super) basis: Option<String>,
    pub(super) submitted_at: Option<Timestamp>,
    pub(super) deadline_at: Option<Timestamp>,
    pub(super) claimed_by: Option<OfficerId>,
    pub(super) claimed_at: Option<Timestamp>,
    pub(super) decided_at: Option<Timestamp>,
    pub(super) due_at: Option<Timestamp>,
}

macro_rules! select {
    ($($rest:tt)*) => {
        concat!(
            "SELECT person, application, number, level, state, commune, unit, risk, proposed_by, proposal_sealed, subject_sealed, findings_sealed, reasons, remark_sealed, basis, \
                    submitted_at, deadline_at, claimed_by, claimed_at, decided_at, due_at
               FROM application ",
            $($rest)*
        )
    };
}
pub(super) use select;

pub(super) fn read(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        person: row.get("person")?,
        application: row.get("application")?,
        number: row.get("number")?,
        level: row.get("level")?,
        state: row.get("state")?,
        commune: row.get("commune")?,
        unit: row.get("unit")?,
        risk: row.get("risk")?,
        proposed_by: row.get("proposed_by")?,
        proposal_sealed: row.get("proposal_sealed")?,
        subject_sealed: row.get("subject_sealed")?,
        findings_sealed: row.get("findings_sealed")?,
        reasons: row.get("reasons")?,
        remark_sealed: row.get("remark_sealed")?,
        basis: row.get("basis")?,
        submitted_at: row.get("submitted_at")?,
        deadline_at: row.get("deadline_at")?,
        claimed_by: row.get("claimed_by")?,
        claimed_at: row.get("claimed_at")?,
        decided_at: row.get("decided_at")?,
        due_at: row.get("due_at")?,
    })
}

/// A draft about to be written.
#[derive(Clone)]
pub(super) struct NewRow {
    pub(super) person: PersonId,
    pub(super) application: ApplicationId,
    pub(super) number: String,
    pub(super) level: Level,
    pub(super) subject_sealed: Vec<u8>,
    pub(super) opened_at: Timestamp,
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &NewRow) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO application (person, application, number, level, state, subject_sealed, reasons, opened_at)
         VALUES ($1, $2, $3, $4, 'draft', $5, '', $6)",
        &[
            (&new.person).into(),
            (&new.application).into(),
            (&new.number).into(),
            new.level.into(),
            (&new.subject_sealed).into(),
            new.opened_at.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, application: &ApplicationId) -> Result<Option<Row>, Error> {
    conn.query_opt(select!("WHERE application = $1"), &[application.into()], read)
}

pub(super) fn find_live(conn: &mut Conn<'_>, person: &PersonId, level: Level) -> Result<Option<Row>, Error> {
    conn.query_opt(
        select!(
            "WHERE person = $1 AND level = $2 AND state IN ('draft', 'submitted', 'claimed', 'proposed', 'more-needed', 'approved')"
        ),
        &[person.into(), level.into()],
        read,
    )
}

/// The applications of a person but for drafts, newest first.
pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        select!("WHERE person = $1 AND state <> 'draft' ORDER BY opened_at DESC LIMIT $2"),
        &[person.into(), most.into()],
        read,
    )
}

/// Who is competent for an application, and how carefully it has to be looked at.
#[derive(Clone)]
pub(super) struct Routing {
    pub(super) unit: Option<String>,
    pub(super) province: Option<String>,
    pub(super) risk: Risk,
}

pub(super) fn set_contents(
    tx: &mut Tx<'_>,
    application: &ApplicationId,
    (subject_sealed, findings_sealed): (&[u8], &[u8]),
    (routing, now): (&Routing, Timestamp),
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE application SET subject_sealed = $2, findings_sealed = $3, unit = $4, province = $5, risk = $6
          WHERE application = $1 AND state IN ('draft', 'more-needed')",
        &[
            application.into(),
            subject_sealed.into(),
            findings_sealed.into(),
            (&routing.unit).into(),
            (&routing.province).into(),
            routing.risk.word().into(),
        ],
    )?;
    figures::settle(tx, application, now)?;
    Ok(changed == 1)
}

/// What is written when an application is sent in.
#[derive(Clone)]
pub(super) struct Submitted {
    pub(super) application: ApplicationId,
    pub(super) from: State,
    pub(super) commune: Option<String>,
    pub(super) province: Option<String>,
    pub(super) basis: &'static str,
    pub(super) at: Timestamp,
    pub(super) deadline_at: Timestamp,
}

/// Sends an application in. A limit that runs anew never ends before the one it had.
pub(super) fn submit(tx: &mut Tx<'_>, sent: &Submitted) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE application
            SET state = 'submitted', commune = $3, unit = COALESCE($3, unit), province = COALESCE($7, province), basis = $4, submitted_at = $5,
                deadline_at = CASE WHEN deadline_at > $6 THEN deadline_at ELSE $6 END,
                claimed_by = NULL, claimed_at = NULL, decided_by = NULL, decided_at = NULL, due_at = NULL,
                reasons = '', remark_sealed = NULL
          WHERE application = $1 AND state = $2",
        &[
            (&sent.application).into(),
            sent.from.word().into(),
            (&sent.commune).into(),
            sent.basis.into(),
            sent.at.into(),
            sent.deadline_at.into(),
            (&sent.province).into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Ends an application that is in the state `from`, and says when.
pub(super) fn end(
    tx: &mut Tx<'_>,
    application: &ApplicationId,
    (from, to): (State, State),
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE application SET state = $3, ended_at = $4 WHERE application = $1 AND state = $2",
        &[application.into(), from.word().into(), to.word().into(), now.into()],
    )?;
    Ok(changed == 1)
}

/// The live applications of a person for other levels than this.
pub(super) fn other_live(conn: &mut Conn<'_>, person: &PersonId, level: Level) -> Result<Vec<Row>, Error> {
    conn.query(
        select!("WHERE person = $1 AND level <> $2 AND state IN ('draft', 'submitted', 'claimed', 'proposed', 'more-needed', 'approved')"),
        &[person.into(), level.into()],
        read,
    )
}

/// Removes a draft; false if it is a draft no more.
pub(super) fn discard(tx: &mut Tx<'_>, application: &ApplicationId, now: Timestamp) -> Result<bool, Error> {
    let removed = tx.query_opt(
        "DELETE FROM application WHERE application = $1 AND state = 'draft' RETURNING counted_as",
        &[application.into()],
        |row| row.get::<Option<String>>("counted_as"),
    )?;
    let Some(counted) = removed else { return Ok(false) };
    figures::forget(tx, application, counted.as_deref(), now)?;
    tx.execute(
        "DELETE FROM application_evidence WHERE application = $1",
        &[application.into()],
    )?;
    tx.execute(
        "DELETE FROM application_event WHERE application = $1",
        &[application.into()],
    )?;
    Ok(true)
}

/// A piece of evidence: a small record, sealed, or the name of an object.
#[derive(Clone)]
pub(super) struct Exhibit {
    pub(super) kind: &'static str,
    pub(super) media_type: String,
    pub(super) content_sealed: Vec<u8>,
    pub(super) piece: Option<PieceId>,
}

/// Puts a piece of evidence in the place of the one of its kind.
pub(super) fn put_evidence(
    tx: &mut Tx<'_>,
    (person, application): (&PersonId, &ApplicationId),
    exhibit: &Exhibit,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO application_evidence (person, application, kind, media_type, content_sealed, piece, added_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (person, application, kind) DO UPDATE
            SET media_type = excluded.media_type, content_sealed = excluded.content_sealed, piece = excluded.piece,
                added_at = excluded.added_at",
        &[
            person.into(),
            application.into(),
            exhibit.kind.into(),
            (&exhibit.media_type).into(),
            (&exhibit.content_sealed).into(),
            exhibit.piece.as_ref().into(),
            now.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn drop_evidence(
    tx: &mut Tx<'_>,
    (person, application): (&PersonId, &ApplicationId),
    kind: &str,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM application_evidence WHERE person = $1 AND application = $2 AND kind = $3",
        &[person.into(), application.into(), kind.into()],
    )?;
    Ok(())
}

pub(super) fn find_evidence(
    conn: &mut Conn<'_>,
    (person, application): (&PersonId, &ApplicationId),
    kind: &str,
) -> Result<Option<Found>, Error> {
    conn.query_opt(
        "SELECT media_type, content_sealed, piece FROM application_evidence WHERE person = $1 AND application = $2 AND kind = $3",
        &[person.into(), application.into(), kind.into()],
        |row| {
            Ok(Found {
                media_type: row.get("media_type")?,
                content_sealed: row.get("content_sealed")?,
                piece: row.get("piece")?,
            })
        },
    )
}

/// A piece of evidence as the table has it.
pub(super) struct Found {
    pub(super) media_type: String,
    pub(super) content_sealed: Vec<u8>,
    pub(super) piece: Option<PieceId>,
}

/// The kinds of an application's evidence, with the objects behind them.
pub(super) fn list_evidence(
    conn: &mut Conn<'_>,
    (person, application): (&PersonId, &ApplicationId),
) -> Result<Vec<(String, Option<PieceId>)>, Error> {
    conn.query(
        "SELECT kind, piece FROM application_evidence WHERE person = $1 AND application = $2 ORDER BY kind",
        &[person.into(), application.into()],
        |row| Ok((row.get("kind")?, row.get("piece")?)),
    )
}

/// The application in which something happened.
pub(super) fn find_by_event(conn: &mut Conn<'_>, event: &EventId) -> Result<Option<(PersonId, ApplicationId)>, Error> {
    conn.query_opt(
        "SELECT person, application FROM application_event WHERE event = $1",
        &[event.into()],
        |row| Ok((row.get("person")?, row.get("application")?)),
    )
}

/// Something that happens to an application.
#[derive(Clone)]
pub(crate) struct NewEvent {
    pub(super) id: EventId,
    pub(super) event: Event,
    pub(super) officer: Option<OfficerId>,
    pub(super) at: Timestamp,
    /// What has to be done later because of it.
    pub(super) then: Option<Order>,
}

pub(super) fn add_event(
    tx: &mut Tx<'_>,
    (person, application): (&PersonId, &ApplicationId),
    new: &NewEvent,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO application_event (person, application, happened_at, event, turn, what, officer)
         VALUES ($1, $2, $3, $4, (SELECT COUNT(*) FROM application_event WHERE person = $1 AND application = $2), $5, $6)",
        &[
            person.into(),
            application.into(),
            new.at.into(),
            (&new.id).into(),
            new.event.word().into(),
            new.officer.as_ref().into(),
        ],
    )?;
    figures::settle(tx, application, new.at)?;
    match &new.then {
        Some(order) => outbox::enqueue(tx, order),
        None => Ok(()),
    }
}

/// What happened, oldest first.
pub(super) fn list_events(
    conn: &mut Conn<'_>,
    (person, application): (&PersonId, &ApplicationId),
) -> Result<Vec<(Timestamp, String)>, Error> {
    conn.query(
        "SELECT happened_at, what FROM application_event WHERE person = $1 AND application = $2 ORDER BY happened_at, turn",
        &[person.into(), application.into()],
        |row| Ok((row.get("happened_at")?, row.get("what")?)),
    )
}

/// The application that a level was approved by, be its time over or not.
pub(super) fn newest_approved(
    conn: &mut Conn<'_>,
    person: &PersonId,
    level: Level,
) -> Result<Option<ApplicationId>, Error> {
    conn.query_opt(
        "SELECT application FROM application
          WHERE person = $1 AND level = $2 AND state IN ('approved', 'lapsed')
          ORDER BY decided_at DESC
          LIMIT 1",
        &[person.into(), level.into()],
        |row| row.get("application"),
    )
}

/// Whether an officer took an application, alone or in part.
pub(super) fn took(conn: &mut Conn<'_>, application: &ApplicationId, officer: &OfficerId) -> Result<bool, Error> {
    let found = conn.query_opt(
        "SELECT application FROM application_event
          WHERE application = $1 AND officer = $2 AND what IN ('opened', 'submitted')
          LIMIT 1",
        &[application.into(), officer.into()],
        |row| row.get::<ApplicationId>("application"),
    )?;
    Ok(found.is_some())
}
