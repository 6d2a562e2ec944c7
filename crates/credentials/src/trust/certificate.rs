//! One certificate (RFC 5280), as far as documents are signed with it.

use crypto::digest::sha256;
use crypto::jwk::PublicKey;
use crypto::x509::{self, Hash, Key, Scheme};
use der::asn1::ObjectIdentifier as Oid;
use der::{Decode as _, Encode as _};
use jiff::Timestamp;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::Time;

use super::TrustRefusal;

/// The longest certificate that is read, in bytes.
const MAX_CERTIFICATE: usize = 16 * 1024;
pub(super) const EC_PUBLIC_KEY: Oid = Oid::new_unwrap("1.2.840.10045.2.1");
const ED25519: Oid = Oid::new_unwrap("1.3.101.112");
pub(super) const P_256: Oid = Oid::new_unwrap("1.2.840.10045.3.1.7");
const P_384: Oid = Oid::new_unwrap("1.3.132.0.34");
pub(super) const ECDSA_SHA_256: Oid = Oid::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA_384: Oid = Oid::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_SHA_512: Oid = Oid::new_unwrap("1.2.840.10045.4.3.4");
/// Extensions that are known here: key identifiers, key usages, alternative names, constraints, revocation points, policies.
const KNOWN_EXTENSIONS: [Oid; 9] = [
    Oid::new_unwrap("2.5.29.14"),
    Oid::new_unwrap("2.5.29.15"),
    Oid::new_unwrap("2.5.29.17"),
    Oid::new_unwrap("2.5.29.18"),
    Oid::new_unwrap("2.5.29.19"),
    Oid::new_unwrap("2.5.29.31"),
    Oid::new_unwrap("2.5.29.32"),
    Oid::new_unwrap("2.5.29.35"),
    Oid::new_unwrap("2.5.29.37"),
];

#[derive(Debug, Clone)]
pub(super) struct Certificate {
    parsed: x509_cert::Certificate,
    fingerprint: [u8; 32],
}

impl Certificate {
    pub(super) fn parse(der: &[u8]) -> Result<Self, TrustRefusal> {
        if der.len() > MAX_CERTIFICATE {
            return Err(TrustRefusal::Unreadable);
        }
        let parsed = x509_cert::Certificate::from_der(der)
            .ok()
            .ok_or(TrustRefusal::Unreadable)?;
        let known = |id: &Oid| KNOWN_EXTENSIONS.contains(id);
        let mut extensions = parsed.tbs_certificate.extensions.iter().flatten();
        if extensions.any(|extension| extension.critical && !known(&extension.extn_id)) {
            return Err(TrustRefusal::UnknownExtension);
        }
        Ok(Self {
            parsed,
            fingerprint: sha256(der),
        })
    }

    pub(super) fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    pub(super) fn subject(&self) -> String {
        self.parsed.tbs_certificate.subject.to_string()
    }

    pub(super) fn not_after(&self) -> Timestamp {
        instant(self.parsed.tbs_certificate.validity.not_after)
    }

    pub(super) fn check_time(&self, at: Timestamp) -> Result<(), TrustRefusal> {
        if at < instant(self.parsed.tbs_certificate.validity.not_before) {
            Err(TrustRefusal::NotYetValid)
        } else if at > self.not_after() {
            Err(TrustRefusal::Expired)
        } else {
            Ok(())
        }
    }

    /// Whether it may issue others, with so many authorities between it and the signer (RFC 5280 sections 4.2.1.3 and
    /// 4.2.1.9).
    pub(super) fn may_issue(&self, between: usize) -> Result<(), TrustRefusal> {
        let tbs = &self.parsed.tbs_certificate;
        let constraints = tbs.get::<BasicConstraints>();
        let usage = tbs.get::<KeyUsage>();
        let deep_enough = |limit: Option<u8>| limit.is_none_or(|limit| usize::from(limit) >= between);
        let authority = matches!(
            constraints,
            Ok(Some((_, constraints))) if constraints.ca && deep_enough(constraints.path_len_constraint)
        ) && matches!(usage, Ok(usage) if usage.is_none_or(|(_, usage)| usage.key_cert_sign()));
        if authority {
            Ok(())
        } else {
            Err(TrustRefusal::NotAnAuthority)
        }
    }

    /// The key that documents are signed with; refused when the certificate is an authority's or for other purposes.
    pub(super) fn signing_key(&self) -> Result<PublicKey, TrustRefusal> {
        let tbs = &self.parsed.tbs_certificate;
        let authority = !matches!(
            tbs.get::<BasicConstraints>(),
            Ok(None | Some((_, BasicConstraints { ca: false, .. })))
        );
        let usage = tbs.get::<KeyUsage>();
        let signs = matches!(usage, Ok(usage) if usage.is_none_or(|(_, usage)| usage.digital_signature()));
        if authority || !signs {
            return Err(TrustRefusal::MayNotSign);
        }
        let info = &tbs.subject_public_key_info;
        let bytes = info.subject_public_key.as_bytes().ok_or(TrustRefusal::Unsupported)?;
        let key = match (info.algorithm.oid, curve(info)) {
            (EC_PUBLIC_KEY, Some(P_256)) => PublicKey::from_p256_point(bytes),
            (ED25519, None) => PublicKey::from_ed25519(bytes),
            _ => return Err(TrustRefusal::Unsupported),
        };
        key.ok().ok_or(TrustRefusal::Unsupported)
    }

    /// Whether the other is the one that this certificate says has issued it.
    pub(super) fn names_issuer(&self, issuer: &Self) -> bool {
        self.parsed.tbs_certificate.issuer == issuer.parsed.tbs_certificate.subject
    }

    pub(super) fn check_issued_by(&self, issuer: &Self) -> Result<(), TrustRefusal> {
        let tbs = &self.parsed.tbs_certificate;
        if !self.names_issuer(issuer) || self.parsed.signature_algorithm != tbs.signature {
            return Err(TrustRefusal::Signature);
        }
        let hash = match tbs.signature.oid {
            ECDSA_SHA_256 => Hash::Sha256,
            ECDSA_SHA_384 => Hash::Sha384,
            ECDSA_SHA_512 => Hash::Sha512,
            _ => return Err(TrustRefusal::Unsupported),
        };
        let info = &issuer.parsed.tbs_certificate.subject_public_key_info;
        let point = info.subject_public_key.as_bytes().ok_or(TrustRefusal::Unsupported)?;
        let key = match (info.algorithm.oid, curve(info)) {
            (EC_PUBLIC_KEY, Some(P_256)) => Key::P256(point),
            (EC_PUBLIC_KEY, Some(P_384)) => Key::P384(point),
            _ => return Err(TrustRefusal::Unsupported),
        };
        let message = tbs.to_der().ok().ok_or(TrustRefusal::Unreadable)?;
        let signature = self.parsed.signature.as_bytes().ok_or(TrustRefusal::Signature)?;
        x509::verify(key, Scheme::Ecdsa(hash), &message, signature)
            .ok()
            .ok_or(TrustRefusal::Signature)
    }
}

fn curve(info: &SubjectPublicKeyInfoOwned) -> Option<Oid> {
    info.algorithm.parameters.as_ref()?.decode_as().ok()
}

fn instant(time: Time) -> Timestamp {
    i64::try_from(time.to_unix_duration().as_secs())
        .ok()
        .and_then(|second| Timestamp::from_second(second).ok())
        .unwrap_or(Timestamp::MAX)
}
