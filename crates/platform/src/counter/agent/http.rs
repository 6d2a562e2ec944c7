use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use civil::PersonalNumber;
use civil::chip::clones::Question;
use civil::chip::reader::Session;
use civil::chip::{Challenge, ChipFile};
use civil::finger::Finger;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Agent;
use super::rules::may_speak;
use crate::chips::reader::{Readers, access_number, dice};
use crate::shell::server::Failure;

/// Lets only the platform's own pages in, and tells browsers so.
pub(super) async fn guard(State(agent): State<Agent>, request: Request, next: Next) -> Response {
    if !may_speak(request.headers(), &agent.origin) {
        return refusal(StatusCode::FORBIDDEN, "origin", "not a page of the platform");
    }
    let mut response = match *request.method() {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => next.run(request).await,
    };
    if let Ok(origin) = HeaderValue::from_str(&agent.origin) {
        allow(response.headers_mut(), origin);
    }
    response
}

/// What browsers ask before and after (CORS, and access from a public page to this machine).
fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("content-type"),
    );
    headers.insert(
        HeaderName::from_static("access-control-allow-private-network"),
        HeaderValue::from_static("true"),
    );
}

fn refusal(status: StatusCode, kind: &str, words: &str) -> Response {
    (status, Json(json!({ "error": kind, "words": words }))).into_response()
}

/// Nothing came of it; the words are technical English.
fn failed(failure: &Failure) -> Response {
    refusal(StatusCode::BAD_GATEWAY, "device", &failure.to_string())
}

/// What is connected.
pub(super) async fn tell(State(agent): State<Agent>) -> Json<Value> {
    let scanner = match agent.readers {
        Readers::Simulated(..) => "simulated",
        Readers::Real(_) => "none",
    };
    Json(json!({ "agent": "vneid", "version": 1, "cards": agent.readers.word(), "prints": scanner }))
}

/// Which card, and what its chip has to sign.
#[derive(Deserialize)]
pub(super) struct ReadCard {
    number: String,
    #[serde(default)]
    challenge: Option<ChipFile>,
}

/// Reads the card that lies on the reader.
pub(super) async fn read_card(State(agent): State<Agent>, Json(wanted): Json<ReadCard>) -> Response {
    let challenge = wanted.challenge.as_ref().and_then(|drawn| drawn.as_array().copied());
    let read = on_card(&agent, wanted.number, move |session| {
        Ok(json!({ "reading": session.read(challenge.map(Challenge))? }))
    })
    .await;
    read.map_or_else(|failure| failed(&failure), |reading| Json(reading).into_response())
}

/// Which card, and what it is asked.
#[derive(Deserialize)]
pub(super) struct Ask {
    number: String,
    question: Question,
}

/// Lets the chip answer what the platform asks.
pub(super) async fn answer(State(agent): State<Agent>, Json(ask): Json<Ask>) -> Response {
    let question = ask.question;
    let answered = on_card(&agent, ask.number, move |session| {
        let response = ChipFile::from(session.answer(&question)?);
        Ok(json!({ "response": response }))
    })
    .await;
    answered.map_or_else(|failure| failed(&failure), |answer| Json(answer).into_response())
}

async fn on_card(
    agent: &Agent,
    number: String,
    work: impl FnOnce(&mut Session<'_>) -> Result<Value, Failure> + Send + 'static,
) -> Result<Value, Failure> {
    let parts = agent.clone();
    let spoken = move || {
        let number = PersonalNumber::parse(&number)?;
        let mut slot = parts.readers.card(&number, parts.clock.today())?;
        let mut dice = dice(&parts.chance);
        let mut session = Session::open(&mut slot, &access_number(&number), &mut dice)?;
        work(&mut session)
    };
    agent.workshop.run(spoken).await?
}

/// Which finger. `number` says to a simulator whose finger lies on the scanner; a real one does not look at it.
#[derive(Deserialize)]
pub(super) struct TakePrint {
    finger: u8,
    #[serde(default)]
    number: String,
}

/// Takes the print of a finger.
pub(super) async fn take_print(State(agent): State<Agent>, Json(wanted): Json<TakePrint>) -> Response {
    let Readers::Simulated(nation, _) = &agent.readers else {
        return refusal(StatusCode::NOT_IMPLEMENTED, "scanner", "no finger scanner is connected");
    };
    let number = PersonalNumber::parse(&wanted.number).ok();
    let person = number.and_then(|number| nation.person_with(&number));
    let (Some(person), Some(finger)) = (person, Finger::new(wanted.finger)) else {
        return refusal(StatusCode::CONFLICT, "finger", "no finger lies on the scanner");
    };
    match nation::picture::fingerprint_png(&person, finger.code()) {
        Ok(image) => Json(json!({
            "finger": finger.code(),
            "media_type": "image/png",
            "image": STANDARD.encode(image),
            "simulated": true,
        }))
        .into_response(),
        Err(error) => failed(&error.into()),
    }
}
