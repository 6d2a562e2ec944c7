//! Who lives with whom, and what they are to the head of the household.

use civil::Sex;

use super::family::{self, Family, Member, SIZE};
use crate::die::Die;

/// Household numbers per family: 0 the eldest son's, 1 the daughter's, 2 the younger son's, 3 the grandparents' own.
pub(super) const PER_FAMILY: u64 = 4;

/// What a die is thrown for, in this module.
mod topic {
    pub(super) const DIVISION: u64 = 51;
}

/// *Hộ gia đình*: people registered at one permanent residence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Household {
    /// Its number in the nation.
    pub number: u64,
    /// *Chủ hộ*: an index; `None` when nobody is left.
    pub head: Option<u64>,
    /// Everybody alive and in the country on the reference day, the head first.
    pub members: Vec<HouseholdMember>,
}

/// A member of a household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HouseholdMember {
    /// Index of the person.
    pub index: u64,
    /// *Quan hệ với chủ hộ*: `Chủ hộ`, `Vợ`, `Con`, `Cháu nội` …
    pub relation: &'static str,
}

/// How a family is divided into households.
pub(super) struct Division<'a> {
    family: &'a Family,
    grandparents_apart: bool,
    moved: [bool; 3],
}

impl<'a> Division<'a> {
    pub(super) fn new(seed: u64, family: &'a Family) -> Self {
        let mut die = Die::new(seed, topic::DIVISION, &[family.number]);
        let grandparents_apart = die.chance(350);
        let moved = [grandparents_apart && die.chance(300), die.chance(350), die.chance(350)];
        Self {
            family,
            grandparents_apart,
            moved,
        }
    }

    /// Whether a household has left the province of the family for a city.
    pub(super) fn moved(&self, household: u64) -> bool {
        let at = usize::try_from(household % PER_FAMILY).unwrap_or(0);
        self.moved.get(at).copied().unwrap_or(false)
    }

    /// The number of the household of a member. Children whose parents are gone live with their guardian.
    pub(super) fn of(&self, position: u64) -> u64 {
        let orphan = self
            .family
            .member(position)
            .is_some_and(|child| child.is_present() && child.age() < 18)
            && !family::parents(position)
                .into_iter()
                .flatten()
                .any(|parent| self.is_present(parent));
        let with = if orphan {
            self.family.guardians(position).first().copied()
        } else {
            None
        };
        self.family.number * PER_FAMILY + self.house(with.unwrap_or(position))
    }

    fn house(&self, position: u64) -> u64 {
        match position {
            0 | 1 if self.grandparents_apart => 3,
            0..4 | 8 | 9 => 0,
            4 | 5 | 10 | 11 => 1,
            _ => 2,
        }
    }

    fn is_present(&self, position: u64) -> bool {
        self.family.member(position).is_some_and(Member::is_present)
    }

    /// A household as it is on the reference day.
    pub(super) fn household(&self, number: u64) -> Household {
        let mut present: Vec<u64> = (0..SIZE)
            .filter(|position| self.is_present(*position) && self.of(*position) == number)
            .collect();
        let able = |position: &&u64| {
            self.family
                .member(**position)
                .is_some_and(|one| one.can_act() && one.age() < 85)
        };
        let head = present.iter().find(able).or(present.first()).copied();
        present.sort_by_key(|position| (Some(*position) != head, *position));
        let index = |position: u64| self.family.number * SIZE + position;
        let members = present.iter().map(|position| HouseholdMember {
            index: index(*position),
            relation: head.map_or("Người thân", |head| self.relation(*position, head)),
        });
        Household {
            number,
            head: head.map(index),
            members: members.collect(),
        }
    }

    /// What a member is to the head.
    fn relation(&self, member: u64, head: u64) -> &'static str {
        let male = self.family.member(member).is_some_and(|member| member.sex == Sex::Male);
        let by_sex = |man, woman| if male { man } else { woman };
        let is_parent = |parent: u64, child: u64| family::parents(child).is_some_and(|both| both.contains(&parent));
        let parent_of_parent = |one: u64, other: u64| {
            family::parents(other)
                .into_iter()
                .flatten()
                .find(|parent| is_parent(one, *parent))
        };
        let through_father = |parent: u64| matches!(parent, 2 | 6);

        if member == head {
            "Chủ hộ"
        } else if family::spouse(member) == Some(head) {
            by_sex("Chồng", "Vợ")
        } else if is_parent(head, member) {
            "Con"
        } else if is_parent(member, head) {
            by_sex("Bố", "Mẹ")
        } else if family::spouse(member).is_some_and(|spouse| is_parent(head, spouse)) {
            by_sex("Con rể", "Con dâu")
        } else if family::spouse(head).is_some_and(|spouse| is_parent(member, spouse)) {
            if matches!(head, 3 | 7) {
                by_sex("Bố chồng", "Mẹ chồng")
            } else {
                by_sex("Bố vợ", "Mẹ vợ")
            }
        } else if let Some(parent) = parent_of_parent(head, member) {
            if through_father(parent) {
                "Cháu nội"
            } else {
                "Cháu ngoại"
            }
        } else if let Some(parent) = parent_of_parent(member, head) {
            if through_father(parent) {
                by_sex("Ông nội", "Bà nội")
            } else {
                by_sex("Ông ngoại", "Bà ngoại")
            }
        } else if family::parents(member).is_some() && family::parents(member) == family::parents(head) {
            if member < head { by_sex("Anh", "Chị") } else { "Em" }
        } else {
            "Người thân"
        }
    }
}
