//! The block ciphers and MACs by which a terminal speaks with a chip (ICAO 9303-11 sections 9.7 and 9.8): AES with CMAC,
//! and for older chips Triple DES with the retail MAC (ISO/IEC 9797-1 algorithm 3).
//!
//! For secure messaging alone: nothing that is kept is encrypted with these.

#![expect(
    deprecated,
    reason = "basic access control of older chips has no other cipher than Triple DES, and derives its keys by SHA-1"
)]

use aws_lc_rs::cipher::{
    self, AES_128, AES_192, AES_256, DES_EDE_FOR_LEGACY_USE_ONLY, DES_FOR_LEGACY_USE_ONLY, DecryptingKey,
    DecryptionContext, EncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::{cmac, digest};
use zeroize::Zeroizing;

use crate::digest::sha256;
use crate::sign::BadKey;

/// A cipher together with its MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// Triple DES with two keys, CBC; retail MAC.
    TripleDes,
    /// AES-128, CBC; CMAC.
    Aes128,
    /// AES-192, CBC; CMAC.
    Aes192,
    /// AES-256, CBC; CMAC.
    Aes256,
}

/// How long a MAC is in secure messaging.
pub const MAC_LENGTH: usize = 8;

impl Suite {
    /// The length of a block.
    pub const fn block(self) -> usize {
        match self {
            Self::TripleDes => 8,
            _ => 16,
        }
    }

    /// The length of a key.
    pub const fn key_length(self) -> usize {
        match self {
            Self::TripleDes | Self::Aes128 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// The key that a shared secret gives with a counter: 1 to encrypt, 2 to authenticate, 3 from a password
    /// (ICAO 9303-11 section 9.7.1).
    pub fn derive(self, secret: &[u8], counter: u32) -> Zeroizing<Vec<u8>> {
        let input = Zeroizing::new([secret, &counter.to_be_bytes()].concat());
        let mut key = Zeroizing::new(match self {
            Self::TripleDes | Self::Aes128 => sha1(&input).to_vec(),
            Self::Aes192 | Self::Aes256 => sha256(&input).to_vec(),
        });
        key.truncate(self.key_length());
        if self == Self::TripleDes {
            for byte in key.iter_mut() {
                *byte = (*byte & 0xfe) | u8::from((*byte >> 1).count_ones() % 2 == 0);
            }
        }
        key
    }

    /// Encrypts whole blocks in CBC.
    ///
    /// # Errors
    /// [`BadKey`] for a key that is none, and for anything but whole blocks.
    pub fn encrypt(self, key: &[u8], iv: &[u8], plain: &[u8]) -> Result<Vec<u8>, BadKey> {
        let key = EncryptingKey::ecb(self.key(key)?).map_err(|_refused| BadKey)?;
        chained(&key, self.block(), iv, plain)
    }

    /// Decrypts whole blocks in CBC.
    ///
    /// # Errors
    /// As [`Suite::encrypt`].
    pub fn decrypt(self, key: &[u8], iv: &[u8], encrypted: &[u8]) -> Result<Vec<u8>, BadKey> {
        if encrypted.is_empty() || !encrypted.len().is_multiple_of(self.block()) || iv.len() != self.block() {
            return Err(BadKey);
        }
        let key = DecryptingKey::ecb(self.key(key)?).map_err(|_refused| BadKey)?;
        let mut plain = encrypted.to_vec();
        key.decrypt(&mut plain, DecryptionContext::None)
            .map_err(|_refused| BadKey)?;
        for (byte, before) in plain.iter_mut().zip(iv.iter().chain(encrypted)) {
            *byte ^= before;
        }
        Ok(plain)
    }

    /// The first eight bytes of the MAC. For Triple DES the message has to be whole blocks.
    ///
    /// # Errors
    /// As [`Suite::encrypt`].
    pub fn mac(self, key: &[u8], message: &[u8]) -> Result<[u8; MAC_LENGTH], BadKey> {
        let algorithm = match self {
            Self::TripleDes => return retail_mac(key, message),
            Self::Aes128 => cmac::AES_128,
            Self::Aes192 => cmac::AES_192,
            Self::Aes256 => cmac::AES_256,
        };
        let key = cmac::Key::new(algorithm, key).map_err(|_refused| BadKey)?;
        let tag = cmac::sign(&key, message).map_err(|_refused| BadKey)?;
        tag.as_ref().first_chunk().copied().ok_or(BadKey)
    }

    /// The message with `80`, and with zeros up to a whole block (ISO/IEC 9797-1 padding method 2).
    pub fn padded(self, message: &[u8]) -> Vec<u8> {
        let mut padded = message.to_vec();
        padded.push(0x80);
        padded.resize(padded.len().next_multiple_of(self.block()), 0);
        padded
    }

    fn key(self, key: &[u8]) -> Result<UnboundCipherKey, BadKey> {
        let algorithm: &'static cipher::Algorithm = match self {
            Self::TripleDes => &DES_EDE_FOR_LEGACY_USE_ONLY,
            Self::Aes128 => &AES_128,
            Self::Aes192 => &AES_192,
            Self::Aes256 => &AES_256,
        };
        UnboundCipherKey::new(algorithm, key).map_err(|_refused| BadKey)
    }
}

/// The message without its padding of method 2; `None` when it has none.
pub fn unpadded(padded: &[u8]) -> Option<&[u8]> {
    let end = padded.iter().rposition(|byte| *byte != 0)?;
    (padded.get(end) == Some(&0x80)).then(|| padded.get(..end))?
}

/// The seed of the keys of basic access control: SHA-1 of the card's data, cut (ICAO 9303-11 section 4.3.2).
pub fn access_seed(information: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut seed = Zeroizing::new(sha1(information).to_vec());
    seed.truncate(16);
    seed
}

/// The data of the card as the password of PACE: SHA-1 of them, whole (ICAO 9303-11 section 9.7.3).
pub fn zone_password(information: &[u8]) -> Zeroizing<[u8; 20]> {
    Zeroizing::new(sha1(information))
}

/// SHA-1, as a one-way function of secrets only: no signature over it is ever accepted.
fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut out = [0; 20];
    out.copy_from_slice(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref());
    out
}

fn chained(key: &EncryptingKey, block: usize, iv: &[u8], plain: &[u8]) -> Result<Vec<u8>, BadKey> {
    if plain.is_empty() || !plain.len().is_multiple_of(block) || iv.len() != block {
        return Err(BadKey);
    }
    let (mut encrypted, mut last) = (Vec::with_capacity(plain.len()), iv.to_vec());
    for part in plain.chunks(block) {
        for (byte, plain) in last.iter_mut().zip(part) {
            *byte ^= plain;
        }
        key.encrypt(&mut last).map_err(|_refused| BadKey)?;
        encrypted.extend_from_slice(&last);
    }
    Ok(encrypted)
}

/// ISO/IEC 9797-1 algorithm 3 with DES: a chain under the first key, its last block under both.
fn retail_mac(key: &[u8], message: &[u8]) -> Result<[u8; MAC_LENGTH], BadKey> {
    let (single, rest) = key
        .split_at_checked(8)
        .filter(|(_, rest)| rest.len() == 8)
        .ok_or(BadKey)?;
    let split = message.len().checked_sub(8).ok_or(BadKey)?;
    let (before, last) = message.split_at_checked(split).ok_or(BadKey)?;
    let mut state = vec![0; 8];
    if !before.is_empty() {
        let first = UnboundCipherKey::new(&DES_FOR_LEGACY_USE_ONLY, single).and_then(EncryptingKey::ecb);
        let chain = chained(&first.map_err(|_refused| BadKey)?, 8, &state, before)?;
        state = chain.last_chunk::<8>().ok_or(BadKey)?.to_vec();
    }
    let both = [single, rest].concat();
    let mac = Suite::TripleDes.encrypt(&both, &state, last)?;
    mac.first_chunk().copied().ok_or(BadKey)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    /// ICAO 9303-11 appendix D.1 and D.2.
    #[test]
    fn the_keys_of_the_worked_example_are_derived() {
        let seed = access_seed(b"L898902C<369080619406236");

        assert_eq!(seed[..], hex("239AB9CB282DAF66231DC5A4DF6BFBAE")[..]);
        assert_eq!(
            Suite::TripleDes.derive(&seed, 1)[..],
            hex("AB94FDECF2674FDFB9B391F85D7F76F2")[..]
        );
        assert_eq!(
            Suite::TripleDes.derive(&seed, 2)[..],
            hex("7962D9ECE03D1ACD4C76089DCE131543")[..]
        );
    }

    /// ICAO 9303-11 appendix D.3.
    #[test]
    fn the_worked_example_is_encrypted_and_authenticated_with_triple_des() {
        let plain = hex("781723860C06C2264608F919887022120B795240CB7049B01C19B33E32804F0B");
        let encrypted = hex("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2");
        let (enc, mac) = (
            hex("AB94FDECF2674FDFB9B391F85D7F76F2"),
            hex("7962D9ECE03D1ACD4C76089DCE131543"),
        );

        assert_eq!(Suite::TripleDes.encrypt(&enc, &[0; 8], &plain), Ok(encrypted.clone()));
        assert_eq!(Suite::TripleDes.decrypt(&enc, &[0; 8], &encrypted), Ok(plain));
        let tag = Suite::TripleDes.mac(&mac, &Suite::TripleDes.padded(&encrypted));
        assert_eq!(tag.unwrap()[..], hex("5F1448EEA8AD90A7")[..]);
    }

    /// NIST SP 800-38B, AES-128 example 2, and SP 800-38A F.2.1.
    #[test]
    fn aes_is_that_of_the_standard() {
        let key = hex("2b7e151628aed2a6abf7158809cf4f3c");
        let message = hex("6bc1bee22e409f96e93d7e117393172a");
        let iv = hex("000102030405060708090a0b0c0d0e0f");

        assert_eq!(
            Suite::Aes128.mac(&key, &message).unwrap()[..],
            hex("070a16b46b4d4144")[..]
        );
        let encrypted = Suite::Aes128.encrypt(&key, &iv, &message).unwrap();
        assert_eq!(encrypted, hex("7649abac8119b246cee98e9b12e9197d"));
        assert_eq!(Suite::Aes128.decrypt(&key, &iv, &encrypted), Ok(message));
    }

    #[test]
    fn only_whole_blocks_and_keys_of_the_right_length_are_taken() {
        assert_eq!(Suite::Aes128.encrypt(&[1; 16], &[0; 16], &[0; 15]), Err(BadKey));
        assert_eq!(Suite::Aes128.decrypt(&[1; 15], &[0; 16], &[0; 16]), Err(BadKey));
        assert_eq!(Suite::Aes256.mac(&[1; 16], &[0; 16]), Err(BadKey));
        assert_eq!(Suite::TripleDes.mac(&[1; 16], &[0; 7]), Err(BadKey));
        assert_eq!(Suite::TripleDes.decrypt(&[1; 16], &[0; 8], &[]), Err(BadKey));
    }

    proptest! {
        #[test]
        fn what_is_padded_is_unpadded(message in proptest::collection::vec(any::<u8>(), 0..80)) {
            for suite in [Suite::TripleDes, Suite::Aes128] {
                let padded = suite.padded(&message);
                prop_assert!(padded.len().is_multiple_of(suite.block()));
                prop_assert_eq!(unpadded(&padded), Some(&message[..]));
            }
        }

        #[test]
        fn any_bytes_are_unpadded_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Some(message) = unpadded(&bytes) {
                prop_assert!(message.len() < bytes.len());
            }
        }
    }
}
