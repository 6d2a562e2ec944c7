//! What a wallet sends back, judged (sections 8 and 14).

use std::collections::BTreeMap;

use crypto::base64url;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::dcql::Shown;
use super::request::Request;
use crate::mdoc::DeviceResponse;
use crate::sdjwt::SdJwt;
use crate::status::StatusRef;
use crate::verify::{Format, Outcome, Session, Verdict, Verifier};

/// The most presentations in one answer.
const MOST: usize = 16;

/// Why an answer is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// `vp_token` is not an object of lists of texts.
    #[error("vp_token is malformed")]
    Malformed,
    /// `state` is another's.
    #[error("answer is for another session")]
    OtherSession,
    /// A presentation is of something that was not asked for.
    #[error("answer has what was not asked for")]
    NotAsked,
    /// A presentation does not verify; the verdict says why.
    #[error("presentation is refused: {0}")]
    Presentation(String),
    /// What the holder had to agree to is not in the key binding.
    #[error("transaction data are not agreed to")]
    TransactionData,
    /// What is shown is not what was asked for.
    #[error("answer does not answer the query")]
    Unanswered,
}

/// An answer taken apart; nothing in it can be trusted yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    presentations: Vec<Presentation>,
    state: Option<String>,
}

/// One presentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presentation {
    /// The query that it answers.
    pub id: String,
    /// An SD-JWT with its key binding, or a `DeviceResponse` in base64url.
    pub text: String,
}

/// A presentation that was judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// The query that it answers.
    pub id: String,
    /// The verdict; accepted, or with reasons for caution.
    pub verdict: Verdict,
}

impl Answer {
    /// Takes an answer apart: `vp_token` is an object, or a text that holds one (form-encoded).
    ///
    /// # Errors
    /// [`Refusal::Malformed`].
    pub fn parse(vp_token: &Value, state: Option<&str>) -> Result<Self, Refusal> {
        let read;
        let token: &Map<String, Value> = match vp_token {
            Value::Object(token) => token,
            Value::String(text) => {
                read = crypto::json::parse_object(text.as_bytes())
                    .ok()
                    .ok_or(Refusal::Malformed)?;
                &read
            }
            _ => return Err(Refusal::Malformed),
        };
        let mut presentations = Vec::new();
        for (id, texts) in token {
            for text in texts.as_array().ok_or(Refusal::Malformed)? {
                let text = text.as_str().ok_or(Refusal::Malformed)?.to_owned();
                presentations.push(Presentation { id: id.clone(), text });
            }
        }
        if presentations.is_empty() || presentations.len() > MOST {
            return Err(Refusal::Malformed);
        }
        Ok(Self {
            presentations,
            state: state.map(str::to_owned),
        })
    }

    /// The presentations.
    pub fn presentations(&self) -> &[Presentation] {
        &self.presentations
    }

    /// Judges an answer to a request.
    ///
    /// # Errors
    /// [`Refusal`] names the first rule that was broken.
    pub fn judge(&self, request: &Request, verifier: &Verifier, at: Timestamp) -> Result<Vec<Judged>, Refusal> {
        if !request.mode.is_dc_api() && self.state.as_deref() != Some(request.state.as_str()) {
            return Err(Refusal::OtherSession);
        }
        let mut judged = Vec::new();
        for presentation in &self.presentations {
            judged.extend(presentation.judge(request, verifier, at)?);
        }
        let mut shown: BTreeMap<&str, Vec<Shown<'_>>> = BTreeMap::new();
        for one in &judged {
            shown.entry(&one.id).or_default().push(Shown {
                format: one.verdict.format,
                document: one.verdict.document.as_deref().unwrap_or_default(),
                claims: &one.verdict.claims,
            });
        }
        if request.query.is_answered_by(&shown) {
            Ok(judged)
        } else {
            Err(Refusal::Unanswered)
        }
    }
}

impl Presentation {
    /// The addresses of the status lists that it names, unverified: to have them at hand before it is judged.
    pub fn status_addresses(&self) -> Vec<String> {
        if self.text.contains('~') {
            return crate::verify::addresses_in_text(&self.text);
        }
        let bytes = base64url::decode(&self.text).unwrap_or_default();
        crate::verify::addresses_in_bytes(&bytes)
    }

    /// Where the status of each credential in it stands; believed once the answer was judged.
    pub fn places(&self) -> Vec<StatusRef> {
        if self.text.contains('~') {
            let parsed = SdJwt::parse(&self.text).ok();
            return parsed
                .and_then(|parsed| parsed.unverified_status())
                .into_iter()
                .collect();
        }
        let bytes = base64url::decode(&self.text).unwrap_or_default();
        let response = DeviceResponse::parse(&bytes).ok();
        let documents = response.map(|response| response.documents).unwrap_or_default();
        let places = documents
            .iter()
            .map(|document| document.issuer_signed().unverified_status());
        places.flatten().collect()
    }

    fn judge(&self, request: &Request, verifier: &Verifier, at: Timestamp) -> Result<Vec<Judged>, Refusal> {
        let wanted = request.query.credential(&self.id).ok_or(Refusal::NotAsked)?;
        let (types, audience, transcript) = (wanted.types(), request.audience(), request.transcript());
        let session = Session {
            types: &types,
            binding: Some((&audience, &request.nonce)),
            transcript: Some(&transcript),
            ..Session::at(at)
        };
        let verdicts = match wanted.format() {
            Some(Format::Mdoc) => {
                let bytes = base64url::decode(&self.text).ok().ok_or(Refusal::Malformed)?;
                verifier.bytes(&bytes, &session)
            }
            _ => vec![verifier.text(&self.text, &session)],
        };
        for verdict in &verdicts {
            // Locked, or of a status that is not known: nothing that a program should decide upon.
            if verdict.outcome != Outcome::Accept {
                let codes: Vec<_> = verdict.reasons.iter().map(|reason| reason.code.as_str()).collect();
                return Err(Refusal::Presentation(codes.join(" ")));
            }
        }
        self.check_transaction_data(request)?;
        let judged = |verdict| Judged {
            id: self.id.clone(),
            verdict,
        };
        Ok(verdicts.into_iter().map(judged).collect())
    }

    /// The digests of all transaction data for this credential stand in its key binding, in their order (appendix B.3.3).
    fn check_transaction_data(&self, request: &Request) -> Result<(), Refusal> {
        let mine = request
            .transaction_data
            .iter()
            .filter(|data| data.credentials().contains(&self.id));
        let wanted: Vec<String> = mine.map(super::TransactionData::digest).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let claims = SdJwt::parse(&self.text).ok().and_then(|parsed| parsed.binding_claims());
        let told = claims
            .as_ref()
            .and_then(|claims| claims.get("transaction_data_hashes")?.as_array());
        let same = told.is_some_and(|told| {
            told.iter()
                .map(Value::as_str)
                .eq(wanted.iter().map(|text| Some(text.as_str())))
        });
        if same { Ok(()) } else { Err(Refusal::TransactionData) }
    }
}
