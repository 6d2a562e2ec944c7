//! COSE (RFC 9052): one signature over a payload (`COSE_Sign1`), and public keys (`COSE_Key`).
//!
//! Refused are: an algorithm that is not the key's own, `crit` with anything (we understand no extension), maps with a
//! key twice, deep nesting, oversize. Keys come from the caller, never from the message.

use coset::iana::{self, EnumI64 as _};
use coset::{AsCborValue as _, CoseSign1, CoseSign1Builder, Header, HeaderBuilder, Label, RegisteredLabelWithPrivate};
use crypto::jwk::PublicKey;
use crypto::sign::{self, Algorithm, SignError, Signer};

use crate::cbor::{self, CborError, Value};

/// The header parameter `typ` (RFC 9596).
const TYP: i64 = 16;
/// The header parameter `x5chain` (RFC 9360).
const X5CHAIN: i64 = 33;
/// The tag of a `COSE_Sign1`.
const TAG: u64 = 18;
/// The longest certificate chain that is read.
pub const MAX_CHAIN: usize = 4;

/// Why a COSE message was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CoseRefusal {
    /// Not CBOR within bounds.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// CBOR, but no `COSE_Sign1` with an attached payload.
    #[error("not a COSE_Sign1")]
    Malformed,
    /// `crit` asks for an extension.
    #[error("COSE message asks for an unsupported extension")]
    Critical,
    /// No algorithm in the protected header, or not the key's.
    #[error("COSE algorithm is not the key's")]
    Algorithm,
    /// The signature does not verify.
    #[error("COSE signature does not verify")]
    Signature,
}

/// What stands in the headers beside the algorithm.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    /// `typ`, protected: a media type.
    pub typ: Option<&'a str>,
    /// `kid`, protected.
    pub key_id: Option<&'a [u8]>,
    /// `x5chain`, unprotected: the signer's certificate first, each in DER; empty for none.
    pub chain: &'a [Vec<u8>],
}

impl Headers<'_> {
    fn protected(&self, algorithm: Algorithm) -> Header {
        let mut header = HeaderBuilder::new().algorithm(registered(algorithm));
        if let Some(key_id) = self.key_id {
            header = header.key_id(key_id.to_vec());
        }
        if let Some(typ) = self.typ {
            header = header.value(TYP, typ.into());
        }
        header.build()
    }

    fn unprotected(&self) -> Header {
        let certificates = || self.chain.iter().cloned().map(Value::Bytes);
        let header = HeaderBuilder::new();
        match self.chain {
            [] => header,
            [one] => header.value(X5CHAIN, Value::Bytes(one.clone())),
            _ => header.value(X5CHAIN, Value::Array(certificates().collect())),
        }
        .build()
    }
}

/// Signs a payload.
///
/// # Errors
/// [`SignError`].
pub(crate) fn sign(signer: &dyn Signer, headers: Headers<'_>, payload: Vec<u8>) -> Result<Signed, SignError> {
    let built = CoseSign1Builder::new()
        .protected(headers.protected(signer.algorithm()))
        .unprotected(headers.unprotected())
        .payload(payload)
        .try_create_signature(b"", |message| signer.sign(message))?
        .build();
    Ok(Signed(built))
}

/// Signs a payload that travels apart from its signature; the answer has none.
///
/// # Errors
/// [`SignError`].
pub(crate) fn sign_detached(signer: &dyn Signer, payload: &[u8]) -> Result<Signed, SignError> {
    let built = CoseSign1Builder::new()
        .protected(Headers::default().protected(signer.algorithm()))
        .try_create_detached_signature(payload, b"", |message| signer.sign(message))?
        .build();
    Ok(Signed(built))
}

/// A `COSE_Sign1` taken apart; its signature is still to be verified.
#[derive(Debug, Clone)]
pub struct Signed(pub(crate) CoseSign1);

impl Signed {
    /// Reads a `COSE_Sign1`, tagged or not.
    ///
    /// # Errors
    /// [`CoseRefusal`].
    pub fn parse(bytes: &[u8], max: usize) -> Result<Self, CoseRefusal> {
        Self::from_value(cbor::decode(bytes, max)?)
    }

    /// Takes a data item that has been read already.
    ///
    /// # Errors
    /// [`CoseRefusal`].
    pub fn from_value(value: Value) -> Result<Self, CoseRefusal> {
        let untagged = match value {
            Value::Tag(TAG, inner) => *inner,
            other => other,
        };
        let message = CoseSign1::from_cbor_value(untagged)
            .ok()
            .ok_or(CoseRefusal::Malformed)?;
        if !message.protected.header.crit.is_empty() || !message.unprotected.crit.is_empty() {
            return Err(CoseRefusal::Critical);
        }
        Ok(Self(message))
    }

    /// The message as a data item, without tag.
    pub(crate) fn into_value(self) -> Value {
        self.0.to_cbor_value().unwrap_or(Value::Null)
    }

    /// The message in bytes, tagged 18.
    pub(crate) fn to_tagged(&self) -> Vec<u8> {
        let value = self.clone().into_value();
        cbor::encode(&Value::Tag(TAG, Box::new(value)))
    }

    /// The payload.
    ///
    /// # Errors
    /// [`CoseRefusal::Malformed`] when it is detached.
    pub fn payload(&self) -> Result<&[u8], CoseRefusal> {
        self.0.payload.as_deref().ok_or(CoseRefusal::Malformed)
    }

    /// `kid`, unverified: to find the key by.
    pub fn key_id(&self) -> Option<&[u8]> {
        let protected = &self.0.protected.header.key_id;
        let found = if protected.is_empty() {
            &self.0.unprotected.key_id
        } else {
            protected
        };
        (!found.is_empty()).then_some(found.as_slice())
    }

    /// `typ`, from the protected header.
    pub fn typ(&self) -> Option<&str> {
        header_value(&self.0.protected.header, TYP)?.as_text()
    }

    /// `x5chain`, unverified: the certificates in DER, the signer's first; empty if there is none, more than
    /// [`MAX_CHAIN`] of them, or something else in its place.
    pub fn chain(&self) -> Vec<Vec<u8>> {
        let found =
            header_value(&self.0.protected.header, X5CHAIN).or_else(|| header_value(&self.0.unprotected, X5CHAIN));
        match found {
            Some(Value::Bytes(one)) => vec![one.clone()],
            Some(Value::Array(several)) if several.len() <= MAX_CHAIN => several
                .iter()
                .map(|one| one.as_bytes().cloned())
                .collect::<Option<_>>()
                .unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// Verifies the signature over the payload inside.
    ///
    /// # Errors
    /// [`CoseRefusal::Algorithm`], [`CoseRefusal::Signature`], [`CoseRefusal::Malformed`] without a payload.
    pub fn verify(&self, key: &PublicKey) -> Result<(), CoseRefusal> {
        self.payload()?;
        check_algorithm(&self.0.protected.header, key)?;
        self.0
            .verify_signature(b"", |signature, message| sign::verify(key, message, signature))
            .map_err(|_bad| CoseRefusal::Signature)
    }

    /// Verifies the signature over a payload that travelled apart.
    ///
    /// # Errors
    /// [`CoseRefusal::Algorithm`], [`CoseRefusal::Signature`], [`CoseRefusal::Malformed`] with a payload.
    pub fn verify_detached(&self, key: &PublicKey, payload: &[u8]) -> Result<(), CoseRefusal> {
        if self.0.payload.is_some() {
            return Err(CoseRefusal::Malformed);
        }
        check_algorithm(&self.0.protected.header, key)?;
        self.0
            .verify_detached_signature(payload, b"", |signature, message| sign::verify(key, message, signature))
            .map_err(|_bad| CoseRefusal::Signature)
    }
}

/// The value of a header parameter that COSE itself does not define.
pub(crate) fn header_value(header: &Header, label: i64) -> Option<&Value> {
    let wanted = Label::Int(label);
    let found = header.rest.iter().find(|(found, _)| *found == wanted)?;
    Some(&found.1)
}

/// The algorithm in a protected header must be the one of the key.
pub(crate) fn check_algorithm(protected: &Header, key: &PublicKey) -> Result<(), CoseRefusal> {
    let own = RegisteredLabelWithPrivate::Assigned(registered(key.algorithm()));
    if protected.alg == Some(own) {
        Ok(())
    } else {
        Err(CoseRefusal::Algorithm)
    }
}

pub(crate) fn registered(algorithm: Algorithm) -> iana::Algorithm {
    match algorithm {
        Algorithm::Es256 => iana::Algorithm::ES256,
        Algorithm::EdDsa => iana::Algorithm::EdDSA,
    }
}

/// A public key as a `COSE_Key` (RFC 9052 section 7, RFC 9053 section 7).
pub fn key_to_cbor(key: &PublicKey) -> Value {
    use iana::{EllipticCurve, KeyType};
    match (key.algorithm(), key.bytes()) {
        (Algorithm::Es256, point) => {
            let (x, y) = point.get(1..).unwrap_or_default().split_at(32);
            cbor::labels([
                (1, KeyType::EC2.to_i64().into()),
                (-1, EllipticCurve::P_256.to_i64().into()),
                (-2, Value::Bytes(x.to_vec())),
                (-3, Value::Bytes(y.to_vec())),
            ])
        }
        (Algorithm::EdDsa, bytes) => cbor::labels([
            (1, KeyType::OKP.to_i64().into()),
            (-1, EllipticCurve::Ed25519.to_i64().into()),
            (-2, Value::Bytes(bytes.to_vec())),
        ]),
    }
}

/// The public key in a `COSE_Key`: P-256 with both coordinates, or Ed25519. `None` for anything else, a point that is
/// not on its curve, and a key that carries its private part.
pub fn key_from_cbor(value: &Value) -> Option<PublicKey> {
    if cbor::labelled(value, -4).is_some() {
        return None;
    }
    let number = |label| cbor::integer(cbor::labelled(value, label)?);
    let bytes = |label| cbor::labelled(value, label)?.as_bytes();
    match (number(1)?, number(-1)?) {
        (2, 1) => {
            let point = [&[4][..], bytes(-2)?, bytes(-3)?].concat();
            PublicKey::from_p256_point(&point).ok()
        }
        (1, 6) => PublicKey::from_ed25519(bytes(-2)?).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crypto::sign::SoftKey;
    use proptest::prelude::*;

    use super::*;

    fn key(algorithm: Algorithm, seed: u8) -> SoftKey {
        SoftKey::from_seed(algorithm, &[seed; 32]).unwrap()
    }

    fn message(signer: &SoftKey) -> Vec<u8> {
        let chain = [vec![0x30, 0], vec![0x30, 1]];
        let headers = Headers {
            typ: Some("application/x"),
            key_id: Some(b"k"),
            chain: &chain,
        };
        sign(signer, headers, b"payload".to_vec()).unwrap().to_tagged()
    }

    #[test]
    fn a_message_verifies_with_the_key_of_its_signer_alone() {
        for algorithm in Algorithm::ALL {
            let signer = key(*algorithm, 1);

            let read = Signed::parse(&message(&signer), 1000).unwrap();

            assert_eq!(read.payload(), Ok(&b"payload"[..]));
            assert_eq!(read.typ(), Some("application/x"));
            assert_eq!(read.key_id(), Some(&b"k"[..]));
            assert_eq!(read.chain().len(), 2);
            assert_eq!(read.verify(signer.public().key()), Ok(()));
            let other = key(*algorithm, 2);
            assert_eq!(read.verify(other.public().key()), Err(CoseRefusal::Signature));
        }
        let read = Signed::parse(&message(&key(Algorithm::Es256, 1)), 1000).unwrap();
        let other = key(Algorithm::EdDsa, 1);
        assert_eq!(read.verify(other.public().key()), Err(CoseRefusal::Algorithm));
    }

    #[test]
    fn a_detached_payload_must_be_the_one_that_was_signed() {
        let signer = key(Algorithm::Es256, 1);

        let detached = sign_detached(&signer, b"apart").unwrap();

        assert_eq!(detached.verify_detached(signer.public().key(), b"apart"), Ok(()));
        assert_eq!(
            detached.verify_detached(signer.public().key(), b"other"),
            Err(CoseRefusal::Signature)
        );
        assert_eq!(detached.verify(signer.public().key()), Err(CoseRefusal::Malformed));
    }

    #[test]
    fn a_critical_extension_is_refused() {
        let mut signed = sign(&key(Algorithm::Es256, 1), Headers::default(), vec![]).unwrap();
        signed.0.unprotected.crit = vec![RegisteredLabelWithPrivate::Text("x".into())];

        assert_eq!(
            Signed::parse(&signed.to_tagged(), 1000).err(),
            Some(CoseRefusal::Critical)
        );
    }

    #[test]
    fn keys_survive_and_foreign_ones_are_not_taken() {
        for algorithm in Algorithm::ALL {
            let signer = key(*algorithm, 1);
            let written = key_to_cbor(signer.public().key());
            assert_eq!(key_from_cbor(&written).as_ref(), Some(signer.public().key()));
            let Value::Map(mut entries) = written else {
                panic!("a map")
            };
            entries.push(((-4).into(), Value::Bytes(vec![1; 32])));
            assert_eq!(key_from_cbor(&Value::Map(entries)), None, "a private key");
        }
        let off_the_curve = cbor::labels([
            (1, 2.into()),
            (-1, 1.into()),
            (-2, Value::Bytes(vec![1; 32])),
            (-3, Value::Bytes(vec![1; 32])),
        ]);
        assert_eq!(key_from_cbor(&off_the_curve), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            let _ = Signed::parse(&bytes, 10_000);
        }

        #[test]
        fn no_flipped_bit_passes(at in 0_usize..10_000, bit in 0_u8..8) {
            let signer = key(Algorithm::Es256, 1);
            let mut bytes = sign(&signer, Headers { typ: Some("t"), ..Headers::default() }, b"payload".to_vec())
                .unwrap()
                .to_tagged();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            let verified = Signed::parse(&bytes, 1000).and_then(|read| read.verify(signer.public().key()));
            prop_assert!(verified.is_err());
        }
    }
}
