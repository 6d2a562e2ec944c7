//! Keys, signatures, JOSE, sealing, digests and password hashes; no I/O but the HSM.
//!
//! In reading order:
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`secret`] | values that never print and are wiped when dropped |
//! | [`digest`] | SHA-2, and keyed digests with a context for what must be searched but not read |
//! | [`base64url`] | base64url without padding, as JOSE writes it |
//! | [`json`] | JSON that refuses duplicate members |
//! | [`seal`] | AES-256-GCM bound to a place (table, column, row) |
//! | [`password`] | Argon2id in re-used memory, PHC strings |
//! | [`sign`] | what can sign, in memory, and signature verification |
//! | [`hsm`] | what signs and wraps in a hardware security module, by PKCS #11 |
//! | [`x509`] | verification of the signatures that certificates and CMS carry |
//! | [`rsa`] | RSA signatures with message recovery (ISO/IEC 9796-2) |
//! | [`jwe`] | encryption for one recipient by key agreement (ECDH-ES) |
//! | [`push`] | encryption of what a push service carries to a browser |
//! | [`agreement`], [`block`] | key agreement, ciphers and MACs by which a terminal speaks with a chip |
//! | [`jwk`] | public keys as JWK and JWK sets, thumbprints |
//! | [`jws`] | compact JWS: signing, strict verification |
//! | [`message`] | signatures over answers to HTTP questions (RFC 9421) |
//! | [`keys`] | key sets with rotation: next, active, retired |
//! | [`keystore`] | all secret keys of an installation, sealed under its master key |
//! | [`recovery`] | a copy of them for the day when the master key is lost |
//! | [`shares`] | a secret split among several people |
//!
//! **Invariant:** time and random bytes are arguments. The one exception is [`sign::SoftKey::generate`], which draws
//! from the generator inside the cryptographic library (and ECDSA signing, whose per-signature nonce the library
//! draws itself).
//!
//! **Invariant:** no secret is printed: guarded by the tests of [`secret`] and of each type that holds one.

pub mod agreement;
pub mod base64url;
pub mod block;
pub mod digest;
pub mod hsm;
pub mod json;
pub mod jwe;
pub mod jwk;
pub mod jws;
pub mod keys;
pub mod keystore;
pub mod message;
pub mod password;
pub mod push;
pub mod recovery;
pub mod rsa;
pub mod seal;
pub mod secret;
pub mod shares;
pub mod sign;
pub mod x509;

/// Compares two byte strings in constant time (for equal lengths; the length itself is not hidden).
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

#[cfg(test)]
mod tests {
    use super::equal;

    #[test]
    fn only_the_same_bytes_are_equal() {
        assert!(equal(b"abc", b"abc"));
        assert!(!equal(b"abc", b"abd"));
        assert!(!equal(b"abc", b"ab"));
        assert!(equal(b"", b""));
    }
}
