//! Orders and case numbers as they are typed.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A court's order: sealed, and committed to in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CourtOrder {
    /// Which court.
    pub(super) court: String,
    /// The number of its order.
    pub(super) number: String,
    /// The number of the case.
    pub(super) case: String,
}

/// The end of an order: the end of its last day in Viet Nam, later than now and within two years.
pub(super) fn end(text: &str, today: Date) -> Option<Timestamp> {
    let day: Date = text.trim().parse().ok()?;
    let latest = today.saturating_add(jiff::Span::new().years(2));
    (today < day && day <= latest).then(|| civil::calendar::end_of(day))
}

/// A number or a name as it is typed, trimmed; none if it says nothing or too much.
pub(super) fn word(text: &str) -> Option<String> {
    let text = text.trim();
    let sound = (2..=120).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    sound.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_ends_at_the_end_of_a_day_that_comes() {
        let today = Date::constant(2026, 11, 23);

        assert_eq!(
            end("2026-12-01", today).map(|end| end.to_string()),
            Some("2026-12-01T16:59:59.999999Z".to_owned())
        );
        for never in ["2026-11-23", "2026-11-22", "2029-01-01", "tomorrow", ""] {
            assert_eq!(end(never, today), None, "{never}");
        }
    }
}
