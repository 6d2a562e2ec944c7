//! The steps of the tour.

use serde::Serialize;

use crate::accounts::Level;

/// Where somebody stands on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// The level in use and the level granted, where there is an account.
    pub(super) levels: Option<(Level, Level)>,
    /// The level that is being asked for.
    pub(super) asked: Option<Level>,
}

/// Who does a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    Citizen,
    Counter,
    Reviewer,
}

impl Role {
    /// The sentence that names it.
    pub(super) fn id(self) -> &'static str {
        match self {
            Role::Citizen => "sandbox-role-citizen",
            Role::Counter => "sandbox-role-counter",
            Role::Reviewer => "sandbox-role-reviewer",
        }
    }
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Done,
    Now,
    Later,
}

/// A step of the tour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Step {
    /// The last part of its sentence.
    pub(super) step: &'static str,
    pub(super) role: Role,
    /// Where it is done.
    pub(super) to: &'static str,
    pub(super) state: State,
}

impl Step {
    /// The sentence that says what to do.
    pub(super) fn id(&self) -> String {
        format!("sandbox-step-{}", self.step)
    }

    pub(super) fn is(&self, state: &str) -> bool {
        self.state_word() == state
    }

    pub(super) fn state_word(&self) -> &'static str {
        match self.state {
            State::Done => "done",
            State::Now => "now",
            State::Later => "later",
        }
    }
}

/// The way from nothing to a signed-in portal.
const WAY: [(&str, Role, &str); 9] = [
    ("register", Role::Citizen, "/registration"),
    ("ask-1", Role::Citizen, "/applications/level-1"),
    ("decide-1", Role::Reviewer, "/officers/queue"),
    ("activate-1", Role::Citizen, "/activation"),
    ("ask-2", Role::Counter, "/counter"),
    ("decide-2", Role::Reviewer, "/officers/queue"),
    ("activate-2", Role::Citizen, "/activation"),
    ("eid", Role::Citizen, "/eid"),
    ("portal", Role::Citizen, "/sandbox/partners"),
];

/// The steps for somebody: done, to be done now, or later. At the end two things can be done now.
pub(super) fn steps(standing: Standing) -> Vec<Step> {
    let now = match (standing.levels, standing.asked) {
        (_, Some(Level::Two)) => 5,
        (_, Some(_)) => 2,
        (None, None) => 0,
        (Some((used, granted)), None) if granted > used => {
            if granted == Level::Two {
                6
            } else {
                3
            }
        }
        (Some((Level::Zero, _)), None) => 1,
        (Some((Level::One, _)), None) => 4,
        (Some((Level::Two, _)), None) => 7,
    };
    WAY.into_iter()
        .enumerate()
        .map(|(at, (step, role, to))| {
            let state = match at.cmp(&now) {
                std::cmp::Ordering::Less => State::Done,
                std::cmp::Ordering::Equal => State::Now,
                std::cmp::Ordering::Greater if now == 7 => State::Now,
                std::cmp::Ordering::Greater => State::Later,
            };
            Step { step, role, to, state }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standing_has_its_next_step() {
        let standing = |levels, asked| Standing { levels, asked };
        let next = |standing| {
            let steps = steps(standing);
            let now: Vec<_> = steps.iter().filter(|step| step.state == State::Now).collect();
            now.iter().map(|step| step.step).collect::<Vec<_>>().join(" ")
        };
        let (zero, one, two) = (Level::Zero, Level::One, Level::Two);

        let told = [
            next(standing(None, None)),
            next(standing(Some((zero, zero)), None)),
            next(standing(Some((zero, zero)), Some(one))),
            next(standing(Some((zero, one)), None)),
            next(standing(Some((one, one)), None)),
            next(standing(Some((one, one)), Some(two))),
            next(standing(Some((one, two)), None)),
            next(standing(Some((two, two)), None)),
            next(standing(None, Some(two))),
        ];

        let expected = [
            "register",
            "ask-1",
            "decide-1",
            "activate-1",
            "ask-2",
            "decide-2",
            "activate-2",
            "eid portal",
            "decide-2",
        ];
        assert_eq!(told, expected);
    }
}
