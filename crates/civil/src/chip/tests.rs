//! The files one by one, and the JSON document of a reader.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::mrz::Td1;
use crate::personal_number::PersonalNumber;
use crate::sex::Sex;

/// The published DG13 vector: fields 1, 2, 3, 4 and 13.
const DG13: &str = include_str!("../../tests/corpus/dg13.hex");

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .chars()
        .filter_map(|c| c.to_digit(16))
        .map(|d| u8::try_from(d).unwrap())
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn zone() -> Td1 {
    let number = PersonalNumber::parse("001199000001").unwrap();
    Td1::new(
        number,
        "Trần Thị An",
        date(1999, 1, 15),
        Sex::Female,
        Some(date(2039, 1, 15)),
    )
}

fn portrait(format: PortraitFormat, length: usize) -> Portrait {
    let mut image = match format {
        PortraitFormat::Jpeg => vec![0xff, 0xd8, 0xff, 0xe0],
        PortraitFormat::Jpeg2000 => b"\0\0\0\x0cjP  ".to_vec(),
    };
    image.resize(image.len() + length, 0x5a);
    Portrait {
        format,
        width: 360,
        height: 480,
        image,
    }
}

#[test]
fn the_dg13_vector_is_read_and_built() {
    let file = bytes_of(DG13);

    let national = Dg13::parse(&file).unwrap();

    assert_eq!(national.number(), Some(PersonalNumber::parse("001199000001").unwrap()));
    assert_eq!(national.text(Dg13Field::FullName), Some("Trần Thị An"));
    assert_eq!(national.date(Dg13Field::DateOfBirth), Some(date(1999, 1, 15)));
    assert_eq!(national.sex(), Some(Sex::Female));
    assert_eq!(national.texts(Dg13Field::Parents), ["Trần Văn B", "Lê Thị C"]);
    assert_eq!(national.text(Dg13Field::Religion), None);
    assert_eq!(national.to_bytes(), file);
    assert_eq!(format!("{national:?}"), "Dg13(fields [1, 2, 3, 4, 13])");
}

#[test]
fn dg13_may_have_empty_fields_octets_and_words_for_a_date() {
    let field = |number: u8, value: Vec<u8>| tlv::write(0x30, &[tlv::write(2, &[number]), value].concat());
    let file = |fields: &[Vec<u8>]| {
        let head = bytes_of("020101 060628d316010008");
        tlv::write(
            0x6d,
            &tlv::write(0x30, &[head, tlv::write(0x31, &fields.concat())].concat()),
        )
    };
    let national = Dg13::parse(&file(&[
        field(5, tlv::write(0x0c, b"")),
        field(7, vec![]),
        field(12, tlv::write(0x0c, "Không thời hạn".as_bytes())),
        field(15, tlv::write(0x13, b"012345678")),
        field(16, tlv::write(0x04, &[0xff, 0x00])),
    ]));
    let twice = Dg13::parse(&file(&[field(5, vec![]), field(5, vec![])]));
    let not_text = Dg13::parse(&file(&[field(5, tlv::write(0x0c, &[0xff]))]));
    let number = Dg13::parse(&file(&[field(5, tlv::write(0x02, &[1]))]));

    let national = national.unwrap();
    assert_eq!(national.text(Dg13Field::Nationality), None);
    assert_eq!(national.text(Dg13Field::Religion), None);
    assert_eq!(national.date(Dg13Field::ExpiresOn), None);
    assert_eq!(national.text(Dg13Field::OldNumber), Some("012345678"));
    assert_eq!(national.text(Dg13Field::Sixteen), Some("FF00"));
    assert_eq!(twice, Err(ChipFileError::Duplicate));
    assert_eq!(not_text, Err(ChipFileError::Text));
    assert_eq!(number, Err(ChipFileError::Structure));
    assert_eq!(Dg13::parse(&vec![0; 40_000]), Err(ChipFileError::TooLarge));
}

#[test]
fn dg1_holds_the_zone() {
    assert_eq!(dg1::parse(&dg1::build(&zone())), Ok(zone()));
    assert_eq!(dg1::parse(&[]), Err(ChipFileError::Structure));

    let mut tampered = dg1::build(&zone());
    tampered[10] ^= 1;

    assert!(matches!(dg1::parse(&tampered), Err(ChipFileError::Zone(_))));
}

#[test]
fn dg2_holds_a_picture_of_either_format() {
    for portrait in [
        portrait(PortraitFormat::Jpeg, 15_000),
        portrait(PortraitFormat::Jpeg2000, 40),
    ] {
        assert_eq!(Portrait::parse(&portrait.to_dg2()), Ok(portrait));
    }
    let mut other = portrait(PortraitFormat::Jpeg, 40);
    other.image[0] = b'G';
    assert_eq!(Portrait::parse(&other.to_dg2()), Err(ChipFileError::PictureFormat));
    assert_eq!(
        Portrait::parse(&vec![0x75; ChipFile::MAX_SIZE + 1]),
        Err(ChipFileError::TooLarge)
    );
}

#[test]
fn com_lists_the_groups() {
    let com = Com::new(vec![
        DataGroup::DG1,
        DataGroup::DG2,
        DataGroup::DG13,
        DataGroup::DG14,
        DataGroup::DG15,
    ]);

    let file = com.to_bytes();

    assert_eq!(file, bytes_of("60175f0104303130375f36063034303030305c0561756d6e6f")[..]);
    assert_eq!(Com::parse(&file), Ok(com));
    assert_eq!(Com::parse(&bytes_of("6000")), Err(ChipFileError::Structure));
}

#[test]
fn the_files_travel_as_base64_in_json() {
    let text = r#"{"com":"YA==","dg1":"YQ==","dg2":"dQ==","dg13":"bQ==","sod":"dw=="}"#;

    let files: ChipFiles = serde_json::from_str(text).unwrap();

    assert_eq!(
        (&*files.dg1, files.dg13.as_deref(), &files.dg14),
        (&b"a"[..], Some(&b"m"[..]), &None)
    );
    assert_eq!(serde_json::to_string(&files).unwrap(), text);
    assert_eq!(format!("{:?}", files.dg13), "Some(ChipFile(1 bytes))");
    assert!(serde_json::from_str::<ChipFiles>(&text.replace("YQ==", "Y!==")).is_err());
    assert!(serde_json::from_str::<ChipFiles>(&text.replace("YQ==", &"YWFh".repeat(90_000))).is_err());
    assert!(serde_json::from_str::<ChipFiles>(&text.replace("dg2", "dg3")).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for tag in [0x60, 0x61, 0x75, 0x6d] {
            let file = tlv::write(tag, &bytes);
            let _ = (Com::parse(&file), dg1::parse(&file), Portrait::parse(&file), Dg13::parse(&file));
        }
    }

    #[test]
    fn any_facial_record_is_read_or_refused(record in proptest::collection::vec(any::<u8>(), 0..100)) {
        let record = [&b"FAC\x00010\x00"[..], &record].concat();
        let group = tlv::write(0x7f61, &tlv::write(0x7f60, &tlv::write(0x5f2e, &record)));
        let _ = Portrait::parse(&tlv::write(0x75, &group));
    }

    #[test]
    fn every_dg13_reads_as_it_was_built(fields in proptest::collection::btree_map(0_usize..12, "[a-zA-ZĐđáàảãạ ]{0,20}", 0..12)) {
        let known = [
            Dg13Field::Number, Dg13Field::FullName, Dg13Field::DateOfBirth, Dg13Field::Sex, Dg13Field::Nationality,
            Dg13Field::Ethnicity, Dg13Field::Religion, Dg13Field::Origin, Dg13Field::Residence, Dg13Field::Parents,
            Dg13Field::Spouse, Dg13Field::OldNumber,
        ];
        let national = Dg13::new(fields.into_iter().map(|(at, text)| (known[at], text)));

        prop_assert_eq!(Dg13::parse(&national.to_bytes()), Ok(national));
    }

    #[test]
    fn every_portrait_reads_as_it_was_built(length in 0_usize..70_000, width: u16, jpeg: bool) {
        let format = if jpeg { PortraitFormat::Jpeg } else { PortraitFormat::Jpeg2000 };
        let portrait = Portrait { width, ..portrait(format, length) };

        prop_assert_eq!(Portrait::parse(&portrait.to_dg2()), Ok(portrait));
    }
}
