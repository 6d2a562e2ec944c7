//! What is issued: the facts from their source, and the credential signed over them for each key of a wallet.
//!
//! **Invariant:** nothing is issued to somebody whose electronic identity card is locked or withdrawn.
//! **Invariant:** what a credential says is as the source says it at that moment; where the source is silent, nothing is issued.

use credentials::identity_qr;
use credentials::mdoc::{self, Elements};
use credentials::sdjwt::{self, ClaimPath};
use crypto::jwk::{Jwk, PublicKey};
use http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::signers::{self, Signing};
use super::status::{self, CredentialId, Slip, Standing};
use crate::app::App;
use crate::registries::Source;
use crate::shell::ids::PersonId;
use crate::shell::keys;
use crate::shell::problem::Problem;

mod facts;
pub(super) mod rules;

pub(super) use facts::{Facts, facts};

use rules::{Configuration, Document, Format, PASS_LIFE};

/// The name under which our own app is an issuer's client.
pub(crate) const APP: &str = "vneid-app";
/// Decoys fill the digests of an SD-JWT up to a multiple of this.
const FILL: usize = 4;

/// The scopes of all configurations.
pub(crate) fn scopes() -> String {
    let all = Document::ALL
        .into_iter()
        .flat_map(|(_, first, second)| [first.id(), second.id()]);
    all.collect::<Vec<_>>().join(" ")
}

/// Revokes what was issued over a source's record, because that has changed; a wallet fetches it anew.
///
/// # Errors
/// Those of the database.
pub fn revoke_of(tx: &mut db::Tx<'_>, person: &PersonId, source: Source, now: Timestamp) -> Result<(), db::Error> {
    match source {
        Source::DrivingLicence => status::revoke_of(tx, person, "vneid_driving_licence_", now),
        Source::Vehicle => status::revoke_of(tx, person, "vneid_vehicles_", now),
        Source::HealthInsurance => status::revoke_of(tx, person, "vneid_health_insurance_", now),
        _ => Ok(()),
    }
}

/// Revokes what was issued over a criminal record certificate, because that was taken back.
///
/// # Errors
/// Those of the database.
pub fn revoke_certificates(tx: &mut db::Tx<'_>, person: &PersonId, now: Timestamp) -> Result<(), db::Error> {
    status::revoke_of(tx, person, "vneid_criminal_record_", now)
}

/// A credential as a wallet receives it.
#[derive(Clone, Debug)]
pub(super) enum Written {
    /// With all disclosures.
    SdJwt(String),
    /// `IssuerSigned` in CBOR.
    Mdoc(Vec<u8>),
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
    let signing = signers::signing(app, keys::ISSUER)?;
    let pass = identity_qr::Draft {
        issuer: &app.config.public_url,
        identity: &eid.identity(),
        device,
        issued_at: now,
        expires_at: (now + PASS_LIFE).min(signing.until),
        status: standing.status(),
        status_at: Some(&status::reference(app, place)),
    };
    let pass = pass.issue(signing.key.as_ref()).map_err(Problem::internal)?;
    Ok(pass.to_bytes())
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
        let said = Said::of(facts, configuration.format(), today);
        let mut batch = Self {
            id: CredentialId::draw(&app.chance),
            slips: Vec::with_capacity(keys.len()),
            written: Vec::with_capacity(keys.len()),
        };
        for (key, place) in keys.iter().zip(places) {
            let draft = Draft {
                app,
                kind: configuration.kind(),
                signing: &signing,
                issued_at,
                expires_at,
                reference: status::reference(app, place),
            };
            let written = match &said {
                Said::SdJwt(claims, hidden) => Written::SdJwt(draft.sd_jwt(claims, hidden, key)?),
                Said::Mdoc(elements) => Written::Mdoc(draft.mdoc(elements, key)?),
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

    /// Keeps what is issued, unless the person's card is locked or withdrawn by now. In our own app it takes the place of what was there.
    pub(super) fn keep(
        &self,
        tx: &mut db::Tx<'_>,
        person: &PersonId,
        client_id: &str,
        now: Timestamp,
    ) -> Result<(), Problem> {
        match status::standing(tx, person)? {
            Standing::Valid => {
                if let Some(slip) = self.slips.first().filter(|_| client_id == APP) {
                    status::revoke_earlier(tx, person, (APP, slip.configuration), now)?;
                }
                let batch = (client_id, &self.id);
                Ok(status::store::insert(tx, person, batch, &self.slips, now)?)
            }
            Standing::Suspended | Standing::Revoked => Err(Problem::new("issuance-locked", StatusCode::CONFLICT)),
        }
    }
}

/// What all credentials of a batch say, drawn from the facts once.
enum Said {
    SdJwt(Map<String, Value>, Vec<ClaimPath>),
    Mdoc(Elements),
}

impl Said {
    fn of(facts: &Facts, format: Format, today: Date) -> Self {
        match format {
            Format::SdJwt => {
                let (claims, hidden) = match facts {
                    Facts::Eid(eid) => eid.claims(today),
                    Facts::Licence(licence) => licence.claims(today),
                    Facts::Paper(paper) => paper.claims(),
                };
                Self::SdJwt(claims, hidden)
            }
            Format::Mdoc => Self::Mdoc(match facts {
                Facts::Eid(eid) => eid.elements(today),
                Facts::Licence(licence) => licence.elements(today),
                Facts::Paper(paper) => paper.elements(),
            }),
        }
    }
}

/// One credential about to be signed.
struct Draft<'a> {
    app: &'a App,
    kind: &'static str,
    signing: &'a Signing,
    issued_at: Timestamp,
    expires_at: Timestamp,
    reference: credentials::status::StatusRef,
}

impl Draft<'_> {
    fn sd_jwt(&self, claims: &Map<String, Value>, hidden: &[ClaimPath], key: &PublicKey) -> Result<String, Problem> {
        let holder = Jwk::unnamed(key.clone());
        let draft = sdjwt::Draft {
            vct: self.kind,
            issuer: &self.app.config.public_url,
            issued_at: self.issued_at,
            valid_from: None,
            expires_at: self.expires_at,
            holder: Some(&holder),
            status: Some(&self.reference),
            claims,
            hidden,
            fill: FILL,
        };
        let chance = &self.app.chance;
        let issued = draft.issue(self.signing.key.as_ref(), &self.signing.chain, &mut || chance.bytes());
        issued.map_err(Problem::internal)
    }

    fn mdoc(&self, elements: &Elements, key: &PublicKey) -> Result<Vec<u8>, Problem> {
        let draft = mdoc::Draft {
            document_type: self.kind,
            elements,
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
