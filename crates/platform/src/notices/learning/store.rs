//! The queue, the walk that fills it, and what came of asking.

use db::{Conn, Error, Tx};
use jiff::Timestamp;
use serde::Serialize;

use crate::shell::ids::PersonId;

/// The name of the one walk.
const WALK: &str = "ends";

/// Puts a person into the queue, or moves the turn of one who is there.
pub(super) fn put(tx: &mut Tx<'_>, person: &PersonId, due: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notice_learning (person, due_at) VALUES ($1, $2)
         ON CONFLICT (person) DO UPDATE SET due_at = excluded.due_at",
        &[person.into(), due.into()],
    )?;
    Ok(())
}

/// The same, unless the person is there.
pub(super) fn put_new(tx: &mut Tx<'_>, person: &PersonId, due: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notice_learning (person, due_at) VALUES ($1, $2) ON CONFLICT (person) DO NOTHING",
        &[person.into(), due.into()],
    )?;
    Ok(())
}

pub(super) fn remove(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), Error> {
    tx.execute("DELETE FROM notice_learning WHERE person = $1", &[person.into()])?;
    Ok(())
}

/// Takes those whose turn it is: until `again` nobody else takes them.
pub(super) fn claim(tx: &mut Tx<'_>, (now, again): (Timestamp, Timestamp), most: i64) -> Result<Vec<PersonId>, Error> {
    tx.query(
        "UPDATE notice_learning SET due_at = $2
          WHERE person IN (SELECT person FROM notice_learning WHERE due_at <= $1 ORDER BY due_at, person LIMIT $3)
            AND due_at <= $1
      RETURNING person",
        &[now.into(), again.into(), most.into()],
        |row| row.get("person"),
    )
}

/// How many wait for their turn; no more than are worth counting.
pub(in crate::notices) fn waiting(conn: &mut Conn<'_>, now: Timestamp, most: i64) -> Result<i64, Error> {
    conn.query_one(
        "SELECT COUNT(*) AS people FROM (SELECT person FROM notice_learning WHERE due_at <= $1 LIMIT $2) AS counted",
        &[now.into(), most.into()],
        |row| row.get("people"),
    )
}

/// The walk over the accounts that are older than the queue.
#[derive(Clone, Debug, Serialize)]
pub(in crate::notices) struct Walk {
    #[serde(skip)]
    pub(super) after: PersonId,
    /// How many accounts it has passed.
    pub(in crate::notices) passed: i64,
    pub(in crate::notices) begun_at: Timestamp,
    pub(in crate::notices) finished_at: Option<Timestamp>,
}

pub(super) fn begin_walk(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notice_walk (walk, after_person, passed, begun_at) VALUES ($1, $2, 0, $3) ON CONFLICT (walk) DO NOTHING",
        &[WALK.into(), (&[0_u8; 16]).into(), now.into()],
    )?;
    Ok(())
}

pub(in crate::notices) fn walk(conn: &mut Conn<'_>) -> Result<Option<Walk>, Error> {
    conn.query_opt(
        "SELECT after_person, passed, begun_at, finished_at FROM notice_walk WHERE walk = $1",
        &[WALK.into()],
        |row| {
            Ok(Walk {
                after: row.get("after_person")?,
                passed: row.get("passed")?,
                begun_at: row.get("begun_at")?,
                finished_at: row.get("finished_at")?,
            })
        },
    )
}

/// Moves the mark of the walk on, or finishes it with those that it passes.
pub(super) fn walk_on(
    tx: &mut Tx<'_>,
    last: Option<&PersonId>,
    passed: i64,
    finished: Option<Timestamp>,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE notice_walk SET after_person = COALESCE($2, after_person), passed = passed + $3, finished_at = $4 WHERE walk = $1",
        &[
            WALK.into(),
            last.into(),
            passed.into(),
            finished.into(),
        ],
    )?;
    Ok(())
}

/// What came of asking on a day.
#[derive(Clone, Debug, Serialize)]
pub(in crate::notices) struct Learned {
    pub(in crate::notices) day: String,
    /// About how many people the sources were asked.
    pub(in crate::notices) asked: i64,
    /// About how many of them one was silent.
    pub(in crate::notices) silent: i64,
}

/// Begins a day; answers whether it was not begun before.
pub(super) fn begin_day(tx: &mut Tx<'_>, day: &str) -> Result<bool, Error> {
    let begun = tx.execute(
        "INSERT INTO notice_learned (day, asked, silent) VALUES ($1, 0, 0) ON CONFLICT (day) DO NOTHING",
        &[day.into()],
    )?;
    Ok(begun == 1)
}

pub(super) fn last_day(conn: &mut Conn<'_>) -> Result<Option<String>, Error> {
    conn.query_one("SELECT MAX(day) AS day FROM notice_learned", &[], |row| row.get("day"))
}

pub(super) fn count(tx: &mut Tx<'_>, day: &str, (asked, silent): (usize, usize)) -> Result<(), Error> {
    let number = |count: usize| i64::try_from(count).unwrap_or_default();
    tx.execute(
        "UPDATE notice_learned SET asked = asked + $2, silent = silent + $3 WHERE day = $1",
        &[day.into(), number(asked).into(), number(silent).into()],
    )?;
    Ok(())
}

/// The newest days.
pub(in crate::notices) fn list_learned(conn: &mut Conn<'_>, most: i64) -> Result<Vec<Learned>, Error> {
    conn.query(
        "SELECT day, asked, silent FROM notice_learned ORDER BY day DESC LIMIT $1",
        &[most.into()],
        |row| {
            Ok(Learned {
                day: row.get("day")?,
                asked: row.get("asked")?,
                silent: row.get("silent")?,
            })
        },
    )
}
