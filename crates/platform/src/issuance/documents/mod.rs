//! What is issued: the facts from their source, and the credential signed over them for each key of a wallet.
//!
//! **Invariant:** nothing is issued to somebody whose electronic identity card is locked or withdrawn.
//! **Invariant:** what a credential says is as the source says it at that moment; where the source is silent, nothing is issued.

use credentials::eid::Eid;
use credentials::identity_qr;
use credentials::mdoc;
use credentials::sdjwt;
use credentials::status::{Place, Status};
use crypto::jwk::{Jwk, PublicKey};
use http::StatusCode;
use jiff::Timestamp;

use super::signers::{self, Signing};
use super::status::{self, CredentialId, Slip, Standing};
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::shell::ids::PersonId;
use crate::shell::keys;
use crate::shell::problem::Problem;

mod facts;
pub(super) mod rules;

pub(super) use facts::{Facts, facts};

use rules::{Configuration, Document, Format, PASS_LIFE};

/// The name under which our own app is an issuer's client.
pub(super) const APP: &str = "vneid-app";
/// Decoys fill the digests of an SD-JWT up to a multiple of this.
const FILL: usize = 4;

/// A credential as a wallet receives it.
#[derive(Clone, Debug)]
pub(super) enum Written {
    /// With all disclosures.
    SdJwt(String),
    /// `IssuerSigned` in CBOR.
    Mdoc(Vec<u8>),
}

/// What the device of a person holds.
#[derive(Clone, Debug)]
pub struct Held {
    /// The pass from which the device makes identity QR codes, in bytes.
    pub pass: Vec<u8>,
    /// Until when the pass is good.
    pub pass_expires_at: Timestamp,
    /// The documents.
    pub credentials: Vec<HeldCredential>,
}

/// A document on a device, in each format.
#[derive(Clone, Debug)]
pub struct HeldCredential {
    /// `eid` or `driving-licence`: the word by which sentences and pages know it.
    pub document: &'static str,
    /// The type of the SD-JWT VC.
    pub vct: &'static str,
    /// The type of the mobile document.
    pub document_type: &'static str,
    /// The SD-JWT VC, with all disclosures.
    pub sd_jwt: String,
    /// `IssuerSigned` in CBOR.
    pub mdoc: Vec<u8>,
    /// Until when both are good.
    pub expires_at: Timestamp,
}

/// Issues what a device of ours holds: the pass of the identity QR and the documents that the person has, bound to the device's key. It is in the
/// person's history.
///
/// # Errors
/// `issuance-level-needed`, `issuance-locked`; the silence of the population database; those of the database.
pub async fn for_device(app: &App, person: PersonId, device: &PublicKey) -> Result<Held, Problem> {
    let keys = [device.clone()];
    let now = app.clock.now();
    let (mut batches, mut credentials, mut pass) = (Vec::new(), Vec::new(), None);
    for (document, first, second) in Document::ALL {
        let facts = match facts(app, &person, document).await {
            Ok(facts) => facts,
            // Who has no licence, or whose licence cannot be asked for now, still gets the card.
            Err(problem) if document != Document::Eid => {
                tracing::info!(
                    document = document.word(),
                    slug = problem.slug(),
                    "a document is left out"
                );
                continue;
            }
            Err(problem) => return Err(problem),
        };
        let sd_jwt = Batch::draw(app, &facts, first, &keys).await?;
        let mdoc = Batch::draw(app, &facts, second, &keys).await?;
        if let (Facts::Eid(eid), Some(slip)) = (&facts, sd_jwt.slips.first()) {
            pass = Some(draw_pass(app, eid, device, (Status::Valid, slip.place))?);
        }
        credentials.extend(held(document, (first, &sd_jwt), (second, &mdoc)));
        batches.push((document, [sd_jwt, mdoc]));
    }
    let (pass, pass_expires_at) = pass.ok_or_else(Problem::not_found)?;

    let looks = batches
        .iter()
        .map(|(document, _)| Look::now(app, person, &Who::Holder, Purpose::Issuance, document.what()));
    let looks: Vec<Look> = looks.collect();
    app.db
        .write(move |tx| {
            for batch in batches.iter().flat_map(|(_, batches)| batches) {
                batch.keep(tx, &person, APP, now)?;
            }
            for look in &looks {
                history::record(tx, look)?;
            }
            Ok::<_, Problem>(())
        })
        .await?;
    Ok(Held {
        pass,
        pass_expires_at,
        credentials,
    })
}

fn held(
    document: Document,
    (first, sd_jwt): (Configuration, &Batch),
    (second, mdoc): (Configuration, &Batch),
) -> Option<HeldCredential> {
    match (sd_jwt.written.first()?, mdoc.written.first()?) {
        ((Written::SdJwt(sd_jwt), one), (Written::Mdoc(mdoc), other)) => Some(HeldCredential {
            document: document.word(),
            vct: first.kind(),
            document_type: second.kind(),
            sd_jwt: sd_jwt.clone(),
            mdoc: mdoc.clone(),
            expires_at: (*one).min(*other),
        }),
        _ => None,
    }
}

/// A fresh pass of the identity QR for a device that holds the documents already, with the status as it is now stapled to it.
///
/// # Errors
/// `issuance-level-needed`; not found for a device that holds nothing yet; the silence of the population database; those of the database.
pub async fn pass(app: &App, person: PersonId, device: &PublicKey) -> Result<Vec<u8>, Problem> {
    let Facts::Eid(eid) = facts(app, &person, Document::Eid).await? else {
        return Err(Problem::not_found());
    };
    let (now, configuration) = (app.clock.now(), Configuration::EidSdJwt.id());
    let (standing, place) = app
        .db
        .read(move |conn| {
            let standing = status::standing(conn, &person)?;
            let place = status::store::newest(conn, &person, (APP, configuration), now)?;
            Ok::<_, db::Error>((standing, place))
        })
        .await?;
    let place = place.ok_or_else(Problem::not_found)?;
    let (pass, _) = draw_pass(app, &eid, device, (standing.status(), place))?;
    Ok(pass)
}

/// The pass of the identity QR, whose status is that of the card issued beside it; with its end.
fn draw_pass(
    app: &App,
    eid: &Eid,
    device: &PublicKey,
    (status, place): (Status, Place),
) -> Result<(Vec<u8>, Timestamp), Problem> {
    let now = app.clock.now();
    let signing = signers::signing(app, keys::ISSUER)?;
    let expires_at = (now + PASS_LIFE).min(signing.until);
    let pass = identity_qr::Draft {
        issuer: &app.config.public_url,
        identity: &eid.identity(),
        device,
        issued_at: now,
        expires_at,
        status,
        status_at: Some(&status::reference(app, place)),
    };
    let pass = pass.issue(signing.key.as_ref()).map_err(Problem::internal)?;
    Ok((pass.to_bytes(), expires_at))
}

/// Credentials of one configuration, one for each key, signed but not yet kept.
#[derive(Clone)]
pub(super) struct Batch {
    pub(super) id: CredentialId,
    pub(super) slips: Vec<Slip>,
    /// Each with its end.
    pub(super) written: Vec<(Written, Timestamp)>,
}

impl Batch {
    /// Draws places and signs.
    pub(super) async fn draw(
        app: &App,
        facts: &Facts,
        configuration: Configuration,
        keys: &[PublicKey],
    ) -> Result<Self, Problem> {
        let signing = signers::signing(app, keys::ISSUER)?;
        let places = status::draw(app, keys.len()).await?;
        let today = app.clock.today();
        let issued_at = rules::issued_at(app.clock.now());
        let expires_at = rules::expires_at(issued_at, signing.until, facts.true_until(today));
        let mut batch = Self {
            id: CredentialId::draw(&app.chance),
            slips: Vec::with_capacity(keys.len()),
            written: Vec::with_capacity(keys.len()),
        };
        for (key, place) in keys.iter().zip(places) {
            let draft = Draft {
                app,
                facts,
                signing: &signing,
                issued_at,
                expires_at,
                reference: status::reference(app, place),
            };
            let written = match configuration.format() {
                Format::SdJwt => Written::SdJwt(draft.sd_jwt(configuration.kind(), key)?),
                Format::Mdoc => Written::Mdoc(draft.mdoc(configuration.kind(), key)?),
            };
            batch.written.push((written, expires_at));
            batch.slips.push(Slip {
                id: CredentialId::draw(&app.chance),
                configuration: configuration.id(),
                place,
                expires_at,
            });
        }
        Ok(batch)
    }

    /// Keeps what is issued, unless the person's card is locked or withdrawn by now.
    pub(super) fn keep(
        &self,
        tx: &mut db::Tx<'_>,
        person: &PersonId,
        client_id: &str,
        now: Timestamp,
    ) -> Result<(), Problem> {
        match status::standing(tx, person)? {
            Standing::Valid => Ok(status::store::insert(
                tx,
                person,
                (client_id, &self.id),
                &self.slips,
                now,
            )?),
            Standing::Suspended | Standing::Revoked => Err(Problem::new("issuance-locked", StatusCode::CONFLICT)),
        }
    }
}

/// One credential about to be signed.
struct Draft<'a> {
    app: &'a App,
    facts: &'a Facts,
    signing: &'a Signing,
    issued_at: Timestamp,
    expires_at: Timestamp,
    reference: credentials::status::StatusRef,
}

impl Draft<'_> {
    fn sd_jwt(&self, vct: &str, key: &PublicKey) -> Result<String, Problem> {
        let today = self.app.clock.today();
        let (claims, hidden) = match self.facts {
            Facts::Eid(eid) => eid.claims(today),
            Facts::Licence(licence) => licence.claims(today),
        };
        let holder = Jwk::unnamed(key.clone());
        let draft = sdjwt::Draft {
            vct,
            issuer: &self.app.config.public_url,
            issued_at: self.issued_at,
            valid_from: None,
            expires_at: self.expires_at,
            holder: Some(&holder),
            status: Some(&self.reference),
            claims,
            hidden: &hidden,
            fill: FILL,
        };
        let chance = &self.app.chance;
        let issued = draft.issue(self.signing.key.as_ref(), &self.signing.chain, &mut || chance.bytes());
        issued.map_err(Problem::internal)
    }

    fn mdoc(&self, document_type: &str, key: &PublicKey) -> Result<Vec<u8>, Problem> {
        let today = self.app.clock.today();
        let elements = match self.facts {
            Facts::Eid(eid) => eid.elements(today),
            Facts::Licence(licence) => licence.elements(today),
        };
        let draft = mdoc::Draft {
            document_type,
            elements: &elements,
            device: key,
            signed_at: self.issued_at,
            valid_from: self.issued_at,
            valid_until: self.expires_at,
            status: Some(&self.reference),
        };
        let chance = &self.app.chance;
        let issued = draft.issue(self.signing.key.as_ref(), &self.signing.chain, &mut || chance.bytes());
        issued.map_err(Problem::internal)
    }
}
