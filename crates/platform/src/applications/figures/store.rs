//! The table of figures.

use db::{Conn, Error, Tx};

use super::Counted;
use super::rules::Figure;

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
