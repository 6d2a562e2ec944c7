//! The life of an application as a table: what may happen in which state, who lets it happen, and what state follows.
//!
//! The diagram in `docs/states.md` is drawn from this table, and a test compares the two.
//!
//! **Invariant:** the state of an application changes along a row of this table and in no other way.

use std::fmt::Write as _;

use super::rules::{Event, State};

#[cfg(test)]
mod tests;

/// Who lets something happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The applicant, or the counter officer for a person who is present.
    Applicant,
    /// A reviewer who did not take the application.
    Reviewer,
    /// The reviewer who holds it; in an abandoned claim, or on a chief's order, anybody in their place.
    Holder,
    /// A second officer, who did not propose the approval.
    Second,
    /// The holder of the account.
    Citizen,
    /// The clock.
    Time,
    /// The approval of the higher level.
    HigherLevel,
}

impl By {
    fn word(self) -> &'static str {
        match self {
            By::Applicant => "applicant",
            By::Reviewer => "reviewer",
            By::Holder => "who holds it",
            By::Second => "second officer",
            By::Citizen => "citizen",
            By::Time => "time",
            By::HigherLevel => "higher level",
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The state before.
    pub from: State,
    /// What happens.
    pub event: Event,
    /// The state after.
    pub to: State,
    /// Who lets it happen.
    pub by: By,
}

const fn row(from: State, event: Event, to: State, by: By) -> Transition {
    Transition { from, event, to, by }
}

/// Everything that can happen to an application. It begins as a draft.
pub const TRANSITIONS: &[Transition] = &[
    row(State::Draft, Event::Submit, State::Submitted, By::Applicant),
    row(State::MoreNeeded, Event::Submit, State::Submitted, By::Applicant),
    row(State::Submitted, Event::Claim, State::Claimed, By::Reviewer),
    row(State::Claimed, Event::Claim, State::Claimed, By::Reviewer),
    row(State::Claimed, Event::Release, State::Submitted, By::Holder),
    row(State::Claimed, Event::Ask, State::MoreNeeded, By::Holder),
    row(State::Claimed, Event::Refuse, State::Refused, By::Holder),
    row(State::Claimed, Event::Approve, State::Approved, By::Holder),
    row(State::Claimed, Event::Propose, State::Proposed, By::Holder),
    row(State::Proposed, Event::Approve, State::Approved, By::Second),
    row(State::Proposed, Event::Release, State::Submitted, By::Second),
    row(State::Approved, Event::Activate, State::Activated, By::Citizen),
    row(State::Approved, Event::Lapse, State::Lapsed, By::Time),
    row(State::MoreNeeded, Event::Lapse, State::Lapsed, By::Time),
    row(State::Draft, Event::Supersede, State::Superseded, By::HigherLevel),
    row(State::Submitted, Event::Supersede, State::Superseded, By::HigherLevel),
    row(State::Claimed, Event::Supersede, State::Superseded, By::HigherLevel),
    row(State::Proposed, Event::Supersede, State::Superseded, By::HigherLevel),
    row(State::MoreNeeded, Event::Supersede, State::Superseded, By::HigherLevel),
    row(State::Approved, Event::Supersede, State::Superseded, By::HigherLevel),
];

impl State {
    /// The state after an event; `None` where the event cannot happen.
    pub fn after(self, event: Event) -> Option<State> {
        let fits = |row: &&Transition| row.from == self && row.event == event;
        TRANSITIONS.iter().find(fits).map(|row| row.to)
    }
}

/// The table as a state diagram in Mermaid.
pub fn diagram() -> String {
    let mut text = String::from("stateDiagram-v2\n    [*] --> draft : opened (applicant)\n");
    for row in TRANSITIONS {
        let (from, to) = (row.from.word(), row.to.word());
        // Writing to a string does not fail.
        let _ = writeln!(text, "    {from} --> {to} : {} ({})", row.event.word(), row.by.word());
    }
    for state in State::ALL.iter().filter(|state| !state.is_live()) {
        let _ = writeln!(text, "    {} --> [*]", state.word());
    }
    text
}
