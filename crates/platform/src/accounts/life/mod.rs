//! The life of an account as a table: what may happen at which stage, and what stage follows.
//!
//! The diagram in `docs/states.md` is drawn from this table, and a test compares the two. The stage follows from what is kept of an account
//! ([`super::Standing`]); the conditions of the `UPDATE`s keep to the table, and the model test of applications checks every step against it.
//!
//! **Invariant:** an account goes from stage to stage along a row of this table and in no other way.

use std::fmt::Write as _;

use super::Standing;
use crate::shell::words::words;

words! {
    /// A stage in the life of an account.
    Stage {
        /// Registered; removed in time unless level 1 or 2 is applied for.
        New = "new",
        /// An application waits for its decision.
        Applied = "applied",
        /// A level was granted and waits for its activation.
        Granted = "granted",
        /// A level was granted and not activated in time.
        Overdue = "overdue",
        /// The level granted is in use.
        Active = "active",
        /// It is gone, and its number is free again.
        Removed = "removed",
    }
}

words! {
    /// What happens to an account.
    Change {
        /// An application is sent in.
        Apply = "applied",
        /// The last application is refused or lapses.
        Refuse = "refused",
        /// A level is approved.
        Grant = "granted",
        /// The level granted is put to use.
        Activate = "activated",
        /// Time passes.
        Time = "time",
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The stage before.
    pub from: Stage,
    /// What happens.
    pub change: Change,
    /// The stage after.
    pub to: Stage,
}

const fn row(from: Stage, change: Change, to: Stage) -> Passage {
    Passage { from, change, to }
}

/// Everything that can happen to an account. It begins as new.
pub const PASSAGES: &[Passage] = &[
    row(Stage::New, Change::Apply, Stage::Applied),
    row(Stage::New, Change::Time, Stage::Removed),
    row(Stage::Applied, Change::Refuse, Stage::New),
    row(Stage::Applied, Change::Grant, Stage::Granted),
    row(Stage::Granted, Change::Activate, Stage::Active),
    row(Stage::Granted, Change::Grant, Stage::Granted),
    row(Stage::Granted, Change::Time, Stage::Overdue),
    row(Stage::Overdue, Change::Grant, Stage::Granted),
    row(Stage::Active, Change::Grant, Stage::Granted),
];

/// The table as a state diagram in Mermaid.
pub fn diagram() -> String {
    let mut text = String::from("stateDiagram-v2\n    [*] --> new : registered\n");
    for row in PASSAGES {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "    {} --> {} : {}",
            row.from.word(),
            row.to.word(),
            row.change.word()
        );
    }
    text.push_str("    removed --> [*]\n");
    text
}

impl Standing {
    /// The stage of the life of an account that stands so.
    pub fn stage(&self) -> Stage {
        match self {
            Standing::New { .. } => Stage::New,
            Standing::Applied => Stage::Applied,
            Standing::Granted { .. } => Stage::Granted,
            Standing::Overdue => Stage::Overdue,
            Standing::Active => Stage::Active,
        }
    }
}
