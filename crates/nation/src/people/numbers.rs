//! How an index becomes a personal number and a number becomes an index again.
//!
//! The nation is made of families of fourteen positions (see [`super::family`]). The number of a family is taken apart
//! in mixed radix:
//!
//! ```text
//! index  = family · 14 + position
//! family = (round · 24 + era) · 500 + slot
//! ```
//!
//! - the *slot* says in which province births are registered, by a table of 500 weights;
//! - the *era* moves the birth years of the whole family by 0 to 23 years;
//! - the *round* has no meaning.
//!
//! In a personal number `PPP G YY 9 RRRRR` the province says which slots are possible, `G` the sex, and `RRRRR` carries
//! round, slot within the province and rank among the seven family members of that sex, passed through a permutation that
//! depends on the seed and on the cell (province, sex, year). The year of birth then gives the era, because the
//! distance of each position from the family's youngest depends on seed, slot and round only.

use civil::personal_number::BirthPlaceCode;
use civil::{PersonalNumber, Sex};

use super::family::{Births, SIZE};
use crate::die::Die;

pub(super) const SLOTS: u64 = 500;
pub(super) const ERAS: u64 = 24;
/// Members of one sex in a family.
const RANKS: u64 = 7;
/// The values of five digits.
const SERIALS: u64 = 100_000;
/// The first of the six random digits: the mark of a synthetic number.
const MARK: u32 = 900_000;
/// Slots of the province that has most.
const MOST_SLOTS: u64 = 23;
const ROUNDS: u64 = SERIALS / (MOST_SLOTS * RANKS);

/// The largest nation whose every number fits its mark.
pub(super) const LARGEST: u64 = ROUNDS * ERAS * SLOTS * SIZE;

/// Slots per province of birth registration: the shares of the census of 2019, the two largest cities cut to 23 of 500
/// so that five digits suffice for a nation of 100 million.
const SHARES: [(u16, u16); 63] = [
    (1, 23),
    (2, 5),
    (4, 3),
    (6, 2),
    (8, 4),
    (10, 4),
    (11, 3),
    (12, 3),
    (14, 7),
    (15, 5),
    (17, 5),
    (19, 7),
    (20, 4),
    (22, 8),
    (24, 10),
    (25, 8),
    (26, 7),
    (27, 8),
    (30, 11),
    (31, 12),
    (33, 7),
    (34, 11),
    (35, 5),
    (36, 10),
    (37, 6),
    (38, 21),
    (40, 19),
    (42, 7),
    (44, 5),
    (45, 4),
    (46, 6),
    (48, 6),
    (49, 9),
    (51, 7),
    (52, 8),
    (54, 5),
    (56, 7),
    (58, 3),
    (60, 7),
    (62, 3),
    (64, 9),
    (66, 11),
    (67, 4),
    (68, 7),
    (70, 6),
    (72, 7),
    (74, 14),
    (75, 18),
    (77, 7),
    (79, 23),
    (80, 10),
    (82, 10),
    (83, 7),
    (84, 6),
    (86, 6),
    (87, 9),
    (89, 11),
    (91, 10),
    (92, 7),
    (93, 4),
    (94, 7),
    (95, 5),
    (96, 7),
];

/// A place in the nation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) slot: u64,
    pub(super) era: u64,
    pub(super) round: u64,
    pub(super) position: u64,
}

impl Seat {
    pub(super) fn of(index: u64) -> Self {
        let (family, position) = (index / SIZE, index % SIZE);
        let (row, slot) = (family / SLOTS, family % SLOTS);
        Self {
            slot,
            era: row % ERAS,
            round: row / ERAS,
            position,
        }
    }

    pub(super) fn index(self) -> u64 {
        ((self.round * ERAS + self.era) * SLOTS + self.slot) * SIZE + self.position
    }
}

/// The table of slots, shuffled by the seed so that the first families come from all over the country.
#[derive(Debug)]
pub(super) struct Slots {
    seed: u64,
    /// By slot: the province and the rank of the slot among the province's slots.
    provinces: Vec<(u16, u64)>,
    /// By province code: its slots.
    of_province: Vec<Vec<u64>>,
}

impl Slots {
    pub(super) fn new(seed: u64) -> Self {
        let mut order: Vec<u16> = SHARES
            .iter()
            .flat_map(|(code, share)| (0..*share).map(|_| *code))
            .collect();
        let mut die = Die::new(seed, topic::SLOTS, &[]);
        for at in (1..order.len()).rev() {
            let with = usize::try_from(die.below(at as u64 + 1)).unwrap_or(0);
            order.swap(at, with);
        }
        let mut of_province = vec![Vec::new(); 100];
        let mut provinces = Vec::with_capacity(order.len());
        for (slot, code) in order.into_iter().enumerate() {
            let Some(slots) = of_province.get_mut(usize::from(code)) else {
                continue;
            };
            provinces.push((code, slots.len() as u64));
            slots.push(slot as u64);
        }
        Self {
            seed,
            provinces,
            of_province,
        }
    }

    /// The province in which the births of a slot are registered.
    pub(super) fn province(&self, slot: u64) -> u16 {
        self.entry(slot).0
    }

    fn entry(&self, slot: u64) -> (u16, u64) {
        usize::try_from(slot)
            .ok()
            .and_then(|slot| self.provinces.get(slot))
            .copied()
            .unwrap_or((1, 0))
    }

    fn of(&self, province: u16) -> &[u64] {
        self.of_province.get(usize::from(province)).map_or(&[], Vec::as_slice)
    }

    /// Where the birth of the person in a seat was registered; those who married in come from elsewhere.
    pub(super) fn birth_province(&self, seat: Seat) -> u16 {
        self.province((seat.slot + origin_shift(seat.position)) % SLOTS)
    }

    /// The number of the person in a seat.
    pub(super) fn number(&self, seat: Seat, births: &Births) -> Option<PersonalNumber> {
        let (sex, year) = (births.sex(seat.position), births.year(seat.position, seat.era));
        let (province, rank) = self.entry((seat.slot + origin_shift(seat.position)) % SLOTS);
        let slots = self.of(province).len() as u64;
        let ordinal = (seat.round * slots + rank) * RANKS + births.rank(seat.position);
        let serial = Cell::new(self.seed, province, sex, year).hide(ordinal);
        PersonalNumber::compose(
            BirthPlaceCode::new(province)?,
            sex,
            year,
            MARK + u32::try_from(serial).ok()?,
        )
        .ok()
    }

    /// The seat whose person would have this number; whether the nation is that large is not looked at.
    pub(super) fn seat(&self, number: &PersonalNumber) -> Option<Seat> {
        let digits = number.as_str();
        let province: u16 = digits.get(..3)?.parse().ok()?;
        let serial: u64 = digits.get(6..)?.strip_prefix('9')?.parse().ok()?;
        let (sex, year) = (number.sex(), number.birth_year());

        let ordinal = Cell::new(self.seed, province, sex, year).reveal(serial);
        let (rest, rank) = (ordinal / RANKS, ordinal % RANKS);
        let slots = self.of(province);
        let count = u64::try_from(slots.len()).ok().filter(|count| *count > 0)?;
        let (round, at) = (rest / count, rest % count);
        let origin = slots.get(usize::try_from(at).ok()?)?;
        let slot = (origin + SLOTS - rank_shift(sex, rank)) % SLOTS;

        let births = Births::new(self.seed, slot, round);
        let position = births.position(sex, rank)?;
        let era = births.era(position, year)?;
        Some(Seat {
            slot,
            era,
            round,
            position,
        })
    }
}

/// How many slots away from the family's own the birth of a person who married in was registered.
fn origin_shift(position: u64) -> u64 {
    match position {
        4 => 211,
        7 => 137,
        _ => 0,
    }
}

/// [`origin_shift`] of the person with a rank among those of a sex: positions 4 and 7 have fixed ranks.
fn rank_shift(sex: Sex, rank: u64) -> u64 {
    match (sex, rank) {
        (Sex::Male, 2) => origin_shift(4),
        (Sex::Female, 3) => origin_shift(7),
        _ => 0,
    }
}

/// A permutation of the serial numbers of one province, sex and year: four Feistel rounds over 250 × 400.
struct Cell(Die);

impl Cell {
    const LEFT: u64 = 250;
    const RIGHT: u64 = 400;

    fn new(seed: u64, province: u16, sex: Sex, year: i16) -> Self {
        let year = u64::from(year.unsigned_abs());
        Self(Die::new(
            seed,
            topic::CELL,
            &[u64::from(province), u64::from(sex == Sex::Female), year],
        ))
    }

    fn hide(&self, ordinal: u64) -> u64 {
        let (mut left, mut right) = (ordinal / Self::RIGHT % Self::LEFT, ordinal % Self::RIGHT);
        for round in 0..4 {
            if round % 2 == 0 {
                left = (left + self.pad(round, right, Self::LEFT)) % Self::LEFT;
            } else {
                right = (right + self.pad(round, left, Self::RIGHT)) % Self::RIGHT;
            }
        }
        left * Self::RIGHT + right
    }

    fn reveal(&self, serial: u64) -> u64 {
        let (mut left, mut right) = (serial / Self::RIGHT % Self::LEFT, serial % Self::RIGHT);
        for round in (0..4).rev() {
            if round % 2 == 0 {
                left = (left + Self::LEFT - self.pad(round, right, Self::LEFT)) % Self::LEFT;
            } else {
                right = (right + Self::RIGHT - self.pad(round, left, Self::RIGHT)) % Self::RIGHT;
            }
        }
        left * Self::RIGHT + right
    }

    fn pad(&self, round: u64, half: u64, bound: u64) -> u64 {
        let key = self.0.clone().next();
        Die::new(key, round, &[half]).below(bound)
    }
}

/// What a die is thrown for, in this module.
mod topic {
    pub(super) const SLOTS: u64 = 1;
    pub(super) const CELL: u64 = 2;
}
