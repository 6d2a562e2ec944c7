//! The tables of alerts and ties, and what the looks count up to.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::AlertId;
use super::rules::{self, Counts, DAY, HOUR, MONTH, Pattern};
use crate::history::{Look, LookId};
use crate::shell::ids::PersonId;

/// Microseconds of a day: looks are counted by days of UTC.
const MICROS_OF_A_DAY: i64 = 24 * 60 * 60 * 1_000_000;

pub(super) struct Alert {
    pub(super) alert: AlertId,
    pub(super) pattern: String,
    pub(super) look: LookId,
    pub(super) who_digest: [u8; 32],
    /// The name of the officer, sealed with the look.
    pub(super) who_sealed: Option<Vec<u8>>,
    pub(super) person: Option<PersonId>,
    pub(super) looks: i64,
    pub(super) raised_at: Timestamp,
    pub(super) verdict: Option<String>,
}

/// Counts around a look that has just been recorded.
pub(super) fn count(tx: &mut Tx<'_>, look: &Look) -> Result<Counts, Error> {
    let (who, person, at) = (&look.sealed.who_digest, &look.person, look.at);
    let people = tx.query_opt(
        "SELECT COUNT(DISTINCT person) AS counted FROM history_look WHERE who_digest = $1 AND looked_at > $2",
        &[who.into(), (at - HOUR).into()],
        counted,
    )?;
    let officers = tx.query_opt(
        "SELECT COUNT(DISTINCT who_digest) AS counted FROM history_look
          WHERE person = $1 AND looked_at > $2 AND who_kind = 'officer'",
        &[person.into(), (at - DAY).into()],
        counted,
    )?;
    let days = tx.query_opt(
        "SELECT COUNT(DISTINCT looked_at / $4) AS counted FROM history_look
          WHERE person = $1 AND looked_at > $2 AND who_digest = $3",
        &[person.into(), (at - MONTH).into(), who.into(), MICROS_OF_A_DAY.into()],
        counted,
    )?;
    let tied = tx.query_opt(
        "SELECT COUNT(*) AS counted FROM history_tie WHERE person = $1 AND who_digest = $2",
        &[person.into(), who.into()],
        counted,
    )?;
    Ok(Counts {
        people: people.unwrap_or_default(),
        officers: officers.unwrap_or_default(),
        days: days.unwrap_or_default(),
        tied: tied.unwrap_or_default() > 0,
    })
}

fn counted(row: &Row<'_>) -> Result<i64, Error> {
    row.get("counted")
}

/// Raises an alert, or counts on while nobody has settled it.
pub(super) fn raise(tx: &mut Tx<'_>, look: &Look, pattern: Pattern, looks: i64) -> Result<(), Error> {
    let alert = rules::name(pattern, &look.sealed.who_digest, look.person.bytes(), look.at);
    let person = (pattern != Pattern::Bulk).then_some(&look.person);
    tx.execute(
        "INSERT INTO history_alert (alert, pattern, look, who_digest, person, looks, raised_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (alert) DO UPDATE SET looks = excluded.looks WHERE history_alert.settled_at IS NULL",
        &[
            (&alert).into(),
            pattern.word().into(),
            (&look.id).into(),
            (&look.sealed.who_digest).into(),
            person.into(),
            looks.into(),
            look.at.into(),
        ],
    )?;
    Ok(())
}

/// The alerts that wait, oldest first.
pub(super) fn open(conn: &mut Conn<'_>, most: i64) -> Result<Vec<Alert>, Error> {
    conn.query(
        "SELECT alert, pattern, history_alert.look, history_alert.who_digest, who_sealed, history_alert.person, looks, raised_at, verdict
           FROM history_alert
           LEFT JOIN history_look ON history_look.who_digest = history_alert.who_digest AND history_look.look = history_alert.look
          WHERE settled_at IS NULL ORDER BY raised_at, alert LIMIT $1",
        &[most.into()],
        read,
    )
}

pub(super) fn find(conn: &mut Conn<'_>, alert: &AlertId) -> Result<Option<Alert>, Error> {
    conn.query_opt(
        "SELECT alert, pattern, history_alert.look, history_alert.who_digest, who_sealed, history_alert.person, looks, raised_at, verdict
           FROM history_alert
           LEFT JOIN history_look ON history_look.who_digest = history_alert.who_digest AND history_look.look = history_alert.look
          WHERE alert = $1",
        &[alert.into()],
        read,
    )
}

/// A look behind an alert.
pub(super) struct Behind {
    pub(super) look: LookId,
    pub(super) at: Timestamp,
    pub(super) purpose: String,
    pub(super) what: String,
    pub(super) details_sealed: Vec<u8>,
}

/// The latest looks of an officer, at one person or at anybody.
pub(super) fn behind(conn: &mut Conn<'_>, alert: &Alert, since: Timestamp, most: i64) -> Result<Vec<Behind>, Error> {
    conn.query(
        "SELECT look, looked_at, purpose, what, details_sealed FROM history_look
          WHERE who_digest = $1 AND looked_at > $2 AND (CAST($5 AS BIGINT) = 0 OR person = $3)
          ORDER BY looked_at DESC LIMIT $4",
        &[
            (&alert.who_digest).into(),
            since.into(),
            alert.person.unwrap_or(PersonId::from([0; 16])).bytes().into(),
            most.into(),
            i64::from(alert.person.is_some()).into(),
        ],
        |row| {
            Ok(Behind {
                look: row.get("look")?,
                at: row.get("looked_at")?,
                purpose: row.get("purpose")?,
                what: row.get("what")?,
                details_sealed: row.get("details_sealed")?,
            })
        },
    )
}

/// Settles an alert; false if it was settled before.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    alert: &AlertId,
    verdict: &str,
    remark_sealed: &[u8],
    now: Timestamp,
) -> Result<bool, Error> {
    let settled = tx.execute(
        "UPDATE history_alert SET settled_at = $4, verdict = $2, remark_sealed = $3 WHERE alert = $1 AND settled_at IS NULL",
        &[alert.into(), verdict.into(), remark_sealed.into(), now.into()],
    )?;
    Ok(settled == 1)
}

/// Keeps a tie for ever: who was a spouse stays one that the officer had.
pub(super) fn tie(
    tx: &mut Tx<'_>,
    person: &PersonId,
    who_digest: &[u8; 32],
    tie: &str,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO history_tie (person, who_digest, tie, since_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (person, who_digest) DO NOTHING",
        &[person.into(), who_digest.into(), tie.into(), now.into()],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Alert, Error> {
    Ok(Alert {
        alert: row.get("alert")?,
        pattern: row.get("pattern")?,
        look: row.get("look")?,
        who_digest: row.get("who_digest")?,
        who_sealed: row.get("who_sealed")?,
        person: row.get("person")?,
        looks: row.get("looks")?,
        raised_at: row.get("raised_at")?,
        verdict: row.get("verdict")?,
    })
}
