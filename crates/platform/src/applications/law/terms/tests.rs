use super::*;

/// Monday 23 November 2026, 09:00 in Viet Nam; the 24th is a day off.
fn monday() -> Timestamp {
    "2026-11-23T02:00:00Z".parse().unwrap()
}

/// The last day of a limit for what is received on Monday.
fn last_day(case: Case) -> String {
    let calendar = Calendar::official().unwrap();
    let term = term(case, calendar::day_of(monday())).unwrap();
    assert_eq!(term.law, "Nghị định 69/2024/NĐ-CP, Điều 13");
    let ends = term.ends(monday(), &calendar).unwrap();
    assert_eq!(ends, calendar::end_of(calendar::day_of(ends)), "the end of that day");
    calendar::day_of(ends).to_string()
}

/// A test for each row of the table.
macro_rules! rows {
    ($($name:ident: $case:ident is $day:literal,)*) => {
        $(#[test]
        fn $name() {
            assert_eq!(last_day(Case::$case), $day);
        })*
    };
}

rows! {
    a_citizens_level_1_takes_1_working_day: LevelOne is "2026-11-25",
    a_citizens_level_2_takes_3_working_days: LevelTwo is "2026-11-27",
    a_citizen_without_valid_card_waits_7_working_days: NoCard is "2026-12-03",
    a_foreigners_level_1_takes_1_working_day: ForeignerLevelOne is "2026-11-25",
    a_foreigner_whose_face_and_prints_are_known_waits_3_working_days: ForeignerKnown is "2026-11-27",
    a_foreigner_whose_face_and_prints_are_not_known_waits_7_working_days: ForeignerUnknown is "2026-12-03",
    an_organisation_that_a_database_knows_waits_3_working_days: OrganisationKnown is "2026-11-27",
    an_organisation_that_has_to_be_verified_waits_15_days: OrganisationUnknown is "2026-12-08",
}

#[test]
fn each_row_has_a_case_of_its_own_a_basis_and_a_law() {
    for (at, term) in TERMS.iter().enumerate() {
        assert!(
            !TERMS[at + 1..]
                .iter()
                .any(|other| other.case == term.case || other.basis == term.basis)
        );
        assert!(!term.law.is_empty());
        assert_eq!(law_of(term.basis), term.law);
    }
    assert_eq!(TERMS.len(), 8, "a row more needs a test more");
}

#[test]
fn calendar_days_that_end_on_a_day_off_end_with_the_next_working_day() {
    let calendar = Calendar::official().unwrap();
    let received: Timestamp = "2026-11-27T02:00:00Z".parse().unwrap();
    let term = term(Case::OrganisationUnknown, calendar::day_of(received)).unwrap();

    let ends = term.ends(received, &calendar).unwrap();

    assert_eq!(
        calendar::day_of(ends).to_string(),
        "2026-12-14",
        "the 12th is a Saturday"
    );
}

#[test]
fn a_limit_that_runs_into_an_unknown_year_is_never_guessed() {
    let calendar = Calendar::official().unwrap();
    let last_day: Timestamp = "2026-12-31T02:00:00Z".parse().unwrap();

    let ends = term(Case::LevelOne, Date::constant(2026, 12, 31))
        .unwrap()
        .ends(last_day, &calendar);

    assert_eq!(ends, Err(MissingYear(2027)));
}

#[test]
fn before_the_decree_there_is_no_limit_of_it() {
    assert_eq!(term(Case::LevelOne, Date::constant(2024, 6, 30)), None);
}

#[test]
fn activation_is_possible_until_the_end_of_the_seventh_day_in_viet_nam() {
    let late_evening: Timestamp = "2026-11-23T16:30:00Z".parse().unwrap();

    assert_eq!(activate_by(late_evening).to_string(), "2026-11-30T16:59:59.999999Z");
}

#[test]
fn the_last_day_begins_at_midnight_in_viet_nam() {
    let deadline: Timestamp = "2026-11-25T16:59:59.999999Z".parse().unwrap();

    assert_eq!(last_day_of(deadline).to_string(), "2026-11-24T17:00:00Z");
}
