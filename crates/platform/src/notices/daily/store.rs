//! The tables of days, and of how far the runs have come.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::rules::{Occasion, Round};
use crate::notices::Way;
use crate::notices::inbox::Sealed;
use crate::shell::ids::PersonId;

pub(super) fn put(tx: &mut Tx<'_>, person: &PersonId, occasion: Occasion, day: &str) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notice_date (person, occasion, day) VALUES ($1, $2, $3)
         ON CONFLICT (person, occasion) DO UPDATE SET day = excluded.day WHERE notice_date.day <> excluded.day",
        &[person.into(), occasion.word().into(), day.into()],
    )?;
    Ok(())
}

/// The same, unless a day is known.
pub(super) fn put_new(tx: &mut Tx<'_>, person: &PersonId, occasion: Occasion, day: &str) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notice_date (person, occasion, day) VALUES ($1, $2, $3) ON CONFLICT (person, occasion) DO NOTHING",
        &[person.into(), occasion.word().into(), day.into()],
    )?;
    Ok(())
}

pub(super) fn remove(tx: &mut Tx<'_>, person: &PersonId, occasion: Occasion) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM notice_date WHERE person = $1 AND occasion = $2",
        &[person.into(), occasion.word().into()],
    )?;
    Ok(())
}

pub(super) fn remove_all(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), Error> {
    tx.execute("DELETE FROM notice_date WHERE person = $1", &[person.into()])?;
    Ok(())
}

/// The last day of which there are rounds.
pub(super) fn last_day(conn: &mut Conn<'_>) -> Result<Option<Date>, Error> {
    let day: Option<String> = conn.query_one("SELECT MAX(day) AS day FROM notice_round", &[], |row| row.get("day"))?;
    Ok(day.and_then(|day| day.parse().ok()))
}

/// Begins a round; one that was begun stays as it is.
pub(super) fn begin(tx: &mut Tx<'_>, round: &Round, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notice_round (day, occasion, due, before_days, after_person, told, begun_at)
         VALUES ($1, $2, $3, $4, $5, 0, $6) ON CONFLICT (day, occasion, due, before_days) DO NOTHING",
        &[
            (&round.day).into(),
            round.occasion.word().into(),
            (&round.due).into(),
            round.before_days.into(),
            (&[0_u8; 16]).into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// A round that is not finished, and after whom it goes on.
pub(super) struct Open {
    pub(super) round: Round,
    pub(super) after: PersonId,
}

/// The next round to go on with.
pub(super) fn next(conn: &mut Conn<'_>) -> Result<Option<Open>, Error> {
    let rows = conn.query(
        "SELECT day, occasion, due, before_days, after_person FROM notice_round WHERE finished_at IS NULL
          ORDER BY day, occasion, due, before_days LIMIT 1",
        &[],
        |row| {
            let word: String = row.get("occasion")?;
            let occasion = Occasion::of_word(&word).ok_or_else(|| Error::Column {
                column: "occasion".to_owned(),
                why: "unknown".to_owned(),
            })?;
            Ok(Open {
                round: Round {
                    occasion,
                    due: row.get("due")?,
                    before_days: row.get("before_days")?,
                    day: row.get("day")?,
                },
                after: row.get("after_person")?,
            })
        },
    )?;
    Ok(rows.into_iter().next())
}

/// The last person of the next piece of a round; none if nobody is left.
pub(super) fn last_of_piece(conn: &mut Conn<'_>, open: &Open, most: i64) -> Result<Option<PersonId>, Error> {
    conn.query_opt(
        "SELECT person FROM
            (SELECT person FROM notice_date WHERE occasion = $1 AND day = $2 AND person > $3 ORDER BY person LIMIT $4) AS piece
          ORDER BY person DESC LIMIT 1",
        &[
            open.round.occasion.word().into(),
            (&open.round.due).into(),
            (&open.after).into(),
            most.into(),
        ],
        |row| row.get("person"),
    )
}

/// Puts a note into the inboxes of a piece of a round; answers into whose.
///
/// Whoever does not want the kind at all is passed over.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    (open, last): (&Open, &PersonId),
    note: &Sealed,
    now: Timestamp,
) -> Result<Vec<PersonId>, Error> {
    let inbox = format!("%{}.inbox%", note.kind.word());
    tx.query(
        "INSERT INTO notice_note (person, note, kind, told_sealed, told_at)
         SELECT due.person, $5, $6, $7, $8 FROM notice_date AS due
          WHERE due.occasion = $1 AND due.day = $2 AND due.person > $3 AND due.person <= $4
            AND NOT EXISTS (SELECT 1 FROM notice_wish AS wish WHERE wish.person = due.person AND $9 <> '' AND wish.ways NOT LIKE $9)
         ON CONFLICT (person, note) DO NOTHING
         RETURNING person",
        &[
            open.round.occasion.word().into(),
            (&open.round.due).into(),
            (&open.after).into(),
            last.into(),
            (&note.note).into(),
            note.kind.word().into(),
            (&note.told_sealed).into(),
            now.into(),
            (if note.kind.must(Way::Inbox) { "" } else { inbox.as_str() }).into(),
        ],
        |row| row.get("person"),
    )
}

/// Those of a piece who have wishes of their own, or a browser that gets push messages.
pub(super) fn with_wishes(conn: &mut Conn<'_>, (open, last): (&Open, &PersonId)) -> Result<Vec<PersonId>, Error> {
    conn.query(
        "SELECT due.person FROM notice_date AS due
          WHERE due.occasion = $1 AND due.day = $2 AND due.person > $3 AND due.person <= $4
            AND (EXISTS (SELECT 1 FROM notice_wish AS wish WHERE wish.person = due.person)
                 OR EXISTS (SELECT 1 FROM notice_push AS push WHERE push.person = due.person))
          ORDER BY due.person",
        &[
            open.round.occasion.word().into(),
            (&open.round.due).into(),
            (&open.after).into(),
            last.into(),
        ],
        |row| row.get("person"),
    )
}

/// Moves the mark of a round on, or finishes it.
pub(super) fn move_on(
    tx: &mut Tx<'_>,
    round: &Round,
    last: Option<&PersonId>,
    told: i64,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE notice_round SET after_person = COALESCE($5, after_person), told = told + $6, finished_at = $7
          WHERE day = $1 AND occasion = $2 AND due = $3 AND before_days = $4",
        &[
            (&round.day).into(),
            round.occasion.word().into(),
            (&round.due).into(),
            round.before_days.into(),
            last.into(),
            told.into(),
            last.is_none().then_some(now).into(),
        ],
    )?;
    Ok(())
}

/// How far a round has come.
#[derive(Clone, Debug, Serialize)]
pub(in crate::notices) struct Progress {
    pub(in crate::notices) day: String,
    pub(in crate::notices) occasion: String,
    pub(in crate::notices) due: String,
    pub(in crate::notices) told: i64,
    pub(in crate::notices) begun_at: Timestamp,
    pub(in crate::notices) finished_at: Option<Timestamp>,
}

/// The newest rounds.
pub(in crate::notices) fn progress(conn: &mut Conn<'_>, most: i64) -> Result<Vec<Progress>, Error> {
    conn.query(
        "SELECT day, occasion, due, told, begun_at, finished_at FROM notice_round
          ORDER BY day DESC, occasion, due, before_days LIMIT $1",
        &[most.into()],
        |row: &Row<'_>| {
            Ok(Progress {
                day: row.get("day")?,
                occasion: row.get("occasion")?,
                due: row.get("due")?,
                told: row.get("told")?,
                begun_at: row.get("begun_at")?,
                finished_at: row.get("finished_at")?,
            })
        },
    )
}
