//! What the tests of several modules need.

use civil::PersonalNumber;
use jiff::civil::Date;

use crate::card::{Card, Layout};
use crate::people::{Life, Nation, Person};

/// The day of the tests.
pub(crate) const TODAY: Date = Date::constant(2026, 11, 22);

/// A small nation.
pub(crate) fn nation() -> Nation {
    Nation::new(7, 5_000)
}

/// The first adult with a valid card of a layout.
pub(crate) fn holder(layout: Layout) -> (Person, Card) {
    let nation = nation();
    let adults = (0..nation.people())
        .filter_map(|index| nation.person(index))
        .filter(|person| person.age(TODAY) >= 18);
    let mut cards = adults.filter_map(|person| {
        let card = person
            .valid_card(TODAY)
            .filter(|card| card.layout == layout && person.life(TODAY) == Life::Alive)?
            .clone();
        Some((person, card))
    });
    cards.next().unwrap()
}

/// A number that nobody in the nation has.
pub(crate) fn stranger() -> PersonalNumber {
    PersonalNumber::parse("001199000001").unwrap()
}

/// What the QR code on a PNG says.
pub(crate) fn decode(png: &[u8]) -> Option<String> {
    let picture = image::load_from_memory(png).unwrap().to_luma8();
    let (width, height) = picture.dimensions();
    let code = Some(rxing::BarcodeFormat::QR_CODE);
    let found = rxing::helpers::detect_in_luma(picture.into_raw(), width, height, code).ok()?;
    Some(found.getText().to_owned())
}
