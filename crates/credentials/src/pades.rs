//! Signed papers: PDF with a signature inside that any reader of PDF can check (`PAdES` baseline B-B and B-T, ETSI EN 319 142-1).
//!
//! - [`Draft::prepare`] appends the field of a signature to a paper, as an incremental update, and signs all of the file but the place of the signature
//!   itself; [`Prepared::finish`] puts the signature there, with a time stamp beside it where there is one (B-T);
//! - [`stamp`] asks an authority for time stamps;
//! - [`verify`] checks a file that somebody brings.
//!
//! The signature is CMS with the attributes that `PAdES` asks for (content type, message digest, signing certificate by RFC 5035); the time of signing
//! stands in the dictionary of the signature, which is signed as well, and not among the attributes (EN 319 142-1 clause 6.3).
//!
//! **Invariant:** of a signed paper no byte can be changed, added or taken away unnoticed: guarded by `a_paper_that_was_changed_anywhere_is_refused`.

mod cms;
mod file;
pub mod stamp;
#[cfg(test)]
mod tests;

use crypto::digest::sha256;
use crypto::sign::{SignError, Signer};
use jiff::Timestamp;

use crate::trust::{Issuer, Trust, TrustRefusal};
use file::{Gap, Skeleton};

/// The kind of document that a paper is, for [`crate::trust::Authority::documents`].
pub const PAPER: &str = "urn:vneid:paper:1";
/// The largest file that is read, in bytes.
pub const MAX_PAPER: usize = 4 * 1024 * 1024;
/// Room for a signature with its certificates, in bytes.
const ROOM: usize = 6 * 1024;
/// Room for a time stamp with its certificates, in bytes.
const STAMP_ROOM: usize = 10 * 1024;

/// Why a paper was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Not a file as our own writer of PDF makes it, or signed already.
    #[error("the file is not one that can be signed")]
    File,
    /// A part of the signature cannot be written.
    #[error("a part of the signature cannot be written")]
    Der(#[from] der::Error),
    /// The certificates, or the time stamp, are larger than the room for them.
    #[error("the signature does not fit into its place")]
    Room,
    /// There is no certificate, or the key is not one on P-256.
    #[error("only a key on P-256 with its certificate can sign")]
    Key,
    /// The key failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Why a file is not a paper to be relied upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaperRefusal {
    /// Larger than [`MAX_PAPER`].
    #[error("the file is too large")]
    TooLarge,
    /// Not a PDF.
    #[error("this is not a PDF")]
    NotAPdf,
    /// A PDF without a signature.
    #[error("the PDF is not signed")]
    NotSigned,
    /// The signature does not cover the whole file: something was added after it.
    #[error("something was added after the signature")]
    NotWhole,
    /// The signature is not of a kind that is accepted here.
    #[error("the signature cannot be read")]
    Unreadable,
    /// The file is not the one that was signed.
    #[error("the file was changed")]
    Changed,
    /// The signature is not that of its certificate.
    #[error("the signature does not verify")]
    Signature,
    /// The signer was not trusted when the paper was signed.
    #[error("the signer is not trusted: {0}")]
    Trust(#[from] TrustRefusal),
}

/// A paper about to be signed.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// The file, as the writer of PDF made it.
    pub pdf: &'a [u8],
    /// Who signs, as readers show it.
    pub name: &'a str,
    /// Why.
    pub reason: &'a str,
    /// When.
    pub signed_at: Timestamp,
    /// Whether a time stamp will stand beside the signature.
    pub stamped: bool,
}

/// A signed paper that lacks its signature still.
#[derive(Debug)]
pub struct Prepared {
    bytes: Vec<u8>,
    gap: Gap,
    signed: cms::Signed,
}

/// What a signature says, once it was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Who signed.
    pub issuer: Issuer,
    /// When, as the signer says.
    pub signed_at: Timestamp,
}

impl Draft<'_> {
    /// Signs all but the place of the signature. `chain` is the signer's certificates, DER, the own first, the root left out.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn prepare(&self, key: &dyn Signer, chain: &[Vec<u8>]) -> Result<Prepared, SealError> {
        let skeleton = Skeleton::read(self.pdf).ok_or(SealError::File)?;
        let room = if self.stamped { ROOM + STAMP_ROOM } else { ROOM };
        let (bytes, gap) = skeleton.append(self, room);
        let digest = sha256(&gap.around(&bytes).ok_or(SealError::File)?);
        let signed = cms::Signed::sign(key, chain, &digest)?;
        Ok(Prepared { bytes, gap, signed })
    }
}

impl Prepared {
    /// What a time stamp is asked for: the SHA-256 of the signature (EN 319 122-1 clause 5.3).
    pub fn imprint(&self) -> [u8; 32] {
        sha256(self.signed.signature())
    }

    /// The paper with its signature, and a time stamp token (RFC 3161, DER) beside it.
    ///
    /// # Errors
    /// [`SealError::Room`], [`SealError::Der`].
    pub fn finish(mut self, token: Option<&[u8]>) -> Result<Vec<u8>, SealError> {
        let signature = self.signed.to_der(token)?;
        self.gap.fill(&mut self.bytes, &signature).ok_or(SealError::Room)?;
        Ok(self.bytes)
    }
}

/// Verifies a paper that somebody brings. The signer's certificate must have been good when it signed.
///
/// # Errors
/// [`PaperRefusal`].
pub fn verify(pdf: &[u8], trust: &Trust) -> Result<Seal, PaperRefusal> {
    if pdf.len() > MAX_PAPER {
        return Err(PaperRefusal::TooLarge);
    }
    if !pdf.starts_with(b"%PDF-") {
        return Err(PaperRefusal::NotAPdf);
    }
    let gap = Gap::find(pdf)?;
    let signed_at = gap.signed_at(pdf).ok_or(PaperRefusal::Unreadable)?;
    let signature = gap.read(pdf).ok_or(PaperRefusal::Unreadable)?;
    let covered = gap.around(pdf).ok_or(PaperRefusal::NotWhole)?;
    let read = cms::Read::new(&signature).ok_or(PaperRefusal::Unreadable)?;
    let issuer = trust.chain(&read.chain, PAPER, signed_at)?;
    read.verify(issuer.key.key(), &sha256(&covered))?;
    Ok(Seal { issuer, signed_at })
}
