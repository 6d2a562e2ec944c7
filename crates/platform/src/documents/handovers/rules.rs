//! What is chosen, how long its code is good, and how it stands: no I/O, no clock.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::documents::rules::Kind;
use crate::inspection::Purpose;
use crate::shell::problem::Fault;

/// How long a code is good, as the identity QR of the app is.
pub(super) const LIFE: SignedDuration = SignedDuration::from_mins(5);
/// How long a handover is kept; the history keeps who saw what as long as the law asks.
pub(super) const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24 * 90);
/// How many handovers the holder is shown.
pub(super) const SHOWN: i64 = 20;

/// How a handover stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// The code can be opened.
    Open,
    /// A receiver has opened it.
    Seen,
    /// The holder has taken it back.
    Ended,
    /// Its time is over.
    Over,
}

impl State {
    pub(super) fn of(
        (seen_at, ended_at): (Option<Timestamp>, Option<Timestamp>),
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Self {
        match (seen_at, ended_at) {
            (Some(_), _) => Self::Seen,
            (None, Some(_)) => Self::Ended,
            (None, None) if now >= expires_at => Self::Over,
            (None, None) => Self::Open,
        }
    }

    /// The last part of its sentence.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Seen => "seen",
            Self::Ended => "ended",
            Self::Over => "over",
        }
    }
}

/// What the holder has chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) purpose: Purpose,
    /// In the order of the page; at least one.
    pub(super) kinds: Vec<Kind>,
}

/// The papers of which a purpose may see something.
pub(super) fn offered(purpose: Purpose) -> impl Iterator<Item = Kind> {
    Kind::ALL
        .into_iter()
        .filter(move |kind| purpose.of_paper(*kind).is_some())
}

/// The words of the papers that a form has ticked.
pub(super) fn ticked(form: &BTreeMap<String, String>) -> Vec<&str> {
    form.iter()
        .filter_map(|(name, value)| name.strip_prefix("paper-").filter(|_| !value.is_empty()))
        .collect()
}

/// Reads what can only be right: papers that this receiver may see, one at least.
pub(super) fn read(form: &BTreeMap<String, String>) -> Result<Choice, Fault> {
    let purpose = form.get("purpose").map(String::as_str).unwrap_or_default();
    let purpose = Purpose::from_word(purpose).ok_or(Fault::new("purpose", "documents-handover-purpose-fault"))?;
    let ticked = ticked(form);
    let kinds: Vec<Kind> = offered(purpose).filter(|kind| ticked.contains(&kind.word())).collect();
    if kinds.len() < ticked.len() {
        return Err(Fault::new("papers", "documents-handover-other-fault"));
    }
    if kinds.is_empty() {
        return Err(Fault::new("papers", "documents-handover-none-fault"));
    }
    Ok(Choice { purpose, kinds })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        owned.collect()
    }

    #[test]
    fn only_papers_that_the_receiver_may_see_can_be_chosen_and_one_at_least() {
        let right = read(&form(&[
            ("purpose", "traffic"),
            ("paper-vehicles", "yes"),
            ("paper-driving-licence", "yes"),
        ]));
        let fault = |fields: &[(&str, &str)]| read(&form(fields)).unwrap_err().text;

        assert_eq!(right.unwrap().kinds, [Kind::DrivingLicence, Kind::Vehicles]);
        assert_eq!(
            fault(&[("purpose", "hotel"), ("paper-vehicles", "yes")]),
            "documents-handover-other-fault"
        );
        assert_eq!(
            fault(&[("purpose", "hotel"), ("paper-shoes", "yes")]),
            "documents-handover-other-fault"
        );
        assert_eq!(fault(&[("purpose", "hotel")]), "documents-handover-none-fault");
        assert_eq!(
            fault(&[("purpose", "school"), ("paper-personal", "yes")]),
            "documents-handover-purpose-fault"
        );
    }

    #[test]
    fn a_handover_is_seen_or_ended_or_over_and_open_only_before() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let state = |seen, ended, now| State::of((seen, ended), at(300), at(now));

        assert_eq!(state(None, None, 299), State::Open);
        assert_eq!(state(None, None, 300), State::Over);
        assert_eq!(state(None, Some(at(10)), 20), State::Ended);
        assert_eq!(state(Some(at(10)), None, 400), State::Seen);
    }
}
