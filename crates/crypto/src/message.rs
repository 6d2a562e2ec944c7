//! Signatures over answers to HTTP questions (RFC 9421), bound to the question by its digest (RFC 9530).
//!
//! One profile, so that there is nothing to negotiate: the signature covers method, path and `Content-Digest` of the question, and status and
//! `Content-Digest` of the answer, in this order; its parameters are `created`, `keyid` and `alg`. An answer that was given to another question
//! does not verify.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};

use crate::digest::sha256;
use crate::jwk::Jwk;
use crate::sign::{self, Algorithm, SignError, Signer};

/// What is covered, as it stands in `Signature-Input`.
const COVERED: &str = r#"("@method";req "@path";req "content-digest";req "@status" "content-digest")"#;
/// The same of a request that nobody asked for: a callback.
const COVERED_ALONE: &str = r#"("@method" "@path" "content-digest")"#;
/// The label of our own signatures; any other is read as well.
const LABEL: &str = "sig1";
/// How far the signer's clock may be from ours.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);
/// The longest header that is read.
const LONGEST: usize = 1024;

/// A question and the answer to it.
#[derive(Debug, Clone, Copy)]
pub struct Exchange<'a> {
    /// The method of the question.
    pub method: &'a str,
    /// The path of the question.
    pub path: &'a str,
    /// The body of the question.
    pub question: &'a [u8],
    /// The status of the answer.
    pub status: u16,
    /// The body of the answer.
    pub answer: &'a [u8],
}

/// A request that is signed by itself: somebody calls back.
#[derive(Debug, Clone, Copy)]
pub struct Callback<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its path.
    pub path: &'a str,
    /// Its body.
    pub body: &'a [u8],
}

/// The headers by which an answer is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers {
    /// `Content-Digest`.
    pub content_digest: String,
    /// `Signature-Input`.
    pub signature_input: String,
    /// `Signature`.
    pub signature: String,
}

/// Why a signed answer is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Disbelieved {
    /// A header is not of the profile.
    #[error("its signature is malformed")]
    Malformed,
    /// The body is not the one that was signed.
    #[error("its body is not the one of its digest")]
    OtherBody,
    /// Signed by another key than expected.
    #[error("it is signed by another key")]
    OtherKey,
    /// Signed too long ago, or in the future.
    #[error("the clock of its signature is wrong")]
    WrongClock,
    /// The signature is not one over this question and answer.
    #[error("its signature is not over this question and answer")]
    Forged,
}

/// The `Content-Digest` of a body.
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(sha256(body)))
}

impl Exchange<'_> {
    /// Signs the answer.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, key: &dyn Signer, at: Timestamp) -> Result<Headers, SignError> {
        sign_over((COVERED, self.answer), |params| self.base(params), key, at)
    }

    /// Checks that the holder of a key gave this answer to this question just now.
    ///
    /// # Errors
    /// [`Disbelieved`].
    pub fn verify(&self, key: &Jwk, headers: &Headers, now: Timestamp) -> Result<(), Disbelieved> {
        verify_over((COVERED, self.answer), |params| self.base(params), (key, headers), now)
    }

    /// The signature base (RFC 9421, section 2.5).
    fn base(&self, params: &str) -> String {
        let mut base = String::with_capacity(512);
        // Writing to a string does not fail.
        let _ = write!(
            base,
            "\"@method\";req: {}\n\"@path\";req: {}\n\"content-digest\";req: {}\n\"@status\": {}\n\"content-digest\": {}\n\"@signature-params\": {params}",
            self.method,
            self.path,
            content_digest(self.question),
            self.status,
            content_digest(self.answer),
        );
        base
    }
}

impl Callback<'_> {
    /// Signs the request.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, key: &dyn Signer, at: Timestamp) -> Result<Headers, SignError> {
        sign_over((COVERED_ALONE, self.body), |params| self.base(params), key, at)
    }

    /// Checks that the holder of a key sent this request just now.
    ///
    /// # Errors
    /// [`Disbelieved`].
    pub fn verify(&self, key: &Jwk, headers: &Headers, now: Timestamp) -> Result<(), Disbelieved> {
        verify_over(
            (COVERED_ALONE, self.body),
            |params| self.base(params),
            (key, headers),
            now,
        )
    }

    fn base(&self, params: &str) -> String {
        format!(
            "\"@method\": {}\n\"@path\": {}\n\"content-digest\": {}\n\"@signature-params\": {params}",
            self.method,
            self.path,
            content_digest(self.body),
        )
    }
}

fn sign_over(
    (covered, body): (&str, &[u8]),
    base: impl Fn(&str) -> String,
    key: &dyn Signer,
    at: Timestamp,
) -> Result<Headers, SignError> {
    let (created, alg) = (at.as_second(), name_of(key.algorithm()));
    let params = format!(r#"{covered};created={created};keyid="{}";alg="{alg}""#, key.key_id());
    let signature = key.sign(base(&params).as_bytes())?;
    Ok(Headers {
        content_digest: content_digest(body),
        signature_input: format!("{LABEL}={params}"),
        signature: format!("{LABEL}=:{}:", STANDARD.encode(signature)),
    })
}

fn verify_over(
    (covered, body): (&str, &[u8]),
    base: impl Fn(&str) -> String,
    (key, headers): (&Jwk, &Headers),
    now: Timestamp,
) -> Result<(), Disbelieved> {
    if headers.content_digest != content_digest(body) {
        return Err(Disbelieved::OtherBody);
    }
    let (label, params) = labelled(&headers.signature_input)?;
    let (other, signature) = labelled(&headers.signature)?;
    let encoded = signature.strip_prefix(':').and_then(|rest| rest.strip_suffix(':'));
    let signature = encoded.and_then(|text| STANDARD.decode(text).ok());
    let signature = signature.filter(|_| label == other).ok_or(Disbelieved::Malformed)?;

    let said = Said::read(covered, params)?;
    if said.key != key.key_id() || said.algorithm.is_some_and(|name| name != name_of(key.algorithm())) {
        return Err(Disbelieved::OtherKey);
    }
    if said.created.duration_since(now).abs() > CLOCKS_DIFFER {
        return Err(Disbelieved::WrongClock);
    }
    sign::verify(key.key(), base(params).as_bytes(), &signature).map_err(|sign::BadSignature| Disbelieved::Forged)
}

/// The parameters of a signature.
struct Said<'a> {
    created: Timestamp,
    key: &'a str,
    algorithm: Option<&'a str>,
}

impl<'a> Said<'a> {
    fn read(covered: &str, params: &'a str) -> Result<Self, Disbelieved> {
        let rest = params.strip_prefix(covered).ok_or(Disbelieved::Malformed)?;
        let (mut created, mut key, mut algorithm) = (None, None, None);
        for param in rest.split(';').skip(1) {
            match param.split_once('=') {
                Some(("created", second)) => {
                    created = second.parse().ok().and_then(|at| Timestamp::from_second(at).ok());
                }
                Some(("keyid", text)) => key = quoted(text),
                Some(("alg", text)) => algorithm = quoted(text),
                _ => return Err(Disbelieved::Malformed),
            }
        }
        match (created, key) {
            (Some(created), Some(key)) => Ok(Self {
                created,
                key,
                algorithm,
            }),
            _ => Err(Disbelieved::Malformed),
        }
    }
}

fn labelled(header: &str) -> Result<(&str, &str), Disbelieved> {
    let bounded = Some(header).filter(|header| header.len() <= LONGEST);
    bounded
        .and_then(|header| header.split_once('='))
        .ok_or(Disbelieved::Malformed)
}

fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?
        .strip_suffix('"')
        .filter(|inner| !inner.contains('"'))
}

/// The name of an algorithm in the registry of RFC 9421, section 6.2.2.
fn name_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es256 => "ecdsa-p256-sha256",
        Algorithm::EdDsa => "ed25519",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::SoftKey;

    const EXCHANGE: Exchange<'static> = Exchange {
        method: "POST",
        path: "/vehicle/v1/query",
        question: b"{\"request_id\":\"1\"}",
        status: 200,
        answer: b"{\"record\":null}",
    };

    fn now() -> Timestamp {
        "2026-11-23T02:00:00Z".parse().unwrap()
    }

    fn key(seed: u8) -> SoftKey {
        SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap()
    }

    #[test]
    fn a_signed_answer_is_believed_by_whoever_knows_the_key() {
        for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
            let key = SoftKey::from_seed(algorithm, &[7; 32]).unwrap();
            let headers = EXCHANGE.sign(&key, now()).unwrap();

            assert_eq!(EXCHANGE.verify(key.public(), &headers, now()), Ok(()));
        }
    }

    #[test]
    fn the_signature_base_is_that_of_the_standard() {
        let params = format!(r#"{COVERED};created=1;keyid="k";alg="ed25519""#);

        let lines: Vec<String> = EXCHANGE.base(&params).lines().map(str::to_owned).collect();

        assert_eq!(lines.first().unwrap(), r#""@method";req: POST"#);
        assert_eq!(lines.get(3).unwrap(), r#""@status": 200"#);
        assert!(lines.get(4).unwrap().starts_with(r#""content-digest": sha-256=:"#));
        assert_eq!(lines.last().unwrap(), &format!(r#""@signature-params": {params}"#));
    }

    #[test]
    fn an_answer_to_another_question_a_changed_one_and_a_strangers_are_not_believed() {
        let (key, stranger) = (key(1), key(2));
        let headers = EXCHANGE.sign(&key, now()).unwrap();
        let asked_again = Exchange {
            question: b"{\"request_id\":\"2\"}",
            ..EXCHANGE
        };
        let changed = Exchange {
            answer: b"{\"record\":1}",
            ..EXCHANGE
        };
        let elsewhere = Exchange {
            path: "/tax/v1/query",
            ..EXCHANGE
        };
        let refused = Exchange {
            status: 404,
            ..EXCHANGE
        };

        assert_eq!(
            asked_again.verify(key.public(), &headers, now()),
            Err(Disbelieved::Forged)
        );
        assert_eq!(
            elsewhere.verify(key.public(), &headers, now()),
            Err(Disbelieved::Forged)
        );
        assert_eq!(refused.verify(key.public(), &headers, now()), Err(Disbelieved::Forged));
        assert_eq!(
            changed.verify(key.public(), &headers, now()),
            Err(Disbelieved::OtherBody)
        );
        assert_eq!(
            EXCHANGE.verify(stranger.public(), &headers, now()),
            Err(Disbelieved::OtherKey)
        );
    }

    #[test]
    fn an_answer_of_another_hour_is_not_believed() {
        let key = key(1);
        let headers = EXCHANGE.sign(&key, now()).unwrap();

        let verdicts = [-6, -5, 5, 6]
            .map(|minutes| EXCHANGE.verify(key.public(), &headers, now() + SignedDuration::from_mins(minutes)));

        assert_eq!(
            verdicts,
            [
                Err(Disbelieved::WrongClock),
                Ok(()),
                Ok(()),
                Err(Disbelieved::WrongClock)
            ]
        );
    }

    #[test]
    fn what_is_not_of_the_profile_is_malformed() {
        let key = key(1);
        let good = EXCHANGE.sign(&key, now()).unwrap();
        let spoilt: [fn(&mut Headers); 5] = [
            |headers| headers.signature_input = headers.signature_input.replace("\"@status\" ", ""),
            |headers| headers.signature_input.push_str(";tag=\"x\""),
            |headers| headers.signature_input = "sig1".to_owned(),
            |headers| headers.signature = headers.signature.replace("sig1", "sig2"),
            |headers| headers.signature = "sig1=:!:".to_owned(),
        ];
        for spoil in spoilt {
            let mut headers = good.clone();
            spoil(&mut headers);

            assert_eq!(
                EXCHANGE.verify(key.public(), &headers, now()),
                Err(Disbelieved::Malformed),
                "{headers:?}"
            );
        }
    }

    #[test]
    fn a_callback_is_believed_of_its_sender_alone_as_it_was_sent() {
        let callback = Callback {
            method: "POST",
            path: "/payments/callback",
            body: b"{\"state\":\"paid\"}",
        };
        let (key, stranger) = (key(1), key(2));
        let headers = callback.sign(&key, now()).unwrap();
        let verify = |callback: Callback<'_>, key: &SoftKey| callback.verify(key.public(), &headers, now());
        let other = |body| Callback { body, ..callback };

        assert_eq!(verify(callback, &key), Ok(()));
        assert_eq!(verify(callback, &stranger), Err(Disbelieved::OtherKey));
        assert_eq!(verify(other(b"{}"), &key), Err(Disbelieved::OtherBody));
        let path = "/elsewhere";
        assert_eq!(verify(Callback { path, ..callback }, &key), Err(Disbelieved::Forged));
        let late = now() + SignedDuration::from_mins(6);
        assert_eq!(
            callback.verify(key.public(), &headers, late),
            Err(Disbelieved::WrongClock)
        );
    }
}
