//! What is printed on a card or typed by a person.
#![no_main]

use civil::card_qr::CardQr;
use civil::mrz::Td1;
use civil::{PersonalNumber, Phone};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = (PersonalNumber::parse(text), Phone::parse(text), Td1::parse(text));
    if let Ok(card) = CardQr::parse(text) {
        assert_eq!(CardQr::parse(&card.to_text()).as_ref(), Ok(&card));
    }
});
