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

/// Adults with a valid card of a layout.
pub(crate) fn holders(layout: Layout) -> impl Iterator<Item = (Person, Card)> {
    let nation = nation();
    let people = (0..nation.people()).filter_map(move |index| nation.person(index));
    let adults = people.filter(|person| person.age(TODAY) >= 18 && person.life(TODAY) == Life::Alive);
    adults.filter_map(move |person| {
        let card = person.valid_card(TODAY).filter(|card| card.layout == layout)?.clone();
        Some((person, card))
    })
}

/// The first of them.
pub(crate) fn holder(layout: Layout) -> (Person, Card) {
    holders(layout).next().unwrap()
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
