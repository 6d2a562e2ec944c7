use jiff::civil::date;
use proptest::prelude::*;

use super::*;

#[test]
fn an_absence_is_declared_from_three_or_twelve_months_on() {
    let begins = date(2026, 11, 30);

    assert!(!is_long(begins, date(2027, 2, 27), 3));
    assert!(is_long(begins, date(2027, 2, 28), 3));
    assert!(!is_long(begins, date(2027, 11, 29), 12));
    assert!(is_long(begins, date(2027, 11, 30), 12));
}

proptest! {
    #[test]
    fn who_is_away_for_twelve_months_is_away_for_three(days in 0_i64..2000) {
        let begins = date(2026, 1, 31);
        let ends = begins.saturating_add(days.days());

        prop_assert!(!is_long(begins, ends, 12) || is_long(begins, ends, 3));
    }
}
