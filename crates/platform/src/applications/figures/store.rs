//! The table of figures, and under which state and unit an application is counted.

use db::{Conn, Error, Tx};

use super::Counted;
use super::rules::Figure;
use crate::applications::ApplicationId;

/// Level and state, province and unit, as `statistics` counts them: `1-submitted 01/00004`.
macro_rules! counted_as {
    () => {
        "CAST(level AS TEXT) || '-' || state || ' ' || COALESCE(province, '') || CASE WHEN COALESCE(unit, '') = '' THEN '' ELSE '/' || unit END"
    };
}

/// Under what an application is counted, and under what it should be.
pub(super) fn counting(
    conn: &mut Conn<'_>,
    application: &ApplicationId,
) -> Result<Option<(Option<String>, String)>, Error> {
    conn.query_opt(
        concat!(
            "SELECT counted_as, ",
            counted_as!(),
            " AS counted_now FROM application WHERE application = $1"
        ),
        &[application.into()],
        |row| Ok((row.get("counted_as")?, row.get("counted_now")?)),
    )
}

pub(super) fn set_counted(tx: &mut Tx<'_>, application: &ApplicationId, counted: &str) -> Result<(), Error> {
    tx.execute(
        "UPDATE application SET counted_as = $2 WHERE application = $1",
        &[application.into(), counted.into()],
    )?;
    Ok(())
}

/// Counts every application as it is.
pub(super) fn set_all_counted(tx: &mut Tx<'_>) -> Result<(), Error> {
    tx.execute(
        concat!(
            "UPDATE application SET counted_as = ",
            counted_as!(),
            " WHERE counted_as IS NULL OR counted_as <> ",
            counted_as!()
        ),
        &[],
    )?;
    Ok(())
}

/// How many applications there are, by what they are counted under: counts every one.
pub(super) fn count_all(conn: &mut Conn<'_>) -> Result<Vec<(String, i64)>, Error> {
    conn.query(
        "SELECT counted_as, COUNT(*) AS amount FROM application WHERE counted_as IS NOT NULL GROUP BY counted_as",
        &[],
        |row| Ok((row.get("counted_as")?, row.get("amount")?)),
    )
}

pub(super) fn count(tx: &mut Tx<'_>, counted: &Counted) -> Result<(), Error> {
    let in_time = i64::from(counted.in_time);
    tx.execute(
        "INSERT INTO application_figure (unit, level, month, province, in_time, late) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (unit, level, month) DO UPDATE
            SET in_time = application_figure.in_time + excluded.in_time, late = application_figure.late + excluded.late",
        &[
            (&counted.unit).into(),
            counted.level.into(),
            (&counted.month).into(),
            (&counted.province).into(),
            in_time.into(),
            (1 - in_time).into(),
        ],
    )?;
    Ok(())
}

/// The figures of a month by unit: of one unit, of a province, or of all where both are empty.
pub(super) fn by_unit(conn: &mut Conn<'_>, month: &str, (unit, province): (&str, &str)) -> Result<Vec<Figure>, Error> {
    conn.query(
        "SELECT unit AS place, CAST(SUM(in_time) AS BIGINT) AS in_time, CAST(SUM(late) AS BIGINT) AS late
           FROM application_figure
          WHERE month = $1 AND (unit = $2 OR $2 = '') AND (province = $3 OR $3 = '')
          GROUP BY unit
          ORDER BY unit",
        &[month.into(), unit.into(), province.into()],
        read,
    )
}

/// The figures of a month by province.
pub(super) fn by_province(conn: &mut Conn<'_>, month: &str) -> Result<Vec<Figure>, Error> {
    conn.query(
        "SELECT province AS place, CAST(SUM(in_time) AS BIGINT) AS in_time, CAST(SUM(late) AS BIGINT) AS late
           FROM application_figure
          WHERE month = $1
          GROUP BY province
          ORDER BY province",
        &[month.into()],
        read,
    )
}

/// The months that have figures, newest first.
pub(super) fn months(conn: &mut Conn<'_>, most: i64) -> Result<Vec<String>, Error> {
    conn.query(
        "SELECT month FROM application_figure GROUP BY month ORDER BY month DESC LIMIT $1",
        &[most.into()],
        |row| row.get("month"),
    )
}

fn read(row: &db::Row<'_>) -> Result<Figure, Error> {
    Ok(Figure {
        place: row.get("place")?,
        in_time: row.get("in_time")?,
        late: row.get("late")?,
    })
}
