use jiff::civil::date;

use super::*;
use crate::personal_number;

const OLD: Date = date(2025, 6, 30);
const NEW: Date = date(2025, 7, 1);

#[test]
fn sixty_three_provinces_become_thirty_four_overnight() {
    assert_eq!(on(OLD).count(), 63);
    assert_eq!(on(NEW).count(), 34);
    assert_eq!(on(date(2026, 11, 22)).count(), 34);
    assert!(on(OLD).all(|old| province(old.merged_into, NEW).is_some()));
}

#[test]
fn a_code_means_another_unit_after_the_merger() {
    assert_eq!(
        province("15", OLD).map(Province::full_name),
        Some("Tỉnh Yên Bái".into())
    );
    assert_eq!(
        province("15", NEW).map(Province::full_name),
        Some("Tỉnh Lào Cai".into())
    );
    assert_eq!(province("10", NEW), None);
    assert_eq!(merged_into("10"), Some("15"));
    assert_eq!(merged_into("77"), Some("79"));
    assert_eq!(merged_into("01"), Some("01"));
    assert_eq!(merged_into("03"), None);
}

#[test]
fn dong_nai_is_a_municipality_from_30_april_2026() {
    assert_eq!(
        province("75", date(2026, 4, 29)).map(Province::full_name),
        Some("Tỉnh Đồng Nai".into())
    );
    assert_eq!(
        province("75", date(2026, 4, 30)).map(Province::full_name),
        Some("Thành phố Đồng Nai".into())
    );
}

#[test]
fn every_place_of_birth_is_an_old_province() {
    for (code, name) in personal_number::PROVINCES {
        let place = BirthPlaceCode::new(code).unwrap();

        let old = province_of_birth(place).unwrap();

        assert_eq!((old.name, old.valid_to), (name, Some(OLD)));
        assert_eq!(old.code, format!("{code:02}"));
    }
    assert_eq!(province_of_birth(BirthPlaceCode::new(500).unwrap()), None);
}

#[test]
fn each_province_has_as_many_communes_as_the_law_says() {
    for (code, count) in [
        ("01", 126),
        ("04", 56),
        ("08", 124),
        ("11", 45),
        ("12", 38),
        ("14", 75),
        ("15", 99),
        ("19", 92),
        ("20", 65),
        ("22", 54),
        ("24", 99),
        ("25", 148),
        ("31", 114),
        ("33", 104),
        ("37", 129),
        ("38", 166),
        ("40", 130),
        ("42", 69),
        ("44", 78),
        ("46", 40),
        ("48", 94),
        ("51", 96),
        ("52", 135),
        ("56", 65),
        ("66", 102),
        ("68", 124),
        ("75", 95),
        ("79", 168),
        ("80", 96),
        ("82", 102),
        ("86", 124),
        ("91", 102),
        ("92", 103),
        ("96", 64),
    ] {
        assert_eq!(communes_of(code).count(), count, "province {code}");
    }
    assert_eq!(communes().len(), 3_321);
}

#[test]
fn the_kinds_of_communes_add_up() {
    let count = |kind| communes().filter(|commune| commune.kind == kind).count();

    assert_eq!(count(CommuneKind::Rural), 2_611);
    assert_eq!(count(CommuneKind::Ward), 697);
    assert_eq!(count(CommuneKind::SpecialZone), 13);
}

#[test]
fn codes_are_five_digits_and_unique_and_names_are_composed() {
    let codes: Vec<_> = communes().map(|commune| commune.code).collect();

    assert!(codes.is_sorted_by(|a, b| a < b));
    assert!(
        codes
            .iter()
            .all(|code| code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit()))
    );
    assert!(communes().all(|commune| names::normalise(commune.name) == commune.name));
}

#[test]
fn a_commune_is_found_by_code_and_by_name() {
    let ba_dinh = commune("00004").unwrap();

    assert_eq!(
        (ba_dinh.full_name().as_str(), ba_dinh.province),
        ("Phường Ba Đình", "01")
    );
    assert_eq!(communes_named("01", "phường ba đình"), [ba_dinh]);
    assert_eq!(communes_named("01", "Ba Dinh"), [ba_dinh]);
    assert!(communes_named("79", "Ba Đình").is_empty());
    assert_eq!(commune("99999"), None);
}
