//! The review's words on the table of applications.

use db::{Conn, Error, Tx, Value};
use jiff::Timestamp;

use super::super::ApplicationId;
use super::super::rules::State;
use super::super::store::{Row, read, select};
use super::Waiting;
use super::rules::Scope;
use crate::officers::OfficerId;
use crate::shell::ids::PersonId;

/// What is counted on a desk at most: nobody reads further, and counting millions takes long.
pub(super) const MOST_COUNTED: i64 = 1000;

/// Which part of the queue is asked for.
#[derive(Clone)]
pub(super) struct Part {
    /// The jurisdiction, and in it one unit where one is chosen.
    pub(super) scope: Scope,
    /// Of one level, or 0 for all.
    pub(super) level: i64,
    /// In one state, or empty for all that wait.
    pub(super) state: &'static str,
    /// Of one risk, or empty for all.
    pub(super) risk: &'static str,
    /// Sent in at this instant or before.
    pub(super) sent_until: Timestamp,
    /// That instant was asked for, and is not simply now.
    pub(super) aged: bool,
    /// With a limit before this instant.
    pub(super) limit_before: Timestamp,
    /// What comes after this limit and id.
    pub(super) after: (i64, Vec<u8>),
}

/// As many old applications are found by their age and then put in order; of more than these some come early in the order of the limits.
const FEW: i64 = 2000;

/// A statement for each reach of an officer and with a filter or without, so that each finds its index.
macro_rules! queue {
    ($scope:literal, $risk:literal) => {
        queue!($scope, $risk, "(level = $1 OR $1 = 0) AND (state = $2 OR $2 = '')")
    };
    ($scope:literal, $risk:literal, $level_and_state:literal) => {
        select!(
            "WHERE state IN ('submitted', 'claimed', 'proposed') AND ",
            $scope,
            " AND ",
            $risk,
            " AND ",
            $level_and_state,
            "
               AND (deadline_at, application) > ($3, $4) AND deadline_at < $5 AND submitted_at <= $6
             ORDER BY deadline_at, application
             LIMIT $9"
        )
    };
}

/// What waits, in the order of the limits.
pub(super) fn queue(conn: &mut Conn<'_>, part: &Part, most: i64) -> Result<Vec<Row>, Error> {
    let any_risk = part.risk.is_empty();
    let (sql, place) = match (&part.scope, any_risk) {
        (Scope::Country, _) if part.aged && few_are_old(conn, part)? => (FEW_OLD, ""),
        // What officers hold all over the country is put in order by its index only if PostgreSQL does not take it for a handful of rows.
        (Scope::Country, true) if part.level == 0 && part.state == "claimed" => (
            queue!(
                "$7 = ''",
                "$8 = ''",
                "CAST($1 AS BIGINT) = 0 AND $2 = 'claimed' AND state = 'claimed'"
            ),
            "",
        ),
        (Scope::Country, true) if part.level == 0 && part.state == "proposed" => (
            queue!(
                "$7 = ''",
                "$8 = ''",
                "CAST($1 AS BIGINT) = 0 AND $2 = 'proposed' AND state = 'proposed'"
            ),
            "",
        ),
        (Scope::Country, false) if part.level > 0 => (queue!("$7 = '' AND level = $1", "risk = $8"), ""),
        (Scope::Country, _) if part.state == "claimed" => {
            (queue!("$7 = '' AND state = 'claimed'", "(risk = $8 OR $8 = '')"), "")
        }
        (Scope::Country, _) if part.state == "proposed" => {
            (queue!("$7 = '' AND state = 'proposed'", "(risk = $8 OR $8 = '')"), "")
        }
        (Scope::Country, true) if part.level > 0 => (queue!("$7 = '' AND level = $1", "$8 = ''"), ""),
        (Scope::Country, true) => (queue!("$7 = ''", "$8 = ''"), ""),
        (Scope::Country, false) => (queue!("$7 = ''", "risk = $8"), ""),
        (Scope::Province(province), true) => (queue!("province = $7", "$8 = ''"), province.as_str()),
        (Scope::Province(province), false) => (queue!("province = $7", "risk = $8"), province.as_str()),
        // Few enough wait in one unit to look through them for a risk.
        (Scope::Unit(unit), _) => (queue!("unit = $7", "(risk = $8 OR $8 = '')"), unit.as_str()),
    };
    conn.query(
        sql,
        &[
            part.level.into(),
            part.state.into(),
            Value::Int(part.after.0),
            (&part.after.1).into(),
            part.limit_before.into(),
            part.sent_until.into(),
            place.into(),
            part.risk.into(),
            most.into(),
        ],
        read,
    )
}

/// The same, by age: the sum keeps the engines from walking through the order of the limits.
const FEW_OLD: &str = select!(
    "WHERE state IN ('submitted', 'claimed', 'proposed') AND $7 = '' AND (risk = $8 OR $8 = '')
       AND (level = $1 OR $1 = 0) AND (state = $2 OR $2 = '')
       AND (deadline_at + 0, application) > ($3, $4) AND deadline_at + 0 < $5 AND submitted_at <= $6
     ORDER BY deadline_at + 0, application
     LIMIT $9"
);

fn few_are_old(conn: &mut Conn<'_>, part: &Part) -> Result<bool, Error> {
    let old = conn.query_one(
        "SELECT COUNT(*) AS old FROM (SELECT 1 AS one FROM application
          WHERE submitted_at <= $1 AND state IN ('submitted', 'claimed', 'proposed') LIMIT $2) some_old",
        &[part.sent_until.into(), FEW.into()],
        |row| row.get::<i64>("old"),
    )?;
    Ok(old < FEW)
}

macro_rules! waiting {
    ($scope:literal) => {
        concat!(
            "SELECT (SELECT COUNT(*) FROM (SELECT 1 AS one FROM application WHERE state = 'submitted'
                        AND state IN ('submitted', 'claimed', 'proposed') AND ",
            $scope,
            " LIMIT $4) some_waiting) AS waiting,
                    (SELECT COUNT(*) FROM (SELECT 1 AS one FROM application WHERE deadline_at < $1
                        AND state IN ('submitted', 'claimed', 'proposed') AND ",
            $scope,
            " LIMIT $4) some_late) AS late,
                    (SELECT COUNT(*) FROM application WHERE claimed_by = $2 AND state = 'claimed') AS mine"
        )
    };
}

/// How much work waits in a jurisdiction; counted as far as [`MOST_COUNTED`].
pub(super) fn waiting(
    conn: &mut Conn<'_>,
    officer: &OfficerId,
    scope: &Scope,
    now: Timestamp,
) -> Result<Waiting, Error> {
    let (sql, place) = match scope {
        Scope::Country => (waiting!("$3 = ''"), ""),
        Scope::Province(province) => (waiting!("province = $3"), province.as_str()),
        Scope::Unit(unit) => (waiting!("unit = $3"), unit.as_str()),
    };
    conn.query_one(
        sql,
        &[now.into(), officer.into(), place.into(), MOST_COUNTED.into()],
        |row| {
            Ok(Waiting {
                waiting: row.get("waiting")?,
                late: row.get("late")?,
                mine: row.get("mine")?,
            })
        },
    )
}

/// Takes an application up. One that is claimed already can be taken over only if the claim is older than `stale`.
pub(super) fn claim(
    tx: &mut Tx<'_>,
    application: &ApplicationId,
    officer: &OfficerId,
    now: Timestamp,
    stale: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE application SET state = 'claimed', claimed_by = $2, claimed_at = $3
          WHERE application = $1
            AND (state = 'submitted' OR (state = 'claimed' AND (claimed_by = $2 OR claimed_at <= $4)))",
        &[application.into(), officer.into(), now.into(), stale.into()],
    )?;
    Ok(changed == 1)
}

pub(super) fn release(tx: &mut Tx<'_>, application: &ApplicationId, officer: &OfficerId) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE application SET state = 'submitted', claimed_by = NULL, claimed_at = NULL
          WHERE application = $1 AND state = 'claimed' AND claimed_by = $2",
        &[application.into(), officer.into()],
    )?;
    Ok(changed == 1)
}

/// Gives back what an officer holds, on a chief's order.
pub(super) fn release_for_other(tx: &mut Tx<'_>, application: &ApplicationId) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE application SET state = 'submitted', claimed_by = NULL, claimed_at = NULL
          WHERE application = $1 AND state = 'claimed'",
        &[application.into()],
    )?;
    Ok(changed == 1)
}

/// A decision about to be written.
#[derive(Clone)]
pub(super) struct Decided {
    pub(super) application: ApplicationId,
    pub(super) officer: OfficerId,
    pub(super) to: State,
    pub(super) reasons: String,
    pub(super) remark_sealed: Option<Vec<u8>>,
    pub(super) at: Timestamp,
    pub(super) due_at: Option<Timestamp>,
}

/// Decides an application that the officer holds, or that another officer proposes to approve.
pub(super) fn decide(tx: &mut Tx<'_>, decided: &Decided) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE application
            SET state = $3, decided_by = $2, decided_at = $4, reasons = $5, remark_sealed = $6, due_at = $7,
                claimed_by = NULL, claimed_at = NULL
          WHERE application = $1
            AND ((state = 'claimed' AND claimed_by = $2) OR (state = 'proposed' AND proposed_by <> $2 AND $3 = 'approved'))",
        &[
            (&decided.application).into(),
            (&decided.officer).into(),
            decided.to.word().into(),
            decided.at.into(),
            (&decided.reasons).into(),
            (&decided.remark_sealed).into(),
            decided.due_at.into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Proposes to approve what the officer holds.
pub(super) fn propose(tx: &mut Tx<'_>, decided: &Decided) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE application
            SET state = 'proposed', proposed_by = $2, proposed_at = $3, proposal_sealed = $4, claimed_by = NULL, claimed_at = NULL
          WHERE application = $1 AND state = 'claimed' AND claimed_by = $2",
        &[
            (&decided.application).into(),
            (&decided.officer).into(),
            decided.at.into(),
            (&decided.remark_sealed).into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Sends a proposed approval back to the queue.
pub(super) fn send_back(tx: &mut Tx<'_>, application: &ApplicationId, officer: &OfficerId) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE application SET state = 'submitted', proposed_by = NULL, proposed_at = NULL, proposal_sealed = NULL
          WHERE application = $1 AND state = 'proposed' AND proposed_by <> $2",
        &[application.into(), officer.into()],
    )?;
    Ok(changed == 1)
}

/// Keeps that an application was brought before the chief; false if it was already, or its limit is another one now.
pub(in crate::applications) fn escalate(
    tx: &mut Tx<'_>,
    application: &ApplicationId,
    (step, deadline_at): (&str, Timestamp),
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "INSERT INTO application_escalation (person, application, step, deadline_at, escalated_at)
         SELECT person, application, $2, deadline_at, $4
           FROM application
          WHERE application = $1 AND deadline_at = $3 AND state IN ('submitted', 'claimed', 'proposed')
             ON CONFLICT (person, application, step, deadline_at) DO NOTHING",
        &[application.into(), step.into(), deadline_at.into(), now.into()],
    )?;
    Ok(changed == 1)
}

/// Gives back what has been claimed since an instant; answers whose it is.
pub(in crate::applications) fn give_back(
    tx: &mut Tx<'_>,
    application: &ApplicationId,
    claimed_at: Timestamp,
) -> Result<Option<PersonId>, Error> {
    tx.query_opt(
        "UPDATE application SET state = 'submitted', claimed_by = NULL, claimed_at = NULL
          WHERE application = $1 AND state = 'claimed' AND claimed_at = $2
      RETURNING person",
        &[application.into(), claimed_at.into()],
        |row| row.get("person"),
    )
}

/// Whether an application of a person waits for its decision, or for what is missing.
pub(in crate::applications) fn is_applied_for(conn: &mut Conn<'_>, person: &PersonId) -> Result<bool, Error> {
    let found = conn.query_opt(
        "SELECT application FROM application
          WHERE person = $1 AND state IN ('submitted', 'claimed', 'proposed', 'more-needed')
          LIMIT 1",
        &[person.into()],
        |row| row.get::<ApplicationId>("application"),
    )?;
    Ok(found.is_some())
}
