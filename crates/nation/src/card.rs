//! Identity cards: which ones a person has had, until when they hold, what is printed on them.

use civil::CardQr;
use civil::mrz::Td1;
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use crate::die::Die;
use crate::people::{Member, Person, REFERENCE_DAY, age};

/// What a die is thrown for, in this module.
pub(crate) const TOPIC: u64 = 61;

/// First and last day on which 2021 cards were issued, first day of 2024 cards.
const FIRST_2021: Date = Date::constant(2021, 3, 1);
const LAST_2021: Date = Date::constant(2024, 6, 30);
const FIRST_2024: Date = Date::constant(2024, 7, 1);
/// Nine-digit cards end (Luật Căn cước 26/2023/QH15 Article 46).
const LAST_CMND: Date = Date::constant(2024, 12, 31);
/// From this day cards print the two-tier address.
const TWO_TIERS: Date = Date::constant(2025, 7, 1);

/// A generation of identity cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// *Chứng minh nhân dân*, paper, nine digits, no QR code.
    Cmnd,
    /// *Căn cước công dân gắn chip* of 2021: QR code on the front.
    Cccd2021,
    /// *Thẻ căn cước* of 2024 (Circular 16/2024/TT-BCA): QR code on the back.
    CanCuoc2024,
}

/// What a card is worth on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CardState {
    /// It can be used.
    Valid,
    /// Its printed day, or the end of its kind, is past.
    Expired,
    /// Reported lost (*mất*).
    Lost,
    /// Held by an authority (*giữ thẻ*, Luật Căn cước Article 29).
    Held,
    /// A newer card took its place.
    Replaced,
    /// Withdrawn (*thu hồi*), as after a death.
    Revoked,
}

/// One card of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its generation.
    pub layout: Layout,
    /// *Ngày cấp*.
    pub issued_on: Date,
    /// *Có giá trị đến*, the last day; `None` is *không thời hạn*.
    pub expires_on: Option<Date>,
    /// What ended it otherwise, and since when.
    pub ended: Option<(CardState, Date)>,
}

impl Card {
    /// What the card is worth on a day.
    pub fn state(&self, on: Date) -> CardState {
        match (self.ended, self.expires_on) {
            (Some((state, since)), _) if since <= on => state,
            (_, Some(last)) if last < on => CardState::Expired,
            _ => CardState::Valid,
        }
    }

    /// Since when [`Card::state`] holds.
    pub fn since(&self, on: Date) -> Date {
        match (self.ended, self.expires_on) {
            (Some((_, since)), _) if since <= on => since,
            (_, Some(last)) if last < on => last.tomorrow().unwrap_or(last),
            _ => self.issued_on,
        }
    }

    /// The address that is printed on it and stands in its QR code: three tiers until 30/6/2025.
    pub fn address(&self, person: &Person) -> String {
        if self.issued_on < TWO_TIERS {
            person.permanent_residence.former_text()
        } else {
            person.permanent_residence.text()
        }
    }

    /// *Nơi cấp*.
    pub fn issuer(&self) -> &'static str {
        match self.layout {
            Layout::Cmnd => "Công an tỉnh",
            Layout::Cccd2021 => "Cục Cảnh sát quản lý hành chính về trật tự xã hội",
            Layout::CanCuoc2024 => "Bộ Công an",
        }
    }

    /// The machine-readable zone; `None` for a card that has none.
    pub fn zone(&self, person: &Person) -> Option<Td1> {
        let number = person.number.clone();
        (self.layout != Layout::Cmnd).then(|| {
            Td1::new(
                number,
                &person.full_name,
                person.date_of_birth,
                person.sex,
                self.expires_on,
            )
        })
    }

    /// The content of the QR code; `None` for a card that has none.
    pub fn qr(&self, person: &Person) -> Option<CardQr> {
        (self.layout != Layout::Cmnd).then(|| CardQr {
            number: person.number.clone(),
            old_number: person.old_number.clone(),
            full_name: person.full_name.clone(),
            date_of_birth: person.date_of_birth,
            sex: person.sex,
            address: self.address(person),
            issued_on: self.issued_on,
            extra: Vec::new(),
        })
    }
}

/// The last day of a card: the next of the birthdays 14, 25, 40 and 60; a card issued within two years before one of them
/// holds until the next; after the last there is no end (Luật Căn cước 26/2023/QH15 Article 21).
pub fn expiry(date_of_birth: Date, issued_on: Date) -> Option<Date> {
    let birthdays = [14, 25, 40, 60].map(|age| years_after(date_of_birth, age));
    birthdays
        .into_iter()
        .find(|birthday| issued_on < years_after(*birthday, -2))
}

fn years_after(day: Date, years: i64) -> Date {
    day.saturating_add(Span::new().years(years))
}

/// Every card a person was issued before the reference day, oldest first.
pub(crate) fn history(die: &mut Die, member: &Member, had_old_number: bool) -> Vec<Card> {
    let mut wallet = Wallet {
        member,
        cards: Vec::new(),
    };
    let fourteen = years_after(member.born, 14);
    if had_old_number {
        let issued = fourteen.max(later(die, Date::constant(2001, 1, 1), 5000));
        let end = years_after(issued, 15).min(LAST_CMND);
        wallet.cards.push(Card {
            layout: Layout::Cmnd,
            issued_on: issued,
            expires_on: Some(end),
            ended: None,
        });
    }
    if fourteen < LAST_2021 && die.chance(930) {
        wallet.issue(later(die, FIRST_2021, 1000).max(later(die, fourteen, 90)));
    } else if age(member.born, REFERENCE_DAY) >= 14 {
        if die.chance(850) {
            wallet.issue(later(die, FIRST_2024, 540).max(later(die, fourteen, 90)));
        }
    } else if die.chance(if age(member.born, REFERENCE_DAY) < 6 { 120 } else { 350 }) {
        wallet.issue(later(die, FIRST_2024, 540).max(later(die, member.born, 60)));
    }
    while let Some(last) = wallet.last_day().filter(|day| *day < REFERENCE_DAY && die.chance(920)) {
        if !wallet.issue(later(die, last, 60)) {
            break;
        }
    }
    wallet.mishap(die);
    wallet.close();
    wallet.cards
}

/// The chip cards of somebody, as they come in.
struct Wallet<'a> {
    member: &'a Member,
    cards: Vec<Card>,
}

impl Wallet<'_> {
    /// Issues a card, unless the day is past the reference day or the person was gone by then.
    fn issue(&mut self, on: Date) -> bool {
        let gone = [self.member.died, self.member.emigrated, self.member.missing]
            .into_iter()
            .flatten()
            .min();
        if on >= gone.unwrap_or(REFERENCE_DAY).min(REFERENCE_DAY) {
            return false;
        }
        let layout = if on < FIRST_2024 {
            Layout::Cccd2021
        } else {
            Layout::CanCuoc2024
        };
        self.cards.push(Card {
            layout,
            issued_on: on,
            expires_on: expiry(self.member.born, on),
            ended: None,
        });
        true
    }

    /// The last day of the newest chip card.
    fn last_day(&self) -> Option<Date> {
        self.cards.last().filter(|card| card.layout != Layout::Cmnd)?.expires_on
    }

    /// A few cards are lost, most of those replaced; a few are held.
    fn mishap(&mut self, die: &mut Die) {
        let Some(last) = self.cards.last_mut().filter(|card| card.layout != Layout::Cmnd) else {
            return;
        };
        let throw = die.below(1000);
        let day = later(die, last.issued_on, 700);
        if day >= REFERENCE_DAY || throw >= 34 {
            return;
        }
        if throw < 3 {
            last.ended = Some((CardState::Held, day));
            return;
        }
        last.ended = Some((CardState::Lost, day));
        let again = later(die, day, 100);
        if throw < 24 {
            self.issue(again);
        }
    }

    /// An older card ends when the next is issued, all end with a death.
    fn close(&mut self) {
        let next: Vec<Date> = self.cards.iter().skip(1).map(|card| card.issued_on).collect();
        for (card, next) in self.cards.iter_mut().zip(next) {
            card.ended = card.ended.or(Some((CardState::Replaced, next)));
        }
        if let (Some(card), Some(died)) = (self.cards.last_mut(), self.member.died) {
            card.ended = card
                .ended
                .filter(|(_, since)| *since < died)
                .or(Some((CardState::Revoked, died)));
        }
    }
}

/// A day less than `days` after another.
fn later(die: &mut Die, day: Date, days: u16) -> Date {
    day.saturating_add(i64::from(die.small(days)).days())
}
