//! Every parser of outside bytes, over a corpus and all its near neighbours: each sample cut at every length, and each
//! of its bytes changed to every interesting value. Nothing may panic, and what is accepted must be written back to
//! something that reads the same.
//!
//! A new crash found elsewhere is added to the corpus as a line.

use civil::chip::{Com, DataGroup, Dg13, Portrait, PortraitFormat, dg1};
use civil::mrz::Td1;
use civil::{CardQr, PersonalNumber, Phone, names};

const INTERESTING: [u8; 12] = [0x00, 0x01, 0x1f, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0x83, 0xfe, 0xff];

#[test]
fn card_texts() {
    for text in neighbours(include_str!("corpus/card_qr.txt")) {
        if let Ok(card) = CardQr::parse(&text) {
            assert_eq!(CardQr::parse(&card.to_text()), Ok(card));
        }
    }
}

#[test]
fn zones() {
    for text in neighbours(include_str!("corpus/mrz.txt")) {
        if let Ok(zone) = Td1::parse(&text) {
            assert_eq!(Td1::parse(&zone.to_text()), Ok(zone));
        }
    }
}

#[test]
fn numbers_names_and_phones() {
    for text in neighbours(include_str!("corpus/phone.txt")).chain(neighbours(include_str!("corpus/card_qr.txt"))) {
        if let Ok(phone) = Phone::parse(&text) {
            assert_eq!(Phone::parse(&phone.national()), Ok(phone));
        }
        if let Ok(number) = PersonalNumber::parse(&text) {
            assert_eq!(number.as_str(), text);
        }
        assert!(names::same(&text, &names::normalise(&text)));
    }
}

#[test]
fn chip_files() {
    let number = PersonalNumber::parse("001199000001").unwrap();
    let day = |text: &str| text.parse().unwrap();
    let zone = Td1::new(
        number,
        "Trần Thị An",
        day("1999-01-15"),
        civil::Sex::Female,
        Some(day("2039-01-15")),
    );
    let image = vec![0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46];
    let portrait = Portrait {
        format: PortraitFormat::Jpeg,
        width: 3,
        height: 4,
        image,
    };

    for file in mutants(&dg1::build(&zone)) {
        if let Ok(zone) = dg1::parse(&file) {
            assert_eq!(dg1::parse(&dg1::build(&zone)), Ok(zone));
        }
    }
    for file in mutants(&portrait.to_dg2()) {
        if let Ok(portrait) = Portrait::parse(&file) {
            assert_eq!(Portrait::parse(&portrait.to_dg2()), Ok(portrait));
        }
    }
    for file in mutants(&Com::new(vec![DataGroup::DG1, DataGroup::DG2, DataGroup::DG13]).to_bytes()) {
        if let Ok(com) = Com::parse(&file) {
            assert_eq!(Com::parse(&com.to_bytes()), Ok(com));
        }
    }
}

#[test]
fn national_data() {
    let digits: Vec<u8> = include_str!("corpus/dg13.hex")
        .chars()
        .filter_map(|c| c.to_digit(16)?.try_into().ok())
        .collect();
    let file: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();

    for file in mutants(&file) {
        if let Ok(national) = Dg13::parse(&file) {
            assert_eq!(Dg13::parse(&national.to_bytes()), Ok(national));
        }
    }
}

/// The lines of a corpus file and their neighbours that are still text.
fn neighbours(corpus: &str) -> impl Iterator<Item = String> {
    corpus
        .lines()
        .flat_map(|line| mutants(line.as_bytes()))
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn mutants(sample: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let cut = (0..=sample.len()).map(|length| sample.iter().take(length).copied().collect());
    let changed = (0..sample.len()).flat_map(|at| INTERESTING.map(|byte| with(sample, at, byte)));
    cut.chain(changed)
}

fn with(sample: &[u8], at: usize, byte: u8) -> Vec<u8> {
    sample
        .iter()
        .enumerate()
        .map(|(place, old)| if place == at { byte } else { *old })
        .collect()
}
