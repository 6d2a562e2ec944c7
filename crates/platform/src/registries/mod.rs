//! The clients of the source databases: population, ID card, driving licence, and those that share one contract (`docs/sources`).
//!
//! The platform asks by HTTPS with mutual TLS, checks the signature of each answer (RFC 9421) and keeps the last one about each number, sealed, so
//! that an honest answer with its date can be given while a source is silent. It has no requests of its own: other capabilities call these.
//!
//! | call | when the source is silent |
//! | --- | --- |
//! | [`person`], [`cards`], [`portrait`], [`licence`], [`record`] | [`Silent`]: for decisions |
//! | [`person_or_copy`], [`cards_or_copy`], [`licence_or_copy`] | the copy of at most [`KEPT_FOR_DAYS`] days, `fresh: false`: for showing |
//! | [`latest`] | a copy of the last minutes without asking, else the answer, else the older copy: for showing many papers at once |
//! | [`search`], [`correct`], [`correction`] | [`Silent`]: a printed number is looked up; a source is asked to mend its record |
//! | [`hand_over`], [`standing`], [`take_back`] | [`Silent`]: a dossier of a linked procedure goes to the body behind a source |
//!
//! **Invariant:** an answer that is not signed by its source, over this very question, is never used.
//! **Invariant:** a change that a source tells is taken up once, through restarts: its place and its effect are one unit of work.
//! **Invariant:** nobody waits longer for a source than the configured total, tries included; a source that fails is left alone for a while.
//! **Invariant:** an answer about another person than was asked for is never given to anybody; it is logged as an alert.
//! **Invariant:** no personal data of a question or an answer reaches the log or the metrics.

use ::http::StatusCode;
use axum::Router;
use civil::PersonalNumber;
use crypto::message::Disbelieved;

use crate::app::{App, Capability};
use crate::shell::problem::Problem;
use crate::shell::texts;

mod bodies;
mod civil_status;
mod contract;
mod copies;
mod corrections;
mod feeds;
mod former_licences;
mod health_insurance;
mod health_records;
mod http;
mod justice;
mod licences;
mod lines;
mod passports;
mod residence;
mod rules;
mod social_insurance;
mod tax;
mod transport;
mod vehicles;

#[cfg(test)]
mod tests;

pub use bodies::{Standing, StandingState, hand_over, standing, take_back};
pub use civil_status::{Birth, CivilStatus, Custody, Marriage, Relation};
pub use contract::{Cause, Found, Known, Record, record, search};
pub use copies::{KEPT_FOR_DAYS, Latest, latest};
pub(crate) use copies::{number_digest as digest_of, outdate};
use copies::{recall, remember};
pub use corrections::{Correction, CorrectionState, Proposed, correct, correction};
#[cfg(test)]
pub(crate) use feeds::read_all;
pub(crate) use feeds::{Change, work};
pub use former_licences::FormerLicence;
pub use health_insurance::HealthInsurance;
pub use health_records::{Allergy, Coded, HealthRecord, Vaccination, Visit};
pub use justice::{Ban, Conviction, JudicialRecord};
pub use licences::{Licence, LicenceClass, LicenceState, licence, licence_or_copy};
pub use lines::Registries;
use lines::persist;
pub use passports::Passport;
pub use residence::{Absence, Dwelling};
pub(crate) use rules::Breaker;
pub use rules::{
    Answer, CardState, IdCard, Layout, Life, Member, Person, Portrait, Relative, Residence, Source, Subject,
    TemporaryResidence, valid,
};
pub use social_insurance::{Period, SocialInsurance};
pub use tax::TaxCode;
pub(crate) use transport::Unreached;
pub use transport::{Transport, Unbuildable};
pub use vehicles::{Vehicle, Vehicles};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes: Router::new,
    jobs: feeds::learn,
    only_in_sandbox: false,
};

/// A source gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
#[error("the source {} gave no answer", source.text())]
pub struct Silent {
    /// Which one.
    source: Source,
    /// Why.
    #[source]
    why: Why,
}

impl Silent {
    /// Which source it is.
    pub fn of(&self) -> Source {
        self.source
    }

    /// Whether it has not been connected at all.
    pub fn is_unconnected(&self) -> bool {
        matches!(self.why, Why::Unconnected)
    }
}

/// Why a source gave no answer; without personal data.
#[derive(Debug, thiserror::Error)]
enum Why {
    /// No connection, or it broke.
    #[error("it cannot be reached")]
    Down(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The time was up.
    #[error("it took too long")]
    Slow,
    /// It said that it failed.
    #[error("it answered {0}")]
    Failed(StatusCode),
    /// It refused the question: a fault of ours.
    #[error("it refused the question with {0}")]
    Refused(StatusCode),
    /// The answer is not as agreed; names the field that is missing, where one is.
    #[error("its answer is malformed: {0}")]
    Malformed(String),
    /// The answer is about somebody else, or to another question.
    #[error("it answered about another person or question")]
    Other,
    /// The answer is not signed by the source, for this question, just now.
    #[error("{0}")]
    Disbelieved(#[source] Disbelieved),
    /// The operator has not connected it.
    #[error("it is not connected")]
    Unconnected,
    /// It failed too often, and is left alone.
    #[error("it failed too often and is left alone for a while")]
    LeftAlone,
    /// Too many questions are under way.
    #[error("too many questions are under way")]
    Crowded,
}

impl Why {
    /// The word in the metrics.
    fn outcome(&self) -> &'static str {
        match self {
            Why::Down(_) => "down",
            Why::Slow => "slow",
            Why::Failed(_) => "failed",
            Why::Refused(_) => "refused",
            Why::Malformed(_) => "malformed",
            Why::Other => "other-person",
            Why::Disbelieved(_) => "disbelieved",
            Why::Unconnected => "unconnected",
            Why::LeftAlone => "left-alone",
            Why::Crowded => "crowded",
        }
    }

    /// Whether the same question may fare better a moment later.
    fn may_pass(&self) -> bool {
        matches!(self, Why::Down(_) | Why::Failed(_))
    }
}

impl From<Silent> for Problem {
    fn from(silent: Silent) -> Self {
        Problem::new("registries-silent", StatusCode::SERVICE_UNAVAILABLE)
            .with("source", silent.source.text())
            .retry_after(rules::LEFT_ALONE.as_secs().unsigned_abs())
            .caused_by(silent)
    }
}

/// Asks the population database about a person. `None`: there is no such number.
///
/// # Errors
/// [`Silent`] if it gives no answer.
pub async fn person(
    app: &App,
    number: &PersonalNumber,
    cause: impl Into<Cause>,
) -> Result<Option<Answer<Person>>, Silent> {
    let question = http::PersonQuestion::new(app, number, cause);
    let answer = persist::<http::PersonAnswer>(app, Source::Population, &question).await?;
    remember(app, number, Source::Population, answer).await
}

/// Asks the ID-card database for all cards of a person, oldest first. `None`: there is no such number.
///
/// # Errors
/// [`Silent`] if it gives no answer.
pub async fn cards(
    app: &App,
    number: &PersonalNumber,
    cause: impl Into<Cause>,
) -> Result<Option<Answer<Vec<IdCard>>>, Silent> {
    let question = http::CardsQuestion::new(app, number, cause, false);
    let answer = persist::<http::CardsAnswer>(app, Source::IdCard, &question).await?;
    let answer = answer.map(|answer| answer.map(|(cards, _)| cards));
    remember(app, number, Source::IdCard, answer).await
}

/// Asks the ID-card database for the portrait of a person. `None`: there is no such number, or no portrait. No copy is kept.
///
/// # Errors
/// [`Silent`] if it gives no answer.
pub async fn portrait(
    app: &App,
    number: &PersonalNumber,
    cause: impl Into<Cause>,
) -> Result<Option<Answer<Portrait>>, Silent> {
    let question = http::CardsQuestion::new(app, number, cause, true);
    let answer = persist::<http::CardsAnswer>(app, Source::IdCard, &question).await?;
    Ok(answer.and_then(|answer| answer.map(|(_, portrait)| portrait).transpose()))
}

/// As [`person`]; while the source is silent the copy of its last answer, `fresh: false`. For showing, never for deciding.
///
/// # Errors
/// [`Silent`] if it gives no answer and no copy is kept.
pub async fn person_or_copy(
    app: &App,
    number: &PersonalNumber,
    cause: impl Into<Cause>,
) -> Result<Option<Answer<Person>>, Silent> {
    match person(app, number, cause).await {
        Err(silent) => recall(app, number, silent).await.map(Some),
        answered => answered,
    }
}

/// As [`cards`]; while the source is silent the copy of its last answer, `fresh: false`. For showing, never for deciding.
///
/// # Errors
/// [`Silent`] if it gives no answer and no copy is kept.
pub async fn cards_or_copy(
    app: &App,
    number: &PersonalNumber,
    cause: impl Into<Cause>,
) -> Result<Option<Answer<Vec<IdCard>>>, Silent> {
    match cards(app, number, cause).await {
        Err(silent) => recall(app, number, silent).await.map(Some),
        answered => answered,
    }
}

impl<T> Answer<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer {
            record: change(self.record),
            source: self.source,
            record_id: self.record_id,
            as_of: self.as_of,
            fresh: self.fresh,
        }
    }
}

impl<T> Answer<Option<T>> {
    fn transpose(self) -> Option<Answer<T>> {
        let Answer {
            record,
            source,
            record_id,
            as_of,
            fresh,
        } = self;
        record.map(|record| Answer {
            record,
            source,
            record_id,
            as_of,
            fresh,
        })
    }
}
