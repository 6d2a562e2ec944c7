use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const AN: &str = "001199000001||Trần Thị An|15011999|Nữ|Số 1 Đường A, Phường Ba Đình, Hà Nội|20072022";

#[test]
fn a_2021_card_is_read() {
    let card = CardQr::parse(AN).unwrap();

    let expected = CardQr {
        number: PersonalNumber::parse("001199000001").unwrap(),
        old_number: None,
        full_name: "Trần Thị An".into(),
        date_of_birth: date(1999, 1, 15),
        sex: Sex::Female,
        address: "Số 1 Đường A, Phường Ba Đình, Hà Nội".into(),
        issued_on: date(2022, 7, 20),
        extra: vec![],
    };
    assert_eq!(card, expected);
    assert_eq!(card.to_text(), AN);
    assert_eq!(card.contradiction(), None);
}

#[test]
fn an_old_number_is_kept() {
    let text = "079085000123|012345678|Nguyễn Văn Bình|20071985|Nam|Ấp 2, Xã B, Thành phố Hồ Chí Minh|01042021";

    let card = CardQr::parse(text).unwrap();

    assert_eq!(card.old_number.as_deref(), Some("012345678"));
    assert_eq!(card.to_text(), text);
}

#[test]
fn a_card_without_the_old_number_field_is_tolerated() {
    let card = CardQr::parse(&AN.replacen("||", "|", 1)).unwrap();

    assert_eq!(card, CardQr::parse(AN).unwrap());
}

#[test]
fn a_2024_card_keeps_what_follows() {
    let text = format!("{AN}|||Trần Văn Bố|Lê Thị Mẹ");

    let card = CardQr::parse(&text).unwrap();

    assert_eq!(card.extra, ["", "", "Trần Văn Bố", "Lê Thị Mẹ"]);
    assert_eq!(card.to_text(), text);
}

#[test]
fn decomposed_letters_and_a_line_end_make_no_difference() {
    let decomposed: String = AN.nfd().collect();

    assert_eq!(
        CardQr::parse(&format!("\u{feff}{decomposed}\r\n")).unwrap(),
        CardQr::parse(AN).unwrap()
    );
}

#[test]
fn each_wrong_field_is_named_with_its_reason() {
    use {CardField as F, FieldReason as R};

    for (from, to, field, reason) in [
        ("001199000001", "", F::Number, R::Empty),
        (
            "001199000001",
            "123456789",
            F::Number,
            R::Number(PersonalNumberError::OldIdentityCard),
        ),
        (
            "001199000001",
            "00119900001",
            F::Number,
            R::Number(PersonalNumberError::Length),
        ),
        ("||", "|12345678|", F::OldNumber, R::NotNineDigits),
        ("||", "|12345678x|", F::OldNumber, R::NotNineDigits),
        ("Trần Thị An", "", F::FullName, R::Empty),
        ("Trần Thị An", "Trần\u{1b}[2J", F::FullName, R::ControlCharacter),
        ("Trần Thị An", "Trần \u{202e}nA", F::FullName, R::ControlCharacter),
        ("Trần Thị An", "<script>", F::FullName, R::NotAName),
        ("15011999", "31021999", F::DateOfBirth, R::NotADate),
        ("15011999", "1501199", F::DateOfBirth, R::NotADate),
        ("15011999", "15/01/99", F::DateOfBirth, R::NotADate),
        ("|Nữ|", "|F|", F::Sex, R::NotASex),
        ("Số 1 Đường A, Phường Ba Đình, Hà Nội", "", F::Address, R::Empty),
        ("20072022", "20132022", F::IssuedOn, R::NotADate),
        ("20072022", "20071990", F::IssuedOn, R::BeforeBirth),
        ("20072022", "20072022|a\u{0}b", F::Extra, R::ControlCharacter),
    ] {
        let text = AN.replacen(from, to, 1);

        assert_eq!(
            CardQr::parse(&text),
            Err(CardQrError::Field { field, reason }),
            "{text:?}"
        );
    }
}

#[test]
fn another_qr_code_is_not_a_card() {
    assert_eq!(CardQr::parse("https://example.com/"), Err(CardQrError::NotACard));
    assert_eq!(CardQr::parse(""), Err(CardQrError::NotACard));
    assert_eq!(CardQr::parse("a|b|c"), Err(CardQrError::FieldCount(3)));
    assert_eq!(CardQr::parse(&"|".repeat(12)), Err(CardQrError::FieldCount(13)));
    assert_eq!(CardQr::parse(&"|".repeat(MAX_TEXT + 1)), Err(CardQrError::TooLong));
}

#[test]
fn a_number_that_speaks_against_its_card_is_told() {
    let card = CardQr::parse(&AN.replace("Nữ", "Nam")).unwrap();

    assert_eq!(card.contradiction(), Some(Contradiction::Sex));
}

#[test]
fn a_card_does_not_leak_when_it_is_printed() {
    let card = CardQr::parse(AN).unwrap();

    assert_eq!(
        format!("{card:?}"),
        "CardQr { number: PersonalNumber(00********01), .. }"
    );
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = CardQr::parse(&text);
    }

    #[test]
    fn near_cards_are_read_or_refused_and_what_is_read_is_stable(
        name in "[\\p{L} '|-]{0,30}", birth in "[0-9]{8}", address in "\\PC{0,30}", extra in "[\\PC|]{0,20}",
    ) {
        if let Ok(card) = CardQr::parse(&format!("001199000001||{name}|{birth}|Nữ|{address}|20072022|{extra}")) {
            prop_assert_eq!(CardQr::parse(&card.to_text()).unwrap(), card);
        }
    }

    #[test]
    fn every_card_reads_as_it_was_written(
        serial in 0_u32..1_000_000, year in 1900_i16..2027, old in proptest::option::of("[0-9]{9}"), male: bool,
        extra in proptest::collection::vec("[a-zA-Z0-9]{0,8}", 0..5),
    ) {
        let sex = if male { Sex::Male } else { Sex::Female };
        let place = crate::personal_number::BirthPlaceCode::new(1).unwrap();
        let card = CardQr {
            number: PersonalNumber::compose(place, sex, year, serial).unwrap(),
            old_number: old,
            full_name: "Đỗ Thị Hoà".into(),
            date_of_birth: date(year, 2, 28),
            sex,
            address: "Thôn 1, Xã Ea Đrông".into(),
            issued_on: date(2027, 1, 1),
            extra,
        };
        prop_assert_eq!(CardQr::parse(&card.to_text()).unwrap(), card);
    }
}
