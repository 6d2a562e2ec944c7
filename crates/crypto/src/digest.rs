//! SHA-2, and keyed digests for what must be searched but not read.

use std::fmt;

use aws_lc_rs::{digest, hmac};

/// SHA-256 (FIPS 180-4) of the bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    fixed(&digest::SHA256, bytes)
}

/// SHA-384 (FIPS 180-4) of the bytes.
pub fn sha384(bytes: &[u8]) -> [u8; 48] {
    fixed(&digest::SHA384, bytes)
}

/// SHA-512 (FIPS 180-4) of the bytes.
pub fn sha512(bytes: &[u8]) -> [u8; 64] {
    fixed(&digest::SHA512, bytes)
}

fn fixed<const N: usize>(algorithm: &'static digest::Algorithm, bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(digest::digest(algorithm, bytes).as_ref());
    out
}

/// A key for digests: who does not hold it can neither search for a value nor try values out.
#[derive(Clone)]
pub struct DigestKey(hmac::Key);

impl DigestKey {
    /// A key of 32 random bytes.
    pub fn new(key: [u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &key))
    }

    /// HMAC-SHA-256 (RFC 2104) of the bytes in a context.
    ///
    /// The context says what the value is (`"personal number"`, `"session token"`): the same value has unrelated
    /// digests in two contexts. The context goes in with its length, so that no context and value run into one
    /// another.
    pub fn digest(&self, context: &str, bytes: &[u8]) -> [u8; 32] {
        let mut mac = hmac::Context::with_key(&self.0);
        mac.update(&(context.len() as u64).to_be_bytes());
        mac.update(context.as_bytes());
        mac.update(bytes);
        let mut out = [0; 32];
        out.copy_from_slice(mac.sign().as_ref());
        out
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        use std::fmt::Write as _;
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    }

    #[test]
    fn sha2_matches_fips_180_4() {
        assert_eq!(
            hex(&sha256(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert!(hex(&sha384(b"abc")).starts_with("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"));
        assert!(hex(&sha512(b"abc")).starts_with("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea2"));
    }

    #[test]
    fn a_digest_depends_on_key_context_and_value() {
        let key = DigestKey::new([1; 32]);

        let digest = key.digest("phone", b"+84900000001");

        assert_eq!(digest, key.digest("phone", b"+84900000001"));
        assert_ne!(digest, key.digest("e-mail", b"+84900000001"));
        assert_ne!(digest, key.digest("phone", b"+84900000002"));
        assert_ne!(digest, DigestKey::new([2; 32]).digest("phone", b"+84900000001"));
    }

    #[test]
    fn context_and_value_do_not_run_into_one_another() {
        let key = DigestKey::new([1; 32]);

        assert_ne!(key.digest("ab", b"c"), key.digest("a", b"bc"));
    }

    #[test]
    fn a_key_does_not_print() {
        assert_eq!(format!("{:?}", DigestKey::new([7; 32])), "DigestKey(..)");
    }
}
