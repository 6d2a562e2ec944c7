use super::{Event, Status, TRANSITIONS};

#[test]
fn the_codes_are_those_that_portals_exchange() {
    let codes: Vec<(i64, &str)> = Status::ALL
        .iter()
        .map(|status| (status.code(), status.word()))
        .collect();

    assert_eq!(codes.first(), Some(&(1, "new")));
    assert_eq!(codes.get(4), Some(&(5, "supplement")));
    assert_eq!(codes.last(), Some(&(10, "returned")));
    for status in Status::ALL {
        assert_eq!(Status::of_code(status.code()), Some(*status));
    }
}

#[test]
fn the_clock_stands_still_in_5_6_and_8_alone() {
    let paused: Vec<i64> = Status::ALL
        .iter()
        .filter(|status| status.is_paused())
        .map(|status| status.code())
        .collect();

    assert_eq!(paused, [5, 6, 8]);
}

#[test]
fn from_every_status_a_dossier_can_come_to_an_end_and_nothing_happens_to_an_ended_one() {
    for status in Status::ALL {
        let onward: Vec<Status> = TRANSITIONS
            .iter()
            .filter(|row| row.from == *status)
            .map(|row| row.to)
            .collect();
        match status {
            Status::Rejected | Status::Withdrawn | Status::Returned => assert!(onward.is_empty(), "{status:?}"),
            _ => assert!(!onward.is_empty(), "{status:?}"),
        }
    }
}

#[test]
fn of_an_event_in_a_status_one_thing_follows_and_what_is_not_in_the_table_cannot_happen() {
    for (at, row) in TRANSITIONS.iter().enumerate() {
        let twice = TRANSITIONS
            .iter()
            .skip(at + 1)
            .any(|other| other.from == row.from && other.event == row.event);
        assert!(!twice, "{row:?}");
    }
    assert_eq!(Status::Returned.after(Event::Grant), None);
    assert_eq!(Status::New.after(Event::Grant), None);
    assert_eq!(Status::Processing.after(Event::Grant), Some(Status::Done));
}
