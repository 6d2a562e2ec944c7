//! The people of a connection: who asked for it, and whom its owners invited, each with a role.
//!
//! **Invariant:** an invitation is taken up once, within its days, by somebody with an account of level 2.
//! **Invariant:** nothing tells an owner whether somebody has an account before that person has joined.

use db::{Conn, Error};

use super::ConnectionId;
use super::rules::Role;
use crate::shell::ids::{PersonId, id};

pub(super) mod http;
mod store;

#[cfg(test)]
mod tests;

id! {
    /// One of the people of a connection, or an invitation.
    MemberId
}

/// How many people a connection has at most, with those who are invited.
pub(super) const MOST_MEMBERS: usize = 20;

/// The people of a connection and those who are invited, in the order of the invitations.
pub(super) fn list(conn: &mut Conn<'_>, connection: &ConnectionId) -> Result<Vec<store::Member>, Error> {
    store::list(conn, connection)
}

/// What a person who was invited may do at a connection.
pub(super) fn role_of(
    conn: &mut Conn<'_>,
    connection: &ConnectionId,
    person: &PersonId,
) -> Result<Option<Role>, Error> {
    let member = store::of_person(conn, connection, person)?;
    Ok(member.map(|member| member.role))
}
