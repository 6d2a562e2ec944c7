//! States, what happens to applications, and reasons: no I/O, no clock, no dice.

use db::{Cell, Column};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Pause;
use super::evidence::{ChipSeen, Findings};
pub(super) use crate::shell::words::words;

/// A claim that is older may be taken over: its officer has gone home.
pub(super) const CLAIM_LASTS: SignedDuration = SignedDuration::from_hours(4);
/// A draft that was not submitted is forgotten, its pictures with it.
pub(super) const DRAFT_LASTS: SignedDuration = SignedDuration::from_hours(24);

words! {
    /// Where an application stands.
    State {
        /// Being put together; nobody works on it.
        Draft = "draft",
        /// Waits in the queue; the legal time runs.
        Submitted = "submitted",
        /// One reviewer works on it.
        Claimed = "claimed",
        /// Approval against a failing check is proposed; waits for a second officer.
        Proposed = "proposed",
        /// Something is missing; the time runs anew once it is sent.
        MoreNeeded = "more-needed",
        /// Approved; waits for its activation.
        Approved = "approved",
        /// Refused, with reasons.
        Refused = "refused",
        /// Activated: the level is in use.
        Activated = "activated",
        /// What had to be sent or activated was not, in time.
        Lapsed = "lapsed",
        /// A higher level was approved meanwhile.
        Superseded = "superseded",
    }
}

words! {
    /// What happens to an application.
    Event {
        /// Opened as a draft.
        Open = "opened",
        /// Sent in, or sent again with what was missing.
        Submit = "submitted",
        /// Taken up by a reviewer.
        Claim = "claimed",
        /// Given back by the reviewer.
        Release = "released",
        /// More is asked for.
        Ask = "more-asked",
        /// Approval is proposed against a failing check.
        Propose = "proposed",
        /// Approved.
        Approve = "approved",
        /// Refused.
        Refuse = "refused",
        /// Activated by the holder.
        Activate = "activated",
        /// The time for sending or activating is over.
        Lapse = "lapsed",
        /// A higher level was approved.
        Supersede = "superseded",
    }
}

impl State {
    /// Whether something can still happen to it.
    pub fn is_live(self) -> bool {
        !matches!(
            self,
            State::Refused | State::Activated | State::Lapsed | State::Superseded
        )
    }

    /// Whether the applicant can still put something to it.
    pub fn is_open(self) -> bool {
        matches!(self, State::Draft | State::MoreNeeded)
    }

    /// Whether the legal time runs.
    pub fn waits(self) -> bool {
        matches!(self, State::Submitted | State::Claimed | State::Proposed)
    }
}

impl Column for State {
    fn read(cell: Cell<'_>) -> Result<Self, db::Error> {
        State::of_word(&String::read(cell)?).ok_or_else(|| db::Error::Column {
            column: "state".to_owned(),
            why: "no such state".to_owned(),
        })
    }
}

words! {
    /// Why an application is refused, or what is missing.
    Reason {
        /// The portrait is blurred, dark or covered.
        PortraitPoor = "portrait-poor",
        /// The portrait shows somebody else.
        FaceDiffers = "face-differs",
        /// What was declared differs from the databases.
        DataDiffer = "data-differ",
        /// The card cannot be used.
        CardInvalid = "card-invalid",
        /// The chip's data are not the state's.
        ChipNotAuthentic = "chip-not-authentic",
        /// The fingerprints are unusable or somebody else's.
        PrintsPoor = "prints-poor",
        /// An original was not shown.
        OriginalMissing = "original-missing",
        /// The law does not allow it to this person.
        NotEligible = "not-eligible",
        /// Another reason, in the reviewer's words.
        Other = "other",
    }
}

words! {
    /// How carefully an application has to be looked at.
    Risk {
        /// Every automatic check agrees.
        Low = "low",
        /// Nothing disagrees, but something could not be checked.
        Raised = "raised",
        /// An automatic check fails.
        High = "high",
    }
}

/// An automatic check that can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Check {
    /// The databases, the chip and what was declared agree.
    Data,
    /// The chip is authentic.
    Chip,
    /// The card can be used.
    Card,
    /// The face is that of the chip and of the ID-card database.
    Face,
    /// The prints are those of the ID-card database.
    Prints,
}

impl Check {
    /// The last part of the sentence about it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Check::Data => "data",
            Check::Chip => "chip",
            Check::Card => "card",
            Check::Face => "face",
            Check::Prints => "prints",
        }
    }

    /// The checks that fail. An application for who has no card that can be used is allowed; then the card is no check.
    pub(super) fn failing(findings: &Findings, basis: Option<&str>) -> Vec<Check> {
        let mut failing = Vec::new();
        if findings.differences() > 0 {
            failing.push(Check::Data);
        }
        if matches!(findings.chip, ChipSeen::Refused { .. }) {
            failing.push(Check::Chip);
        }
        if !findings.has_valid_card() && basis != Some("no-card") {
            failing.push(Check::Card);
        }
        if findings.face_differs() {
            failing.push(Check::Face);
        }
        if findings.print_differs() {
            failing.push(Check::Prints);
        }
        failing
    }
}

impl Risk {
    /// That of what comparing found.
    pub(super) fn of(findings: &Findings) -> Self {
        findings.risk()
    }
}

/// The times between a wish for more and what was sent, out of everything that happened, oldest first.
pub(super) fn pauses(events: &[(Timestamp, String)]) -> Vec<Pause> {
    let mut pauses: Vec<Pause> = Vec::new();
    for (at, what) in events {
        match Event::of_word(what) {
            Some(Event::Ask) => pauses.push(Pause { from: *at, to: None }),
            Some(Event::Submit | Event::Lapse | Event::Supersede) => {
                if let Some(pause) = pauses.last_mut().filter(|pause| pause.to.is_none()) {
                    pause.to = Some(*at);
                }
            }
            _ => {}
        }
    }
    pauses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_stands_still_from_the_wish_for_more_to_its_answer() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let happened = |second, event: Event| (at(second), event.word().to_owned());
        let events = [
            happened(1, Event::Submit),
            happened(2, Event::Claim),
            happened(3, Event::Ask),
            happened(5, Event::Submit),
            happened(7, Event::Ask),
        ];

        let found = pauses(&events);

        let expected = [(3, Some(5)), (7, None)].map(|(from, to)| Pause {
            from: at(from),
            to: to.map(at),
        });
        assert_eq!(found, expected);
    }
}
