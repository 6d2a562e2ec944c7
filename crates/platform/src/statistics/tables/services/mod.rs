//! The tables of public services: dossiers of procedures, stay notifications, reports.

use jiff::civil::Date;

use super::super::rules::{Count, sum};
use super::{Drawn, Label, Numbers, Reach, Table, by_day, place_name, provinces, said};

#[cfg(test)]
mod tests;

/// Where dossiers stand, as the columns tell it: the national codes of each.
const STANDS: [(&str, &[i64]); 6] = [
    ("statistics-waiting", &[1, 2, 4]),
    ("statistics-with-applicant", &[5, 6]),
    ("statistics-stopped", &[8]),
    ("statistics-done", &[9, 10]),
    ("statistics-rejected", &[3]),
    ("statistics-withdrawn", &[7]),
];

const PLACES: [&str; 6] = ["hotel", "medical", "rooming", "dormitory", "household", "other"];
const HOW: [&str; 2] = ["in-time", "late"];
const STATES: [&str; 5] = ["sent", "received", "checking", "answered", "refused"];

/// All of them that somebody may see.
pub(super) fn all(numbers: &Numbers, reach: &Reach, today: Date) -> Vec<Table> {
    let place = |kind: &str| said(&format!("stays-kind-{kind}"));
    let mut tables = vec![
        dossiers(&numbers.dossiers, reach),
        in_time(&numbers.decisions, reach),
        stays(numbers, reach, today),
    ];
    if reach.sees_provinces() {
        tables.push(by_day("stays-by-day", &numbers.stays_by_day, place, (reach, today)));
    }
    tables.push(reports(&numbers.reports, reach));
    tables
}

/// The first words of the kinds, each once.
fn firsts<'a>(counts: &'a [Count], reach: &Reach) -> Vec<&'a str> {
    let seen = counts.iter().filter(|count| reach.covers(&count.spot.place));
    let mut firsts: Vec<&str> = seen.map(|count| parts(&count.spot.kind).0).collect();
    firsts.sort_unstable();
    firsts.dedup();
    firsts
}

fn parts(kind: &str) -> (&str, &str) {
    kind.split_once(' ').unwrap_or((kind, ""))
}

/// How many of a kind there are, whose second word fits.
fn of(counts: &[Count], reach: &Reach, first: &str, fits: impl Fn(&str) -> bool) -> i64 {
    sum(counts, |count| {
        let (kind, second) = parts(&count.spot.kind);
        kind == first && fits(second) && reach.covers(&count.spot.place)
    })
}

fn procedure(code: &str) -> Label {
    said(&format!("procedure-{code}-title"))
}

/// Dossiers by procedure and where they stand.
fn dossiers(counts: &[Count], reach: &Reach) -> Table {
    let rows = firsts(counts, reach).into_iter().map(|code| {
        let stands = |(_, codes): &(&str, &[i64])| {
            of(counts, reach, code, |status| {
                codes.iter().any(|known| known.to_string() == status)
            })
        };
        (code.to_owned(), procedure(code), STANDS.iter().map(stands).collect())
    });
    let columns = STANDS.iter().map(|(name, _)| said(name));
    Table::of("dossiers", columns.collect(), rows.collect(), (reach, Drawn::Bars))
}

/// Decisions on dossiers by procedure, in time and late.
fn in_time(counts: &[Count], reach: &Reach) -> Table {
    let rows = firsts(counts, reach).into_iter().map(|code| {
        let decided = HOW.map(|how| of(counts, reach, code, |word| word == how));
        (code.to_owned(), procedure(code), decided.into())
    });
    let columns = HOW.map(|how| said(&format!("statistics-{how}")));
    Table::of(
        "dossiers-on-time",
        columns.into(),
        rows.collect(),
        (reach, Drawn::Shares),
    )
}

/// Stay notifications by kind of place: by province for the whole country, by unit within one.
fn stays(numbers: &Numbers, reach: &Reach, today: Date) -> Table {
    let here = |count: &&Count| reach.covers(&count.spot.place);
    let places: Vec<String> = if reach.is_whole() {
        let provinces = provinces(reach, today);
        provinces.iter().map(|province| province.code.to_owned()).collect()
    } else {
        let mut units: Vec<String> = numbers.stays.iter().filter(here).map(unit_of).collect();
        units.sort_unstable();
        units.dedup();
        units
    };
    let rows = places.into_iter().map(|place| {
        let told = |kind: &str| {
            let fits = |count: &Count| {
                let lies = if reach.is_whole() {
                    province_of(count)
                } else {
                    unit_of(count)
                };
                count.spot.kind == kind && lies == place
            };
            sum(numbers.stays.iter().filter(here), fits)
        };
        let name = place_name(&place, today);
        (place.clone(), name, PLACES.map(told).into())
    });
    let columns = PLACES.map(|kind| said(&format!("stays-kind-{kind}")));
    let drawn = if reach.is_whole() { Drawn::Map } else { Drawn::Bars };
    Table::of("stays", columns.into(), rows.collect(), (reach, drawn))
}

fn province_of(count: &Count) -> String {
    count.spot.of_province().place
}

fn unit_of(count: &Count) -> String {
    let unit = count.spot.place.split_once('/').map(|(_, unit)| unit);
    unit.unwrap_or_default().to_owned()
}

/// Reports, feedback and petitions by state.
fn reports(counts: &[Count], reach: &Reach) -> Table {
    let rows = firsts(counts, reach).into_iter().map(|kind| {
        let states = STATES.map(|state| of(counts, reach, kind, |word| word == state));
        (kind.to_owned(), said(&format!("reports-kind-{kind}")), states.into())
    });
    let columns = STATES.map(|state| said(&format!("reports-state-{state}")));
    Table::of("reports", columns.into(), rows.collect(), (reach, Drawn::Bars))
}
