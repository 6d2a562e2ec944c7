//! Master lists: the authorities of many countries, signed by one that collected them (ICAO 9303-12 section 9).

use jiff::Timestamp;
use thiserror::Error;
use x509_cert::Certificate;

use super::certificates::{Purpose, country};
use super::{MAX_SIZE, TrustStore};
use crate::chip::authenticity::ChipRefusal;
use crate::chip::signed::{Signed, SignedRefusal};
use crate::chip::{ber, identifiers as id, tlv};

/// What became of the certificates of a master list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Trusted now.
    pub taken: usize,
    /// Of other countries.
    pub of_others: usize,
    /// Of this country, but refused: not an authority, a link that leads nowhere, a weak signature; or not readable at all.
    pub refused: usize,
}

/// Why a master list was not imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MasterListRefusal {
    /// Not a master list, or too large.
    #[error("the master list cannot be read")]
    Unreadable,
    /// The certificate of its signer is not in it.
    #[error("the certificate of the signer is not in the master list")]
    SignerMissing,
    /// Its signer is not trusted to sign master lists.
    #[error("the signer of the master list is not trusted: {0}")]
    Signer(ChipRefusal),
    /// It is not what its signer signed.
    #[error("the master list is not authentic: {0}")]
    Signature(SignedRefusal),
}

const SEQUENCE: u16 = 0x30;
const INTEGER: u16 = 0x02;
const SET: u16 = 0x31;

impl TrustStore {
    /// Adds the authorities of one country (two letters) from a master list.
    ///
    /// Only one country's: a list holds those of all, and any of them could sign a card in anybody's name. The publisher
    /// is trusted for this alone, in a store of its own.
    ///
    /// # Errors
    /// [`MasterListRefusal`]: then nothing was added.
    pub fn add_master_list(
        &mut self,
        list: &[u8],
        publisher: &Self,
        country: &str,
        at: Timestamp,
    ) -> Result<Imported, MasterListRefusal> {
        let list = Some(list).filter(|list| list.len() <= MAX_SIZE).and_then(ber::to_der);
        let list = list.and_then(|list| Signed::read(&list));
        let list = list.filter(|list| list.content_type == id::MASTER_LIST);
        let list = list.ok_or(MasterListRefusal::Unreadable)?;
        let signer = list.signer().ok_or(MasterListRefusal::SignerMissing)?;
        publisher
            .issuer_of(signer, Purpose::MasterLists, at)
            .and_then(|_authority| publisher.revocation(signer, at))
            .map_err(MasterListRefusal::Signer)?;
        list.verify(signer).map_err(MasterListRefusal::Signature)?;
        let certificates = certificates(&list.content).ok_or(MasterListRefusal::Unreadable)?;
        Ok(self.import(certificates, country))
    }

    /// Links may stand before what they lead from, so those that were refused are tried again while any is taken.
    fn import<'a>(&mut self, certificates: impl Iterator<Item = &'a [u8]>, country: &str) -> Imported {
        let country = country.to_lowercase();
        let mut imported = Imported::default();
        let mut waiting = Vec::new();
        for der in certificates {
            match read(der) {
                None => imported.refused += 1,
                Some((of, certificate)) if of.as_deref() == Some(&country) => waiting.push(certificate),
                Some(_) => imported.of_others += 1,
            }
        }
        loop {
            let before = waiting.len();
            waiting.retain(|certificate| self.add(certificate.clone()).is_err());
            imported.taken += before - waiting.len();
            if waiting.len() == before {
                imported.refused += before;
                return imported;
            }
        }
    }
}

/// `CscaMasterList ::= SEQUENCE { version INTEGER (0), certList SET OF Certificate }`, one certificate after the other.
fn certificates(content: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let (version, list) = tlv::first(tlv::only(SEQUENCE, content)?)?;
    let mut rest = tlv::only(SET, list).filter(|_| version.tag == INTEGER && version.content == [0])?;
    Some(std::iter::from_fn(move || {
        let (_, after) = tlv::first(rest)?;
        let (certificate, after) = rest.split_at_checked(rest.len() - after.len())?;
        rest = after;
        Some(certificate)
    }))
}

/// A certificate, and the country of its subject.
fn read(der: &[u8]) -> Option<(Option<String>, Certificate)> {
    let certificate = super::read(der).ok()?;
    Some((country(&certificate), certificate))
}
