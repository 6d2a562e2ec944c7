//! The table of the people of connections.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::MemberId;
use crate::partners::ConnectionId;
use crate::partners::rules::Role;
use crate::shell::ids::PersonId;

/// One of the people of a connection, or an invitation.
pub(in crate::partners) struct Member {
    pub(in crate::partners) connection: ConnectionId,
    pub(in crate::partners) member: MemberId,
    pub(in crate::partners) person: Option<PersonId>,
    pub(in crate::partners) role: Role,
    pub(in crate::partners) label_sealed: Vec<u8>,
    pub(in crate::partners) invited_at: Timestamp,
    pub(in crate::partners) invitation_ends_at: Timestamp,
    pub(in crate::partners) joined_at: Option<Timestamp>,
}

pub(super) fn insert(tx: &mut Tx<'_>, member: &Member) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO partner_member (connection, member, role, label_sealed, invited_at, invitation_ends_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            (&member.connection).into(),
            (&member.member).into(),
            member.role.word().into(),
            (&member.label_sealed).into(),
            member.invited_at.into(),
            member.invitation_ends_at.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn list(conn: &mut Conn<'_>, connection: &ConnectionId) -> Result<Vec<Member>, Error> {
    conn.query(
        "SELECT connection, member, person, role, label_sealed, invited_at, invitation_ends_at, joined_at
           FROM partner_member WHERE connection = $1 AND ended_at IS NULL ORDER BY invited_at, member",
        &[connection.into()],
        read,
    )
}

pub(super) fn find(conn: &mut Conn<'_>, connection: &ConnectionId, member: &MemberId) -> Result<Option<Member>, Error> {
    conn.query_opt(
        "SELECT connection, member, person, role, label_sealed, invited_at, invitation_ends_at, joined_at
           FROM partner_member WHERE connection = $1 AND member = $2 AND ended_at IS NULL",
        &[connection.into(), member.into()],
        read,
    )
}

pub(super) fn of_person(
    conn: &mut Conn<'_>,
    connection: &ConnectionId,
    person: &PersonId,
) -> Result<Option<Member>, Error> {
    conn.query_opt(
        "SELECT connection, member, person, role, label_sealed, invited_at, invitation_ends_at, joined_at
           FROM partner_member WHERE connection = $1 AND person = $2 AND ended_at IS NULL",
        &[connection.into(), person.into()],
        read,
    )
}

/// Takes up an invitation; false if it was taken up, withdrawn, or is over.
pub(super) fn join(
    tx: &mut Tx<'_>,
    (connection, member): (&ConnectionId, &MemberId),
    person: &PersonId,
    now: Timestamp,
) -> Result<bool, Error> {
    let joined = tx.execute(
        "UPDATE partner_member SET person = $3, joined_at = $4
          WHERE connection = $1 AND member = $2 AND person IS NULL AND ended_at IS NULL AND invitation_ends_at > $4",
        &[connection.into(), member.into(), person.into(), now.into()],
    )?;
    Ok(joined == 1)
}

/// Ends somebody's part, or withdraws an invitation.
pub(super) fn end(tx: &mut Tx<'_>, connection: &ConnectionId, member: &MemberId, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE partner_member SET ended_at = $3 WHERE connection = $1 AND member = $2 AND ended_at IS NULL",
        &[connection.into(), member.into(), now.into()],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Member, Error> {
    Ok(Member {
        connection: row.get("connection")?,
        member: row.get("member")?,
        person: row.get("person")?,
        role: Role::of_word(&row.get::<String>("role")?).unwrap_or(Role::Reader),
        label_sealed: row.get("label_sealed")?,
        invited_at: row.get("invited_at")?,
        invitation_ends_at: row.get("invitation_ends_at")?,
        joined_at: row.get("joined_at")?,
    })
}
