//! The platform's only source of time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Tells the time: the system's, or one that stands still until it is moved.
///
/// Both can be moved forward, so that the sandbox and the tests travel in time.
#[derive(Clone, Debug)]
pub struct Clock {
    base: Base,
    ahead_micros: Arc<AtomicI64>,
}

#[derive(Clone, Debug)]
enum Base {
    System,
    Fixed(Timestamp),
}

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Self {
            base: Base::System,
            ahead_micros: Arc::default(),
        }
    }

    /// A clock that stands at `instant` until [`Clock::advance`] moves it.
    pub fn fixed(instant: Timestamp) -> Self {
        Self {
            base: Base::Fixed(instant),
            ahead_micros: Arc::default(),
        }
    }

    /// The present instant, in whole microseconds, as the databases keep it.
    pub fn now(&self) -> Timestamp {
        let base = match self.base {
            #[expect(clippy::disallowed_methods, reason = "this is the one home of the system's time")]
            Base::System => Timestamp::now(),
            Base::Fixed(instant) => instant,
        };
        let micros = base
            .as_microsecond()
            .saturating_add(self.ahead_micros.load(Ordering::Relaxed));
        Timestamp::from_microsecond(micros).unwrap_or(base)
    }

    /// Moves the clock forward for everybody who holds it.
    pub fn advance(&self, by: SignedDuration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.ahead_micros.fetch_add(micros.max(0), Ordering::Relaxed);
    }

    /// How far it was moved.
    pub fn ahead(&self) -> SignedDuration {
        SignedDuration::from_micros(self.ahead_micros.load(Ordering::Relaxed))
    }

    /// Today's date in Viet Nam.
    pub fn today(&self) -> jiff::civil::Date {
        civil_date(self.now())
    }
}

/// The calendar date of an instant in Viet Nam (UTC+7, no daylight saving).
pub fn civil_date(instant: Timestamp) -> jiff::civil::Date {
    jiff::tz::Offset::constant(7).to_datetime(instant).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told_and_for_every_holder() {
        let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
        let same = clock.clone();

        clock.advance(SignedDuration::from_hours(26));

        assert_eq!(same.now().to_string(), "2026-11-24T04:00:00Z");
    }

    #[test]
    fn the_date_is_that_of_viet_nam() {
        let late = Clock::fixed("2026-11-23T18:00:00Z".parse().unwrap());

        assert_eq!(late.today().to_string(), "2026-11-24");
    }
}
