//! Papers (PDF) sealed in the name of the body that issues them, and judged when somebody brings them back.
//!
//! The seal is a signature inside the file (`PAdES` baseline B-B) by the key of the purpose [`keys::SEAL`], with its certificate; where the operator names
//! an authority for time stamps (RFC 3161), its token stands beside it (B-T).
//!
//! **Invariant:** where an authority for time stamps is named, nothing is sealed without its token.

use credentials::pades::{self, Draft, PaperRefusal, Seal, SealError, stamp};
use http::header;

use super::{signers, trust};
use crate::app::App;
use crate::shell::keys;
use crate::shell::problem::Problem;

#[cfg(test)]
mod tests;

/// How long an authority for time stamps may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
/// The longest answer of such an authority, in bytes.
const LONGEST_TOKEN: usize = 64 * 1024;

impl From<SealError> for Problem {
    fn from(cause: SealError) -> Self {
        match cause {
            SealError::Sign(cause) => cause.into(),
            cause => Self::internal(cause),
        }
    }
}

/// Seals a paper: who seals and why, as a reader of PDF shows it.
///
/// # Errors
/// `issuance-no-time-stamp`; those of the keys.
pub async fn seal(app: &App, pdf: &[u8], name: &str, reason: &str) -> Result<Vec<u8>, Problem> {
    let authority = app.config.issuance.time_stamps.clone();
    let draft = Draft {
        pdf,
        name,
        reason,
        signed_at: app.clock.now(),
        stamped: authority.is_some(),
    };
    let signing = signers::signing(app, keys::SEAL)?;
    let prepared = draft.prepare(signing.key.as_ref(), &signing.chain)?;
    let token = match authority {
        Some(address) => Some(stamped(app, &address, &prepared.imprint()).await?),
        None => None,
    };
    Ok(prepared.finish(token.as_deref())?)
}

/// Judges a paper that somebody brings.
///
/// # Errors
/// Those of the keys; the refusal is the inner result.
pub fn judge(app: &App, pdf: &[u8]) -> Result<Result<Seal, PaperRefusal>, Problem> {
    Ok(pades::verify(pdf, &trust::trusted(app)?))
}

/// The token of an authority for time stamps over a signature.
async fn stamped(app: &App, address: &str, imprint: &[u8; 32]) -> Result<Vec<u8>, Problem> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(Problem::internal)?;
    let question = stamp::question(imprint).map_err(Problem::internal)?;
    let asked = client
        .post(address)
        .header(header::CONTENT_TYPE, stamp::QUESTION)
        .body(question);
    let mut answer = asked.send().await.map_err(silent)?;
    let mut told = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(silent)? {
        told.extend_from_slice(&piece);
        if told.len() > LONGEST_TOKEN {
            return Err(silent("its answer is too long"));
        }
    }
    stamp::token(&told, imprint, app.clock.now()).map_err(silent)
}

fn silent(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Problem {
    Problem::new("issuance-no-time-stamp", http::StatusCode::SERVICE_UNAVAILABLE)
        .retry_after(30)
        .caused_by(cause)
}
