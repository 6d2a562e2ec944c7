//! The tables of grounds and of what was done about them.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::rules::{Ground, Thing, Word};
use super::{ActId, Source, Standing, Stands};
use crate::shell::ids::PersonId;

/// An act, ready to be kept.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) act: ActId,
    pub(super) person: PersonId,
    pub(super) at: Timestamp,
    pub(super) word: Word,
    pub(super) ground: Ground,
    pub(super) source: Source,
    pub(super) by_kind: &'static str,
    pub(super) by_sealed: Vec<u8>,
    pub(super) reason_sealed: Vec<u8>,
    pub(super) law: &'static str,
}

/// An act as it is shown.
pub(super) struct Acted {
    pub(super) act: ActId,
    pub(super) at: Timestamp,
    pub(super) word: String,
    pub(super) ground: String,
    pub(super) by_kind: String,
    pub(super) by_sealed: Vec<u8>,
    pub(super) reason_sealed: Vec<u8>,
    pub(super) law: String,
}

/// Takes the person's next turn: another who changes the same person's locks waits, or begins anew.
pub(super) fn take_turn(tx: &mut Tx<'_>, person: &PersonId) -> Result<i64, Error> {
    let taken = tx.query_opt(
        "INSERT INTO lock_turn (person, turn) VALUES ($1, 1)
         ON CONFLICT (person) DO UPDATE SET turn = lock_turn.turn + 1
      RETURNING turn",
        &[person.into()],
        |row| row.get("turn"),
    )?;
    taken.ok_or(Error::NoRow)
}

pub(super) fn insert_act(tx: &mut Tx<'_>, act: &Kept, turn: i64) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO lock_act (person, act, acted_at, turn, word, ground, source, by_kind, by_sealed, reason_sealed, law)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            (&act.person).into(),
            (&act.act).into(),
            act.at.into(),
            turn.into(),
            act.word.text().into(),
            act.ground.word().into(),
            (&act.source).into(),
            act.by_kind.into(),
            (&act.by_sealed).into(),
            (&act.reason_sealed).into(),
            act.law.into(),
        ],
    )?;
    Ok(())
}

/// A ground stands from now on; false if it stood already.
pub(super) fn raise(tx: &mut Tx<'_>, act: &Kept, thing: Thing) -> Result<bool, Error> {
    let raised = tx.execute(
        "INSERT INTO lock_ground (person, raised_by, ground, source, thing, raised_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (person, ground, source) WHERE cleared_at IS NULL DO NOTHING",
        &[
            (&act.person).into(),
            (&act.act).into(),
            act.ground.word().into(),
            (&act.source).into(),
            thing.word().into(),
            act.at.into(),
        ],
    )?;
    Ok(raised == 1)
}

/// A ground stands no more; false if it did not stand.
pub(super) fn clear(tx: &mut Tx<'_>, act: &Kept) -> Result<bool, Error> {
    let cleared = tx.execute(
        "UPDATE lock_ground SET cleared_by = $2, cleared_at = $5
          WHERE person = $1 AND ground = $3 AND source = $4 AND cleared_at IS NULL",
        &[
            (&act.person).into(),
            (&act.act).into(),
            act.ground.word().into(),
            (&act.source).into(),
            act.at.into(),
        ],
    )?;
    Ok(cleared == 1)
}

/// The grounds that stand, oldest first.
pub(super) fn standing(conn: &mut Conn<'_>, person: &PersonId) -> Result<Standing, Error> {
    let grounds = conn.query(
        "SELECT ground, source, thing, raised_at, raised_by FROM lock_ground
          WHERE person = $1 AND cleared_at IS NULL ORDER BY raised_at, raised_by",
        &[person.into()],
        read,
    )?;
    Ok(Standing(grounds))
}

/// All that was done about a person's locks, newest first.
pub(super) fn acts(conn: &mut Conn<'_>, person: &PersonId, most: i64) -> Result<Vec<Acted>, Error> {
    conn.query(
        "SELECT act, acted_at, word, ground, by_kind, by_sealed, reason_sealed, law FROM lock_act
          WHERE person = $1 ORDER BY turn DESC LIMIT $2",
        &[person.into(), most.into()],
        |row| {
            Ok(Acted {
                act: row.get("act")?,
                at: row.get("acted_at")?,
                word: row.get("word")?,
                ground: row.get("ground")?,
                by_kind: row.get("by_kind")?,
                by_sealed: row.get("by_sealed")?,
                reason_sealed: row.get("reason_sealed")?,
                law: row.get("law")?,
            })
        },
    )
}

fn read(row: &Row<'_>) -> Result<Stands, Error> {
    // A ground that this program does not know stands all the same, as the widest there is.
    let ground = Ground::of(&row.get::<String>("ground")?).unwrap_or(Ground::CompetentBody);
    Ok(Stands {
        ground,
        source: row.get("source")?,
        thing: Thing::of(&row.get::<String>("thing")?),
        raised_at: row.get("raised_at")?,
        raised_by: row.get("raised_by")?,
    })
}
