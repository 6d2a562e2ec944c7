use proptest::prelude::*;

use super::*;

const AN: [&str; 3] = [
    "IDVNM1990000014001199000001<<5",
    "9901155F3901153VNM<<<<<<<<<<<8",
    "TRAN<<THI<AN<<<<<<<<<<<<<<<<<<",
];
const BINH: [&str; 3] = [
    "IDVNM0850001235079085000123<<5",
    "8507206M4507208VNM<<<<<<<<<<<2",
    "NGUYEN<<VAN<BINH<<<<<<<<<<<<<<",
];
const CUC: [&str; 3] = [
    "IDVNM0580007770096058000777<<3",
    "5801017F9912315VNM<<<<<<<<<<<0",
    "LE<<THI<CUC<<<<<<<<<<<<<<<<<<<",
];

fn card(number: &str, name: &str, birth: Date, sex: Sex, expires: Option<Date>) -> Td1 {
    Td1::new(PersonalNumber::parse(number).unwrap(), name, birth, sex, expires)
}

#[test]
fn the_vectors_are_built_and_read() {
    for (lines, expected) in [
        (
            AN,
            card(
                "001199000001",
                "Trần Thị An",
                date(1999, 1, 15),
                Sex::Female,
                Some(date(2039, 1, 15)),
            ),
        ),
        (
            BINH,
            card(
                "079085000123",
                "Nguyễn Văn Bình",
                date(1985, 7, 20),
                Sex::Male,
                Some(date(2045, 7, 20)),
            ),
        ),
        (
            CUC,
            card("096058000777", "Lê Thị Cúc", date(1958, 1, 1), Sex::Female, None),
        ),
    ] {
        assert_eq!(expected.lines(), lines);
        assert_eq!(Td1::parse(&lines.join("\n")), Ok(expected.clone()));
        assert_eq!(Td1::parse(&lines.concat()), Ok(expected));
    }
}

#[test]
fn one_changed_digit_is_found_wherever_it_is() {
    let text = AN.concat();
    let digits = text.char_indices().filter(|(_, c)| c.is_ascii_digit());

    for (at, digit) in digits {
        let other = char::from_digit((digit.to_digit(10).unwrap() + 1) % 10, 10).unwrap();
        let mut tampered = text.clone();
        tampered.replace_range(at..=at, &other.to_string());

        assert!(Td1::parse(&tampered).is_err(), "{tampered}");
    }
}

#[test]
fn each_fault_is_named() {
    let refused = |from: &str, to: &str| Td1::parse(&AN.concat().replacen(from, to, 1)).unwrap_err();

    assert_eq!(Td1::parse(""), Err(Td1Error::Length));
    assert_eq!(Td1::parse(&"<".repeat(91)), Err(Td1Error::Length));
    assert_eq!(refused("TRAN", "tran"), Td1Error::Character);
    assert_eq!(refused("TRAN", "TRẦN"), Td1Error::Character);
    assert_eq!(refused("IDVNM", "IDUTO"), Td1Error::NotVietnamese);
    assert_eq!(refused("0014", "0015"), Td1Error::CheckDigit(Td1Field::DocumentNumber));
    assert_eq!(refused("<<5", "<<6"), Td1Error::CheckDigit(Td1Field::PersonalNumber));
    assert_eq!(
        refused("9901155", "9901156"),
        Td1Error::CheckDigit(Td1Field::DateOfBirth)
    );
    assert_eq!(refused("3901153", "3901154"), Td1Error::CheckDigit(Td1Field::ExpiresOn));
    assert_eq!(refused("<8TRAN", "<7TRAN"), Td1Error::CheckDigit(Td1Field::Composite));
    assert_eq!(refused("TRAN", "TR4N"), Td1Error::Name);
    assert_eq!(refused("5F3", "5X3"), Td1Error::Sex);
}

#[test]
fn a_document_number_of_another_person_is_found_although_all_check_digits_fit() {
    let [mut first, mut second, third] = AN.map(str::to_owned);
    first.replace_range(5..15, &format!("199000009{}", check_digit("199000009")));
    let composite = check_digit(&composite_of(&first, &second));
    second.replace_range(29..30, &composite.to_string());

    assert_eq!(
        Td1::parse(&[first, second, third].concat()),
        Err(Td1Error::NumbersDiffer)
    );
}

#[test]
fn a_name_that_does_not_fit_is_cut_and_ends_in_a_letter() {
    let name_line = |name| card("001199000001", name, date(1999, 1, 15), Sex::Female, None).name_line();

    assert_eq!(
        name_line("Công Tằng Tôn Nữ Thị Phương Thảo Nguyên"),
        "CONG<<TANG<TON<NU<THI<PHUONG<T"
    );
    assert_eq!(
        name_line("Công Tằng Tôn Nữ Thị Phương A Bê"),
        "CONG<<TANG<TON<NU<THI<PHUONG<A"
    );
    assert_eq!(
        name_line("Công Tằng Tôn Nữ Thị Phượngg Anh"),
        "CONG<<TANG<TON<NU<THI<PHUONG<A"
    );
    assert_eq!(name_line("Lan"), format!("LAN{}", "<".repeat(27)));
}

#[test]
fn a_zone_does_not_leak_when_it_is_printed() {
    let zone = Td1::parse(&AN.concat()).unwrap();

    assert_eq!(format!("{zone:?}"), "Td1 { number: PersonalNumber(00********01), .. }");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), zone in "[A-Z0-9<]{90}") {
        let _ = (Td1::parse(&text), Td1::parse(&zone));
    }

    #[test]
    fn every_card_reads_as_it_was_written(
        serial in 0_u32..1_000_000, year in 1900_i16..2100, day in 1_i8..=28, male: bool, expiry in 2000_i16..2099,
        expires: bool, name in "[A-Z]{1,9}( [A-Z]{1,5}){0,3}",
    ) {
        let sex = if male { Sex::Male } else { Sex::Female };
        let place = crate::personal_number::BirthPlaceCode::new(79).unwrap();
        let number = PersonalNumber::compose(place, sex, year, serial).unwrap();
        let zone = Td1::new(number, &name, date(year, 3, day), sex, expires.then(|| date(expiry, 12, day)));

        prop_assert_eq!(Td1::parse(&zone.to_text()), Ok(zone));
    }
}
