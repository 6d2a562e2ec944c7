//! The clients of the source databases: population, ID card and driving licence.
//!
//! The platform asks by HTTPS with mutual TLS and keeps the last answer about each number, sealed, so that an honest answer with its date can be
//! given while a source is silent. It has no requests of its own: other capabilities call [`person`], [`cards`], [`portrait`] and [`licence`].
//!
//! | call | when the source is silent |
//! | --- | --- |
//! | [`person`], [`cards`], [`portrait`], [`licence`] | [`Silent`]: for decisions |
//! | [`person_or_copy`], [`cards_or_copy`], [`licence_or_copy`] | the copy of at most [`KEPT_FOR_DAYS`] days, `fresh: false`: for showing |
//!
//! **Invariant:** nobody waits longer for a source than the configured total, tries included; a source that fails is left alone for a while.
//! **Invariant:** an answer about another person than was asked for is never given to anybody; it is logged as an alert.
//! **Invariant:** no personal data of a question or an answer reaches the log or the metrics.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use ::http::StatusCode;
use axum::Router;
use civil::PersonalNumber;
use tokio::sync::Semaphore;

use crate::app::{App, Capability};
use crate::shell::config;
use crate::shell::problem::Problem;
use crate::shell::texts;

mod copies;
mod http;
mod licences;
mod rules;
mod transport;

#[cfg(test)]
mod tests;

pub use copies::KEPT_FOR_DAYS;
use copies::{recall, remember};
pub use licences::{Licence, LicenceClass, LicenceState, licence, licence_or_copy};
pub(crate) use rules::Breaker;
pub use rules::{
    Answer, CardState, IdCard, Layout, Life, Member, Person, Portrait, Relative, Residence, Source, TemporaryResidence,
    valid,
};
pub(crate) use transport::Unreached;
pub use transport::{Transport, Unbuildable};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes: Router::new,
    jobs: |_| {},
    only_in_sandbox: false,
};

/// The lines to the sources. Part of [`App`].
pub struct Registries {
    transport: Transport,
    population: Line,
    id_card: Line,
    driving_licence: Line,
    total: Duration,
}

/// The line to one source.
struct Line {
    source: Source,
    base: String,
    breaker: Mutex<Breaker>,
    places: Semaphore,
}

impl Registries {
    /// The sources that the operator set, by HTTPS with mutual TLS.
    ///
    /// # Errors
    /// [`Unbuildable`] if a certificate or a key cannot be used.
    pub fn open(config: &config::Registries) -> Result<Self, Unbuildable> {
        Ok(Self::new(config, Transport::https(config)?))
    }

    /// The same by another way.
    pub fn new(config: &config::Registries, transport: Transport) -> Self {
        let line = |source, base: &str| Line {
            source,
            base: base.trim_end_matches('/').to_owned(),
            breaker: Mutex::default(),
            places: Semaphore::new(config.at_once.max(1)),
        };
        Self {
            transport,
            population: line(Source::Population, &config.population),
            id_card: line(Source::IdCard, &config.id_card),
            driving_licence: line(Source::DrivingLicence, &config.driving_licence),
            total: Duration::from_millis(config.total_ms),
        }
    }

    /// Whether a source is being left alone because it failed.
    pub fn leaves_alone(&self, source: Source) -> bool {
        self.line(source).breaker().is_open()
    }

    fn line(&self, source: Source) -> &Line {
        match source {
            Source::Population => &self.population,
            Source::IdCard => &self.id_card,
            Source::DrivingLicence => &self.driving_licence,
        }
    }
}

impl Line {
    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

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

/// Asks the population database about a person, for a purpose of `a`–`z`, `0`–`9` and `-`. `None`: there is no such number.
///
/// # Errors
/// [`Silent`] if it gives no answer.
pub async fn person(
    app: &App,
    number: &PersonalNumber,
    purpose: &'static str,
) -> Result<Option<Answer<Person>>, Silent> {
    let question = http::PersonQuestion::new(app, number, purpose);
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
    purpose: &'static str,
) -> Result<Option<Answer<Vec<IdCard>>>, Silent> {
    let question = http::CardsQuestion::new(app, number, purpose, false);
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
    purpose: &'static str,
) -> Result<Option<Answer<Portrait>>, Silent> {
    let question = http::CardsQuestion::new(app, number, purpose, true);
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
    purpose: &'static str,
) -> Result<Option<Answer<Person>>, Silent> {
    match person(app, number, purpose).await {
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
    purpose: &'static str,
) -> Result<Option<Answer<Vec<IdCard>>>, Silent> {
    match cards(app, number, purpose).await {
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

/// Tries for further tries, each after a pause that grows and differs.
const TRIES: u32 = 3;

/// Asks until there is an answer, or the tries or the time are used up; counts and logs the outcome.
async fn persist<A: http::Reply>(
    app: &App,
    source: Source,
    question: &impl http::Question,
) -> Result<Option<Answer<A::Record>>, Silent> {
    let begun = Instant::now();
    let line = app.registries.line(source);

    let total = app.registries.total;
    let deadline = tokio::time::Instant::now() + total;
    // Who gets a place only later has not enough time left to ask.
    let answer = match tokio::time::timeout(total / 3, line.places.acquire()).await {
        Ok(Ok(_place)) => try_often::<A>(app, line, question, deadline).await,
        Ok(Err(_)) | Err(_) => Err(Why::Crowded),
    };

    let outcome = match &answer {
        Ok(Some(_)) => "answered",
        Ok(None) => "unknown",
        Err(why) => why.outcome(),
    };
    metrics::counter!("vneid_registry_calls_total", "source" => source.text(), "outcome" => outcome).increment(1);
    metrics::histogram!("vneid_registry_seconds", "source" => source.text()).record(begun.elapsed().as_secs_f64());
    if let Err(Why::Other) = answer {
        tracing::error!(
            alert = true,
            source = source.text(),
            request = question.request(),
            "a source answered about another person"
        );
    }
    answer.map_err(|why| Silent { source, why })
}

async fn try_often<A: http::Reply>(
    app: &App,
    line: &Line,
    question: &impl http::Question,
    deadline: tokio::time::Instant,
) -> Result<Option<Answer<A::Record>>, Why> {
    let mut last = Why::LeftAlone;
    for attempt in 1..=TRIES {
        if !line.breaker().lets_pass(app.clock.now()) {
            return Err(last);
        }
        let asked = http::ask::<A>(app, line.source, &line.base, question);
        let answer = tokio::time::timeout_at(deadline, asked).await.unwrap_or(Err(Why::Slow));
        tell_breaker(app, line, &answer);
        match answer {
            Err(why) if why.may_pass() && attempt < TRIES => last = why,
            settled => return settled,
        }
        if tokio::time::timeout_at(deadline, http::breathe(app, attempt))
            .await
            .is_err()
        {
            break;
        }
    }
    Err(last)
}

fn tell_breaker<T>(app: &App, line: &Line, answer: &Result<T, Why>) {
    let source = line.source.text();
    let mut breaker = line.breaker();
    match answer {
        Ok(_) => breaker.succeeded(),
        Err(why) => {
            if breaker.failed(app.clock.now()) {
                tracing::warn!(
                    source,
                    outcome = why.outcome(),
                    "a source failed too often and is left alone"
                );
            }
        }
    }
    metrics::gauge!("vneid_registry_left_alone", "source" => source).set(f64::from(u8::from(breaker.is_open())));
}
