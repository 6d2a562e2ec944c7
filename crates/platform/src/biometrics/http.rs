//! One question to the matcher: over HTTPS, or inside the process for tests.

use ::http::StatusCode;
use http_body_util::{BodyExt as _, Limited};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Silent;
use super::quality::FaceBox;
use super::rules::{Liveness, Outcome, Said, Threshold, WireSample};
use crate::app::App;
use crate::registries::Unreached;
use crate::shell::ids::id;

/// The largest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 256 * 1024;
/// Tries for further tries.
const TRIES: u32 = 2;

/// Where faces are compared.
pub(super) const FACES: &str = "/biometrics/v1/faces/compare";
/// Where fingers are compared.
pub(super) const FINGERS: &str = "/biometrics/v1/fingers/compare";
/// Where faces are found.
const FIND: &str = "/biometrics/v1/faces/query";

id! {
    /// The name of one question, in our log and the matcher's.
    RequestId
}

/// Why the matcher gave no answer; without samples.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// No connection, or it broke.
    #[error("it cannot be reached")]
    Down(#[source] Unreached),
    /// The time was up.
    #[error("it took too long")]
    Slow,
    /// It said that it failed.
    #[error("it answered {0}")]
    Failed(StatusCode),
    /// It refused the question: a fault of ours.
    #[error("it refused the question with {0}")]
    Refused(StatusCode),
    /// The answer is not as agreed.
    #[error("its answer is malformed")]
    Malformed,
    /// The answer is to another question.
    #[error("it answered another question")]
    Other,
    /// It failed too often, and is left alone.
    #[error("it failed too often and is left alone for a while")]
    LeftAlone,
    /// Too many questions are under way.
    #[error("too many questions are under way")]
    Crowded,
}

impl Why {
    fn outcome(&self) -> &'static str {
        match self {
            Why::Down(_) => "down",
            Why::Slow => "slow",
            Why::Failed(_) => "failed",
            Why::Refused(_) => "refused",
            Why::Malformed => "malformed",
            Why::Other => "other-question",
            Why::LeftAlone => "left-alone",
            Why::Crowded => "crowded",
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reference<'a> {
    PersonalNumber(&'a str),
    Sample(WireSample),
}

#[derive(Serialize)]
struct CompareQuestion<'a> {
    purpose: &'static str,
    request_id: String,
    probe: WireSample,
    reference: Reference<'a>,
}

#[derive(Serialize)]
struct FindQuestion {
    purpose: &'static str,
    request_id: String,
    sample: WireSample,
}

#[derive(Deserialize)]
struct Engine {
    name: String,
    version: String,
    stand_in: bool,
}

impl Engine {
    fn known_as(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

#[derive(Deserialize)]
struct CompareAnswer {
    request_id: String,
    engine: Engine,
    outcome: Outcome,
    score: Option<u32>,
    thresholds: Vec<Threshold>,
    quality: Option<u8>,
    liveness: Liveness,
}

#[derive(Deserialize)]
struct FindAnswer {
    request_id: String,
    engine: Engine,
    unreadable: bool,
    faces: Vec<FaceBox>,
    liveness: Liveness,
}

/// An answer that names its question.
trait Answer: DeserializeOwned {
    fn request(&self) -> &str;
}

impl Answer for CompareAnswer {
    fn request(&self) -> &str {
        &self.request_id
    }
}

impl Answer for FindAnswer {
    fn request(&self) -> &str {
        &self.request_id
    }
}

/// Which faces a picture shows.
pub(super) struct Found {
    pub(super) engine: String,
    pub(super) stand_in: bool,
    /// `None`: the engine cannot read the picture.
    pub(super) faces: Option<Vec<FaceBox>>,
    pub(super) liveness: Liveness,
}

pub(super) async fn compare(
    app: &App,
    path: &'static str,
    (probe, reference): (WireSample, Reference<'_>),
    purpose: &'static str,
) -> Result<Said, Silent> {
    let question = CompareQuestion {
        purpose,
        request_id: RequestId::draw(&app.chance).to_string(),
        probe,
        reference,
    };
    let answer: CompareAnswer = persist(app, path, &question, &question.request_id).await?;
    Ok(Said {
        engine: answer.engine.known_as(),
        request: answer.request_id,
        stand_in: answer.engine.stand_in,
        outcome: answer.outcome,
        score: answer.score,
        thresholds: answer.thresholds,
        quality: answer.quality,
        liveness: answer.liveness,
    })
}

pub(super) async fn find(app: &App, sample: WireSample, purpose: &'static str) -> Result<Found, Silent> {
    let question = FindQuestion {
        purpose,
        request_id: RequestId::draw(&app.chance).to_string(),
        sample,
    };
    let answer: FindAnswer = persist(app, FIND, &question, &question.request_id).await?;
    Ok(Found {
        engine: answer.engine.known_as(),
        stand_in: answer.engine.stand_in,
        faces: (!answer.unreadable).then_some(answer.faces),
        liveness: answer.liveness,
    })
}

/// Asks until there is an answer, or the tries or the time are used up; counts the outcome.
async fn persist<A: Answer>(
    app: &App,
    path: &'static str,
    question: &impl Serialize,
    request: &str,
) -> Result<A, Silent> {
    let verifier = &app.biometrics;
    let body = serde_json::to_vec(question).map_err(|_unwritable| Silent(Why::Malformed))?;
    let deadline = tokio::time::Instant::now() + verifier.total;
    let place = tokio::time::timeout(verifier.total / 3, verifier.places.acquire()).await;
    let answer = match place {
        Ok(Ok(_place)) => {
            let tries = try_often(app, path, &body, request);
            tokio::time::timeout_at(deadline, tries).await.unwrap_or(Err(Why::Slow))
        }
        Ok(Err(_)) | Err(_) => Err(Why::Crowded),
    };
    match &answer {
        Ok(_) => verifier.breaker().succeeded(),
        Err(Why::LeftAlone | Why::Crowded) => {}
        Err(why) => {
            if verifier.breaker().failed(app.clock.now()) {
                tracing::warn!(
                    outcome = why.outcome(),
                    "the matcher failed too often and is left alone"
                );
            }
        }
    }
    let outcome = answer.as_ref().map_or_else(Why::outcome, |_| "answered");
    metrics::counter!("vneid_matcher_calls_total", "outcome" => outcome).increment(1);
    answer.map_err(Silent)
}

async fn try_often<A: Answer>(app: &App, path: &'static str, body: &[u8], request: &str) -> Result<A, Why> {
    let mut last = Why::LeftAlone;
    for attempt in 1..=TRIES {
        if !app.biometrics.breaker().lets_pass(app.clock.now()) {
            return Err(last);
        }
        match ask(app, path, body.to_vec(), request).await {
            Err(why @ (Why::Down(_) | Why::Failed(_))) if attempt < TRIES => last = why,
            settled => return settled,
        }
    }
    Err(last)
}

async fn ask<A: Answer>(app: &App, path: &'static str, body: Vec<u8>, request: &str) -> Result<A, Why> {
    let verifier = &app.biometrics;
    let response = verifier
        .transport
        .post(&verifier.base, path, body)
        .await
        .map_err(Why::Down)?;
    let status = response.status();
    match status {
        StatusCode::OK => {}
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            return Err(Why::Failed(status));
        }
        status => return Err(Why::Refused(status)),
    }
    let body = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await;
    let body = body.map_err(|_broken| Why::Malformed)?.to_bytes();
    let answer: A = serde_json::from_slice(&body).map_err(|_malformed| Why::Malformed)?;
    if answer.request() != request {
        tracing::error!(alert = true, request, "the matcher answered another question");
        return Err(Why::Other);
    }
    Ok(answer)
}
