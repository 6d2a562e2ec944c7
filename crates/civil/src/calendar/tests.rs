use jiff::civil::{date, time};
use proptest::prelude::*;

use super::*;

fn calendar() -> Calendar {
    Calendar::official().unwrap()
}

/// An instant in Vietnamese time.
fn at(text: &str) -> Timestamp {
    format!("{text}:00+07:00").parse().unwrap()
}

fn last_day(deadline: Result<Timestamp, MissingYear>) -> Date {
    let deadline = deadline.unwrap();
    assert_eq!(deadline, end_of(day_of(deadline)));
    day_of(deadline)
}

#[test]
fn the_embedded_calendar_has_the_days_of_two_years() {
    let calendar = calendar();
    let working = |year: i16| {
        date(year, 1, 1)
            .series(jiff::Span::new().days(1))
            .take_while(move |d| d.year() == year)
    };
    let count = |year| {
        working(year)
            .filter(|day| calendar.is_working_day(*day).unwrap())
            .count()
    };

    assert_eq!(calendar.years().collect::<Vec<_>>(), [2025, 2026]);
    // 261 weekdays less 12 days off and one more worked; 261 less 14 and two more worked.
    assert_eq!((count(2025), count(2026)), (250, 249));
}

#[test]
fn swapped_days_and_substitutes_are_known() {
    let calendar = calendar();
    let works = |month, day| calendar.is_working_day(date(2026, month, day)).unwrap();

    assert!(!calendar.is_working_day(date(2025, 5, 2)).unwrap());
    assert!(calendar.is_working_day(date(2025, 4, 26)).unwrap());
    assert!(!works(1, 2) && works(1, 10));
    assert!(!works(4, 27), "Giỗ Tổ fell on a Sunday");
    assert!(!works(8, 31) && works(8, 22));
    assert!((14..=22).all(|day| !works(2, day)), "Tết");
    assert_eq!(
        calendar.remark(date(2026, 11, 24)).unwrap(),
        Some("Ngày Văn hóa Việt Nam")
    );
    assert!(!calendar.legal_basis(2026).unwrap().is_empty());
}

#[test]
fn the_day_of_receipt_is_not_counted() {
    let calendar = calendar();
    let monday = at("2026-03-02T08:00");

    assert_eq!(last_day(calendar.add_working_days(monday, 1)), date(2026, 3, 3));
    assert_eq!(last_day(calendar.add_working_days(monday, 3)), date(2026, 3, 5));
    assert_eq!(last_day(calendar.add_working_days(monday, 7)), date(2026, 3, 11));
}

#[test]
fn the_day_is_that_of_viet_nam() {
    let calendar = calendar();

    // 23:30 on Monday in Viet Nam is 16:30 UTC; half an hour later it is Tuesday.
    assert_eq!(
        last_day(calendar.add_working_days(at("2026-03-02T23:30"), 1)),
        date(2026, 3, 3)
    );
    assert_eq!(
        last_day(calendar.add_working_days(at("2026-03-03T00:00"), 1)),
        date(2026, 3, 4)
    );
    assert_eq!(end_of(date(2026, 3, 3)).to_string(), "2026-03-03T16:59:59.999999Z");
}

#[test]
fn days_off_are_jumped_over_and_worked_saturdays_count() {
    let calendar = calendar();

    assert_eq!(
        last_day(calendar.add_working_days(at("2026-02-13T10:00"), 1)),
        date(2026, 2, 23)
    );
    assert_eq!(
        last_day(calendar.add_working_days(at("2026-03-07T10:00"), 1)),
        date(2026, 3, 9)
    );
    assert_eq!(
        last_day(calendar.add_working_days(at("2026-08-21T10:00"), 1)),
        date(2026, 8, 22)
    );
    assert_eq!(
        last_day(calendar.add_working_days(at("2026-11-23T10:00"), 1)),
        date(2026, 11, 25)
    );
    assert_eq!(
        last_day(calendar.add_working_days(at("2025-12-31T10:00"), 1)),
        date(2026, 1, 5)
    );
}

#[test]
fn calendar_days_end_on_a_working_day() {
    let calendar = calendar();

    assert_eq!(last_day(calendar.add_days(at("2026-03-02T10:00"), 2)), date(2026, 3, 4));
    assert_eq!(last_day(calendar.add_days(at("2026-03-02T10:00"), 5)), date(2026, 3, 9));
    assert_eq!(
        last_day(calendar.add_days(at("2026-02-10T10:00"), 7)),
        date(2026, 2, 23)
    );
    assert_eq!(
        last_day(calendar.add_working_days(at("2026-03-07T10:00"), 0)),
        date(2026, 3, 9)
    );
}

#[test]
fn an_unknown_year_is_not_guessed() {
    let calendar = calendar();

    assert_eq!(calendar.is_working_day(date(2027, 3, 1)), Err(MissingYear(2027)));
    assert_eq!(
        calendar.add_working_days(at("2026-12-31T10:00"), 1),
        Err(MissingYear(2027))
    );
    assert_eq!(
        calendar.add_working_days(at("2026-12-25T10:00"), 7),
        Err(MissingYear(2027))
    );
    assert_eq!(
        last_day(calendar.add_working_days(at("2026-12-30T10:00"), 1)),
        date(2026, 12, 31)
    );
    assert_eq!(
        calendar.add_days(at("2026-12-30T10:00"), u16::MAX),
        Err(MissingYear(2206))
    );
    assert_eq!(
        calendar.working_time_left(at("2026-12-31T10:00"), at("2027-01-05T10:00")),
        Err(MissingYear(2027))
    );
}

#[test]
fn what_comes_after_the_cut_off_counts_as_of_the_next_working_day() {
    let calendar = calendar();
    let deadline = |received| {
        let received = calendar.receipt(at(received), time(15, 0, 0, 0)).unwrap();
        last_day(calendar.add_working_days(received, 1))
    };

    assert_eq!(deadline("2026-03-06T15:00"), date(2026, 3, 9));
    assert_eq!(deadline("2026-03-06T15:01"), date(2026, 3, 10));
    assert_eq!(deadline("2026-03-07T09:00"), date(2026, 3, 10));
}

#[test]
fn the_working_time_left_leaves_out_nights_lunch_and_days_off() {
    let calendar = calendar();
    let left = |now, deadline| calendar.working_time_left(at(now), at(deadline)).unwrap().as_secs() / 60;

    assert_eq!(left("2026-03-02T08:00", "2026-03-02T17:00"), 8 * 60);
    assert_eq!(left("2026-03-02T12:30", "2026-03-02T23:59"), 4 * 60);
    assert_eq!(left("2026-03-06T16:00", "2026-03-09T09:30"), 60 + 90);
    assert_eq!(left("2026-02-13T17:00", "2026-02-22T23:59"), 0);
    assert_eq!(left("2026-03-03T08:00", "2026-03-02T17:00"), 0);
}

#[test]
fn a_calendar_from_configuration_is_checked() {
    let hours = "hours = [[\"08:00\", \"12:00\"]]\n";
    let refused = |text: &str| Calendar::from_toml(&format!("{hours}{text}")).unwrap_err();

    assert!(matches!(
        refused("[year.27]\nbasis = []\noff = {}"),
        CalendarError::Year(_)
    ));
    assert!(matches!(
        refused("[year.2027]\nbasis = []\noff = { 2026-01-01 = \"x\" }"),
        CalendarError::OtherYear(_)
    ));
    let weekday = "[year.2027]\nbasis = []\noff = {}\nworked = { 2027-01-04 = \"x\" }";
    assert!(matches!(refused(weekday), CalendarError::NotWeekend(_)));
    assert!(matches!(
        refused("[year.2027]\nbasis = []\noff = {}\nholidays = {}"),
        CalendarError::Shape(_)
    ));
    assert!(matches!(
        Calendar::from_toml("hours = [[\"12:00\", \"08:00\"]]\n[year]"),
        Err(CalendarError::Hours)
    ));
    let next = "[year.2027]\nbasis = [\"test\"]\noff = { 2027-01-01 = \"Tết Dương lịch\" }";
    assert!(Calendar::from_toml(&format!("{hours}{next}")).is_ok());
}

#[test]
fn working_time_goes_by_in_working_hours_alone() {
    let calendar = calendar();
    let after = |from, hours| {
        calendar
            .after_working_time(at(from), SignedDuration::from_hours(hours))
            .unwrap()
    };

    assert_eq!(after("2026-11-23T09:00", 2), at("2026-11-23T11:00"));
    assert_eq!(after("2026-11-23T11:00", 2), at("2026-11-23T14:00"));
    // Tuesday the 24th is a holiday.
    assert_eq!(after("2026-11-23T16:00", 2), at("2026-11-25T09:00"));
    assert_eq!(after("2026-11-28T10:00", 2), at("2026-11-30T10:00"));
    assert_eq!(after("2026-11-28T10:00", 0), at("2026-11-28T10:00"));
}

proptest! {
    #[test]
    fn more_days_never_end_earlier(second in 1_740_000_000_i64..1_790_000_000, count in 1_u16..20) {
        let calendar = calendar();
        let received = Timestamp::from_second(second).unwrap();

        let deadline = calendar.add_working_days(received, count).unwrap();

        prop_assert!(deadline >= received);
        prop_assert!(calendar.add_working_days(received, count + 1).unwrap() > deadline);
        prop_assert!(calendar.is_working_day(day_of(deadline)).unwrap());
        prop_assert!(calendar.add_days(received, count).unwrap() <= deadline);
    }

    #[test]
    fn any_text_is_a_calendar_or_refused(text in "\\PC*") {
        let _ = Calendar::from_toml(&text);
    }
}
