//! The credential formats: issue, present, verify; no I/O.
//!
//! In reading order:
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`eid`] | the electronic identity card in each format, with claims that follow from its facts |
//! | [`licence`] | the driving licence, likewise |
//! | [`sdjwt`] | SD-JWT VC: claims that hide one by one, proof of possession |
//! | [`identity_qr`] | who the holder is, on the screen: a day without network, a minute as a screenshot |
//! | [`status`] | Token Status List: valid, revoked, suspended |
//! | [`mdoc`] | ISO/IEC 18013-5 documents: the same in CBOR, with the driving licence of the standard |
//! | [`trust`] | the published trust list, and certificate chains |
//! | [`openid4vp`] | presentations asked for online: the request, the query, the answer |
//! | [`paper`] | vehicle registration, health insurance card, criminal record certificate, in each format |
//! | [`bundle`] | what an organisation was told about a customer, to be checked again years later |
//! | [`pades`] | signed papers: PDF with a signature that any reader of PDF checks |
//! | [`verify`] | one entry for verifiers: anything in, a verdict with its reasons out |
//! | [`declaration`] | the signed result of a declaration, for checkpoints |
//! | [`cose`] | signed CBOR messages, which mdoc, identity QR and status list stand on |
//! | [`cbor`] | CBOR read within bounds |
//!
//! **Invariant:** time and random bytes are arguments; signing goes through [`crypto::sign::Signer`].

pub mod bundle;
pub mod cbor;
pub mod cose;
pub mod declaration;
pub mod eid;
pub mod identity_qr;
pub mod licence;
pub mod mdoc;
pub mod openid4vp;
pub mod pades;
pub mod paper;
pub mod sdjwt;
pub mod status;
#[cfg(test)]
mod testing;
mod times;
pub mod trust;
pub mod verify;
mod zlib;

use base64::Engine as _;

/// Standard base64 (RFC 4648 section 4), as certificates and pictures have it in JSON.
fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
