use std::fmt::Write as _;

use jiff::Timestamp;
use proptest::prelude::*;

use super::rules::TEMPLATE;
use super::*;

fn now() -> Timestamp {
    "2026-11-23T02:00:00Z".parse().unwrap()
}

/// A list of so many sound guests.
pub(in crate::stays) fn list_of(guests: usize) -> String {
    let mut list = TEMPLATE.to_owned();
    for guest in 0..guests {
        writeln!(list, "Nguyễn Văn An,001085{guest:06},20/07/1985,Nam,,,").unwrap();
    }
    list
}

#[test]
fn one_bad_line_of_300_is_told_by_number_and_reason_and_299_are_kept() {
    let mut lines: Vec<String> = list_of(300).lines().map(str::to_owned).collect();
    lines[17] = "Trần Thị Bình,001085000016,20/07/1985,Nữ,,,".to_owned();

    let (guests, refused) = read(lines.join("\r\n").as_bytes(), now()).unwrap();

    assert_eq!(guests.len(), 299);
    let told: Vec<_> = refused
        .iter()
        .map(|refused| (refused.line, refused.reasons.clone()))
        .collect();
    assert_eq!(told, [(18, vec!["stays-fault-contradiction".to_owned()])]);
    assert!(refused[0].text.starts_with("Trần Thị Bình, 001085000016"));
}

#[test]
fn a_list_is_read_in_the_ways_in_which_spreadsheets_write_it() {
    let semicolons = "sex;Full name;document;born;nationality;arrival;departure\r\nmale;\"An; \"\"Bé\"\" Nguyễn\";C1234567;1985-07-20;Pháp;2026-11-23 8:05;24/11/2026 12:00\r\n\r\n";
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(list_of(2).replace(',', "\t").encode_utf16().flat_map(u16::to_le_bytes))
        .collect();

    let (one, wrong) = read(semicolons.as_bytes(), now()).unwrap();
    let (two, _) = read(&wide, now()).unwrap();

    assert!(one.is_empty(), "a name has no quotation marks");
    assert_eq!(wrong[0].reasons, ["stays-fault-name"]);
    let (one, _) = read(
        semicolons
            .replace("\"An; \"\"Bé\"\" Nguyễn\"", "\"An Nguyễn\"")
            .as_bytes(),
        now(),
    )
    .unwrap();
    assert_eq!(one[0].from, Some("2026-11-23T01:05:00Z".parse().unwrap()));
    assert_eq!(one[0].to, Some("2026-11-24T05:00:00Z".parse().unwrap()));
    assert_eq!(two.len(), 2);
}

#[test]
fn a_file_that_is_no_list_is_refused_whole() {
    assert_eq!(read(b"PK\x03\x04\xff\xfe\x00", now()).unwrap_err(), Unread::NoText);
    assert_eq!(read(b"An,001085000016", now()).unwrap_err(), Unread::NoColumns);
    assert_eq!(read(b"", now()).unwrap_err(), Unread::Empty);
    assert_eq!(read(TEMPLATE.as_bytes(), now()).unwrap_err(), Unread::Empty);
    assert_eq!(read(list_of(501).as_bytes(), now()).unwrap_err(), Unread::TooMany);
}

proptest! {
    #[test]
    fn no_file_makes_it_panic_and_no_line_gets_lost(bytes in prop::collection::vec(any::<u8>(), 0..400), lines in "(\\PC{0,20}\n){0,8}") {
        let _ = read(&bytes, now());
        let list = format!("{TEMPLATE}{lines}");
        if let Ok((guests, refused)) = read(list.as_bytes(), now()) {
            prop_assert!(guests.len() + refused.len() <= lines.lines().count());
        }
    }
}
