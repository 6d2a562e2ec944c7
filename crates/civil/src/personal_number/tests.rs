use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

#[test]
fn a_number_says_place_sex_and_year_of_birth() {
    let an = PersonalNumber::parse("001199000001").unwrap();
    let binh = PersonalNumber::parse("079085000123").unwrap();
    let child = PersonalNumber::parse("096314000009").unwrap();

    assert_eq!(
        (an.birth_province().province(), an.sex(), an.birth_year()),
        (Some("Hà Nội"), Sex::Female, 1999)
    );
    assert_eq!(
        (binh.birth_province().province(), binh.sex(), binh.birth_year()),
        (Some("Hồ Chí Minh"), Sex::Male, 1985)
    );
    assert_eq!(
        (child.birth_province().province(), child.sex(), child.birth_year()),
        (Some("Cà Mau"), Sex::Female, 2014)
    );
}

#[test]
fn a_text_that_is_not_a_number_is_refused_by_reason() {
    let refused = |text| PersonalNumber::parse(text).unwrap_err();

    assert_eq!(refused(""), PersonalNumberError::Length);
    assert_eq!(refused("00119900000"), PersonalNumberError::Length);
    assert_eq!(refused("0011990000012"), PersonalNumberError::Length);
    assert_eq!(refused("012345678"), PersonalNumberError::OldIdentityCard);
    assert_eq!(refused("00119900000a"), PersonalNumberError::NotDigits);
    assert_eq!(refused("٠٠١١٩٩٠٠٠٠٠١"), PersonalNumberError::NotDigits);
    assert_eq!(refused(" 001199000001"), PersonalNumberError::NotDigits);
    assert_eq!(refused("003199000001"), PersonalNumberError::UnknownPlace);
    assert_eq!(refused("000199000001"), PersonalNumberError::UnknownPlace);
    assert_eq!(refused("097199000001"), PersonalNumberError::UnknownPlace);
}

#[test]
fn there_are_63_provinces_of_birth_in_order() {
    assert!(PROVINCES.is_sorted_by(|a, b| a.0 < b.0));
    assert_eq!((0..100).filter_map(BirthPlaceCode::new).count(), 63);
}

#[test]
fn a_code_keeps_the_meaning_of_the_old_province() {
    let place = |digits: &str| PersonalNumber::parse(digits).unwrap().birth_province().province();

    assert_eq!(place("015099000001"), Some("Yên Bái"));
    assert_eq!(place("024099000001"), Some("Bắc Giang"));
    assert_eq!(place("080099000001"), Some("Long An"));
}

#[test]
fn a_birth_registered_abroad_has_a_name_only_by_configuration() {
    let number = PersonalNumber::parse("234199000001").unwrap();
    let row = |key: &str| CountryCodes::try_from(BTreeMap::from([(key.to_owned(), "Utopia".to_owned())]));

    assert!(number.birth_province().is_abroad());
    assert_eq!(CountryCodes::default().name(number.birth_province()), None);
    assert_eq!(row("234").unwrap().name(number.birth_province()), Some("Utopia"));
    assert!(row("096").is_err());
    assert!(row("+99").is_err());
}

#[test]
fn declared_data_that_the_number_speaks_against_is_named() {
    let number = PersonalNumber::parse("001199000001").unwrap();

    assert_eq!(number.contradiction(Sex::Female, date(1999, 1, 15)), None);
    assert_eq!(
        number.contradiction(Sex::Male, date(1999, 1, 15)),
        Some(Contradiction::Sex)
    );
    assert_eq!(
        number.contradiction(Sex::Female, date(2099, 1, 15)),
        Some(Contradiction::BirthYear)
    );
    assert_eq!(
        number.contradiction(Sex::Male, date(1998, 1, 15)),
        Some(Contradiction::SexAndBirthYear)
    );
}

#[test]
fn a_number_does_not_leak_when_it_is_printed() {
    let number = PersonalNumber::parse("001199000001").unwrap();

    assert_eq!(format!("{number:?}"), "PersonalNumber(00********01)");
    assert_eq!(number.masked(), "00********01");
}

#[test]
fn in_json_a_number_is_its_string_and_is_checked() {
    let number: PersonalNumber = serde_json::from_str("\"001199000001\"").unwrap();

    assert_eq!(serde_json::to_string(&number).unwrap(), "\"001199000001\"");
    assert!(serde_json::from_str::<PersonalNumber>("\"001\"").is_err());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        if let Ok(number) = PersonalNumber::parse(&text) {
            prop_assert_eq!(number.as_str(), text);
        }
    }

    #[test]
    fn a_composed_number_reads_as_it_was_meant(
        place in 0_u16..1000, female: bool, year in 1900_i16..2400, serial in 0_u32..1_000_000,
    ) {
        let sex = if female { Sex::Female } else { Sex::Male };
        if let Some(place) = BirthPlaceCode::new(place) {
            let number = PersonalNumber::compose(place, sex, year, serial).unwrap();
            prop_assert_eq!(number.birth_province(), place);
            prop_assert_eq!(number.contradiction(sex, date(year, 6, 1)), None);
        }
    }
}
