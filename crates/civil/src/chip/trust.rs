//! The certificates of country signing authorities (CSCA) that are trusted, and what they vouch for.
//!
//! Viet Nam's are not public: an installation loads those it was given, a sandbox those of its own synthetic nation.
//!
//! | what is loaded | what it is believed for |
//! | --- | --- |
//! | a certificate signed by its own key | everything: whoever loads it vouches for it |
//! | a link certificate (ICAO 9303-12 section 5): the new key of an authority, signed by its old one | if the old one is in the store |
//! | a revocation list | if an authority in the store signed it |
//! | a master list ([`TrustStore::add_master_list`]) | if its publisher is trusted, and only for one country |
//!
//! **Invariant:** everything in the store was verified when it was added; what cannot be is refused then, by name, and
//! not when a citizen's card is looked at (tests of this module).

pub(super) mod certificates;
mod master_list;
mod revocation;

use std::fmt;

use der::Decode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use x509_cert::Certificate;

use self::certificates::Purpose;
pub use self::master_list::{Imported, MasterListRefusal};
use self::revocation::{RevocationList, SignedList};
use super::authenticity::ChipRefusal;
use super::distinguished::DistinguishedName;
use super::{SchemeRefusal, tlv};

/// The trusted authorities and what they revoked.
#[derive(Clone, Default)]
pub struct TrustStore {
    authorities: Vec<Authority>,
    lists: Vec<RevocationList>,
}

/// An authority with its name as it is compared.
#[derive(Clone)]
struct Authority {
    name: DistinguishedName,
    certificate: Certificate,
}

/// Why something was not taken into the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TrustError {
    /// Neither a certificate nor a revocation list, or too large.
    #[error("neither a certificate nor a revocation list can be read")]
    Unreadable,
    /// A certificate that may not issue others.
    #[error("the certificate is not one of an authority")]
    NotAnAuthority,
    /// The signature is of a kind that is not accepted.
    #[error("the signature is not accepted: {0}")]
    Scheme(SchemeRefusal),
    /// Neither signed by its own key nor by an authority in the store.
    #[error("no authority that is trusted signed it")]
    UnknownIssuer,
    /// The authority that it names did not sign it.
    #[error("the authority that it names did not sign it")]
    Signature,
    /// The old certificate of the authority was not valid when it signed the new key.
    #[error("the link was made when the authority could no longer sign")]
    LinkOutOfValidity,
    /// A link certificate that leads to an authority of another country.
    #[error("the link leads to another country")]
    LinkCountry,
    /// A revocation list with a critical extension that is not understood, such as one that lists only changes.
    #[error("the revocation list is of a kind that is not supported")]
    ListKind,
}

/// What is known of revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Revocation {
    /// There is no list of the authority.
    NotChecked,
    /// The list of the authority is in force, and the signer is not on it.
    NotRevoked,
}

/// A file that was not taken into a store.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}: {reason}")]
pub struct RefusedFile {
    /// Its name, as it was given.
    pub file: String,
    /// Why.
    #[source]
    pub reason: TrustError,
}

/// More authorities of one name than this are not tried.
const SAME_NAME: usize = 16;

/// The largest file that is looked at.
const MAX_SIZE: usize = 4 * 1024 * 1024;

impl TrustStore {
    /// Trusts nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A store of the certificates and revocation lists in some files, PEM or DER, whatever their order.
    ///
    /// # Errors
    /// [`RefusedFile`]: the first that holds something that is refused.
    pub fn from_files(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, RefusedFile> {
        let refused = |file: &str, reason| RefusedFile {
            file: file.to_owned(),
            reason,
        };
        let mut waiting = Vec::new();
        for (file, bytes) in files {
            let documents = documents(&bytes).map_err(|reason| refused(&file, reason))?;
            waiting.extend(documents.into_iter().map(|document| (file.clone(), document)));
        }
        let mut store = Self::new();
        // A document may need another one first; as long as one more is taken, the rest gets another chance.
        loop {
            let before = waiting.len();
            let mut reason = None;
            waiting.retain(|(file, document)| match store.add_document(document) {
                Ok(()) => false,
                Err(error) => {
                    reason.get_or_insert_with(|| refused(file, error));
                    true
                }
            });
            match reason {
                None => return Ok(store),
                Some(reason) if waiting.len() == before => return Err(reason),
                Some(_) => {}
            }
        }
    }

    /// Adds one certificate in DER.
    ///
    /// # Errors
    /// [`TrustError`] says why it was not taken.
    pub fn add_der(&mut self, certificate: &[u8]) -> Result<(), TrustError> {
        self.add(read(certificate)?)
    }

    /// Adds all certificates of a PEM file.
    ///
    /// # Errors
    /// [`TrustError`] of the first one that was not taken; those before it are in the store.
    pub fn add_pem(&mut self, certificates: &str) -> Result<(), TrustError> {
        let chain = Certificate::load_pem_chain(certificates.as_bytes()).map_err(|_error| TrustError::Unreadable)?;
        chain.into_iter().try_for_each(|certificate| self.add(certificate))
    }

    /// Adds a revocation list in DER. Of the lists of one authority the latest counts.
    ///
    /// # Errors
    /// [`TrustError`] says why it was not taken.
    pub fn add_revocation_list(&mut self, list: &[u8]) -> Result<(), TrustError> {
        let list = SignedList::read(list)?;
        self.any(list.issuer(), Err(TrustError::UnknownIssuer), |authority| {
            list.signed_by(authority)
        })?;
        let list = list.open()?;
        match self.lists.iter_mut().find(|other| other.issuer == list.issuer) {
            Some(other) if other.this_update <= list.this_update => *other = list,
            Some(_) => {}
            None => self.lists.push(list),
        }
        Ok(())
    }

    /// How many authorities are trusted.
    pub fn len(&self) -> usize {
        self.authorities.len()
    }

    /// Whether nobody is trusted.
    pub fn is_empty(&self) -> bool {
        self.authorities.is_empty()
    }

    fn add_document(&mut self, document: &[u8]) -> Result<(), TrustError> {
        match self.add_der(document) {
            Err(TrustError::Unreadable) => self.add_revocation_list(document),
            done => done,
        }
    }

    fn add(&mut self, certificate: Certificate) -> Result<(), TrustError> {
        certificates::may_issue(&certificate)?;
        let name = DistinguishedName::of(&certificate.tbs_certificate.subject);
        let issuer = DistinguishedName::of(&certificate.tbs_certificate.issuer);
        let itself = if issuer == name {
            certificates::signed_by(&certificate, &certificate)
        } else {
            Err(TrustError::UnknownIssuer)
        };
        if itself.is_err() {
            self.any(&issuer, itself, |old| certificates::links(old, &certificate))?;
        }
        if self.named(&name).all(|known| known != &certificate) {
            self.authorities.push(Authority { name, certificate });
        }
        Ok(())
    }

    /// Whether a check holds for any authority of a name; otherwise what the last one was refused for.
    fn any(
        &self,
        name: &DistinguishedName,
        none: Result<(), TrustError>,
        check: impl Fn(&Certificate) -> Result<(), TrustError>,
    ) -> Result<(), TrustError> {
        let mut refusal = none;
        for authority in self.named(name) {
            match check(authority) {
                Ok(()) => return Ok(()),
                refused => refusal = refused,
            }
        }
        refusal
    }

    fn named(&self, name: &DistinguishedName) -> impl Iterator<Item = &Certificate> {
        let same = self.authorities.iter().filter(move |authority| authority.name == *name);
        same.map(|authority| &authority.certificate).take(SAME_NAME)
    }

    /// The authority that signed a document signer's certificate, when both may be used at that time and it did not
    /// take it back.
    pub(super) fn vouch(&self, signer: &Certificate, at: Timestamp) -> Result<(&Certificate, Revocation), ChipRefusal> {
        let authority = self.issuer_of(signer, Purpose::Documents, at)?;
        let revocation = self.revocation(signer, at)?;
        Ok((authority, revocation))
    }

    fn issuer_of(&self, signer: &Certificate, purpose: Purpose, at: Timestamp) -> Result<&Certificate, ChipRefusal> {
        certificates::may_sign(signer, purpose, at)?;
        let issuer = DistinguishedName::of(&signer.tbs_certificate.issuer);
        let mut refusal = ChipRefusal::UnknownIssuer;
        for authority in self.named(&issuer) {
            match certificates::vouches_for(authority, signer, at) {
                Ok(()) => return Ok(authority),
                Err(reason) => refusal = reason,
            }
        }
        Err(refusal)
    }

    fn revocation(&self, signer: &Certificate, at: Timestamp) -> Result<Revocation, ChipRefusal> {
        let issuer = DistinguishedName::of(&signer.tbs_certificate.issuer);
        match self.lists.iter().find(|list| list.issuer == issuer) {
            None => Ok(Revocation::NotChecked),
            Some(list) if list.names(signer) => Err(ChipRefusal::SignerRevoked),
            Some(list) if list.is_expired(at) => Err(ChipRefusal::RevocationListExpired),
            Some(_) => Ok(Revocation::NotRevoked),
        }
    }
}

impl fmt::Debug for TrustStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |authority: &Authority| authority.certificate.tbs_certificate.subject.to_string();
        f.debug_list().entries(self.authorities.iter().map(name)).finish()
    }
}

fn read(certificate: &[u8]) -> Result<Certificate, TrustError> {
    let certificate = Some(certificate).filter(|bytes| bytes.len() <= MAX_SIZE && tlv::is_modest(bytes));
    certificate
        .and_then(|bytes| Certificate::from_der(bytes).ok())
        .ok_or(TrustError::Unreadable)
}

/// The DER documents of a file: those between the lines of PEM (RFC 7468), or the file itself.
fn documents(file: &[u8]) -> Result<Vec<Vec<u8>>, TrustError> {
    if file.len() > MAX_SIZE {
        return Err(TrustError::Unreadable);
    }
    let Some(text) = str::from_utf8(file).ok().filter(|text| text.contains("-----BEGIN ")) else {
        return Ok(vec![file.to_vec()]);
    };
    let ends = "-----END ";
    let blocks = text.split("-----BEGIN ").skip(1).map(|block| {
        let (inside, _) = block.split_once(ends).ok_or(TrustError::Unreadable)?;
        let whole = format!("-----BEGIN {inside}{ends}{}-----\n", label(inside));
        let (label, der) = der::pem::decode_vec(whole.as_bytes()).map_err(|_error| TrustError::Unreadable)?;
        let known = label == "CERTIFICATE" || label == "X509 CRL";
        if known { Ok(der) } else { Err(TrustError::Unreadable) }
    });
    blocks.collect()
}

fn label(block: &str) -> &str {
    block.split_once("-----").map_or("", |(label, _)| label)
}

#[cfg(test)]
mod tests;
