//! The tables of requests to persons, and of the names by which services know them.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;
use oidc::backchannel::{Pending, Said};

use super::AskedId;
use crate::shell::ids::PersonId;
use crate::shell::session::Session;
use crate::sso::rules::Ticket;

/// A request as it stands.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) id: AskedId,
    pub(super) digest: [u8; 32],
    pub(super) record_sealed: Vec<u8>,
    pub(super) asked_at: Timestamp,
    pub(super) pending: Pending,
    /// The session in which the person said yes.
    pub(super) session: Option<Session>,
}

/// Keeps a request, and forgets the person's that are over.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    ticket: &Ticket,
    (id, client_id, sealed): (&AskedId, &str, &[u8]),
    pause: u32,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM sso_asked WHERE person = $1 AND expires_at < $2",
        &[(&ticket.person).into(), now.into()],
    )?;
    tx.execute(
        "INSERT INTO sso_asked (person, expires_at, digest, request, client_id, asked_sealed, asked_at, pause, tries)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
            id.into(),
            client_id.into(),
            sealed.into(),
            now.into(),
            i64::from(pause).into(),
        ],
    )?;
    Ok(())
}

/// What waits for a person's answer, oldest first.
pub(super) fn waiting(conn: &mut Conn<'_>, person: &PersonId, now: Timestamp) -> Result<Vec<Kept>, Error> {
    conn.query(
        "SELECT person, expires_at, digest, request, client_id, asked_sealed, asked_at, pause, polled_at, said,
                session_digest, signed_in_at, assurance, methods
           FROM sso_asked
          WHERE person = $1 AND expires_at > $2 AND said IS NULL ORDER BY asked_at, request",
        &[person.into(), now.into()],
        read,
    )
}

/// The request of a name.
pub(super) fn find(conn: &mut Conn<'_>, ticket: &Ticket) -> Result<Option<Kept>, Error> {
    conn.query_opt(
        "SELECT person, expires_at, digest, request, client_id, asked_sealed, asked_at, pause, polled_at, said,
                session_digest, signed_in_at, assurance, methods
           FROM sso_asked
          WHERE person = $1 AND expires_at = $2 AND digest = $3",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
        ],
        read,
    )
}

/// A request that has been answered, for the call to its service.
pub(super) fn find_answered(conn: &mut Conn<'_>, id: &AskedId) -> Result<Option<Kept>, Error> {
    conn.query_opt(
        "SELECT person, expires_at, digest, request, client_id, asked_sealed, asked_at, pause, polled_at, said,
                session_digest, signed_in_at, assurance, methods
           FROM sso_asked WHERE request = $1 AND said IS NOT NULL",
        &[id.into()],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<Kept, Error> {
    let said: Option<String> = row.get("said")?;
    let (person, expires_at): (PersonId, Timestamp) = (row.get("person")?, row.get("expires_at")?);
    let pause: i64 = row.get("pause")?;
    let digest: Option<[u8; 32]> = row.get("session_digest")?;
    let session = match digest {
        Some(digest) => Some(Session {
            subject: *person.bytes(),
            digest,
            opened_at: row.get("signed_in_at")?,
            expires_at,
            assurance: row.get("assurance")?,
            methods: row.get("methods")?,
            device: None,
        }),
        None => None,
    };
    Ok(Kept {
        id: row.get("request")?,
        digest: row.get("digest")?,
        record_sealed: row.get("asked_sealed")?,
        asked_at: row.get("asked_at")?,
        pending: Pending {
            client_id: row.get("client_id")?,
            expires_at,
            interval: u32::try_from(pause).unwrap_or(u32::MAX),
            asked_at: row.get("polled_at")?,
            said: said.map(|said| if said == "yes" { Said::Yes } else { Said::No }),
        },
        session,
    })
}

/// Notes that the service asked for tokens, and how long it has to wait from now on.
pub(super) fn polled(tx: &mut Tx<'_>, ticket: &Ticket, pause: u32, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE sso_asked SET polled_at = $4, pause = $5 WHERE person = $1 AND expires_at = $2 AND digest = $3",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
            now.into(),
            i64::from(pause).into(),
        ],
    )?;
    Ok(())
}

/// Takes a request away. Answers whether it was there: of two at once only one has it.
pub(super) fn take(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<bool, Error> {
    let taken = tx.execute(
        "DELETE FROM sso_asked WHERE person = $1 AND expires_at = $2 AND digest = $3",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
        ],
    )?;
    Ok(taken == 1)
}

/// Counts wrong words. Answers how often by now.
pub(super) fn count_wrong(tx: &mut Tx<'_>, (person, id): (&PersonId, &AskedId)) -> Result<i64, Error> {
    let tries = tx.query_opt(
        "UPDATE sso_asked SET tries = tries + 1 WHERE person = $1 AND request = $2 AND said IS NULL RETURNING tries",
        &[person.into(), id.into()],
        |row| row.get("tries"),
    )?;
    Ok(tries.unwrap_or(i64::MAX))
}

/// The person says yes in a session, or no. Answers whether it counts: a request is answered once, and in time.
pub(super) fn say(
    tx: &mut Tx<'_>,
    (person, id): (&PersonId, &AskedId),
    yes_in: Option<&Session>,
    now: Timestamp,
) -> Result<bool, Error> {
    let said = tx.execute(
        "UPDATE sso_asked
            SET said = $3, said_at = $4, session_digest = $5, signed_in_at = $6, assurance = $7, methods = $8
          WHERE person = $1 AND request = $2 AND said IS NULL AND expires_at > $4",
        &[
            person.into(),
            id.into(),
            if yes_in.is_some() { "yes" } else { "no" }.into(),
            now.into(),
            yes_in.map(|session| &session.digest).into(),
            yes_in.map(|session| session.opened_at).into(),
            yes_in.map(|session| session.assurance).into(),
            yes_in.map(|session| session.methods.as_str()).into(),
        ],
    )?;
    Ok(said == 1)
}

/// Notes by which name a service knows a person.
pub(in crate::sso) fn know(tx: &mut Tx<'_>, sub: &str, person: &PersonId) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO sso_known_as (sub, person) VALUES ($1, $2) ON CONFLICT (sub) DO NOTHING",
        &[sub.into(), person.into()],
    )?;
    Ok(())
}

/// Who is known by this name.
pub(super) fn known_by(conn: &mut Conn<'_>, sub: &str) -> Result<Option<PersonId>, Error> {
    conn.query_opt("SELECT person FROM sso_known_as WHERE sub = $1", &[sub.into()], |row| {
        row.get("person")
    })
}
