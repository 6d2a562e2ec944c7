//! The object identifiers that EF.SOD and its certificates use.

use der::asn1::ObjectIdentifier as Oid;

/// LDS security object (ICAO 9303-10 section 4.6.2).
pub(super) const LDS_SECURITY_OBJECT: Oid = Oid::new_unwrap("2.23.136.1.1.1");

/// CSCA master list, and the extended key usage of those who sign one (ICAO 9303-12 sections 9 and 7.1).
pub(super) const MASTER_LIST: Oid = Oid::new_unwrap("2.23.136.1.1.2");
pub(super) const MASTER_LIST_SIGNING: Oid = Oid::new_unwrap("2.23.136.1.1.3");

/// Extended key usage (RFC 5280 section 4.2.1.12).
pub(super) const EXTENDED_KEY_USAGE: Oid = Oid::new_unwrap("2.5.29.37");

/// Active authentication (ICAO 9303-11 section 9.2.6).
pub(super) const ACTIVE_AUTHENTICATION: Oid = Oid::new_unwrap("2.23.136.1.1.5");

/// PACE by ECDH with generic mapping, and the standardised domain parameters on brainpoolP256r1 (ICAO 9303-11 sections
/// 9.2.1 and 9.5.1).
pub(super) const PACE: &str = "0.4.0.127.0.7.2.2.4.";
pub(super) const PACE_ECDH_GM: &str = "0.4.0.127.0.7.2.2.4.2";

/// Chip authentication by ECDH, and its public keys (ICAO 9303-11 section 9.2.5).
pub(super) const CHIP_ECDH: &str = "0.4.0.127.0.7.2.2.3.2";
pub(super) const CHIP_KEY_ECDH: Oid = Oid::new_unwrap("0.4.0.127.0.7.2.2.1.2");

/// CMS signed data (RFC 5652 section 5.1), and the attributes every signature must carry (section 11).
pub(super) const SIGNED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.2");
pub(super) const CONTENT_TYPE: Oid = Oid::new_unwrap("1.2.840.113549.1.9.3");
pub(super) const MESSAGE_DIGEST: Oid = Oid::new_unwrap("1.2.840.113549.1.9.4");

pub(super) const SIGNING_TIME: Oid = Oid::new_unwrap("1.2.840.113549.1.9.5");

/// Hash functions (RFC 5754 section 2).
pub(super) const SHA_1: Oid = Oid::new_unwrap("1.3.14.3.2.26");
pub(super) const SHA_256: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.1");
pub(super) const SHA_384: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.2");
pub(super) const SHA_512: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.3");

/// Signatures with RSA (RFC 8017 appendix A.2).
pub(super) const RSA: Oid = Oid::new_unwrap("1.2.840.113549.1.1.1");
pub(super) const RSA_SHA_1: Oid = Oid::new_unwrap("1.2.840.113549.1.1.5");
pub(super) const MGF_1: Oid = Oid::new_unwrap("1.2.840.113549.1.1.8");
pub(super) const RSA_PSS: Oid = Oid::new_unwrap("1.2.840.113549.1.1.10");
pub(super) const RSA_SHA_256: Oid = Oid::new_unwrap("1.2.840.113549.1.1.11");
pub(super) const RSA_SHA_384: Oid = Oid::new_unwrap("1.2.840.113549.1.1.12");
pub(super) const RSA_SHA_512: Oid = Oid::new_unwrap("1.2.840.113549.1.1.13");

/// Signatures with elliptic curves (RFC 5758 section 3.2) and the curves (RFC 5480 section 2.1.1.1).
pub(super) const EC_PUBLIC_KEY: Oid = Oid::new_unwrap("1.2.840.10045.2.1");
pub(super) const ECDSA_SHA_1: Oid = Oid::new_unwrap("1.2.840.10045.4.1");
pub(super) const ECDSA_SHA_256: Oid = Oid::new_unwrap("1.2.840.10045.4.3.2");
pub(super) const ECDSA_SHA_384: Oid = Oid::new_unwrap("1.2.840.10045.4.3.3");
pub(super) const ECDSA_SHA_512: Oid = Oid::new_unwrap("1.2.840.10045.4.3.4");
pub(super) const P_256: Oid = Oid::new_unwrap("1.2.840.10045.3.1.7");
pub(super) const P_384: Oid = Oid::new_unwrap("1.3.132.0.34");
pub(super) const P_521: Oid = Oid::new_unwrap("1.3.132.0.35");
pub(super) const PRIME_FIELD: Oid = Oid::new_unwrap("1.2.840.10045.1.1");

/// Plain signatures with elliptic curves (BSI TR-03111 section 5.2.1.1).
pub(super) const PLAIN_SHA_1: Oid = Oid::new_unwrap("0.4.0.127.0.7.1.1.4.1.1");
pub(super) const PLAIN_SHA_256: Oid = Oid::new_unwrap("0.4.0.127.0.7.1.1.4.1.3");
pub(super) const PLAIN_SHA_384: Oid = Oid::new_unwrap("0.4.0.127.0.7.1.1.4.1.4");
pub(super) const PLAIN_SHA_512: Oid = Oid::new_unwrap("0.4.0.127.0.7.1.1.4.1.5");

/// Brainpool curves with verifiably random parameters lie under this (RFC 5639 section 4.1).
pub(super) const BRAINPOOL: &str = "1.3.36.3.3.2.8.1.1.";
pub(super) const BRAINPOOL_P256R1: Oid = Oid::new_unwrap("1.3.36.3.3.2.8.1.1.7");
pub(super) const BRAINPOOL_P384R1: Oid = Oid::new_unwrap("1.3.36.3.3.2.8.1.1.11");

/// Extensions of a signer's certificate whose meaning is checked here or does not narrow what it may sign
/// (ICAO 9303-12 section 7.1): key identifiers, key usage and its period, alternative names, basic constraints,
/// revocation list, policies, document types.
pub(super) const KNOWN_EXTENSIONS: [Oid; 10] = [
    Oid::new_unwrap("2.5.29.14"),
    Oid::new_unwrap("2.5.29.35"),
    Oid::new_unwrap("2.5.29.15"),
    Oid::new_unwrap("2.5.29.16"),
    Oid::new_unwrap("2.5.29.17"),
    Oid::new_unwrap("2.5.29.18"),
    Oid::new_unwrap("2.5.29.19"),
    Oid::new_unwrap("2.5.29.31"),
    Oid::new_unwrap("2.5.29.32"),
    Oid::new_unwrap("2.23.136.1.1.6.2"),
];
