//! The tables of changes and counts.

use std::collections::BTreeMap;

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::rules::{Count, Measure, STOCK, Spot};
use crate::shell::clock::civil_date;

/// Something counted has moved from one spot to another: in the unit of work that moves it. `None` is where it comes into being, or ends. `source`
/// names it, so that no two units of work write the same row.
///
/// # Errors
/// Those of the database.
pub(crate) fn moved(
    tx: &mut Tx<'_>,
    measure: Measure,
    source: &[u8; 16],
    (from, to): (Option<&Spot>, Option<&Spot>),
    now: Timestamp,
) -> Result<(), Error> {
    if from == to {
        return Ok(());
    }
    let today = civil_date(now).to_string();
    let days = [(measure.has_stock(), STOCK), (true, today.as_str())];
    // The days are of whole provinces: units and days together are many.
    for (_, day) in days.into_iter().filter(|(kept, _)| *kept) {
        for (spot, amount) in [(from, -1), (to, 1)] {
            let Some(spot) = spot else { continue };
            if day == STOCK {
                change(tx, (source, measure), (day, spot), amount)?;
            } else {
                change(tx, (source, measure), (day, &spot.of_province()), amount)?;
            }
        }
    }
    Ok(())
}

/// Adds an amount to a row of changes that is its source's alone.
pub(super) fn change(
    tx: &mut Tx<'_>,
    (source, measure): (&[u8; 16], Measure),
    (day, spot): (&str, &Spot),
    amount: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO statistics_change (source, measure, day, kind, place, amount) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (source, measure, day, kind, place) DO UPDATE SET amount = statistics_change.amount + excluded.amount",
        &[
            source.into(),
            measure.word().into(),
            day.into(),
            (&spot.kind).into(),
            (&spot.place).into(),
            amount.into(),
        ],
    )?;
    Ok(())
}

/// Takes some changes into the counts; answers how many.
pub(super) fn roll_up(tx: &mut Tx<'_>, most: i64) -> Result<usize, Error> {
    let changes = tx.query(
        "SELECT source, measure, day, kind, place, amount FROM statistics_change
          ORDER BY source, measure, day, kind, place LIMIT $1",
        &[most.into()],
        |row| Ok((row.get::<Vec<u8>>("source")?, row.get::<String>("measure")?, read(row)?)),
    )?;
    let mut counts = BTreeMap::new();
    for (source, measure, change) in &changes {
        tx.execute(
            "DELETE FROM statistics_change WHERE source = $1 AND measure = $2 AND day = $3 AND kind = $4 AND place = $5",
            &[
                source.as_slice().into(),
                measure.into(),
                (&change.day).into(),
                (&change.spot.kind).into(),
                (&change.spot.place).into(),
            ],
        )?;
        *counts.entry((measure, &change.day, &change.spot)).or_insert(0) += change.amount;
    }
    for ((measure, day, spot), amount) in counts.into_iter().filter(|(_, amount)| *amount != 0) {
        add(tx, (measure, day), spot, amount)?;
    }
    Ok(changes.len())
}

fn add(tx: &mut Tx<'_>, (measure, day): (&str, &str), spot: &Spot, amount: i64) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO statistics_count (measure, day, kind, place, amount) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (measure, day, kind, place) DO UPDATE SET amount = statistics_count.amount + excluded.amount",
        &[
            measure.into(),
            day.into(),
            (&spot.kind).into(),
            (&spot.place).into(),
            amount.into(),
        ],
    )?;
    Ok(())
}

/// The counts of a measure, each day by itself: of the stock, or of the days since one. Changes that wait are in them.
pub(super) fn list(conn: &mut Conn<'_>, measure: Measure, (from, to): (&str, &str)) -> Result<Vec<Count>, Error> {
    conn.query(
        "SELECT day, kind, place, CAST(SUM(amount) AS BIGINT) AS amount
           FROM (SELECT day, kind, place, amount FROM statistics_count WHERE measure = $1 AND day >= $2 AND day <= $3
                 UNION ALL
                 SELECT day, kind, place, amount FROM statistics_change WHERE measure = $1 AND day >= $2 AND day <= $3) AS counted
          GROUP BY day, kind, place
          ORDER BY day, kind, place",
        &[measure.word().into(), from.into(), to.into()],
        read,
    )
}

/// Where a stock is looked at.
pub(super) enum Within {
    /// The whole country, each province as one.
    Country,
    /// A province, unit by unit.
    Province(String),
    /// A unit, with its province: `01/00004`.
    Unit(String),
}

/// A stock, with places shown in one way, as far as they fit.
macro_rules! stock {
    ($shown:literal, $fits:literal) => {
        concat!(
            "SELECT CAST('' AS TEXT) AS day, kind, ",
            $shown,
            " AS place, CAST(SUM(amount) AS BIGINT) AS amount
               FROM (SELECT kind, place, amount FROM statistics_count WHERE measure = $1 AND day = '' AND ",
            $fits,
            " UNION ALL SELECT kind, place, amount FROM statistics_change WHERE measure = $1 AND day = '' AND ",
            $fits,
            ") AS counted GROUP BY kind, ",
            $shown
        )
    };
}

/// The stock of a measure somewhere. The units of the country are added up where they lie: there are thousands.
pub(super) fn stock(conn: &mut Conn<'_>, measure: Measure, within: &Within) -> Result<Vec<Count>, Error> {
    let (sql, place) = match within {
        Within::Country => (stock!("SUBSTR(place, 1, 2)", "$2 = ''"), ""),
        Within::Province(code) => (stock!("place", "SUBSTR(place, 1, 2) = $2"), code.as_str()),
        Within::Unit(place) => (stock!("place", "place = $2"), place.as_str()),
    };
    conn.query(sql, &[measure.word().into(), place.into()], read)
}

/// The stock of a measure in the whole country as the last day ended: what there is, without what came and went since `today` began.
pub(super) fn stock_before(conn: &mut Conn<'_>, measure: Measure, today: &str) -> Result<Vec<Count>, Error> {
    const LAST: &str = "9999-12-31";
    let mut counts = BTreeMap::new();
    for count in stock(conn, measure, &Within::Country)? {
        *counts.entry(count.spot).or_insert(0) += count.amount;
    }
    for since in list(conn, measure, (today, LAST))? {
        *counts.entry(since.spot).or_insert(0) -= since.amount;
    }
    let standing = counts.into_iter().filter(|(_, amount)| *amount != 0);
    let count = |(spot, amount)| Count {
        day: STOCK.to_owned(),
        spot,
        amount,
    };
    Ok(standing.map(count).collect())
}

/// Whether days before this one are kept of what nobody asks for any more.
pub(super) fn has_passed(conn: &mut Conn<'_>, measure: Measure, day: &str) -> Result<bool, Error> {
    let found = conn.query_opt(
        "SELECT day FROM statistics_count WHERE measure = $1 AND day > $2 AND day < $3 LIMIT 1",
        &[measure.word().into(), STOCK.into(), day.into()],
        |row| row.get::<String>("day"),
    )?;
    Ok(found.is_some())
}

/// Removes the days of a measure before this one.
pub(super) fn remove_passed(tx: &mut Tx<'_>, measure: Measure, day: &str) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM statistics_count WHERE measure = $1 AND day > $2 AND day < $3",
        &[measure.word().into(), STOCK.into(), day.into()],
    )?;
    Ok(())
}

/// How often something was counted for a client since a day.
///
/// # Errors
/// Those of the database.
pub(crate) fn of_client(conn: &mut Conn<'_>, measure: Measure, client_id: &str, since: &str) -> Result<i64, Error> {
    let sum = conn.query_opt(
        "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS amount
           FROM (SELECT amount FROM statistics_count WHERE measure = $1 AND day >= $2 AND kind = $3
                 UNION ALL
                 SELECT amount FROM statistics_change WHERE measure = $1 AND day >= $2 AND kind = $3) AS counted",
        &[measure.word().into(), since.into(), client_id.into()],
        |row| row.get("amount"),
    )?;
    Ok(sum.unwrap_or_default())
}

/// Puts what was counted in the place of a stock.
pub(super) fn replace(tx: &mut Tx<'_>, measure: Measure, counted: &[(Spot, i64)]) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM statistics_change WHERE measure = $1 AND day = $2",
        &[measure.word().into(), STOCK.into()],
    )?;
    tx.execute(
        "DELETE FROM statistics_count WHERE measure = $1 AND day = $2",
        &[measure.word().into(), STOCK.into()],
    )?;
    for (spot, amount) in counted {
        add(tx, (measure.word(), STOCK), spot, *amount)?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Count, Error> {
    Ok(Count {
        day: row.get("day")?,
        spot: Spot {
            kind: row.get("kind")?,
            place: row.get("place")?,
        },
        amount: row.get("amount")?,
    })
}
