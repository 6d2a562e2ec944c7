//! Faces and fingers: whether two samples are of one person, and whether a portrait is good enough to compare.
//!
//! The comparing is done by the matcher of the ID-card database, over HTTPS with mutual TLS; this capability is its client and has no
//! requests of its own. In the sandbox the same wire leads to the stand-in of [`nation::sources::matcher`], which compares nobody and says so
//! in each answer (`stand_in`). No matcher is built in: see `docs/decisions/0020-biometrics.md`.
//!
//! | call | asks |
//! | --- | --- |
//! | [`compare_faces`] | is this face that of the chip, or that of the person on record? |
//! | [`compare_fingers`] | is this print that of the person on record? |
//! | [`quality::judge`] | is this portrait good enough, and what should be done better? |
//!
//! Samples travel as ISO/IEC 19794-5 and 19794-4 records; a chip's ISO/IEC 39794-5 block is carried as it is. Scores are the engine's own;
//! each answer brings the scores that different people reach once in N comparisons, and the decision is made here with the N that the
//! operator set. So an engine can be replaced without touching a threshold.
//!
//! **Invariant:** what is not compared is never a match: poor quality, two faces, an engine without calibration are undecided, for a person to decide.
//! **Invariant:** an answer to another question is never taken.
//! **Invariant:** no sample is kept or logged here.

use std::sync::Mutex;
use std::time::Duration;

use ::http::StatusCode;
use axum::Router;
use civil::PersonalNumber;
use tokio::sync::Semaphore;

use crate::app::{App, Capability};
use crate::registries::{Breaker, Transport, Unbuildable};
use crate::shell::config;
use crate::shell::problem::Problem;
use crate::shell::texts;

mod http;
pub mod quality;
mod rules;

#[cfg(test)]
mod tests;

pub use rules::{
    Against, Comparison, Decision, FaceReference, FaceSample, FingerSample, Liveness, Modality, Outcome, Unusable,
};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes: Router::new,
    jobs: |_| {},
    only_in_sandbox: false,
};

/// The line to the matcher. Part of [`App`].
pub struct BiometricVerifier {
    transport: Transport,
    base: String,
    breaker: Mutex<Breaker>,
    places: Semaphore,
    total: Duration,
    faces_one_in: u64,
    fingers_one_in: u64,
}

impl BiometricVerifier {
    /// The matcher that the operator set, by HTTPS with mutual TLS.
    ///
    /// # Errors
    /// [`Unbuildable`] if a certificate or a key cannot be used.
    pub fn open(config: &config::Biometrics) -> Result<Self, Unbuildable> {
        let connect = Duration::from_millis(config.connect_ms);
        let transport = Transport::mutual_tls((&config.authority, &config.identity), connect, config.at_once)?;
        Ok(Self::new(config, transport))
    }

    /// The same by another way.
    pub fn new(config: &config::Biometrics, transport: Transport) -> Self {
        Self {
            transport,
            base: config.matcher.trim_end_matches('/').to_owned(),
            breaker: Mutex::default(),
            places: Semaphore::new(config.at_once.max(1)),
            total: Duration::from_millis(config.total_ms),
            faces_one_in: config.faces_one_in,
            fingers_one_in: config.fingers_one_in,
        }
    }

    /// Whether the matcher is being left alone because it failed.
    pub fn leaves_alone(&self) -> bool {
        self.breaker().is_open()
    }

    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The matcher gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
#[error("the matcher gave no answer")]
pub struct Silent(#[source] http::Why);

impl From<Silent> for Problem {
    fn from(silent: Silent) -> Self {
        Problem::new("biometrics-silent", StatusCode::SERVICE_UNAVAILABLE)
            .retry_after(10)
            .caused_by(silent)
    }
}

/// Compares a face with that on a chip, or with that on record, for a purpose of `a`–`z`, `0`–`9` and `-`.
///
/// Comparing with the record is a look at the person's data: the caller records it in the history.
///
/// # Errors
/// [`Silent`] if the matcher gives no answer.
pub async fn compare_faces(
    app: &App,
    probe: &FaceSample,
    reference: FaceReference<'_>,
    purpose: &'static str,
) -> Result<Comparison, Silent> {
    let (against, reference) = match reference {
        FaceReference::OnRecord(number) => (Against::Record, http::Reference::PersonalNumber(number.as_str())),
        FaceReference::Chip(sample) => (Against::Chip, http::Reference::Sample(sample.wire())),
    };
    let asked = http::compare(app, http::FACES, (probe.wire(), reference), purpose).await?;
    let kind = (Modality::Face, against);
    Ok(rules::decide(kind, asked, app.biometrics.faces_one_in, app.clock.now()))
}

/// Compares a print with that of the same finger on record, for a purpose of `a`–`z`, `0`–`9` and `-`.
///
/// It is a look at the person's data: the caller records it in the history.
///
/// # Errors
/// [`Silent`] if the matcher gives no answer.
pub async fn compare_fingers(
    app: &App,
    probe: &FingerSample,
    number: &PersonalNumber,
    purpose: &'static str,
) -> Result<Comparison, Silent> {
    let reference = http::Reference::PersonalNumber(number.as_str());
    let asked = http::compare(app, http::FINGERS, (probe.wire(), reference), purpose).await?;
    let kind = (Modality::Finger(probe.finger()), Against::Record);
    Ok(rules::decide(
        kind,
        asked,
        app.biometrics.fingers_one_in,
        app.clock.now(),
    ))
}
