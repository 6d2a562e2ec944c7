//! Working days of the state's offices, and the legal deadlines that stand on them.
//!
//! The calendar is data, not a formula: holidays follow the moon and yearly decisions (Bộ luật Lao động 2019 Article 112).
//! A year without data is [`MissingYear`], never a guess; so a deadline that runs past the last known 31 December is
//! refused until the next year's days are added.
//!
//! The arithmetic is that of the Civil Code 2015: the day of receipt is not counted (Article 147), a last day that is no
//! working day moves to the end of the next one (Article 148.5), and a last day ends at midnight (Article 148.6).

mod data;

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

pub use data::CalendarError;

/// The working days of the years it knows.
#[derive(Clone, Debug)]
pub struct Calendar {
    hours: Vec<[Time; 2]>,
    years: BTreeMap<i16, Year>,
}

#[derive(Clone, Debug)]
struct Year {
    basis: Vec<String>,
    off: BTreeMap<Date, String>,
    worked: BTreeMap<Date, String>,
}

/// The calendar does not know a year that the answer depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the working days of {0} are not in the calendar")]
pub struct MissingYear(pub i16);

/// Viet Nam's civil time: UTC+7 all year.
pub fn time_zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(7))
}

/// The day that an instant belongs to in Viet Nam.
pub fn day_of(at: Timestamp) -> Date {
    time_zone().to_datetime(at).date()
}

/// The last microsecond of a day in Viet Nam: where a deadline of that day ends, and still shows that day.
pub fn end_of(day: Date) -> Timestamp {
    instant(day, Time::constant(23, 59, 59, 999_999_000))
}

impl Calendar {
    /// The calendar that comes with this crate: 2025 and 2026.
    ///
    /// # Errors
    /// Never for the embedded data: a test reads them.
    pub fn official() -> Result<Self, CalendarError> {
        Self::from_toml(include_str!("../data/calendar.toml"))
    }

    /// The years that it knows, in order.
    pub fn years(&self) -> impl Iterator<Item = i16> {
        self.years.keys().copied()
    }

    /// The decisions that the days of a year rest on.
    ///
    /// # Errors
    /// [`MissingYear`] when the year is not known.
    pub fn legal_basis(&self, year: i16) -> Result<&[String], MissingYear> {
        self.year(year).map(|year| year.basis.as_slice())
    }

    /// Whether offices work on a day.
    ///
    /// # Errors
    /// [`MissingYear`] when its year is not known.
    pub fn is_working_day(&self, day: Date) -> Result<bool, MissingYear> {
        let year = self.year(day.year())?;
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        Ok(if weekend {
            year.worked.contains_key(&day)
        } else {
            !year.off.contains_key(&day)
        })
    }

    /// Why a weekday is off or a weekend day is worked, in Vietnamese; `None` for an ordinary day.
    ///
    /// # Errors
    /// [`MissingYear`] when its year is not known.
    pub fn remark(&self, day: Date) -> Result<Option<&str>, MissingYear> {
        let year = self.year(day.year())?;
        Ok(year.off.get(&day).or_else(|| year.worked.get(&day)).map(String::as_str))
    }

    /// The end of the `count`-th working day after the day of receipt; of the day of receipt itself, or the next working
    /// day if it is none, when `count` is 0.
    ///
    /// # Errors
    /// [`MissingYear`] when the count runs into a year that is not known.
    pub fn add_working_days(&self, received: Timestamp, count: u16) -> Result<Timestamp, MissingYear> {
        let mut day = day_of(received);
        for _ in 0..count {
            day = self.next_working_day(day)?;
        }
        self.end_of_working_day(day)
    }

    /// The end of the `count`-th calendar day after the day of receipt, or of the next working day if that is none.
    ///
    /// # Errors
    /// [`MissingYear`] when that day is in a year that is not known.
    pub fn add_days(&self, received: Timestamp, count: u16) -> Result<Timestamp, MissingYear> {
        let day = day_of(received).saturating_add(SignedDuration::from_hours(24 * i64::from(count)));
        self.end_of_working_day(day)
    }

    /// The receipt that counts where the law has a cut-off (15:00 in interlinked procedures, Decree 63/2024/NĐ-CP): what
    /// comes after it, or on a day off, counts as received at the beginning of the next working day.
    ///
    /// # Errors
    /// [`MissingYear`] when the answer depends on a year that is not known.
    pub fn receipt(&self, at: Timestamp, cut_off: Time) -> Result<Timestamp, MissingYear> {
        let local = time_zone().to_datetime(at);
        if local.time() <= cut_off && self.is_working_day(local.date())? {
            return Ok(at);
        }
        Ok(instant(self.next_working_day(local.date())?, Time::midnight()))
    }

    /// The working time from now to a deadline; zero when it has passed.
    ///
    /// # Errors
    /// [`MissingYear`] when a day between them is in a year that is not known.
    pub fn working_time_left(&self, now: Timestamp, deadline: Timestamp) -> Result<SignedDuration, MissingYear> {
        let mut left = SignedDuration::ZERO;
        let mut day = day_of(now);
        while day <= day_of(deadline) {
            if self.is_working_day(day)? {
                left = self
                    .hours
                    .iter()
                    .map(|hours| overlap(day, *hours, now, deadline))
                    .fold(left, |sum, part| sum + part);
            }
            day = after(day)?;
        }
        Ok(left)
    }

    /// The instant at which so much working time has gone by since another: *trong 02 giờ làm việc*.
    ///
    /// # Errors
    /// [`MissingYear`] when the answer depends on a year that is not known.
    pub fn after_working_time(&self, from: Timestamp, time: SignedDuration) -> Result<Timestamp, MissingYear> {
        let (mut left, mut day) = (time, day_of(from));
        if left <= SignedDuration::ZERO {
            return Ok(from);
        }
        loop {
            if self.is_working_day(day)? {
                for [opens, closes] in &self.hours {
                    let begin = instant(day, *opens).max(from);
                    let open = begin.duration_until(instant(day, *closes)).max(SignedDuration::ZERO);
                    if open >= left {
                        return Ok(begin + left);
                    }
                    left -= open;
                }
            }
            day = after(day)?;
        }
    }

    fn end_of_working_day(&self, day: Date) -> Result<Timestamp, MissingYear> {
        let last = if self.is_working_day(day)? {
            day
        } else {
            self.next_working_day(day)?
        };
        Ok(end_of(last))
    }

    fn next_working_day(&self, day: Date) -> Result<Date, MissingYear> {
        let mut next = after(day)?;
        while !self.is_working_day(next)? {
            next = after(next)?;
        }
        Ok(next)
    }

    fn year(&self, year: i16) -> Result<&Year, MissingYear> {
        self.years.get(&year).ok_or(MissingYear(year))
    }
}

/// The calendar ends with the year 9999, and so does what this crate can know.
fn after(day: Date) -> Result<Date, MissingYear> {
    day.tomorrow().map_err(|_end_of_time| MissingYear(day.year()))
}

fn overlap(day: Date, [opens, closes]: [Time; 2], now: Timestamp, deadline: Timestamp) -> SignedDuration {
    let from = instant(day, opens).max(now);
    let to = instant(day, closes).min(deadline);
    from.duration_until(to).max(SignedDuration::ZERO)
}

/// A civil time of Viet Nam as an instant; the first or last instant there is, should it lie outside.
fn instant(day: Date, time: Time) -> Timestamp {
    let seven_hours = SignedDuration::from_hours(7);
    match day.to_datetime(time).to_zoned(TimeZone::UTC) {
        Ok(utc) => utc.timestamp().saturating_sub(seven_hours).unwrap_or(Timestamp::MIN),
        Err(_) => Timestamp::MAX,
    }
}

#[cfg(test)]
mod tests;
