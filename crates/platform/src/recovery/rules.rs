//! The state machine of a recovery, and the rights that return in steps. The handlers and the model of attackers ask the same rules.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How access is recovered without the old device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Way {
    /// Two trusted relatives confirm, each in the own account.
    Relatives,
    /// The chip of the card and the face.
    CardAndFace,
    /// An officer who saw the person.
    Counter,
}

impl Way {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Way::Relatives => "relatives",
            Way::CardAndFace => "card-and-face",
            Way::Counter => "counter",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Way::Relatives, Way::CardAndFace, Way::Counter]
            .into_iter()
            .find(|way| way.word() == word)
    }

    /// How long the old device and the old phone have for stopping it, once it is proven.
    pub(crate) fn cools(self) -> SignedDuration {
        match self {
            Way::Relatives => SignedDuration::from_hours(72),
            Way::CardAndFace => SignedDuration::from_hours(24),
            Way::Counter => SignedDuration::ZERO,
        }
    }
}

/// How long the proof may take.
pub(crate) const GATHERS: SignedDuration = SignedDuration::from_hours(72);
/// How long a proven recovery can be finished once it has cooled off.
pub(crate) const STAYS_OPEN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many relatives confirm.
pub(crate) const RELATIVES: usize = 2;
/// For how long a relative must have been trusted before a recovery is begun: who steals a session names none in time.
pub(crate) const TRUSTED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// For how long a phone proves little after it was changed without the old one, or after the password was reset by it.
pub(crate) const PHONE_IS_FRESH: SignedDuration = SignedDuration::from_hours(72);
/// How long a change of phone without the old one can be stopped before it takes effect.
pub(crate) const PHONE_COOLS: SignedDuration = SignedDuration::from_hours(72);
/// After a recovery papers are shown again.
const PRESENTS_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// After a recovery phone, relatives and means are changed again.
const CHANGES_AFTER: SignedDuration = SignedDuration::from_hours(72);

/// A recovery as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) way: Way,
    pub(crate) started_at: Timestamp,
    /// Since when it is proven.
    pub(crate) proven_at: Option<Timestamp>,
    pub(crate) finished_at: Option<Timestamp>,
    pub(crate) stopped_at: Option<Timestamp>,
}

/// Where a recovery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub(crate) enum State {
    /// The proof is being gathered.
    Gathering {
        /// The last instant for it.
        until: Timestamp,
    },
    /// It is proven; the old device and phone can still stop it.
    Cooling {
        /// When it opens.
        until: Timestamp,
    },
    /// New secrets can be set.
    Open {
        /// The last instant for it.
        until: Timestamp,
    },
    /// Access was recovered.
    Finished,
    /// The holder stopped it.
    Stopped,
    /// Its time went by.
    Lapsed,
}

impl State {
    pub(crate) fn slug(&self) -> &'static str {
        match self {
            State::Gathering { .. } => "gathering",
            State::Cooling { .. } => "cooling",
            State::Open { .. } => "open",
            State::Finished => "finished",
            State::Stopped => "stopped",
            State::Lapsed => "lapsed",
        }
    }
}

/// What happens to a recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The proof is complete.
    Proven,
    /// The holder stops it, by the old device, the old phone, or signed in.
    Stopped,
    /// New secrets are set.
    Finished,
}

impl Case {
    /// A new recovery.
    pub(crate) fn begun(way: Way, now: Timestamp) -> Self {
        Self {
            way,
            started_at: now,
            proven_at: None,
            finished_at: None,
            stopped_at: None,
        }
    }

    /// Where it stands at an instant.
    pub(crate) fn state(&self, now: Timestamp) -> State {
        if self.finished_at.is_some() {
            return State::Finished;
        }
        if self.stopped_at.is_some() {
            return State::Stopped;
        }
        let (opens, until) = match self.proven_at {
            None if now < self.started_at + GATHERS => {
                return State::Gathering {
                    until: self.started_at + GATHERS,
                };
            }
            None => return State::Lapsed,
            Some(proven) => {
                let opens = proven + self.way.cools();
                (opens, opens + STAYS_OPEN)
            }
        };
        match () {
            () if now < opens => State::Cooling { until: opens },
            () if now < until => State::Open { until },
            () => State::Lapsed,
        }
    }

    /// What it becomes by an event; `None` if the event does not fit its state.
    pub(crate) fn after(mut self, event: Event, now: Timestamp) -> Option<Self> {
        match (self.state(now), event) {
            (State::Gathering { .. }, Event::Proven) => self.proven_at = Some(now),
            (State::Open { .. }, Event::Finished) => self.finished_at = Some(now),
            (State::Gathering { .. } | State::Cooling { .. } | State::Open { .. }, Event::Stopped) => {
                self.stopped_at = Some(now);
            }
            _ => return None,
        }
        Some(self)
    }
}

/// A right that returns after a recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// To show papers and the identity.
    Present,
    /// To change the phone, the relatives and the means of signing in.
    Change,
}

/// When a right returns after a recovery by a way. Signing in and seeing the own data returns at once.
pub(crate) fn returns(right: Right, way: Way, recovered_at: Timestamp) -> Timestamp {
    match (way, right) {
        (Way::Counter, _) => recovered_at,
        (_, Right::Present) => recovered_at + PRESENTS_AFTER,
        (_, Right::Change) => recovered_at + CHANGES_AFTER,
    }
}

/// Whether a trusted relative counts in a recovery.
pub(crate) fn counts(agreed_at: Timestamp, started_at: Timestamp) -> bool {
    started_at.duration_since(agreed_at) >= TRUSTED_FOR
}

/// What somebody has shown who wants to change the phone number. The new number was proved by a code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PhoneShown {
    /// The passcode was right.
    pub(crate) passcode: bool,
    /// A code to the old number was right.
    pub(crate) old_phone: bool,
    /// The session belongs to the person's device, or was opened or raised by a passkey.
    pub(crate) own_device: bool,
}

/// When a change of phone takes effect; `None` if it does not.
pub(crate) fn phone_changes(shown: PhoneShown, now: Timestamp) -> Option<Timestamp> {
    match (shown.passcode, shown.old_phone, shown.own_device) {
        (true, true, _) => Some(now),
        (true, false, true) => Some(now + PHONE_COOLS),
        _ => None,
    }
}

/// The facts that somebody gives who has forgotten the password, with a code to the phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResetShown {
    /// Number and phone belong together.
    pub(crate) phone: bool,
    /// Name, date of birth and the card's date of issue are right.
    pub(crate) facts: bool,
    /// The code to the phone was right.
    pub(crate) code: bool,
}

/// Whether a new password may be set.
pub(crate) fn may_reset(shown: ResetShown) -> bool {
    shown.phone && shown.facts && shown.code
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        "2026-11-23T02:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
    }

    #[test]
    fn a_recovery_goes_its_way_and_no_other() {
        let begun = Case::begun(Way::Relatives, at(0));
        assert_eq!(begun.state(at(0)).slug(), "gathering");
        assert_eq!(begun.after(Event::Finished, at(1)), None);
        assert_eq!(begun.state(at(73)).slug(), "lapsed");

        let proven = begun.after(Event::Proven, at(10)).unwrap();
        assert_eq!(proven.state(at(81)).slug(), "cooling");
        assert_eq!(proven.after(Event::Finished, at(81)), None);
        assert_eq!(
            proven.after(Event::Stopped, at(81)).unwrap().state(at(90)).slug(),
            "stopped"
        );
        assert_eq!(proven.state(at(82)).slug(), "open");
        assert_eq!(proven.state(at(82 + 7 * 24)).slug(), "lapsed");

        let finished = proven.after(Event::Finished, at(83)).unwrap();
        assert_eq!(finished.after(Event::Stopped, at(84)), None);
        assert_eq!(finished.state(at(999)).slug(), "finished");
    }

    #[test]
    fn rights_return_in_steps_and_at_the_counter_at_once() {
        assert_eq!(returns(Right::Present, Way::Relatives, at(0)), at(24));
        assert_eq!(returns(Right::Change, Way::CardAndFace, at(0)), at(72));
        assert_eq!(returns(Right::Change, Way::Counter, at(0)), at(0));
    }
}
