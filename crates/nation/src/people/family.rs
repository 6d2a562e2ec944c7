//! A family of three generations: who is born when, of which sex, to whom, and what became of them.
//!
//! ```text
//!            0 grandfather ═ 1 grandmother
//!      .-----------+-----------------.
//! 2 son ═ 3 wife   5 daughter ═ 4 husband   6 son ═ 7 wife
//!    8, 9                10, 11                 12, 13
//! ```
//!
//! Three of the six grandchildren are boys; which ones, and every year of birth relative to the youngest member's, follow from
//! seed, slot and round. What the number does not carry (days, fates, names) follows from seed and family.

use civil::Sex;
use jiff::ToSpan;
use jiff::civil::Date;

use super::REFERENCE_DAY;
use super::numbers::{ERAS, Seat};
use crate::die::Die;

/// People in a family.
pub(super) const SIZE: u64 = 14;
/// Birth year of the youngest grandchild in the first era; in the last it is 2025.
const FIRST_YEAR: i16 = 2002;
/// The database of personal numbers begins: whoever has a number was alive then.
const FIRST_DEATH: Date = Date::constant(2016, 1, 1);

/// What a die is thrown for, in this module.
mod topic {
    pub(super) const BIRTHS: u64 = 11;
    pub(super) const FATE: u64 = 12;
}

/// Sexes of the members, and birth years relative to that of the youngest.
#[derive(Clone, Debug)]
pub(super) struct Births {
    offsets: [i16; 14],
    /// Bit by grandchild: a boy.
    boys: u8,
    /// The die's shift of the era, so that neighbouring families differ in age.
    era_shift: u64,
}

impl Births {
    pub(super) fn new(seed: u64, slot: u64, round: u64) -> Self {
        let mut die = Die::new(seed, topic::BIRTHS, &[slot, round]);
        let grandmother = die.small(6);
        let son = grandmother + 20 + die.small(5);
        let daughter = son + 2 + die.small(3);
        let younger = daughter + 2 + die.small(3);
        let wife = son - 1 + die.small(7);
        let husband = daughter - die.small(6);
        let younger_wife = younger - 1 + die.small(4);
        let mut offsets = [
            0,
            grandmother,
            son,
            wife,
            husband,
            daughter,
            younger,
            younger_wife,
            0,
            0,
            0,
            0,
            0,
            0,
        ];
        for (couple, mother) in [wife, daughter, younger_wife].into_iter().enumerate() {
            let first = mother + 21 + die.small(6);
            let second = first + 2 + die.small(5);
            let children = offsets.iter_mut().skip(8 + 2 * couple);
            children.zip([first, second]).for_each(|(offset, year)| *offset = year);
        }
        let pattern = usize::try_from(die.below(20)).unwrap_or(0);
        let youngest = offsets.iter().copied().max().unwrap_or(0);
        for offset in &mut offsets {
            *offset -= youngest;
        }
        let boys = (0_u8..64)
            .filter(|mask| mask.count_ones() == 3)
            .nth(pattern)
            .unwrap_or(0b000_111);
        Self {
            offsets,
            boys,
            era_shift: die.below(ERAS),
        }
    }

    pub(super) fn sex(&self, position: u64) -> Sex {
        let male = match position {
            0..8 => position.is_multiple_of(2),
            _ => self.boys >> (position - 8) & 1 == 1,
        };
        if male { Sex::Male } else { Sex::Female }
    }

    fn offset(&self, position: u64) -> i16 {
        usize::try_from(position)
            .ok()
            .and_then(|at| self.offsets.get(at))
            .copied()
            .unwrap_or(0)
    }

    /// Year of birth in an era.
    pub(super) fn year(&self, position: u64, era: u64) -> i16 {
        let shifted = i16::try_from((era + self.era_shift) % ERAS).unwrap_or(0);
        FIRST_YEAR + shifted + self.offset(position)
    }

    /// The era in which a position is born in a year.
    pub(super) fn era(&self, position: u64, year: i16) -> Option<u64> {
        let shifted = u64::try_from(year - FIRST_YEAR - self.offset(position))
            .ok()
            .filter(|era| *era < ERAS)?;
        Some((shifted + ERAS - self.era_shift) % ERAS)
    }

    /// How many members of the same sex come before a position.
    pub(super) fn rank(&self, position: u64) -> u64 {
        let sex = self.sex(position);
        (0..position).filter(|before| self.sex(*before) == sex).count() as u64
    }

    /// The inverse of [`Births::rank`].
    pub(super) fn position(&self, sex: Sex, rank: u64) -> Option<u64> {
        let rank = usize::try_from(rank).ok()?;
        (0..SIZE).filter(|position| self.sex(*position) == sex).nth(rank)
    }
}

/// Birth and fate of one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) sex: Sex,
    pub(crate) born: Date,
    pub(crate) died: Option<Date>,
    pub(crate) emigrated: Option<Date>,
    pub(crate) missing: Option<Date>,
    /// Cannot act for themselves, although of age.
    pub(super) incapable: bool,
}

impl Member {
    /// Alive and in the country on the reference day.
    pub(super) fn is_present(&self) -> bool {
        self.died.is_none() && self.emigrated.is_none() && self.missing.is_none()
    }

    /// Completed years of age on the reference day.
    pub(super) fn age(&self) -> i16 {
        super::age(self.born, REFERENCE_DAY)
    }

    /// Of age and able to act for others.
    pub(super) fn can_act(&self) -> bool {
        self.is_present() && self.age() >= 18 && !self.incapable
    }
}

/// The whole family, computed at once: fourteen births and fates.
#[derive(Clone, Debug)]
pub(super) struct Family {
    /// Its number in the nation.
    pub(super) number: u64,
    pub(super) members: [Member; 14],
}

impl Family {
    pub(super) fn new(seed: u64, seat: Seat, births: &Births) -> Self {
        let number = seat.index() / SIZE;
        let mut position = 0;
        let members = [(); 14].map(|()| {
            let member = fate(
                Die::new(seed, topic::FATE, &[number, position]),
                births,
                position,
                seat.era,
            );
            position += 1;
            member
        });
        let mut family = Self { number, members };
        family.let_parents_live();
        family
    }

    pub(super) fn member(&self, position: u64) -> Option<&Member> {
        self.members.get(usize::try_from(position).ok()?)
    }

    /// A parent dies after the birth of the youngest child, not before.
    fn let_parents_live(&mut self) {
        let births = self.members.map(|member| member.born);
        for (position, member) in (0..).zip(self.members.iter_mut()) {
            let youngest = children(position)
                .filter_map(|child| births.get(usize::try_from(child).ok()?))
                .max();
            if youngest.is_some_and(|born| member.died.is_some_and(|died| died < *born)) {
                member.died = None;
            }
        }
    }

    /// Who acts for a person: the parents of a minor, else the guardian (Bộ luật Dân sự 2015, Articles 52–54, 136).
    pub(super) fn guardians(&self, position: u64) -> Vec<u64> {
        let Some(person) = self.member(position).filter(|person| person.is_present()) else {
            return Vec::new();
        };
        let minor = person.age() < 18;
        if !minor && !person.incapable {
            return Vec::new();
        }
        let able = |at: &u64| self.member(*at).is_some_and(Member::can_act);
        let parents: Vec<u64> = parents(position).into_iter().flatten().filter(able).collect();
        if minor && !parents.is_empty() {
            return parents;
        }
        let kin = spouse(position)
            .into_iter()
            .chain(parents)
            .chain(children(position))
            .chain([0, 1, 2, 5, 6]);
        kin.filter(|at| *at != position).find(able).into_iter().collect()
    }
}

fn fate(mut die: Die, births: &Births, position: u64, era: u64) -> Member {
    let year = births.year(position, era);
    let month = i8::try_from(die.below(12) + 1).unwrap_or(1);
    let first = Date::new(year, month, 1).unwrap_or(REFERENCE_DAY);
    let born = first.saturating_add(i64::from(die.small(u16::from(first.days_in_month().unsigned_abs()))).days());

    let died = Some(lifetime(&mut die, born)).filter(|day| *day < REFERENCE_DAY);
    let mut member = Member {
        sex: births.sex(position),
        born,
        died,
        emigrated: None,
        missing: None,
        incapable: false,
    };
    let age = member.age();
    let event = FIRST_DEATH.saturating_add(i64::from(die.small(3600)).days());
    if died.is_none() && (25..65).contains(&age) {
        match die.below(2000) {
            0..14 => member.emigrated = Some(event),
            14 => member.missing = Some(event),
            _ => {}
        }
    }
    member.incapable = age >= 18 && die.chance(4);
    member
}

/// Of a thousand born, how many reach an age; roughly the country's life table.
const SURVIVORS: [(i16, i64); 11] = [
    (0, 1000),
    (1, 988),
    (20, 975),
    (40, 950),
    (50, 920),
    (60, 860),
    (70, 740),
    (80, 520),
    (90, 200),
    (100, 20),
    (108, 0),
];

/// The day of death of somebody who was alive in 2016.
fn lifetime(die: &mut Die, born: Date) -> Date {
    let alive = survivors(super::age(born, FIRST_DEATH).max(0));
    let left = i64::try_from(die.below(alive.unsigned_abs())).unwrap_or(0);
    let mut steps = SURVIVORS.windows(2);
    let day = steps.find_map(|step| match step {
        [(from, many), (to, few)] if left >= *few => {
            Some(i64::from(*from) * 365 + (many - left) * i64::from(to - from) * 365 / (many - few))
        }
        _ => None,
    });
    let extra = i64::from(die.small(365));
    born.saturating_add((day.unwrap_or(0) + extra).days())
        .max(FIRST_DEATH.saturating_add(extra.days()))
}

/// Survivors of a thousand at an age; at least one.
fn survivors(age: i16) -> i64 {
    let step = SURVIVORS
        .windows(2)
        .find(|step| matches!(step, [_, (to, _)] if age < *to));
    match step {
        Some([(from, many), (to, few)]) => many - (many - few) * i64::from(age - from) / i64::from(to - from),
        _ => 1,
    }
}

/// Father and mother of a position, if they are in the family.
pub(super) fn parents(position: u64) -> Option<[u64; 2]> {
    match position {
        2 | 5 | 6 => Some([0, 1]),
        8 | 9 => Some([2, 3]),
        10 | 11 => Some([4, 5]),
        12 | 13 => Some([6, 7]),
        _ => None,
    }
}

pub(super) fn spouse(position: u64) -> Option<u64> {
    (position < 8).then_some(position ^ 1)
}

pub(super) fn children(position: u64) -> impl Iterator<Item = u64> {
    let children: &[u64] = match position {
        0 | 1 => &[2, 5, 6],
        2 | 3 => &[8, 9],
        4 | 5 => &[10, 11],
        6 | 7 => &[12, 13],
        _ => &[],
    };
    children.iter().copied()
}
