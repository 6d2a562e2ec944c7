use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn now() -> Timestamp {
    "2026-11-23T02:00:00Z".parse().unwrap()
}

fn typed(document: &str, nationality: &str) -> Typed {
    Typed {
        full_name: "Nguyễn  Văn An".to_owned(),
        document: document.to_owned(),
        date_of_birth: "20/07/1985".to_owned(),
        sex: "Nam".to_owned(),
        nationality: nationality.to_owned(),
        ..Typed::default()
    }
}

fn faults(typed: &Typed) -> Vec<String> {
    let faults = typed.read(KnownBy::Typed, now()).unwrap_err();
    faults
        .iter()
        .map(|fault| format!("{}: {}", fault.field, fault.text))
        .collect()
}

#[test]
fn a_guest_is_read_with_a_personal_number_or_a_passport() {
    let citizen = typed("001085 912345", "").read(KnownBy::Typed, now()).unwrap();
    let foreigner = typed("123456789", "Pháp").read(KnownBy::Typed, now()).unwrap();
    let traveller = typed("c1234567", "").read(KnownBy::Typed, now()).unwrap();

    assert_eq!(citizen.full_name, "Nguyễn Văn An");
    assert_eq!(citizen.nationality, "Việt Nam");
    assert_eq!(citizen.date_of_birth, date(1985, 7, 20));
    assert_eq!(citizen.document.masked(), "00********45");
    assert_eq!(foreigner.document, Document::Passport("123456789".to_owned()));
    assert_eq!(traveller.document, Document::Passport("C1234567".to_owned()));
    assert_eq!(traveller.document.masked(), "*****567");
}

#[test]
fn every_wrong_field_is_named() {
    let empty = Typed::default();
    let old = typed("123456789", "");
    let woman = Typed {
        sex: "Nữ".to_owned(),
        ..typed("001085912345", "")
    };
    let unborn = Typed {
        date_of_birth: "24/11/2026".to_owned(),
        ..typed("001085912345", "")
    };

    assert_eq!(
        faults(&empty),
        [
            "full_name: stays-fault-name",
            "document: stays-fault-document",
            "date_of_birth: stays-fault-birth",
            "sex: stays-fault-sex",
        ]
    );
    assert_eq!(faults(&old), ["document: stays-fault-old-number"]);
    assert_eq!(faults(&woman), ["document: stays-fault-contradiction"]);
    assert_eq!(faults(&unborn), ["date_of_birth: stays-fault-birth"]);
}

#[test]
fn a_child_is_alone_only_without_anybody_of_age() {
    let today = date(2026, 11, 23);
    let adult = typed("001085912345", "").read(KnownBy::Typed, now()).unwrap();
    let child = |born: jiff::civil::Date| Guest {
        date_of_birth: born,
        ..adult.clone()
    };
    let (young, eve) = (child(date(2015, 1, 1)), child(date(2008, 11, 24)));

    assert!(alone_under_age(&[young.clone(), eve], today, 18));
    assert!(!alone_under_age(&[young, adult.clone()], today, 18));
    assert!(!alone_under_age(&[child(date(2008, 11, 23))], today, 18));
    assert!(!alone_under_age(&[], today, 18));
}

proptest! {
    #[test]
    fn no_text_makes_reading_a_guest_panic(name in "\\PC*", document in "\\PC*", birth in "\\PC*", sex in "\\PC*") {
        let typed = Typed { full_name: name, document, date_of_birth: birth, sex, ..Typed::default() };
        let _ = typed.read(KnownBy::List, now());
    }
}
