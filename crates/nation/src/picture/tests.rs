use super::*;
use crate::people::{Nation, REFERENCE_DAY};
use crate::testing::{decode, holder, holders};

#[test]
fn the_code_on_the_picture_of_a_card_is_scanned() {
    for layout in [Layout::Cccd2021, Layout::CanCuoc2024] {
        for (person, card) in holders(layout).take(5) {
            let picture = code_side(&person, &card).unwrap();

            assert_eq!(decode(&picture), Some(card.qr(&person).unwrap().to_text()));
        }
    }
}

#[test]
fn the_code_alone_is_scanned() {
    let text = "Số định danh 001199000001|Nguyễn Thị Hồng Ánh";

    assert_eq!(decode(&qr_png(text).unwrap()).as_deref(), Some(text));
    assert!(matches!(qr_png(&"x".repeat(3000)), Err(PictureError::TooLong)));
}

#[test]
fn pictures_are_the_same_each_time_and_portraits_differ() {
    let nation = Nation::new(7, 100);
    let portraits: std::collections::HashSet<Vec<u8>> = (0..14)
        .map(|index| portrait_jpeg(&nation.person(index).unwrap(), REFERENCE_DAY).unwrap())
        .collect();
    let (person, card) = holder(Layout::Cccd2021);

    assert_eq!(portraits.len(), 14);
    assert_eq!(front(&person, &card).unwrap(), front(&person, &card).unwrap());
    assert!(portraits.iter().all(|portrait| portrait.len() < 20_000));
}
