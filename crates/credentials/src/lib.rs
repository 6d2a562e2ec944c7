//! The credential formats: issue, present, verify; no I/O.
//!
//! In reading order:
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`sdjwt`] | SD-JWT VC: claims that hide one by one, proof of possession |
//! | [`status`] | Token Status List: valid, revoked, suspended |
//! | [`mdoc`] | ISO/IEC 18013-5 documents: the same in CBOR, with the driving licence of the standard |
//! | [`trust`] | the published trust list, and certificate chains |
//! | [`cose`] | signed CBOR messages, which mdoc, identity QR and status list stand on |
//! | [`cbor`] | CBOR read within bounds |
//!
//! **Invariant:** time and random bytes are arguments; signing goes through [`crypto::sign::Signer`].

pub mod cbor;
pub mod cose;
pub mod mdoc;
pub mod sdjwt;
pub mod status;
#[cfg(test)]
mod testing;
mod times;
pub mod trust;
mod zlib;
