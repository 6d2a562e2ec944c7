//! The calendar as TOML: embedded, or replaced by configuration.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday};
use serde::Deserialize;
use thiserror::Error;

use super::{Calendar, Year};

/// Why a text is no calendar.
#[derive(Debug, Error)]
pub enum CalendarError {
    /// Not TOML, or not of the calendar's shape.
    #[error("the calendar cannot be read")]
    Shape(#[from] toml::de::Error),
    /// A key of `year` is not a year.
    #[error("`{0}` is not a year from 2000 to 2999")]
    Year(String),
    /// A day is listed under another year.
    #[error("{0} is listed under another year")]
    OtherYear(Date),
    /// Only Saturdays and Sundays can be worked in exchange.
    #[error("{0} is not a weekend day and cannot be worked in exchange")]
    NotWeekend(Date),
    /// Working hours that end before they begin or run into each other.
    #[error("the working hours are not in order")]
    Hours,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    hours: Vec<[Time; 2]>,
    year: BTreeMap<String, YearTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearTable {
    basis: Vec<String>,
    off: BTreeMap<Date, String>,
    #[serde(default)]
    worked: BTreeMap<Date, String>,
}

impl Calendar {
    /// Reads a calendar in the form of the embedded file `data/calendar.toml`.
    ///
    /// # Errors
    /// [`CalendarError`] says what is wrong with it.
    pub fn from_toml(text: &str) -> Result<Self, CalendarError> {
        let file: File = toml::from_str(text)?;
        if !file.hours.as_flattened().is_sorted_by(|earlier, later| earlier < later) {
            return Err(CalendarError::Hours);
        }
        let years = file.year.into_iter().map(read_year).collect::<Result<_, _>>()?;
        Ok(Self {
            hours: file.hours,
            years,
        })
    }
}

fn read_year((key, table): (String, YearTable)) -> Result<(i16, Year), CalendarError> {
    let Ok(year @ 2000..=2999) = key.parse() else {
        return Err(CalendarError::Year(key));
    };
    if let Some(day) = table
        .off
        .keys()
        .chain(table.worked.keys())
        .find(|day| day.year() != year)
    {
        return Err(CalendarError::OtherYear(*day));
    }
    let is_weekday = |day: &&Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    if let Some(day) = table.worked.keys().find(is_weekday) {
        return Err(CalendarError::NotWeekend(*day));
    }
    Ok((
        year,
        Year {
            basis: table.basis,
            off: table.off,
            worked: table.worked,
        },
    ))
}
