//! Under which level and province an account is counted (`statistics`), whenever one of them changes.
//!
//! **Invariant:** an account is counted once from its opening to its removal.

use db::{Conn, Tx};
use jiff::Timestamp;

use super::{Level, store};
use crate::shell::ids::PersonId;
use crate::statistics::{self, Measure, Spot};

/// The account is counted under a province from now on: that of the application by which a level was approved.
///
/// # Errors
/// Those of the database.
pub(crate) fn live_in(tx: &mut Tx<'_>, person: &PersonId, province: &str, now: Timestamp) -> Result<(), db::Error> {
    let before = standing_spot(tx, person)?;
    store::set_province(tx, person, province)?;
    let after = standing_spot(tx, person)?;
    statistics::moved(
        tx,
        Measure::Accounts,
        person.bytes(),
        (before.as_ref(), after.as_ref()),
        now,
    )
}

/// The province under which an account is counted; none before a level was approved.
///
/// # Errors
/// Those of the database.
pub(crate) fn province(conn: &mut Conn<'_>, person: &PersonId) -> Result<Option<String>, db::Error> {
    let counted = store::counted_as(conn, person)?;
    Ok(counted.and_then(|(_, province)| province))
}

/// Where an account is counted.
pub(super) fn standing_spot(conn: &mut Conn<'_>, person: &PersonId) -> Result<Option<Spot>, db::Error> {
    let counted = store::counted_as(conn, person)?;
    Ok(counted.map(|(level, province)| spot(level, province)))
}

pub(super) fn spot(level: Level, province: Option<String>) -> Spot {
    Spot::new(level.to_string(), province.unwrap_or_default())
}

/// How many accounts there are, by level and province: counts every one, which takes its time.
///
/// # Errors
/// Those of the database.
pub(crate) fn counted(conn: &mut Conn<'_>) -> Result<Vec<(Spot, i64)>, db::Error> {
    let counts = store::count(conn)?.into_iter();
    Ok(counts
        .map(|(level, place, amount)| (spot(level, Some(place)), amount))
        .collect())
}

/// Removes an account whose time is over; false if it is not over.
pub(super) fn lapse(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<bool, db::Error> {
    let before = standing_spot(tx, person)?;
    let removed = store::remove_lapsed(tx, person, now)?;
    if removed {
        statistics::moved(tx, Measure::Accounts, person.bytes(), (before.as_ref(), None), now)?;
    }
    Ok(removed)
}
