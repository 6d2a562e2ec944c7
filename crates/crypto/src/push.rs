//! Encryption of a message for a browser, which the browser's push service carries without reading it (RFC 8291), in the content coding
//! `aes128gcm` (RFC 8188), as one record.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use zeroize::Zeroizing;

/// The longest message that every push service carries: 4096 bytes less header, padding mark and tag (RFC 8291 section 4).
pub const LONGEST: usize = 4096 - 86 - 1 - 16;
/// The record's size, as the header says it; the one record is shorter.
const RECORD: u32 = 4096;

/// A message cannot be encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The browser's key is no point of P-256, or the number drawn is no key: draw again.
    #[error("no key of P-256")]
    Key,
    /// The message is longer than [`LONGEST`].
    #[error("the message is too long")]
    TooLong,
}

/// What a browser gave with its subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    /// Its public key, an uncompressed point of P-256 (`p256dh`).
    pub key: [u8; 65],
    /// Its secret (`auth`).
    pub auth: [u8; 16],
}

/// The random bytes of one message.
#[derive(Clone, Copy)]
pub struct Dice {
    /// The private number of the message's own key.
    pub number: [u8; 32],
    /// The salt.
    pub salt: [u8; 16],
}

/// Whether a browser's key is a point of P-256.
pub fn is_key(key: &[u8; 65]) -> bool {
    // Agreeing with any number checks the point.
    PrivateKey::from_private_key(&ECDH_P256, &[1; 32]).is_ok_and(|own| shared(&own, key).is_ok())
}

/// Encrypts a message for a browser.
///
/// # Errors
/// [`PushError`].
pub fn encrypt(to: &Browser, message: &[u8], dice: Dice) -> Result<Vec<u8>, PushError> {
    if message.len() > LONGEST {
        return Err(PushError::TooLong);
    }
    let own = PrivateKey::from_private_key(&ECDH_P256, &dice.number)
        .ok()
        .ok_or(PushError::Key)?;
    let public = own.compute_public_key().ok().ok_or(PushError::Key)?;
    let public: [u8; 65] = public.as_ref().try_into().ok().ok_or(PushError::Key)?;
    let (key, nonce) = derived(&shared(&own, &to.key)?, to, &public, &dice.salt)?;

    // The mark of the last record, after which there would be padding (RFC 8188 section 2).
    let mut body = [message, &[2]].concat();
    let tag = key
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut body)
        .ok()
        .ok_or(PushError::TooLong)?;
    let header = [dice.salt.as_slice(), &RECORD.to_be_bytes(), &[65], &public].concat();
    Ok([header.as_slice(), &body, tag.as_ref()].concat())
}

fn shared(own: &PrivateKey, key: &[u8; 65]) -> Result<Zeroizing<Vec<u8>>, PushError> {
    let peer = UnparsedPublicKey::new(&ECDH_P256, key);
    agreement::agree(own, peer, PushError::Key, |secret| Ok(Zeroizing::new(secret.to_vec())))
}

/// The content key and the nonce (RFC 8291 section 3.4).
fn derived(
    secret: &[u8],
    to: &Browser,
    public: &[u8; 65],
    salt: &[u8; 16],
) -> Result<(LessSafeKey, [u8; 12]), PushError> {
    let input = expand(&extract(&to.auth, secret), &[b"WebPush: info\0", &to.key, public]);
    let key = extract(salt, &*input);
    let content = expand(&key, &[b"Content-Encoding: aes128gcm\0"]);
    let nonce = expand(&key, &[b"Content-Encoding: nonce\0"]);
    let content = content.first_chunk::<16>().ok_or(PushError::Key)?;
    let nonce = nonce.first_chunk::<12>().ok_or(PushError::Key)?;
    let content = UnboundKey::new(&AES_128_GCM, content).ok().ok_or(PushError::Key)?;
    Ok((LessSafeKey::new(content), *nonce))
}

/// HKDF-Extract (RFC 5869 section 2.2).
fn extract(salt: &[u8], input: &[u8]) -> hmac::Key {
    let key = mac(&hmac::Key::new(HMAC_SHA256, salt), &[input]);
    hmac::Key::new(HMAC_SHA256, &*key)
}

/// The first block of HKDF-Expand, which is as much as is needed here (RFC 5869 section 2.3).
fn expand(key: &hmac::Key, info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    mac(key, &[info, &[&[1]]].concat())
}

fn mac(key: &hmac::Key, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut mac = hmac::Context::with_key(key);
    for part in parts {
        mac.update(part);
    }
    let mut bytes = Zeroizing::new([0; 32]);
    for (byte, made) in bytes.iter_mut().zip(mac.sign().as_ref()) {
        *byte = *made;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base64url;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        base64url::decode(text).unwrap().try_into().unwrap()
    }

    /// The browser of RFC 8291, appendix A.
    fn browser() -> Browser {
        Browser {
            key: bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
            auth: bytes("BTBZMqHH6r4Tts7J_aSIgg"),
        }
    }

    fn dice() -> Dice {
        Dice {
            number: bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
            salt: bytes("DGv6ra1nlYgDCS1FRnbzlw"),
        }
    }

    #[test]
    fn the_example_of_rfc_8291_is_made_byte_for_byte() {
        let made = encrypt(&browser(), b"When I grow up, I want to be a watermelon", dice()).unwrap();

        assert_eq!(
            base64url::encode(made),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn what_no_service_carries_and_what_is_no_key_is_refused() {
        let off = Browser {
            key: [4; 65],
            ..browser()
        };

        assert_eq!(encrypt(&browser(), &[0; LONGEST], dice()).unwrap().len(), 4096);
        assert_eq!(encrypt(&browser(), &[0; LONGEST + 1], dice()), Err(PushError::TooLong));
        assert_eq!(encrypt(&off, b"x", dice()), Err(PushError::Key));
        assert!(is_key(&browser().key) && !is_key(&off.key));
    }
}
