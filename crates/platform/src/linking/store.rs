//! The tables of links and of proposals.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::ProposalId;
use crate::shell::ids::PersonId;

/// A link as it is kept.
pub(super) struct Link {
    pub(super) client_id: String,
    pub(super) linked_at: Timestamp,
    pub(super) account_digest: [u8; 32],
    pub(super) account_sealed: Vec<u8>,
    pub(super) how: String,
}

/// Why there is no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occupied {
    /// The account belongs to somebody else.
    ByAnother,
    /// The person has another account there.
    ByOtherAccount,
}

/// Links an account to a person; the same link again changes nothing.
pub(super) fn link(tx: &mut Tx<'_>, person: &PersonId, new: &Link) -> Result<Result<(), Occupied>, Error> {
    if let Some(there) = of_person(tx, person, &new.client_id)? {
        let same = there.account_digest == new.account_digest;
        return Ok(if same { Ok(()) } else { Err(Occupied::ByOtherAccount) });
    }
    let inserted = tx.execute(
        "INSERT INTO linking_link (person, client_id, linked_at, account_digest, account_sealed, how)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT DO NOTHING",
        &[
            person.into(),
            (&new.client_id).into(),
            new.linked_at.into(),
            (&new.account_digest).into(),
            (&new.account_sealed).into(),
            (&new.how).into(),
        ],
    )?;
    Ok(if inserted == 1 {
        Ok(())
    } else {
        Err(Occupied::ByAnother)
    })
}

/// The person's link at a portal.
pub(super) fn of_person(conn: &mut Conn<'_>, person: &PersonId, client_id: &str) -> Result<Option<Link>, Error> {
    conn.query_opt(
        "SELECT client_id, linked_at, account_digest, account_sealed, how FROM linking_link
          WHERE person = $1 AND client_id = $2 AND unlinked_at IS NULL",
        &[person.into(), client_id.into()],
        read,
    )
}

/// All links of a person, newest first.
pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<Link>, Error> {
    conn.query(
        "SELECT client_id, linked_at, account_digest, account_sealed, how FROM linking_link
          WHERE person = $1 AND unlinked_at IS NULL ORDER BY linked_at DESC, client_id",
        &[person.into()],
        read,
    )
}

/// Ends the person's link at a portal; false if there is none.
pub(super) fn unlink(tx: &mut Tx<'_>, person: &PersonId, client_id: &str, now: Timestamp) -> Result<bool, Error> {
    let ended = tx.execute(
        "UPDATE linking_link SET unlinked_at = $3 WHERE person = $1 AND client_id = $2 AND unlinked_at IS NULL",
        &[person.into(), client_id.into(), now.into()],
    )?;
    Ok(ended == 1)
}

/// A proposal as it is kept.
#[derive(Clone)]
pub(super) struct Proposal {
    pub(super) proposal: ProposalId,
    pub(super) client_id: String,
    pub(super) accounts_sealed: Vec<u8>,
    pub(super) made_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) settled: bool,
}

/// Keeps a proposal; false if the portal has made as many about this person since an instant as it may.
pub(super) fn propose(
    tx: &mut Tx<'_>,
    person: &PersonId,
    new: &Proposal,
    (since, most): (Timestamp, i64),
) -> Result<bool, Error> {
    let made: Option<i64> = tx.query_opt(
        "SELECT COUNT(*) AS made FROM linking_proposal WHERE person = $1 AND client_id = $2 AND made_at > $3",
        &[person.into(), (&new.client_id).into(), since.into()],
        |row| row.get("made"),
    )?;
    if made.unwrap_or_default() >= most {
        return Ok(false);
    }
    tx.execute(
        "DELETE FROM linking_proposal WHERE person = $1 AND made_at <= $2",
        &[person.into(), since.into()],
    )?;
    tx.execute(
        "INSERT INTO linking_proposal (person, proposal, client_id, accounts_sealed, made_at, expires_at, settled_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            person.into(),
            (&new.proposal).into(),
            (&new.client_id).into(),
            (&new.accounts_sealed).into(),
            new.made_at.into(),
            new.expires_at.into(),
            new.settled.then_some(new.made_at).into(),
        ],
    )?;
    Ok(true)
}

/// A proposal that waits for the person.
pub(super) fn waiting(
    conn: &mut Conn<'_>,
    person: &PersonId,
    proposal: &ProposalId,
    now: Timestamp,
) -> Result<Option<Proposal>, Error> {
    conn.query_opt(
        "SELECT proposal, client_id, accounts_sealed, made_at, expires_at FROM linking_proposal
          WHERE person = $1 AND proposal = $2 AND expires_at > $3 AND settled_at IS NULL",
        &[person.into(), proposal.into(), now.into()],
        |row| {
            Ok(Proposal {
                proposal: row.get("proposal")?,
                client_id: row.get("client_id")?,
                accounts_sealed: row.get("accounts_sealed")?,
                made_at: row.get("made_at")?,
                expires_at: row.get("expires_at")?,
                settled: false,
            })
        },
    )
}

/// The person has answered; false if that was done before.
pub(super) fn settle(tx: &mut Tx<'_>, person: &PersonId, proposal: &ProposalId, now: Timestamp) -> Result<bool, Error> {
    let settled = tx.execute(
        "UPDATE linking_proposal SET settled_at = $3
          WHERE person = $1 AND proposal = $2 AND expires_at > $3 AND settled_at IS NULL",
        &[person.into(), proposal.into(), now.into()],
    )?;
    Ok(settled == 1)
}

fn read(row: &Row<'_>) -> Result<Link, Error> {
    Ok(Link {
        client_id: row.get("client_id")?,
        linked_at: row.get("linked_at")?,
        account_digest: row.get("account_digest")?,
        account_sealed: row.get("account_sealed")?,
        how: row.get("how")?,
    })
}
