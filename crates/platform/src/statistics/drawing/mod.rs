//! Charts as shapes: where bars, columns and tiles stand. The pages draw them as SVG, with a title, and the table beside it says the same in numbers.

use serde::Serialize;

/// How wide every chart is, in its own units; it is drawn as wide as the page allows.
pub(super) const WIDTH: i64 = 400;
const BAR_STEP: i64 = 40;
const PLOT_TOP: i64 = 18;
const PLOT_HEIGHT: i64 = 110;
const TILE: (i64, i64) = (64, 44);

/// A bar with its name above it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bar {
    /// The row of the table that it shows.
    pub(super) row: usize,
    pub(super) y: i64,
    pub(super) width: i64,
    /// What is written behind the bar; `None` for what is withheld.
    pub(super) value: Option<i64>,
}

/// A chart of bars.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bars {
    pub(super) height: i64,
    pub(super) bars: Vec<Bar>,
}

impl Bars {
    /// The numbers of some rows as bars; the longest is as long as there is room beside its number.
    pub(super) fn of(values: &[Option<i64>]) -> Self {
        Self::up_to(most(values), values)
    }

    /// The same, where `most` takes all the room: whole shares beside whole shares.
    pub(super) fn up_to(most: i64, values: &[Option<i64>]) -> Self {
        let bars = (0_i64..).zip(values).enumerate().map(|(row, (place, value))| Bar {
            row,
            y: place * BAR_STEP,
            width: scaled(value.unwrap_or_default(), most, WIDTH - 90),
            value: *value,
        });
        let bars: Vec<Bar> = bars.collect();
        Self {
            height: i64::try_from(bars.len()).unwrap_or_default() * BAR_STEP,
            bars,
        }
    }
}

/// A column over its day.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) height: i64,
    /// The number is not told.
    pub(super) withheld: bool,
}

/// A chart of columns.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) step: i64,
    pub(super) most: i64,
    pub(super) columns: Vec<Column>,
    /// The first and the last row of the table, which are named below.
    pub(super) first: usize,
    pub(super) last: usize,
}

impl Columns {
    /// The numbers of some days as columns.
    pub(super) fn of(values: &[Option<i64>]) -> Self {
        let most = most(values);
        let step = WIDTH / i64::try_from(values.len().max(1)).unwrap_or(1);
        let columns = (0_i64..).zip(values).map(|(place, value)| {
            let height = scaled(value.unwrap_or_default(), most, PLOT_HEIGHT);
            Column {
                x: place * step,
                y: PLOT_TOP + PLOT_HEIGHT - height,
                height,
                withheld: value.is_none(),
            }
        });
        Self {
            step,
            most,
            columns: columns.collect(),
            first: 0,
            last: values.len().saturating_sub(1),
        }
    }
}

/// A province as a tile.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tile {
    /// The row of the table that it shows.
    pub(super) row: usize,
    pub(super) x: i64,
    pub(super) y: i64,
    /// From 0, none, to 4, as many as anywhere; `None` for what is withheld.
    pub(super) shade: Option<i64>,
    /// The name on two lines.
    pub(super) words: (String, String),
}

/// A map of tiles.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Map {
    pub(super) height: i64,
    pub(super) tiles: Vec<Tile>,
}

/// Where each province stands on the map: code, column, row. Its neighbours stand about where they are in the country.
const PLACES: [(&str, i64, i64); 34] = [
    ("12", 1, 0),
    ("15", 2, 0),
    ("08", 3, 0),
    ("04", 4, 0),
    ("11", 0, 1),
    ("14", 1, 1),
    ("25", 2, 1),
    ("19", 3, 1),
    ("20", 4, 1),
    ("01", 2, 2),
    ("24", 3, 2),
    ("31", 4, 2),
    ("22", 5, 2),
    ("37", 2, 3),
    ("33", 3, 3),
    ("38", 2, 4),
    ("40", 2, 5),
    ("42", 2, 6),
    ("44", 3, 7),
    ("46", 3, 8),
    ("48", 4, 8),
    ("51", 4, 9),
    ("52", 4, 10),
    ("66", 4, 11),
    ("68", 3, 12),
    ("56", 4, 12),
    ("80", 1, 13),
    ("75", 2, 13),
    ("91", 0, 14),
    ("82", 1, 14),
    ("79", 2, 14),
    ("92", 1, 15),
    ("86", 2, 15),
    ("96", 1, 16),
];

impl Map {
    /// The numbers of provinces, each with code and name, on the map.
    pub(super) fn of(rows: &[(&str, &str, Option<i64>)]) -> Self {
        let values: Vec<Option<i64>> = rows.iter().map(|(.., value)| *value).collect();
        let most = most(&values);
        let tiles = rows.iter().enumerate().filter_map(|(row, (code, name, value))| {
            let (_, column, line) = PLACES.iter().find(|(known, ..)| known == code)?;
            Some(Tile {
                row,
                x: column * TILE.0,
                y: line * TILE.1,
                shade: value.map(|value| shade(value, most)),
                words: on_two_lines(name),
            })
        });
        Self {
            height: 17 * TILE.1,
            tiles: tiles.collect(),
        }
    }
}

fn shade(value: i64, most: i64) -> i64 {
    if value == 0 {
        return 0;
    }
    (scaled(value, most, 4)).clamp(1, 4)
}

/// `Hồ Chí Minh` as `Hồ Chí` and `Minh`.
fn on_two_lines(name: &str) -> (String, String) {
    let words: Vec<&str> = name.split(' ').collect();
    let (first, second) = words.split_at(words.len().div_ceil(2));
    (first.join(" "), second.join(" "))
}

fn most(values: &[Option<i64>]) -> i64 {
    values.iter().flatten().copied().max().unwrap_or_default()
}

/// A number as a length, rounded up so that what is there can be seen.
fn scaled(value: i64, most: i64, length: i64) -> i64 {
    if most <= 0 {
        return 0;
    }
    let exact = i128::from(value.clamp(0, most)) * i128::from(length);
    let length = (exact + i128::from(most) - 1) / i128::from(most);
    i64::try_from(length).unwrap_or_default()
}

/// What a table is drawn as.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Chart {
    /// Only the table.
    None,
    #[serde(skip)]
    Bars(Bars),
    #[serde(skip)]
    Columns(Columns),
    #[serde(skip)]
    Map(Map),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_province_of_today_has_a_place_of_its_own_on_the_map() {
        let today = jiff::civil::date(2026, 11, 23);
        let provinces: Vec<_> = civil::units::on(today).collect();
        let mut places: Vec<(i64, i64)> = PLACES.iter().map(|(_, column, row)| (*column, *row)).collect();
        places.sort_unstable();
        places.dedup();

        assert_eq!((provinces.len(), places.len()), (34, 34));
        for province in provinces {
            assert!(
                PLACES.iter().any(|(code, ..)| *code == province.code),
                "{}",
                province.name
            );
        }
    }

    #[test]
    fn the_largest_number_fills_the_room_and_the_smallest_can_be_seen() {
        let bars = Bars::of(&[Some(1_000_000), Some(1), Some(0), None]);

        let widths: Vec<i64> = bars.bars.iter().map(|bar| bar.width).collect();
        assert_eq!(widths, [WIDTH - 90, 1, 0, 0]);
        assert_eq!(bars.bars[3].value, None);
        assert_eq!(Bars::of(&[Some(0)]).bars[0].width, 0);
        assert_eq!(Bars::up_to(1000, &[Some(500)]).bars[0].width, (WIDTH - 90) / 2);
        assert_eq!(Columns::of(&[]).columns, []);
    }

    #[test]
    fn shades_tell_none_from_few_and_few_from_most() {
        assert_eq!([0, 1, 50, 100].map(|value| shade(value, 100)), [0, 1, 2, 4]);
    }
}
