//! Who signs: the keys of [`crate::shell::keys`] with the certificates that an authority of ours issued to them.
//!
//! A nation brings the certificates of its own authority ([`brought`]). Where none are brought, an authority is made at the first start: then a
//! certificate follows from a key, so it is kept beside the keys and made again where it is missing: after a rotation the next key has one before it
//! signs.
//!
//! **Invariant:** a certificate that ends within the margin is no longer signed with; in the sandbox, whose clock jumps, it is renewed.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credentials::openid4vp::Request;
use credentials::trust::make::{self, MakeError, Role, Subject};
use credentials::trust::{OwnRefusal, check_own, pem};
use crypto::jwk::Jwk;
use crypto::keys::PrivateKey;
use crypto::sign::Signer;
use jiff::{SignedDuration, Timestamp};

use super::status::Lists;
use credentials::bundle::{Bundle, BundleRefusal};

use crate::app::App;
use crate::shell::config::Config;
use crate::shell::keys::{self, Keys, KeysError};
use crate::shell::problem::Problem;

mod brought;

pub use brought::Unusable;

use brought::Brought;

/// The name of the authority in its certificate.
const AUTHORITY_NAME: &str = "VNeID test IACA";
/// How long the authority's certificate is good (ISO/IEC 18013-5 clause B.1.2: at most 20 years).
const AUTHORITY_LIFE: SignedDuration = SignedDuration::from_hours(24 * 3650);
/// How long a signer's certificate is good (clause B.1.4: at most 457 days).
const SIGNER_LIFE: SignedDuration = SignedDuration::from_hours(24 * 400);
/// Certificates begin a little before they are made, for verifiers whose clocks are behind.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);

/// The purposes whose keys have a certificate.
const CERTIFIED: [&str; 4] = [keys::ISSUER, keys::STATUS, keys::VERIFIER, keys::SEAL];

/// Credentials cannot be issued.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A certificate cannot be made.
    #[error("a certificate cannot be made")]
    Make(#[from] MakeError),
    /// The certificates that were brought cannot be used.
    #[error(transparent)]
    Brought(#[from] Unusable),
    /// The certificate of a signer is no longer good for the margin.
    #[error(
        "the certificate of the {0} key cannot be used: let the next key take over with `vneid keys rotate --purpose {0}`"
    )]
    Certificate(&'static str, #[source] OwnRefusal),
}

impl From<NotReady> for Problem {
    fn from(cause: NotReady) -> Self {
        Self::internal(cause)
    }
}

/// What issuing needs at hand: the certificates, and the status lists as they were last signed.
pub struct Desk {
    site: String,
    margin: SignedDuration,
    renews: bool,
    authority: Vec<u8>,
    brought: Option<Brought>,
    certificates: RwLock<BTreeMap<String, Vec<u8>>>,
    pub(super) lists: Lists,
}

/// A key that signs now, with its certificate chain, the root left out.
pub(super) struct Signing {
    pub(super) key: Arc<PrivateKey>,
    pub(super) chain: Vec<Vec<u8>>,
    /// When the certificate ends: nothing that is signed outlives it.
    pub(super) until: Timestamp,
}

impl Signing {
    /// The chain as the header `x5c` has it.
    pub(super) fn x5c(&self) -> serde_json::Value {
        let certificates = self.chain.iter().map(|certificate| STANDARD.encode(certificate));
        certificates.collect()
    }
}

impl Desk {
    /// Opens the desk: authority and certificates are made where there are none yet.
    ///
    /// # Errors
    /// [`NotReady`], if a certificate is about to end.
    pub fn open(config: &Config, keys: &Keys, now: Timestamp) -> Result<Self, NotReady> {
        let site = config.public_url.clone();
        let folder = config.issuance.certificates.as_deref();
        let brought = folder.map(|folder| Brought::read(folder, now)).transpose()?;
        let authority = match (&brought, keys.kept("authority.der")?) {
            (Some(brought), _) => brought.authority.clone(),
            (None, Some(kept)) => kept,
            (None, None) => {
                let subject = subject(AUTHORITY_NAME, &site, now, AUTHORITY_LIFE);
                let made = make::authority(keys.signer(keys::AUTHORITY)?.as_ref(), &subject)?;
                keys.keep("authority.der", &made)?;
                made
            }
        };
        let desk = Self {
            site,
            margin: SignedDuration::from_hours(24 * config.issuance.margin_days),
            renews: config.sandbox,
            authority,
            brought,
            certificates: RwLock::default(),
            lists: Lists::default(),
        };
        for purpose in CERTIFIED {
            desk.signing(keys, purpose, now)?;
        }
        Ok(desk)
    }

    /// The authority's certificate, DER, and its name for people.
    pub(super) fn authority(&self) -> (&[u8], &str) {
        (
            &self.authority,
            self.brought.as_ref().map_or("VNeID", |brought| &brought.name),
        )
    }

    /// The key that signs for a purpose now, with its chain.
    pub(super) fn signing(&self, keys: &Keys, purpose: &'static str, now: Timestamp) -> Result<Signing, NotReady> {
        let key = keys.signer(purpose)?;
        let own = key.public().key();
        let mut chain = match &self.brought {
            Some(brought) => brought.chain(purpose, own)?.to_vec(),
            None => vec![self.certificate(keys, purpose, key.public(), now)?],
        };
        let mut checked = check_own(own, &chain, now, self.margin);
        if checked.is_err() && self.renews && self.brought.is_none() {
            chain = vec![self.make(keys, purpose, key.public(), now)?];
            checked = check_own(own, &chain, now, self.margin);
        }
        let until = checked.map_err(|refusal| NotReady::Certificate(purpose, refusal))?;
        Ok(Signing { key, chain, until })
    }

    /// Refuses a rotation to a key whose certificate has not come yet.
    ///
    /// # Errors
    /// [`NotReady::Brought`].
    pub fn may_rotate(&self, keys: &Keys, purpose: &str) -> Result<(), NotReady> {
        let certified = CERTIFIED.into_iter().find(|certified| *certified == purpose);
        if let (Some(brought), Some(purpose)) = (&self.brought, certified) {
            brought.chain(purpose, keys.next(purpose)?.public().key())?;
        }
        Ok(())
    }

    /// The certificates of all published keys of a purpose, in use, next and retired.
    pub(super) fn published(
        &self,
        keys: &Keys,
        purpose: &'static str,
        now: Timestamp,
    ) -> Result<Vec<Vec<u8>>, NotReady> {
        let published = keys.jwks(purpose, now);
        if let Some(brought) = &self.brought {
            // The certificate of the next key may not have come yet, and signers below another are known by their chain alone.
            let chains = published
                .keys()
                .iter()
                .filter_map(|key| brought.chain(purpose, key.key()).ok());
            return Ok(chains
                .filter_map(|chain| <&[_; 1]>::try_from(chain).ok())
                .map(|[own]| own.clone())
                .collect());
        }
        let certificates = published.keys().iter();
        certificates
            .map(|key| self.certificate(keys, purpose, key, now))
            .collect()
    }

    fn certificate(&self, keys: &Keys, purpose: &'static str, key: &Jwk, now: Timestamp) -> Result<Vec<u8>, NotReady> {
        {
            let known = self.certificates.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(certificate) = known.get(key.key_id()) {
                return Ok(certificate.clone());
            }
        }
        let Some(kept) = keys.kept(&file(purpose, key))? else {
            return self.make(keys, purpose, key, now);
        };
        self.remember(key, &kept);
        Ok(kept)
    }

    fn make(&self, keys: &Keys, purpose: &'static str, key: &Jwk, now: Timestamp) -> Result<Vec<u8>, NotReady> {
        let authority = keys.signer(keys::AUTHORITY)?;
        let name = format!("VNeID {purpose}");
        let subject = subject(&name, &self.site, now, SIGNER_LIFE);
        let role = match purpose {
            keys::VERIFIER => Role::Verifier,
            keys::SEAL => Role::Sealer,
            _ => Role::DocumentSigner,
        };
        let made = make::signer(authority.as_ref(), AUTHORITY_NAME, key.key(), role, &subject)?;
        keys.keep(&file(purpose, key), &made)?;
        self.remember(key, &made);
        Ok(made)
    }

    fn remember(&self, key: &Jwk, certificate: &[u8]) {
        let mut known = self.certificates.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(key.key_id().to_owned(), certificate.to_vec());
    }
}

/// The key that signs for a purpose now, with its chain.
pub(super) fn signing(app: &App, purpose: &'static str) -> Result<Signing, Problem> {
    Ok(app.issuance.signing(&app.keys, purpose, app.clock.now())?)
}

/// A certificate request for each key that needs a certificate, in use and next, by the name of its file; PEM.
///
/// # Errors
/// [`NotReady`].
pub(super) fn requests(app: &App) -> Result<Vec<(String, String)>, NotReady> {
    let mut requests = Vec::new();
    for purpose in CERTIFIED {
        for (turn, key) in [("in-use", app.keys.signer(purpose)?), ("next", app.keys.next(purpose)?)] {
            let request = pem::request(key.as_ref(), &format!("VNeID {purpose}"))?;
            requests.push((format!("{purpose}-{turn}"), request));
        }
    }
    Ok(requests)
}

/// Each purpose that needs a certificate, until when the one in use is good, and of whom it says that it is.
///
/// # Errors
/// [`NotReady`].
pub(super) fn in_use(app: &App) -> Result<Vec<(&'static str, Timestamp, String)>, NotReady> {
    let named = |purpose| {
        let signing = app.issuance.signing(&app.keys, purpose, app.clock.now())?;
        let name = signing
            .chain
            .first()
            .and_then(|own| pem::subject(own))
            .unwrap_or_default();
        Ok((purpose, signing.until, name))
    };
    CERTIFIED.into_iter().map(named).collect()
}

/// The certificate by which wallets know who asks in a verifier's name, DER.
///
/// # Errors
/// [`NotReady`].
pub fn verifier_certificate(app: &App) -> Result<Vec<u8>, Problem> {
    signing(app, keys::VERIFIER)?
        .chain
        .into_iter()
        .next()
        .ok_or_else(Problem::not_found)
}

/// Signs a verified data bundle.
///
/// # Errors
/// [`NotReady`], and whatever the key answers.
pub fn sign_bundle(app: &App, bundle: &Bundle) -> Result<String, Problem> {
    let signing = signing(app, keys::ISSUER)?;
    bundle
        .sign(signing.key.as_ref(), &signing.chain)
        .map_err(Problem::internal)
}

/// Verifies one of ours.
///
/// # Errors
/// [`BundleRefusal`].
pub fn verify_bundle(app: &App, text: &str) -> Result<Bundle, BundleRefusal> {
    Bundle::verify(text, &[app.issuance.authority().0.to_vec()])
}

/// Signs a request to wallets, good between two instants, with that certificate.
///
/// # Errors
/// [`NotReady`], and whatever the key answers.
pub fn sign_as_verifier(
    app: &App,
    request: &Request,
    times: (Timestamp, Timestamp),
    wallet_nonce: Option<&str>,
) -> Result<String, Problem> {
    let signing = signing(app, keys::VERIFIER)?;
    request
        .sign(signing.key.as_ref(), &signing.chain, times, wallet_nonce)
        .map_err(Problem::internal)
}

fn file(purpose: &str, key: &Jwk) -> String {
    format!("certificate-{purpose}-{}.der", key.key_id())
}

fn subject<'a>(name: &'a str, site: &'a str, now: Timestamp, life: SignedDuration) -> Subject<'a> {
    Subject {
        name,
        site,
        not_before: now - BEFORE,
        not_after: now + life,
    }
}
