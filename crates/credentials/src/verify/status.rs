//! What is known of a status, and what it means for a verdict.

use crypto::jws::Compact;
use jiff::Timestamp;
use serde::Serialize;

use super::{Check, KeepError, Knowledge, Outcome, Source, Verdict, Verifier};
use crate::cose::{CoseRefusal, Signed};
use crate::identity_qr::Stapled;
use crate::status::{MAX_TOKEN, Status, StatusRef, StatusRefusal, StatusToken};
use crate::trust::{Issuer, STATUS_LIST, TrustRefusal, jose_chain};

/// What a status says against a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
enum Against {
    #[error("credential was revoked")]
    Revoked,
    #[error("credential is locked")]
    Locked,
    #[error("credential has an unusual status")]
    UnusualStatus,
    #[error("status is not known")]
    StatusUnknown,
    #[error("what is known of the status is old")]
    StatusOld,
}

impl Verifier {
    /// Keeps a status list (`statuslist+jwt`) for the verdicts to come, instead of an older one of the same address.
    ///
    /// # Errors
    /// [`KeepError`]; then nothing has changed.
    pub fn keep_status_list(&mut self, token: &str, at: Timestamp) -> Result<(), KeepError> {
        let compact = Compact::parse_within(token, MAX_TOKEN).map_err(StatusRefusal::Jwt)?;
        let header = compact.header();
        let issuer = self.issuer_of_list(&jose_chain(header), header.key_id().map(str::as_bytes), at)?;
        self.keep(StatusToken::read_jwt(token, &issuer.key)?, at)
    }

    /// As [`Verifier::keep_status_list`], for `application/statuslist+cwt`.
    ///
    /// # Errors
    /// [`KeepError`]; then nothing has changed.
    pub fn keep_status_list_cwt(&mut self, token: &[u8], at: Timestamp) -> Result<(), KeepError> {
        let signed = Signed::parse(token, MAX_TOKEN).map_err(|refusal: CoseRefusal| StatusRefusal::Cwt(refusal))?;
        let issuer = self.issuer_of_list(&signed.chain(), signed.key_id(), at)?;
        self.keep(StatusToken::read_cwt(token, issuer.key.key())?, at)
    }

    fn issuer_of_list(&self, chain: &[Vec<u8>], key_id: Option<&[u8]>, at: Timestamp) -> Result<Issuer, TrustRefusal> {
        self.trust.find(chain, key_id, STATUS_LIST, at)
    }

    fn keep(&mut self, token: StatusToken, at: Timestamp) -> Result<(), KeepError> {
        token.check_time(at, self.policy.skew)?;
        let known = self.lists.get(&token.uri);
        if known.is_none_or(|known| known.issued_at <= token.issued_at) {
            self.lists.insert(token.uri.clone(), token);
        }
        Ok(())
    }

    /// Adds to a verdict what the kept list or the stapled status says, whichever is newer. A credential that names no
    /// status has none that could be against it.
    pub(super) fn judge_status(
        &self,
        verdict: &mut Verdict,
        reference: Option<&StatusRef>,
        stapled: Option<Stapled>,
        at: Timestamp,
    ) {
        if reference.is_none() && stapled.is_none() {
            return;
        }
        let listed = reference.and_then(|reference| self.listed(reference, at));
        let stapled = stapled.map(|stapled| (stapled.status, stapled.at, Source::Stapled));
        // What was revoked stays revoked; else the newer one counts, and of two of the same time the list.
        let known = stapled.into_iter().chain(listed);
        let telling = known.max_by_key(|(status, as_of, _)| (*status == Status::Invalid, *as_of));
        let Some((status, as_of, source)) = telling else {
            verdict.against(Outcome::Caution, "status", &Against::StatusUnknown);
            return;
        };
        let age = at.duration_since(as_of);
        verdict.status = Some(Knowledge {
            status,
            as_of,
            age_seconds: age.as_secs(),
            source,
        });
        match status {
            Status::Valid => verdict.checked.push(Check::Status),
            Status::Invalid => verdict.against(Outcome::Reject, "status", &Against::Revoked),
            Status::Suspended => verdict.against(Outcome::Caution, "status", &Against::Locked),
            Status::Other(_) => verdict.against(Outcome::Caution, "status", &Against::UnusualStatus),
        }
        if age > self.policy.status_max_age {
            verdict.against(Outcome::Caution, "status", &Against::StatusOld);
        }
    }

    fn listed(&self, reference: &StatusRef, at: Timestamp) -> Option<(Status, Timestamp, Source)> {
        let list = self.lists.get(&reference.uri)?;
        list.check_time(at, self.policy.skew).ok()?;
        let status = list.status_of(reference).ok()?;
        Some((status, list.issued_at, Source::List))
    }
}
