//! What officers may be asked about: actions, what they are done to, and on what occasion.

use std::fmt;

use ::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::shell::problem::Problem;
use crate::shell::words::words;

words! {
    /// What an officer does.
    Action {
        /// Takes an application of a person who is present.
        TakeApplication = "take-application",
        /// Goes on with an application that this officer took.
        ContinueApplication = "continue-application",
        /// Sees what waits for review.
        SeeQueue = "see-queue",
        /// Sees the outline of an application.
        SeeDossier = "see-dossier",
        /// Takes an application up, or gives it back.
        Claim = "claim",
        /// Sees the evidence of an application.
        SeeEvidence = "see-evidence",
        /// Decides an application.
        Decide = "decide",
        /// Confirms an approval that another officer proposes against a failing check.
        ConfirmOverride = "confirm-override",
        /// Decides several applications at once.
        DecideBatch = "decide-batch",
        /// Gives back to the queue what another officer holds.
        ReleaseForOther = "release-for-other",
        /// Sees the list of late applications.
        SeeLate = "see-late",
        /// Sees how many decisions were in time.
        SeeFigures = "see-figures",
        /// Sees what operators have to do: the calendar, jobs.
        SeeOperations = "see-operations",
        /// Lets personal data be sealed anew.
        Reseal = "reseal",
        /// Reads these policies and asks why a decision falls as it does.
        SeePolicies = "see-policies",
        /// Sees who is an officer.
        SeeOfficers = "see-officers",
        /// Appoints an officer.
        Appoint = "appoint",
        /// Lets an officer enrol a new passkey.
        ResetPasskey = "reset-passkey",
        /// Looks a person up.
        SearchPerson = "search-person",
        /// Asks for a look-up to be sealed.
        SealLookup = "seal-lookup",
        /// Answers what a citizen contests.
        AnswerContest = "answer-contest",
        /// Sees alerts of odd looks.
        SeeAlerts = "see-alerts",
        /// Asks for a lock, for its holder or for a competent body.
        RequestLock = "request-lock",
        /// Decides on a lock.
        DecideLock = "decide-lock",
        /// Checks an electronic document that is shown.
        Inspect = "inspect",
        /// Decides which organisations are connected, and for what.
        DecideConnection = "decide-connection",
        /// Writes news and warnings.
        WriteNews = "write-news",
        /// Approves what another officer wrote, gives it back, or takes it back.
        ReviewNews = "review-news",
        /// Takes back a criminal record certificate.
        RevokeCertificate = "revoke-certificate",
        /// Sees the stays that were told to a unit.
        SeeStays = "see-stays",
        /// Registers a place that tells stays, and names its people.
        RegisterFacility = "register-facility",
        /// Helps a person who is present to recover the account.
        HelpRecovery = "help-recovery",
        /// Sees the reports, feedback and petitions that a unit has received.
        SeeReports = "see-reports",
        /// Takes them up, writes to their senders, answers them.
        HandleReport = "handle-report",
    }
}

words! {
    /// The kinds of things that actions are done to.
    Sphere {
        /// The platform as a whole.
        Platform = "platform",
        /// A citizen.
        Person = "person",
        /// A unit of the police.
        Unit = "unit",
        /// An application.
        Dossier = "dossier",
    }
}

impl Action {
    /// What it is done to.
    pub fn sphere(self) -> Sphere {
        match self {
            Action::SeeOperations
            | Action::Reseal
            | Action::SeePolicies
            | Action::SeeOfficers
            | Action::Appoint
            | Action::ResetPasskey
            | Action::DecideConnection
            | Action::RevokeCertificate
            | Action::SeeAlerts => Sphere::Platform,
            Action::SearchPerson
            | Action::SealLookup
            | Action::AnswerContest
            | Action::RequestLock
            | Action::DecideLock => Sphere::Person,
            Action::TakeApplication
            | Action::SeeQueue
            | Action::DecideBatch
            | Action::SeeLate
            | Action::SeeFigures
            | Action::WriteNews
            | Action::ReviewNews
            | Action::HelpRecovery
            | Action::SeeReports
            | Action::HandleReport
            | Action::SeeStays
            | Action::RegisterFacility
            | Action::Inspect => Sphere::Unit,
            Action::ContinueApplication
            | Action::SeeDossier
            | Action::Claim
            | Action::SeeEvidence
            | Action::Decide
            | Action::ConfirmOverride
            | Action::ReleaseForOther => Sphere::Dossier,
        }
    }
}

/// What of an application a decision depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact that the policies ask for by its name"
)]
pub struct Dossier<'a> {
    /// The unit that is competent for it; empty where there is none.
    pub unit: &'a str,
    /// The level that is applied for.
    pub level: i64,
    /// The officer who asks took it.
    pub taken_by_me: bool,
    /// The officer who asks holds it.
    pub held_by_me: bool,
    /// The officer who asks has proposed the approval that is to be confirmed.
    pub proposed_by_me: bool,
    /// An approval against a failing check waits for a second officer.
    pub awaits_second: bool,
}

/// What an action is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum On<'a> {
    /// The platform as a whole.
    Platform,
    /// A citizen.
    Person,
    /// A unit, by its code.
    Unit(&'a str),
    /// An application.
    Dossier(Dossier<'a>),
}

impl On<'_> {
    /// Its kind.
    pub fn sphere(&self) -> Sphere {
        match self {
            On::Platform => Sphere::Platform,
            On::Person => Sphere::Person,
            On::Unit(_) => Sphere::Unit,
            On::Dossier(_) => Sphere::Dossier,
        }
    }
}

/// The number of a case, as the body that leads it writes it: `12/QĐ-ĐTTH`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CaseNumber(String);

impl CaseNumber {
    /// Reads a case number: 3 to 64 letters, digits and `/ . - _`, with a digit among them.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let length = text.chars().count();
        let is_sound = (3..=64).contains(&length)
            && text.chars().all(|c| c.is_alphanumeric() || "/.-_ ".contains(c))
            && text.chars().any(|c| c.is_ascii_digit());
        is_sound.then(|| Self(text.to_owned()))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// For what, and in which case, an officer acts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Occasion {
    /// The purpose, as its slug; empty where none was stated.
    pub purpose: &'static str,
    /// The case, where there is one.
    pub case_number: Option<CaseNumber>,
}

/// The rules that every set of policies has, in the order in which a refusal tells them.
pub(super) const LIMITS: [&str; 6] = [
    "second-factor",
    "four-eyes",
    "second-officer",
    "jurisdiction",
    "purpose",
    "case-number",
];

/// Why an officer may not do something.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Denied {
    /// No rule permits it to the role.
    OtherRole,
    /// A rule forbids it: its name.
    Rule(String),
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let refused = |slug| Problem::new(slug, StatusCode::FORBIDDEN);
        match denied {
            Denied::OtherRole => refused("officers-other-role"),
            Denied::Rule(rule) => match rule.as_str() {
                "second-factor" => refused("officers-second-factor"),
                "four-eyes" | "second-officer" => refused("officers-four-eyes"),
                "jurisdiction" => refused("officers-jurisdiction"),
                "purpose" => refused("officers-purpose"),
                "case-number" => refused("officers-case-number"),
                _ => refused("officers-rule").with("rule", rule),
            },
        }
    }
}
