//! The arrivals of a day, and the units' phones.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use crate::officers::OfficerId;
use crate::stays::store::{Notification, notification};

/// Which arrivals.
pub(super) struct Wanted {
    /// A commune (five digits) or a province (two).
    pub(super) unit: String,
    /// The first instant of the day.
    pub(super) since: Timestamp,
    /// The first instant of the next.
    pub(super) until: Timestamp,
    /// `late` or `alone` for those alone; anything else for all.
    pub(super) only: String,
    /// Those that come after this one in the list: when it was told, and its id.
    pub(super) after: (Timestamp, Vec<u8>),
    /// How many.
    pub(super) most: i64,
}

/// How many there are.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub(super) struct Totals {
    pub(super) notifications: i64,
    pub(super) guests: i64,
    pub(super) late: i64,
    pub(super) alone: i64,
}

/// A statement over the arrivals of a unit, which stands in this column.
macro_rules! arrivals {
    ($unit:literal) => {
        concat!(
            "SELECT person, notification, number, facility, kind, reason, commune, content_sealed, guests, from_at, to_at, told_at,
                    late_since, alone_at, unchecked_at, withdrawn_at
               FROM stay_notification
              WHERE ",
            $unit,
            " = $1 AND from_at >= $2 AND from_at < $3 AND withdrawn_at IS NULL AND (told_at, notification) < ($4, $5)
                    AND ($6 <> 'late' OR late_since IS NOT NULL) AND ($6 <> 'alone' OR alone_at IS NOT NULL)
              ORDER BY told_at DESC, notification DESC LIMIT $7"
        )
    };
}

/// The arrivals of a day, told last first.
pub(super) fn arrivals(conn: &mut Conn<'_>, wanted: &Wanted) -> Result<Vec<Notification>, Error> {
    let sql = if wanted.unit.len() == 2 {
        arrivals!("province")
    } else {
        arrivals!("commune")
    };
    conn.query(
        sql,
        &[
            (&wanted.unit).into(),
            wanted.since.into(),
            wanted.until.into(),
            wanted.after.0.into(),
            (&wanted.after.1).into(),
            (&wanted.only).into(),
            wanted.most.into(),
        ],
        notification,
    )
}

/// How many arrivals a day has.
pub(super) fn totals(conn: &mut Conn<'_>, wanted: &Wanted) -> Result<Totals, Error> {
    let sql = if wanted.unit.len() == 2 {
        "SELECT COUNT(*) AS notifications, CAST(COALESCE(SUM(guests), 0) AS BIGINT) AS guests, COUNT(late_since) AS late,
                COUNT(alone_at) AS alone
           FROM stay_notification WHERE province = $1 AND from_at >= $2 AND from_at < $3 AND withdrawn_at IS NULL"
    } else {
        "SELECT COUNT(*) AS notifications, CAST(COALESCE(SUM(guests), 0) AS BIGINT) AS guests, COUNT(late_since) AS late,
                COUNT(alone_at) AS alone
           FROM stay_notification WHERE commune = $1 AND from_at >= $2 AND from_at < $3 AND withdrawn_at IS NULL"
    };
    conn.query_one(
        sql,
        &[(&wanted.unit).into(), wanted.since.into(), wanted.until.into()],
        |row| {
            Ok(Totals {
                notifications: row.get("notifications")?,
                guests: row.get("guests")?,
                late: row.get("late")?,
                alone: row.get("alone")?,
            })
        },
    )
}

pub(super) fn phone(conn: &mut Conn<'_>, unit: &str) -> Result<Option<String>, Error> {
    conn.query_opt("SELECT phone FROM stay_unit WHERE unit = $1", &[unit.into()], |row| {
        row.get("phone")
    })
}

pub(super) fn set_phone(
    tx: &mut Tx<'_>,
    (unit, phone): (&str, &str),
    by: &OfficerId,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO stay_unit (unit, phone, set_at, set_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (unit) DO UPDATE SET phone = excluded.phone, set_at = excluded.set_at, set_by = excluded.set_by",
        &[unit.into(), phone.into(), now.into(), by.into()],
    )?;
    Ok(())
}
