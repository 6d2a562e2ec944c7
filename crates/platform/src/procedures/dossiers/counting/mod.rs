//! Under what a dossier is counted (`statistics`): its procedure and status, and once it is decided whether that was in time.
//!
//! **Invariant:** a dossier is counted where it stands, in the unit of work that moves it; one whose limit was once passed is late for ever.

use db::{Conn, Tx};
use jiff::Timestamp;

use super::{DossierId, store};
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::statistics::{self, Measure, Spot};

/// Does something to a dossier, and counts it where it stands then.
///
/// # Errors
/// Those of what is done, and of the database.
pub(super) fn counting<T>(
    tx: &mut Tx<'_>,
    (person, dossier): (&PersonId, &DossierId),
    now: Timestamp,
    act: impl FnOnce(&mut Tx<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let before = store::counted(tx, person, dossier)?;
    let done = act(tx)?;
    let after = store::counted(tx, person, dossier)?;
    let spots = |counted: Option<store::Counted>| {
        let counted = counted.as_ref();
        [counted.map(standing), counted.and_then(decided)]
    };
    let moves = spots(before).into_iter().zip(spots(after));
    for (measure, (from, to)) in [Measure::Dossiers, Measure::Decisions].into_iter().zip(moves) {
        statistics::moved(tx, measure, dossier.bytes(), (from.as_ref(), to.as_ref()), now)?;
    }
    Ok(done)
}

fn standing(counted: &store::Counted) -> Spot {
    Spot::new(format!("{} {}", counted.code, counted.status), counted.place.as_str())
}

fn decided(counted: &store::Counted) -> Option<Spot> {
    let how = counted.decided.as_ref()?;
    Some(Spot::new(format!("{} {how}", counted.code), counted.place.as_str()))
}

/// How many dossiers there are, by procedure, status and place, and how many were decided in time and late: counts every one, which takes its time.
///
/// # Errors
/// Those of the database.
pub(crate) fn counted(conn: &mut Conn<'_>) -> Result<[Vec<(Spot, i64)>; 2], db::Error> {
    let all = store::count_all(conn)?;
    let of = |spot: fn(&store::Counted) -> Option<Spot>| {
        let mut sums = std::collections::BTreeMap::new();
        for (counted, amount) in &all {
            if let Some(spot) = spot(counted) {
                *sums.entry(spot).or_insert(0) += amount;
            }
        }
        sums.into_iter().collect()
    };
    Ok([of(|counted| Some(standing(counted))), of(decided)])
}
