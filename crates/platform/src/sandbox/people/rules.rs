//! Who is worth suggesting, and which card they show.

use civil::chip::Challenge;
use jiff::civil::Date;
use nation::Person;
use nation::card::Card;
use nation::people::Life;

/// Whether somebody can register: of age, able to act, alive and in the country, with a phone and a card with a QR code that can be used.
pub fn can_register(person: &Person, today: Date) -> bool {
    let able = person.age(today) >= 18 && !person.incapable && person.life(today) == Life::Alive;
    let card = person.valid_card(today);
    able && person.phone.is_some() && card.is_some_and(|card| card.qr(person).is_some())
}

/// The card that somebody shows: the newest with a QR code, whatever it is worth.
pub(super) fn shown_card(person: &Person, today: Date) -> Option<&Card> {
    let cards = person.cards.iter().rev();
    cards
        .filter(|card| card.issued_on <= today)
        .find(|card| card.qr(person).is_some())
}

/// Reads a challenge of eight bytes in hexadecimal digits.
pub(super) fn challenge(digits: &str) -> Option<Challenge> {
    if digits.len() != 16 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    u64::from_str_radix(digits, 16)
        .ok()
        .map(|number| Challenge(number.to_be_bytes()))
}
