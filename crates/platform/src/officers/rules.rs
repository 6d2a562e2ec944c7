//! Roles, units, and when a login is locked.

use civil::units::{Commune, Province};
use db::{Cell, Column};
use jiff::SignedDuration;
use jiff::civil::Date;

use crate::shell::words::words;

/// How many wrong passwords in a row lock a login.
pub(super) const MOST_FAILURES: i64 = 5;
/// For how long.
pub(super) const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(15);

/// The 34 provinces as they are since the last change of a kind (30/4/2026).
const PROVINCES_OF: Date = Date::constant(2026, 4, 30);
/// The unit of the ministry that manages identification: *Cục Cảnh sát quản lý hành chính về trật tự xã hội*.
pub const MINISTRY: &str = "C06";

words! {
    /// What an officer is. One officer has one role; what it may do stands in the policies.
    Role {
        /// *Cán bộ tiếp nhận*: takes applications for level 2 from people who are present.
        Counter = "counter",
        /// *Cán bộ xét duyệt*: decides applications of both levels.
        Reviewer = "reviewer",
        /// *Chỉ huy*: answers for the limits of a unit.
        Chief = "chief",
        /// *Cán bộ kiểm tra, thanh tra*: checks documents, odd access, and what citizens contest.
        Inspector = "inspector",
        /// *Điều tra viên*: acts for a competent body in a case.
        Investigator = "investigator",
        /// *Cán bộ Bộ*: decides for the managing agency.
        Ministry = "ministry",
        /// *Quản trị viên*: appoints officers and runs the platform.
        Administrator = "administrator",
    }
}

impl clap::ValueEnum for Role {
    fn value_variants<'a>() -> &'a [Self] {
        Role::ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.word()))
    }
}

impl Column for Role {
    fn read(cell: Cell<'_>) -> Result<Self, db::Error> {
        Role::of_word(&String::read(cell)?).ok_or_else(|| db::Error::Column {
            column: "role".to_owned(),
            why: "no such role".to_owned(),
        })
    }
}

words! {
    /// How far a unit's jurisdiction reaches.
    Rank {
        /// One commune.
        Commune = "commune",
        /// One province.
        Province = "province",
        /// The whole country.
        Ministry = "ministry",
    }
}

impl Rank {
    /// That of a unit, by its code.
    pub fn of(unit: &str) -> Self {
        match unit.len() {
            _ if unit == MINISTRY => Rank::Ministry,
            2 => Rank::Province,
            _ => Rank::Commune,
        }
    }
}

/// Whether there is such a unit: a commune, a province, or the ministry's.
pub(super) fn is_unit(code: &str) -> bool {
    match Rank::of(code) {
        Rank::Ministry => true,
        Rank::Province => civil::units::province(code, PROVINCES_OF).is_some(),
        Rank::Commune => civil::units::commune(code).is_some(),
    }
}

/// The code of the province that a unit lies in; empty for the ministry and for what is no unit.
pub fn province(unit: &str) -> String {
    match Rank::of(unit) {
        Rank::Ministry => String::new(),
        Rank::Province => unit.to_owned(),
        Rank::Commune => civil::units::commune(unit)
            .map(|commune| commune.province.to_owned())
            .unwrap_or_default(),
    }
}

/// The name of a unit of the police: *Công an Phường Ba Đình*.
pub fn unit(code: &str) -> String {
    let place = match Rank::of(code) {
        Rank::Ministry => return "Cục Cảnh sát QLHC về TTXH (C06)".to_owned(),
        Rank::Province => civil::units::province(code, PROVINCES_OF).map(Province::full_name),
        Rank::Commune => civil::units::commune(code).map(Commune::full_name),
    };
    format!("Công an {}", place.as_deref().unwrap_or(code))
}

/// Where an officer goes after signing in: a page of the officers' own, never another site.
pub(super) fn onward(next: &str) -> String {
    let ours = ["/officers", "/counter", "/inspection"].iter().any(|place| {
        next.strip_prefix(place)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    });
    let page = if ours && !next.contains(['\\', '\r', '\n']) && !next.starts_with("/officers/signin") {
        next
    } else {
        "/officers/desk"
    };
    page.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_officer_is_never_sent_to_another_site() {
        for next in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/account",
            "/officersx",
            "/officers/signin",
        ] {
            assert_eq!(onward(next), "/officers/desk", "{next}");
        }
        assert_eq!(onward("/officers/queue?level=1"), "/officers/queue?level=1");
        assert_eq!(onward("/counter"), "/counter");
    }
}
