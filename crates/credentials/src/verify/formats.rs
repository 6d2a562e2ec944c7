//! Each format on its way to a verdict.

use serde::Serialize;

use super::{Check, Format, Outcome, Session, Verdict, Verifier, json};
use crate::identity_qr::{self, Shown};
use crate::mdoc::{self, DeviceResponse, Document, IssuerSigned};
use crate::sdjwt::{self, SdJwt};
use crate::trust::IDENTITY_QR;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
enum Against {
    #[error("who shows it has not proved to be the holder")]
    PossessionNotProved,
    #[error("there is no document")]
    NoDocument,
}

impl Verifier {
    pub(super) fn identity_qr(&self, text: &str, session: &Session<'_>) -> Verdict {
        let refuse = |refusal: identity_qr::Refusal| Verdict::rejected(Format::IdentityQr, &refusal);
        let shown = match Shown::parse(text) {
            Ok(shown) => shown,
            Err(refusal) => return refuse(refusal),
        };
        let issuer = match self.trust.find(&[], shown.key_id(), IDENTITY_QR, session.at) {
            Ok(issuer) => issuer,
            Err(refusal) => return Verdict::distrusted(Format::IdentityQr, refusal),
        };
        let expect = identity_qr::Expect {
            at: session.at,
            skew: self.policy.skew,
            max_age: self.policy.qr_max_age,
            challenge: session.challenge,
        };
        let verified = match shown.verify(issuer.key.key(), &expect) {
            Ok(verified) => verified,
            Err(refusal) => return refuse(refusal),
        };
        let mut verdict = Verdict::new(Format::IdentityQr);
        verdict.issued_by(issuer);
        verdict.checked.push(Check::Possession);
        verdict.document = Some(IDENTITY_QR.to_owned());
        verdict.claims = json::identity(&verified.identity);
        verdict.expires_at = Some(verified.expires_at);
        self.judge_status(
            &mut verdict,
            verified.status.as_ref(),
            Some(verified.stapled),
            session.at,
        );
        verdict.tell_nothing_if_refused()
    }

    pub(super) fn sd_jwt(&self, text: &str, session: &Session<'_>) -> Verdict {
        let refuse = |refusal: sdjwt::Refusal| Verdict::rejected(Format::SdJwt, &refusal);
        let parsed = match SdJwt::parse(text) {
            Ok(parsed) => parsed,
            Err(refusal) => return refuse(refusal),
        };
        let vct = match parsed.unverified_type() {
            Ok(vct) => vct,
            Err(refusal) => return refuse(refusal),
        };
        let key_id = parsed.key_id().map(str::as_bytes);
        let issuer = match self.trust.find(&parsed.chain(), key_id, &vct, session.at) {
            Ok(issuer) => issuer,
            Err(refusal) => return Verdict::distrusted(Format::SdJwt, refusal),
        };
        let expect = sdjwt::Expect {
            at: session.at,
            skew: self.policy.skew,
            types: session.types,
            binding: session.binding.map(|(audience, nonce)| sdjwt::Binding {
                audience,
                nonce,
                max_age: self.policy.binding_max_age,
            }),
        };
        let verified = match parsed.verify(&issuer.key, &expect) {
            Ok(verified) => verified,
            Err(refusal) => return refuse(refusal),
        };
        let mut verdict = Verdict::new(Format::SdJwt);
        verdict.issued_by(issuer);
        verdict.possession(session.binding.is_some());
        verdict.document = Some(verified.vct);
        verdict.claims = verified.claims.into();
        verdict.expires_at = Some(verified.expires_at);
        self.judge_status(&mut verdict, verified.status.as_ref(), None, session.at);
        verdict.tell_nothing_if_refused()
    }

    pub(super) fn mdoc(&self, bytes: &[u8], session: &Session<'_>) -> Vec<Verdict> {
        if let Ok(issued) = IssuerSigned::parse(bytes) {
            return vec![self.issued_document(&issued, session)];
        }
        let response = match DeviceResponse::parse(bytes) {
            Ok(response) => response,
            Err(refusal) => return vec![Verdict::rejected(Format::Mdoc, &refusal)],
        };
        if response.documents.is_empty() {
            return vec![Verdict::rejected(Format::Mdoc, &Against::NoDocument)];
        }
        let documents = response.documents.iter();
        documents
            .map(|document| self.presented_document(document, session))
            .collect()
    }

    fn presented_document(&self, document: &Document, session: &Session<'_>) -> Verdict {
        let chain = document.issuer_signed().chain();
        self.document(&chain, document.document_type(), session, |issuer| {
            let Some(transcript) = session.transcript else {
                let signed = document.issuer_signed();
                return signed.verify(issuer, session.at, self.policy.skew);
            };
            let expect = mdoc::Expect {
                at: session.at,
                skew: self.policy.skew,
                types: session.types,
                transcript,
            };
            document.verify(issuer, &expect)
        })
    }

    fn issued_document(&self, issued: &IssuerSigned, session: &Session<'_>) -> Verdict {
        let alone = Session {
            transcript: None,
            ..*session
        };
        let document_type = match issued.unverified_type() {
            Ok(document_type) => document_type,
            Err(refusal) => return Verdict::rejected(Format::Mdoc, &refusal),
        };
        self.document(&issued.chain(), &document_type, &alone, |issuer| {
            issued.verify(issuer, session.at, self.policy.skew)
        })
    }

    fn document(
        &self,
        chain: &[Vec<u8>],
        document_type: &str,
        session: &Session<'_>,
        verify: impl FnOnce(&crypto::jwk::PublicKey) -> Result<mdoc::Verified, mdoc::Refusal>,
    ) -> Verdict {
        let issuer = match self.trust.find(chain, None, document_type, session.at) {
            Ok(issuer) => issuer,
            Err(refusal) => return Verdict::distrusted(Format::Mdoc, refusal),
        };
        let wanted = session.types.is_empty() || session.types.contains(&document_type);
        let verified = verify(issuer.key.key()).and_then(|verified| {
            if verified.document_type != document_type {
                Err(mdoc::Refusal::DocumentType)
            } else if !wanted {
                Err(mdoc::Refusal::OtherType)
            } else {
                Ok(verified)
            }
        });
        let verified = match verified {
            Ok(verified) => verified,
            Err(refusal) => return Verdict::rejected(Format::Mdoc, &refusal),
        };
        let mut verdict = Verdict::new(Format::Mdoc);
        verdict.issued_by(issuer);
        verdict.possession(session.transcript.is_some());
        verdict.claims = json::elements(&verified.elements);
        verdict.document = Some(verified.document_type);
        verdict.expires_at = Some(verified.valid_until);
        self.judge_status(&mut verdict, verified.status.as_ref(), None, session.at);
        verdict.tell_nothing_if_refused()
    }
}

/// The addresses of the status lists that an identity QR or an SD-JWT names, unverified.
pub(super) fn addresses_in_text(text: &str) -> Vec<String> {
    let reference = if text.contains('~') {
        SdJwt::parse(text).ok().and_then(|parsed| parsed.unverified_status())
    } else {
        Shown::parse(text).ok().and_then(|shown| shown.unverified_status())
    };
    reference.into_iter().map(|reference| reference.uri).collect()
}

/// The addresses of the status lists that a response or an issued document names, unverified.
pub(super) fn addresses_in_bytes(bytes: &[u8]) -> Vec<String> {
    let documents = match IssuerSigned::parse(bytes) {
        Ok(issued) => vec![issued.unverified_status()],
        Err(_) => DeviceResponse::parse(bytes).map_or_else(
            |_| Vec::new(),
            |response| {
                let documents = response.documents.iter();
                documents
                    .map(|document| document.issuer_signed().unverified_status())
                    .collect()
            },
        ),
    };
    documents.into_iter().flatten().map(|reference| reference.uri).collect()
}

impl Verdict {
    fn possession(&mut self, proved: bool) {
        if proved {
            self.checked.push(Check::Possession);
        } else {
            self.against(Outcome::Caution, "credential", &Against::PossessionNotProved);
        }
    }

    fn tell_nothing_if_refused(mut self) -> Self {
        if self.outcome == Outcome::Reject {
            self.claims = serde_json::Value::Null;
        }
        self
    }
}
