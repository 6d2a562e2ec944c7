//! Instants and how far clocks are apart.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// An instant later by a span; the end of time if there is none.
pub(crate) fn after(instant: Timestamp, span: SignedDuration) -> Timestamp {
    instant.checked_add(span).unwrap_or(Timestamp::MAX)
}

/// Whole seconds of a `NumericDate` or a duration of a JWT, which may have a fraction (RFC 7519 section 2).
pub(crate) fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let fraction = value.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the whole seconds are wanted, and the range is checked"
        )]
        (fraction.abs() < 1e15).then(|| fraction.floor() as i64)
    })
}

/// A `NumericDate` of a JWT.
pub(crate) fn instant(value: &Value) -> Option<Timestamp> {
    Timestamp::from_second(seconds(value)?).ok()
}
