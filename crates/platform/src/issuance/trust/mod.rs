//! Whom verifiers believe: the trust list, signed by the one key that they pin.
//!
//! **Invariant:** a version is published once, committed to in the ledger with its publication, and each change of the content is a higher one.

use credentials::declaration::{DECLARATION, Slip, SlipRefusal};
use credentials::pades::PAPER;
use credentials::trust::{Authority, IDENTITY_QR, REQUEST, STATUS_LIST, Trust, TrustList};
use credentials::verify::Verifier;
use credentials::{eid, licence, mdoc, paper};
use crypto::digest::sha256;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{signers, status};
use crate::app::App;
use crate::ledger::{self, Commitment, Kind};
use crate::shell::keys;
use crate::shell::problem::Problem;

pub(super) mod http;
mod store;

#[cfg(test)]
mod tests;

/// How long a list is good. Verifiers without network live with an older one for as long.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How old a list may get before it is signed anew.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// A list as it was published.
#[derive(Clone)]
pub(super) struct Published {
    version: i64,
    content_digest: [u8; 32],
    pub(super) signed: String,
    issued_at: Timestamp,
}

/// What the ledger has of a list: nobody can be shown another list of that version.
#[derive(Clone, Serialize)]
struct Stated {
    version: i64,
    sha256: String,
    #[serde(skip)]
    issued_at: Timestamp,
}

impl Published {
    fn stated(&self) -> Stated {
        Stated {
            version: self.version,
            sha256: crypto::base64url::encode(sha256(self.signed.as_bytes())),
            issued_at: self.issued_at,
        }
    }
}

impl Stated {
    fn commitment(&self, app: &App) -> Commitment {
        Commitment::to(&app.vault, Kind::Trust, self.issued_at, self)
    }
}

/// The list as it stands now: the last published one, or a new one where the content has changed or its day is over.
///
/// # Errors
/// Those of the database and of the keys.
pub(super) async fn current(app: &App) -> Result<Published, Problem> {
    let now = app.clock.now();
    let newest = app.db.read(store::newest).await?;
    let version = newest.as_ref().map_or(0, |newest| newest.version) + 1;
    let list = content(app, u64::try_from(version).map_err(Problem::internal)?, now)?;
    let content_digest = digest(&list);
    if let Some(newest) = newest
        && newest.content_digest == content_digest
        && now < newest.issued_at + FRESH
    {
        return Ok(newest);
    }
    let signer = app.keys.signer(keys::TRUST).map_err(Problem::internal)?;
    let published = Published {
        version,
        content_digest,
        signed: list.sign(signer.as_ref()).map_err(Problem::internal)?,
        issued_at: now,
    };
    let (row, commitment) = (published.clone(), published.stated().commitment(app));
    let first = app
        .db
        .write(move |tx| {
            let first = store::insert(tx, &row)?;
            if first {
                ledger::commit(tx, &commitment)?;
            }
            Ok::<_, db::Error>(first)
        })
        .await?;
    if first {
        return Ok(published);
    }
    // Another node was first: what it published is as good.
    app.db.read(store::newest).await?.ok_or_else(Problem::not_found)
}

fn content(app: &App, version: u64, now: Timestamp) -> Result<TrustList, Problem> {
    let documents = [
        eid::VCT,
        licence::VCT,
        paper::VEHICLES.vct,
        paper::HEALTH_INSURANCE.vct,
        paper::CRIMINAL_RECORD.vct,
        mdoc::EID,
        mdoc::DRIVING_LICENCE,
        paper::VEHICLES.document_type,
        paper::HEALTH_INSURANCE.document_type,
        paper::CRIMINAL_RECORD.document_type,
        IDENTITY_QR,
        STATUS_LIST,
        REQUEST,
        PAPER,
        DECLARATION,
    ];
    let (certificate, name) = app.issuance.authority();
    let authority = Authority {
        name: name.to_owned(),
        certificate: certificate.to_vec(),
        documents: documents.map(str::to_owned).to_vec(),
    };
    let mut list = TrustList::new(version, now, now + LIFE, vec![authority]);
    for certificate in app.issuance.published(&app.keys, keys::ISSUER, now)? {
        list = list.with_signer(certificate);
    }
    list.withdrawn = app.config.issuance.withdrawn();
    Ok(list)
}

/// The digest of what a list says, its version and times left out.
fn digest(list: &TrustList) -> [u8; 32] {
    let mut timeless = list.clone();
    (timeless.version, timeless.issued_at, timeless.next_update) = (0, Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    sha256(&serde_json::to_vec(&timeless).unwrap_or_default())
}

/// Whom our own trust list believes, as it stands now.
///
/// # Errors
/// Those of the keys.
pub(super) fn trusted(app: &App) -> Result<Trust, Problem> {
    Trust::new(content(app, 1, app.clock.now())?).map_err(Problem::internal)
}

/// A verifier that believes our own trust list and has the status lists at these addresses, those of ours among them, as they stand now.
///
/// # Errors
/// Those of the database and of the keys.
pub async fn verifier(app: &App, addresses: &[String]) -> Result<Verifier, Problem> {
    let now = app.clock.now();
    let mut verifier = Verifier::new(trusted(app)?);
    let ours = format!("{}/issuance/status/", app.config.public_url);
    let count = status::count(app).await?;
    for address in addresses {
        let number = address
            .strip_prefix(&ours)
            .and_then(|number| number.parse::<u32>().ok());
        let Some(number) = number.filter(|number| *number < count) else {
            continue;
        };
        let signed = status::signed(app, number).await?;
        verifier.keep_status_list(&signed.jwt, now).map_err(Problem::internal)?;
    }
    Ok(verifier)
}

/// Signs the slip of a declaration.
///
/// # Errors
/// A certificate that is about to end, and whatever the key answers.
pub fn sign_slip(app: &App, slip: &Slip) -> Result<String, Problem> {
    let signing = signers::signing(app, keys::ISSUER)?;
    slip.sign(signing.key.as_ref()).map_err(Problem::internal)
}

/// Verifies the slip of a declaration as a checkpoint without network does, now.
///
/// # Errors
/// Those of the keys; what is wrong with the slip is the answer.
pub fn verify_slip(app: &App, text: &str) -> Result<Result<Slip, SlipRefusal>, Problem> {
    let now = app.clock.now();
    let trust = Trust::new(content(app, 1, now)?).map_err(Problem::internal)?;
    Ok(Slip::verify(text, &trust, now))
}
