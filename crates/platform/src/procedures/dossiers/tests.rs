use civil::Calendar;
use jiff::Timestamp;

use super::Clock;
use crate::procedures::description::Catalogue;
use crate::procedures::states::{Event, Status};

fn at(text: &str) -> Timestamp {
    format!("2026-{text}:00+07:00").parse().unwrap()
}

/// The clock of a dossier that is sent in at an instant, with a limit and perhaps a cut-off.
fn sent(at: Timestamp, working_days: u16, cut_off: bool) -> Clock {
    let (calendar, catalogue) = (Calendar::official().unwrap(), Catalogue::open(None).unwrap());
    let version = catalogue
        .find("ct07")
        .unwrap()
        .on(jiff::civil::date(2026, 11, 23))
        .unwrap();
    let mut version = version.clone();
    version.cut_off = cut_off.then(|| jiff::civil::time(15, 0, 0, 0));
    let clock = Clock::default();
    clock
        .after(
            Event::Submit,
            (Status::Payment, Status::New),
            at,
            (&calendar, &version, working_days),
        )
        .unwrap()
}

#[test]
fn what_arrives_after_three_oclock_counts_from_the_next_working_day() {
    let last_day = |at, days| {
        let deadline = sent(at, days, true).deadline_at.unwrap();
        civil::calendar::day_of(deadline).to_string()
    };

    // Thursday 26 November; the weekend follows Friday.
    assert_eq!(last_day(at("11-26T15:00"), 0), "2026-11-26");
    assert_eq!(last_day(at("11-26T15:01"), 0), "2026-11-27");
    assert_eq!(last_day(at("11-26T15:01"), 2), "2026-12-01");
    assert_eq!(last_day(at("11-28T09:00"), 0), "2026-11-30");
}

#[test]
fn a_limit_that_runs_into_a_year_without_a_calendar_is_refused() {
    let calendar = Calendar::official().unwrap();
    let catalogue = Catalogue::open(None).unwrap();
    let version = catalogue
        .find("ct07")
        .unwrap()
        .on(jiff::civil::date(2026, 11, 23))
        .unwrap();

    let clock = Clock::default().after(
        Event::Submit,
        (Status::Payment, Status::New),
        at("12-30T09:00"),
        (&calendar, version, version.working_days),
    );

    assert!(clock.is_err());
}
