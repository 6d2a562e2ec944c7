//! The tables of applications for levels: where they stand, where they lie, and whether they were decided in time.

use jiff::civil::Date;

use super::super::rules::{Count, sum};
use super::{Drawn, MOST_ROWS, Numbers, Reach, Table, levels, place_name, provinces, said};
use crate::applications::State;

/// All of them that somebody may see.
pub(super) fn all(numbers: &Numbers, reach: &Reach, today: Date) -> [Table; 3] {
    [
        applications(numbers, reach),
        places(numbers, reach, today),
        on_time(numbers, reach, today),
    ]
}

/// Applications by state and level.
fn applications(numbers: &Numbers, reach: &Reach) -> Table {
    let rows = State::ALL.iter().map(|state| {
        let of = |level: &str| {
            let kind = format!("{level}-{}", state.word());
            sum(&numbers.applications, |count| {
                count.spot.kind == kind && reach.covers(&count.spot.place)
            })
        };
        let label = said(&format!("statistics-state-{}", state.word()));
        (state.word().to_owned(), label, vec![of("1"), of("2")])
    });
    Table::of("applications", levels(), rows.collect(), (reach, Drawn::Bars))
}

/// Where the applications are: by province for the whole country, by unit within one.
fn places(numbers: &Numbers, reach: &Reach, today: Date) -> Table {
    let place_of = |count: &Count| {
        let (province, unit) = count.spot.place.split_once('/').unwrap_or((&count.spot.place, ""));
        if reach.is_whole() {
            province.to_owned()
        } else {
            unit.to_owned()
        }
    };
    let mut places: Vec<String> = if reach.is_whole() {
        provinces(reach, today)
            .iter()
            .map(|province| province.code.to_owned())
            .collect()
    } else {
        Vec::new()
    };
    let covered = numbers
        .applications
        .iter()
        .filter(|count| reach.covers(&count.spot.place));
    places.extend(covered.map(place_of));
    places.sort();
    places.dedup();
    places.truncate(MOST_ROWS);
    let rows = places.into_iter().map(|place| {
        let of = |states: &[State]| {
            sum(&numbers.applications, |count| {
                let state = count.spot.kind.split_once('-').map_or("", |(_, state)| state);
                place_of(count) == place
                    && reach.covers(&count.spot.place)
                    && states.iter().any(|known| known.word() == state)
            })
        };
        let numbers = vec![
            of(&[State::Submitted, State::Claimed, State::Proposed]),
            of(&[State::MoreNeeded]),
            of(&[State::Approved]),
            of(&[State::Activated]),
            of(&[State::Refused, State::Lapsed, State::Superseded]),
        ];
        (place.clone(), place_name(&place, today), numbers)
    });
    let columns = ["waiting", "more", "approved", "activated", "ended"].map(|id| said(&format!("statistics-{id}")));
    Table::of("places", columns.into(), rows.collect(), (reach, Drawn::Not))
}

/// Decisions of the month, in time and late.
fn on_time(numbers: &Numbers, reach: &Reach, today: Date) -> Table {
    let rows = numbers.decided.iter().map(|decided| {
        let name = place_name(&decided.place, today);
        (decided.place.clone(), name, vec![decided.in_time, decided.late])
    });
    let columns = vec![said("statistics-in-time"), said("statistics-late")];
    Table::of("on-time", columns, rows.collect(), (reach, Drawn::Shares))
}
