//! How far the calendar of working days reaches, told to operators while there is time to extend it.
//!
//! **Invariant:** operators are warned sixty days before the last day that the calendar knows: by a metric, the log and the page of operations.

use civil::Calendar;
use jiff::civil::Date;

use crate::app::App;

#[cfg(test)]
mod tests;

/// From how many days before its end the calendar is told to be extended: the government decides on the next year's days off in these weeks.
const WARNED_BEFORE: i32 = 60;

/// How far the calendar reaches from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Reach {
    /// The last day of the years that follow on each other from this one; `None` where this year is missing.
    pub last_day: Option<Date>,
    /// How many days there are until then; none left where this year is missing.
    pub days_left: i32,
    /// It is time to extend it.
    pub ends_soon: bool,
}

/// How far a calendar reaches from a day on.
pub fn reach(calendar: &Calendar, today: Date) -> Reach {
    let mut last = None;
    for year in calendar.years().filter(|year| *year >= today.year()) {
        if year == last.map_or(today.year(), |before: i16| before.saturating_add(1)) {
            last = Some(year);
        }
    }
    let last_day = last.and_then(|year| Date::new(year, 12, 31).ok());
    let days_left = last_day
        .and_then(|day| today.until(day).ok())
        .map_or(0, |span| span.get_days());
    Reach {
        last_day,
        days_left,
        ends_soon: days_left <= WARNED_BEFORE,
    }
}

/// Sets the metric, and writes to the log once a day while the calendar ends soon. Answers the day that was warned of.
pub(crate) fn warn(app: &App, warned_on: Option<Date>) -> Option<Date> {
    let today = app.clock.today();
    let reach = reach(&app.calendar, today);
    metrics::gauge!("vneid_calendar_days_left").set(f64::from(reach.days_left));
    if !reach.ends_soon || warned_on == Some(today) {
        return warned_on;
    }
    let days_left = reach.days_left;
    tracing::error!(
        alert = true,
        days_left,
        "the calendar of working days ends soon: legal limits beyond it are refused"
    );
    Some(today)
}
