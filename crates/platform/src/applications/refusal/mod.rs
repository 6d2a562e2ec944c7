//! Why the platform says no to what is done with an application, and how the asker is told.

use ::http::StatusCode;
use civil::calendar::MissingYear;

use super::law::Ineligible;
use crate::shell::problem::{Fault, Problem};

/// Why something is not done with an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The person has a live application for this level.
    OpenAlready,
    /// The account has this level already.
    LevelHeld,
    /// The portrait is missing.
    PortraitMissing,
    /// The fingerprints are missing.
    PrintsMissing,
    /// It is not in the state in which this can be done: somebody was faster.
    Changed,
    /// Another reviewer works on it.
    ClaimedByOther,
    /// The reviewer has not claimed it.
    NotClaimed,
    /// Nothing that the officer may take up waits.
    NothingWaits,
    /// Level 2 is not approved in a batch: face and fingerprints are compared in each case.
    BatchLevelTwo,
    /// What an automatic check does not clear is not approved in a batch.
    BatchRisk,
    /// The calendar does not reach to the limit.
    Calendar(MissingYear),
    /// No limit is in force: the law has changed and this program has not.
    NoTerm,
    /// The person has nothing to activate.
    NothingToActivate,
    /// The seven days are over.
    ActivationLate,
    /// The code is wrong, used, too old or tried too often.
    WrongCode,
    /// As many codes as a day allows have been sent.
    TooManyCodes,
    /// Secrets are set only after the code was confirmed.
    CodeFirst,
    /// Level 1 needs the data of the chip.
    ChipMissing,
    /// Somebody else's chip.
    ChipOfOther,
    /// The chip's data are not the state's, or were changed.
    ChipNotAuthentic(String),
    /// The chip did not answer our challenge, or answered wrongly: it may be a copy.
    ChipUnproven,
    /// The challenge was used, or is too old.
    ChallengeSpent,
    /// The face differs from that on the chip, and the applicant has not asked the police to look.
    FaceDiffers,
    /// Only the holder of a level 2 account applies for a child or a ward.
    GuardianLevel,
    /// The population database does not know the asker as this person's guardian.
    NotGuardian,
    /// The guardian has not confirmed the use of a child's or ward's account.
    GuardianFirst,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        use StatusCode as S;
        match refusal {
            Refusal::OpenAlready => Problem::new("applications-open-already", S::CONFLICT),
            Refusal::LevelHeld => Problem::new("applications-level-held", S::CONFLICT),
            Refusal::PortraitMissing => Problem::invalid(vec![Fault::new("portrait", "applications-portrait-missing")]),
            Refusal::PrintsMissing => Problem::invalid(vec![Fault::new("left-print", "applications-prints-missing")]),
            Refusal::Changed => Problem::new("applications-changed", S::CONFLICT),
            Refusal::ClaimedByOther => Problem::new("applications-claimed", S::CONFLICT),
            Refusal::NotClaimed => Problem::new("applications-not-claimed", S::CONFLICT),
            Refusal::NothingWaits => Problem::new("applications-nothing-waits", S::CONFLICT),
            Refusal::BatchLevelTwo => Problem::new("applications-batch-level-2", S::CONFLICT),
            Refusal::BatchRisk => Problem::new("applications-batch-risk", S::CONFLICT),
            Refusal::Calendar(missing) => {
                tracing::error!(alert = true, year = missing.0, "the calendar must be extended");
                Problem::new("applications-calendar", S::SERVICE_UNAVAILABLE).caused_by(missing)
            }
            Refusal::NoTerm => Problem::internal("no legal limit is in force"),
            Refusal::NothingToActivate => Problem::new("applications-nothing-to-activate", S::CONFLICT),
            Refusal::ActivationLate => Problem::new("applications-activation-late", S::GONE),
            Refusal::WrongCode => Problem::new("applications-wrong-code", S::FORBIDDEN),
            Refusal::TooManyCodes => {
                Problem::new("applications-too-many-codes", S::TOO_MANY_REQUESTS).retry_after(24 * 3600)
            }
            Refusal::CodeFirst => Problem::new("applications-code-first", S::CONFLICT),
            Refusal::ChipMissing => on_chip("applications-chip-missing"),
            Refusal::ChipOfOther => on_chip("applications-chip-of-other"),
            Refusal::ChipNotAuthentic(reason) => Problem::invalid(vec![
                Fault::new("chip", "applications-chip-not-authentic").with("reason", reason),
            ]),
            Refusal::ChipUnproven => on_chip("applications-chip-unproven"),
            Refusal::ChallengeSpent => on_chip("applications-challenge-spent"),
            Refusal::FaceDiffers => Problem::invalid(vec![Fault::new("despite", "applications-face-differs-tick")]),
            Refusal::GuardianLevel => Problem::new("applications-guardian-level", S::FORBIDDEN),
            Refusal::NotGuardian => Problem::new("applications-not-guardian", S::FORBIDDEN),
            Refusal::GuardianFirst => Problem::new("applications-guardian-first", S::FORBIDDEN),
        }
    }
}

fn on_chip(text: &'static str) -> Problem {
    Problem::invalid(vec![Fault::new("chip", text)])
}

impl From<Ineligible> for Problem {
    fn from(reason: Ineligible) -> Self {
        let refused = |slug| Problem::new(slug, StatusCode::FORBIDDEN);
        match reason {
            Ineligible::Unknown => refused("applications-ineligible-unknown"),
            Ineligible::Dead => refused("applications-ineligible-dead"),
            Ineligible::Missing => refused("applications-ineligible-missing"),
            Ineligible::Emigrated => refused("applications-ineligible-emigrated"),
            Ineligible::Foreigner => refused("applications-ineligible-foreigner"),
            Ineligible::TooYoung => refused("applications-ineligible-too-young"),
            Ineligible::NeedsGuardian => refused("applications-ineligible-needs-guardian"),
            Ineligible::NoGuardian => refused("applications-ineligible-no-guardian"),
            Ineligible::CardNone => refused("applications-ineligible-card-none"),
            Ineligible::CardExpired => refused("applications-ineligible-card-expired"),
            Ineligible::CardLost => refused("applications-ineligible-card-lost"),
            Ineligible::CardHeld => refused("applications-ineligible-card-held"),
            Ineligible::CardRevoked => refused("applications-ineligible-card-revoked"),
        }
    }
}
