//! Roles, units, and when a login is locked.

use db::{Cell, Column};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How many wrong passwords in a row lock a login.
pub(super) const MOST_FAILURES: i64 = 5;
/// For how long.
pub(super) const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(15);

/// What an officer may do. One officer has one role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// *Cán bộ tiếp nhận*: takes applications for level 2 from people who are present.
    Counter,
    /// *Cán bộ xét duyệt*: decides applications of both levels.
    Reviewer,
    /// *Quản trị viên*: sees who is an officer.
    Administrator,
}

impl Role {
    /// The word for it in tables and sentences.
    pub fn word(self) -> &'static str {
        match self {
            Role::Counter => "counter",
            Role::Reviewer => "reviewer",
            Role::Administrator => "administrator",
        }
    }
}

impl Column for Role {
    fn read(cell: Cell<'_>) -> Result<Self, db::Error> {
        // A word that this program does not know gives the least right there is.
        Ok(match String::read(cell)?.as_str() {
            "reviewer" => Role::Reviewer,
            "administrator" => Role::Administrator,
            _ => Role::Counter,
        })
    }
}

/// The name of a commune's police: *Công an Phường Ba Đình*.
pub fn unit(commune: &str) -> String {
    civil::units::commune(commune).map_or_else(
        || format!("Công an {commune}"),
        |commune| format!("Công an {}", commune.full_name()),
    )
}

/// Where an officer goes after signing in: a page of the officers' own, never another site.
pub(super) fn onward(next: &str) -> String {
    let ours = ["/officers", "/counter"].iter().any(|place| {
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
