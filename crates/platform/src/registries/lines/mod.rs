//! The lines to the sources: each with its breaker and its places, so that one that fails or crawls takes no other with it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crypto::jwk::Jwk;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::rules::{Answer, Breaker, Source};
use super::{Silent, Transport, Unbuildable, Why, http};
use crate::app::App;
use crate::shell::config;

/// The lines to the sources. Part of [`App`].
pub struct Registries {
    pub(super) transport: Transport,
    lines: BTreeMap<Source, Line>,
    signers: BTreeMap<Source, Jwk>,
    pub(super) total: Duration,
}

/// The line to one source.
pub(super) struct Line {
    source: Source,
    base: String,
    breaker: Mutex<Breaker>,
    places: Semaphore,
}

impl Registries {
    /// The sources that the operator set, by HTTPS with mutual TLS; whose keys are known has to sign.
    ///
    /// # Errors
    /// [`Unbuildable`] if a certificate or a key cannot be used.
    pub fn open(config: &config::Registries) -> Result<Self, Unbuildable> {
        let lines = Self::new(config, Transport::https(config)?);
        if config.signers.as_os_str().is_empty() {
            return Ok(lines);
        }
        let text = std::fs::read(&config.signers).map_err(|error| Unbuildable::File(config.signers.clone(), error))?;
        let lines = lines.signed_by(&signers(&text).ok_or_else(|| unusable(&config.signers))?);
        // What a page says of signatures has to be true of every source.
        let unsigned = |source: &Source| lines.is_connected(*source) && lines.signer(*source).is_none();
        if Source::ALL.iter().any(unsigned) {
            return Err(unusable(&config.signers));
        }
        Ok(lines)
    }

    /// The same by another way.
    pub fn new(config: &config::Registries, transport: Transport) -> Self {
        let line = |source: Source| Line {
            source,
            base: config.base(source.text()).trim_end_matches('/').to_owned(),
            breaker: Mutex::default(),
            places: Semaphore::new(config.at_once.max(1)),
        };
        Self {
            transport,
            lines: Source::ALL.into_iter().map(|source| (source, line(source))).collect(),
            signers: BTreeMap::new(),
            total: Duration::from_millis(config.total_ms),
        }
    }

    /// Believes these sources only what they sign with these keys.
    #[must_use]
    pub fn signed_by(mut self, signers: &BTreeMap<Source, Jwk>) -> Self {
        self.signers
            .extend(signers.iter().map(|(source, key)| (*source, key.clone())));
        self
    }

    /// The key by which a source signs, where it is known.
    pub(super) fn signer(&self, source: Source) -> Option<&Jwk> {
        self.signers.get(&source)
    }

    /// Whether a source is being left alone because it failed.
    pub fn leaves_alone(&self, source: Source) -> bool {
        self.lines.get(&source).is_some_and(|line| line.breaker().is_open())
    }

    /// The sources that are being left alone, each with the time since when it has not answered this node.
    pub fn silent(&self) -> Vec<(Source, Timestamp)> {
        let lines = self.lines.iter();
        lines
            .filter_map(|(source, line)| Some((*source, line.breaker().silent_since()?)))
            .collect()
    }

    /// Whether the operator has connected a source.
    pub fn is_connected(&self, source: Source) -> bool {
        self.line(source).is_ok()
    }

    fn line(&self, source: Source) -> Result<&Line, Why> {
        let connected = |line: &&Line| !line.base.is_empty() || matches!(self.transport, Transport::Inside(_));
        self.lines.get(&source).filter(connected).ok_or(Why::Unconnected)
    }
}

fn unusable(file: &Path) -> Unbuildable {
    Unbuildable::Signers(file.to_owned())
}

/// Reads the keys of the sources: an object with a JWK for each name.
fn signers(text: &[u8]) -> Option<BTreeMap<Source, Jwk>> {
    let all: BTreeMap<String, Value> = serde_json::from_slice(text).ok()?;
    let ours = Source::ALL
        .into_iter()
        .filter_map(|source| Some((source, all.get(source.text())?)));
    ours.map(|(source, key)| Some((source, Jwk::from_value(key).ok()?)))
        .collect()
}

impl Line {
    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Tries for further tries, each after a pause that grows and differs.
const TRIES: u32 = 3;

/// Asks until there is an answer, or the tries or the time are used up; counts and logs the outcome.
pub(super) async fn persist<A: http::Reply>(
    app: &App,
    source: Source,
    question: &impl http::Question,
) -> Result<Option<Answer<A::Record>>, Silent> {
    let begun = Instant::now();
    let total = app.registries.total;
    let deadline = tokio::time::Instant::now() + total;
    let answer = match app.registries.line(source) {
        // Who gets a place only later has not enough time left to ask.
        Ok(line) => match tokio::time::timeout(total / 3, line.places.acquire()).await {
            Ok(Ok(_place)) => try_often::<A>(app, line, question, deadline).await,
            Ok(Err(_)) | Err(_) => Err(Why::Crowded),
        },
        Err(why) => Err(why),
    };

    let outcome = match &answer {
        Ok(Some(_)) => "answered",
        Ok(None) => "unknown",
        Err(why) => why.outcome(),
    };
    metrics::counter!("vneid_registry_calls_total", "source" => source.text(), "outcome" => outcome).increment(1);
    metrics::histogram!("vneid_registry_seconds", "source" => source.text()).record(begun.elapsed().as_secs_f64());
    match &answer {
        Err(Why::Other) => tracing::error!(
            alert = true,
            source = source.text(),
            request = question.request(),
            "a source answered about another person"
        ),
        Err(Why::Disbelieved(why)) => tracing::error!(
            alert = true,
            source = source.text(),
            request = question.request(),
            %why,
            "an answer of a source was not believed"
        ),
        _ => {}
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

/// Sends one question that is neither about a person's record nor repeated, within the time of the line.
pub(super) async fn send<A: serde::de::DeserializeOwned>(
    app: &App,
    source: Source,
    path: &str,
    question: &impl serde::Serialize,
) -> Result<A, Silent> {
    let sent = async {
        let line = app.registries.line(source)?;
        if !line.breaker().lets_pass(app.clock.now()) {
            return Err(Why::LeftAlone);
        }
        let body = serde_json::to_vec(question).map_err(|error| Why::Malformed(error.to_string()))?;
        let exchanged = http::exchange(app, source, (&line.base, path), body);
        let answer = tokio::time::timeout(app.registries.total, exchanged)
            .await
            .unwrap_or(Err(Why::Slow));
        tell_breaker(app, line, &answer);
        match answer? {
            (::http::StatusCode::OK, body) => {
                serde_json::from_slice(&body).map_err(|error| Why::Malformed(http::shape(&error)))
            }
            (status, _) if status.is_server_error() => Err(Why::Failed(status)),
            (status, _) => Err(Why::Refused(status)),
        }
    };
    sent.await.map_err(|why| Silent { source, why })
}
