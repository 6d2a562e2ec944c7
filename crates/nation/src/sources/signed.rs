//! Every answer of a source is signed with the key of that source, over question and answer (RFC 9421).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use crypto::digest::sha256;
use crypto::jwk::Jwk;
use crypto::message::{Exchange, Headers};
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{MAX_QUESTION, Source, Sources, Twist};
use crate::people::Nation;

/// How long an answer is that nobody should read to its end.
const HUGE: usize = 10 * 1024 * 1024;
/// The longest answer of ours.
const LONGEST: usize = 64 * 1024 * 1024;

/// The keys of the sources, and the last answer of each.
#[derive(Clone)]
pub(super) struct Keys(Arc<Kept>);

struct Kept {
    keys: BTreeMap<Source, SoftKey>,
    last: Mutex<BTreeMap<Source, (Bytes, Headers)>>,
}

impl Keys {
    /// The keys follow from the nation's seed.
    pub(super) fn of(nation: &Nation) -> Self {
        let key = |source: Source| {
            let seed = sha256(format!("source {} {}", source.name(), nation.seed()).as_bytes());
            Some((source, SoftKey::from_seed(Algorithm::Es256, &seed).ok()?))
        };
        Self(Arc::new(Kept {
            keys: Source::ALL.into_iter().filter_map(key).collect(),
            last: Mutex::default(),
        }))
    }
}

/// The public keys of the sources, by their names: what the operator of a platform is given.
pub fn signers(nation: &Nation) -> BTreeMap<&'static str, Jwk> {
    let keys = Keys::of(nation);
    keys.0
        .keys
        .iter()
        .map(|(source, key)| (source.name(), key.public().clone()))
        .collect()
}

/// Signs an answer, or lets the fault of its source spoil it.
pub(super) async fn sign(State(sources): State<Sources>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(question) = to_bytes(body, MAX_QUESTION).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let path = parts.uri.path().to_owned();
    let source = path.split('/').nth(1).and_then(Source::named);
    let answer = next.run(Request::from_parts(parts, Body::from(question.clone()))).await;
    let (mut head, body) = answer.into_parts();
    let (Some(source), Ok(body)) = (source, to_bytes(body, LONGEST).await) else {
        return StatusCode::NOT_FOUND.into_response();
    };

    let twist = sources.faults.get(source).twist;
    let body = twisted(twist, body);
    let exchange = Exchange {
        method: "POST",
        path: &path,
        question: &question,
        status: head.status.as_u16(),
        answer: &body,
    };
    let ahead = SignedDuration::from_hours(i64::from(twist == Some(Twist::WrongClock)));
    let signed = sources
        .keys
        .0
        .keys
        .get(&source)
        .and_then(|key| exchange.sign(key, (sources.clock)() + ahead).ok());
    let Some(mut headers) = signed else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if twist == Some(Twist::Forged) {
        headers.signature = headers.signature.replace("sig1=:", "sig1=:AAAA");
    }
    let (body, headers) = sources.keys.latest(source, (body, headers), twist);
    head.headers.remove(http::header::CONTENT_LENGTH);
    for (name, value) in [
        ("content-digest", headers.content_digest),
        ("signature-input", headers.signature_input),
        ("signature", headers.signature),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            head.headers.insert(HeaderName::from_static(name), value);
        }
    }
    Response::from_parts(head, Body::from(body))
}

impl Keys {
    /// The answer, or the one before it when answers are replayed.
    fn latest(&self, source: Source, answer: (Bytes, Headers), twist: Option<Twist>) -> (Bytes, Headers) {
        let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        match (twist, last.get(&source)) {
            (Some(Twist::Replayed), Some(before)) => before.clone(),
            _ => {
                last.insert(source, answer.clone());
                answer
            }
        }
    }
}

fn twisted(twist: Option<Twist>, body: Bytes) -> Bytes {
    let Some(twist) = twist else { return body };
    let Ok(mut answer) = serde_json::from_slice::<Value>(&body) else {
        return body;
    };
    match twist {
        Twist::OtherPerson => {
            for pointer in ["/subject/full_name", "/record/full_name", "/licence/full_name"] {
                if let Some(name) = answer.pointer_mut(pointer) {
                    *name = json!("Trần Văn Khác");
                }
            }
            // The older wires know people by their numbers.
            for pointer in ["/record/personal_number", "/licence/personal_number"] {
                if let Some(number) = answer.pointer_mut(pointer) {
                    *number = json!("001190900001");
                }
            }
        }
        Twist::Drifted => {
            if let Some(record) = answer.pointer_mut("/record").and_then(Value::as_object_mut)
                && let Some(first) = record.keys().next().cloned()
                && let Some(value) = record.remove(&first)
            {
                record.insert(format!("{first}_v2"), value);
            }
        }
        Twist::Huge => {
            if let Some(answer) = answer.as_object_mut() {
                answer.insert("padding".to_owned(), json!(" ".repeat(HUGE)));
            }
        }
        Twist::Forged | Twist::Replayed | Twist::WrongClock => return body,
    }
    Bytes::from(answer.to_string())
}
