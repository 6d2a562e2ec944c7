//! States, what happens to applications, and reasons: no I/O, no clock, no dice.

use db::{Cell, Column};
use jiff::SignedDuration;

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
    /// The state after an event; `None` where the event cannot happen. The table of [`super`] in code.
    pub fn after(self, event: Event) -> Option<State> {
        match (self, event) {
            (State::Draft | State::MoreNeeded, Event::Submit) | (State::Claimed, Event::Release) => {
                Some(State::Submitted)
            }
            (State::Submitted | State::Claimed, Event::Claim) => Some(State::Claimed),
            (State::Claimed, Event::Ask) => Some(State::MoreNeeded),
            (State::Claimed, Event::Approve) => Some(State::Approved),
            (State::Claimed, Event::Refuse) => Some(State::Refused),
            (State::Approved, Event::Activate) => Some(State::Activated),
            (State::Approved | State::MoreNeeded, Event::Lapse) => Some(State::Lapsed),
            (state, Event::Supersede) if state.is_live() => Some(State::Superseded),
            _ => None,
        }
    }

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
        matches!(self, State::Submitted | State::Claimed)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_event() -> impl Strategy<Value = Event> {
        proptest::sample::select(Event::ALL)
    }

    proptest! {
        #[test]
        fn no_sequence_of_events_reaches_a_forbidden_state(events in proptest::collection::vec(any_event(), 0..60)) {
            let mut state = State::Draft;
            let mut happened = Vec::new();
            for event in events {
                let Some(next) = state.after(event) else { continue };
                prop_assert!(state.is_live(), "{:?} happened after the end {:?}", event, state);
                if matches!(event, Event::Approve | Event::Refuse | Event::Ask) {
                    prop_assert_eq!(state, State::Claimed, "decided by nobody");
                }
                if next == State::Activated {
                    prop_assert_eq!(happened.last(), Some(&Event::Approve));
                    prop_assert!(!happened.contains(&Event::Refuse));
                }
                prop_assert!(event == Event::Submit || event == Event::Supersede || state != State::Draft);
                happened.push(event);
                state = next;
            }
            let decisions = happened.iter().filter(|event| matches!(event, Event::Approve | Event::Refuse)).count();
            prop_assert!(decisions <= 1, "decided twice");
        }
    }
}
