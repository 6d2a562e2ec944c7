//! Compact JWE (RFC 7516) with direct key agreement (ECDH-ES on P-256, RFC 7518 section 4.6) and AES-GCM.
//!
//! Nothing else is taken: no key wrapping, no compression, no extension. A token is for one recipient, who is known.

use std::fmt;

use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, UnparsedPublicKey};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::digest::sha256;
use crate::jwk::PublicKey;
use crate::{base64url, json};

/// The one way in which a content key is agreed upon.
pub const ALGORITHM: &str = "ECDH-ES";

const NONCE: usize = 12;
const TAG: usize = 16;

/// How the content is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// AES-GCM with a key of 128 bits.
    A128Gcm,
    /// AES-GCM with a key of 256 bits.
    A256Gcm,
}

impl Encryption {
    /// Both, the stronger first.
    pub const ALL: [Self; 2] = [Self::A256Gcm, Self::A128Gcm];

    /// The name in `enc`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// The one of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    fn cipher(self) -> (&'static aead::Algorithm, u32) {
        match self {
            Self::A128Gcm => (&aead::AES_128_GCM, 128),
            Self::A256Gcm => (&aead::AES_256_GCM, 256),
        }
    }
}

/// Why a token was not encrypted or not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JweError {
    /// Longer than the caller takes.
    #[error("encrypted token is too large")]
    TooLarge,
    /// Not five parts, a header that is no JSON object, or a key that is no point.
    #[error("encrypted token is malformed")]
    Malformed,
    /// `alg` or `enc` is another, or `zip` or `crit` asks for more.
    #[error("encryption algorithm is not allowed")]
    Algorithm,
    /// The key is not for encryption by [`ALGORITHM`].
    #[error("key is not for encryption")]
    Key,
    /// It was encrypted for another key, or changed.
    #[error("encrypted token does not open")]
    Refused,
}

/// For whom something is encrypted: a public key on P-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    key: PublicKey,
    key_id: Option<String>,
}

impl Recipient {
    /// Reads a JWK: `EC` on P-256, `use` `enc` or none, `alg` [`ALGORITHM`] or none.
    ///
    /// # Errors
    /// [`JweError::Key`].
    pub fn from_jwk(jwk: &Value) -> Result<Self, JweError> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let meant = |name, wanted| text(name).is_none_or(|found| found == wanted);
        if !meant("use", "enc") || !meant("alg", ALGORITHM) || jwk.get("d").is_some() {
            return Err(JweError::Key);
        }
        Ok(Self {
            key: point(jwk).ok_or(JweError::Key)?,
            key_id: text("kid").map(str::to_owned),
        })
    }

    /// The key itself.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }
}

/// A private key that opens what was encrypted for it.
pub struct DecryptionKey {
    private: agreement::PrivateKey,
    public: PublicKey,
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKey({})", self.public.thumbprint())
    }
}

impl DecryptionKey {
    /// The key whose private number this is: 32 random bytes.
    ///
    /// # Errors
    /// [`JweError::Key`] for the one number in four thousand million that is none: draw again.
    pub fn from_number(number: &[u8; 32]) -> Result<Self, JweError> {
        let private = agreement::PrivateKey::from_private_key(&ECDH_P256, number)
            .ok()
            .ok_or(JweError::Key)?;
        let public = private.compute_public_key().ok().ok_or(JweError::Key)?;
        let public = PublicKey::from_p256_point(public.as_ref()).ok().ok_or(JweError::Key)?;
        Ok(Self { private, public })
    }

    /// The public key; its thumbprint is the `kid` of [`DecryptionKey::jwk`].
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The public key as a JWK for encryption.
    pub fn jwk(&self) -> Value {
        let mut jwk = members(&self.public);
        jwk.insert("use".to_owned(), "enc".into());
        jwk.insert("alg".to_owned(), ALGORITHM.into());
        jwk.insert("kid".to_owned(), self.public.thumbprint().into());
        jwk.into()
    }

    /// Opens a token of at most `max` bytes.
    ///
    /// # Errors
    /// [`JweError`].
    pub fn open(&self, token: &str, max: usize) -> Result<Opened, JweError> {
        if token.len() > max {
            return Err(JweError::TooLarge);
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [head, wrapped, nonce, body, tag] = parts.as_slice() else {
            return Err(JweError::Malformed);
        };
        let header = read_header(head)?;
        let encryption = allowed(&header)?;
        if !wrapped.is_empty() {
            return Err(JweError::Malformed);
        }
        let ephemeral = header.get("epk").and_then(point).ok_or(JweError::Malformed)?;
        let parties = [party(&header, "apu")?, party(&header, "apv")?];
        let key = agree(&self.private, &ephemeral, encryption, &parties)?;
        let bytes = |text: &str| base64url::decode(text).ok().ok_or(JweError::Malformed);
        let nonce: [u8; NONCE] = bytes(nonce)?.try_into().ok().ok_or(JweError::Malformed)?;
        let mut sealed = bytes(body)?;
        let tag = bytes(tag)?;
        if tag.len() != TAG {
            return Err(JweError::Malformed);
        }
        sealed.extend(tag);
        let plain = key
            .open_in_place(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(head.as_bytes()),
                &mut sealed,
            )
            .ok()
            .ok_or(JweError::Refused)?;
        let content = plain.to_vec();
        Ok(Opened { header, content })
    }
}

/// What was in a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The header.
    pub header: Map<String, Value>,
    /// The content.
    pub content: Vec<u8>,
}

/// The random bytes of one token: the private number of its own key, and the nonce.
#[derive(Debug, Clone, Copy)]
pub struct Dice {
    /// 32 random bytes.
    pub number: [u8; 32],
    /// 12 random bytes.
    pub nonce: [u8; NONCE],
}

/// Encrypts for a recipient. `members` go into the header beside `alg`, `enc`, `epk` and `kid` (such as `apu`, `apv`, `cty`).
///
/// # Errors
/// [`JweError::Key`] when the number is no key: draw again. [`JweError::Malformed`] when `apu` or `apv` is not base64url.
pub fn encrypt(
    recipient: &Recipient,
    encryption: Encryption,
    members_too: Map<String, Value>,
    content: &[u8],
    dice: Dice,
) -> Result<String, JweError> {
    let own = DecryptionKey::from_number(&dice.number)?;
    let mut header = members_too;
    header.insert("alg".to_owned(), ALGORITHM.into());
    header.insert("enc".to_owned(), encryption.name().into());
    header.insert("epk".to_owned(), members(&own.public).into());
    if let Some(key_id) = &recipient.key_id {
        header.insert("kid".to_owned(), key_id.as_str().into());
    }
    let parties = [party(&header, "apu")?, party(&header, "apv")?];
    let key = agree(&own.private, &recipient.key, encryption, &parties)?;
    let head = base64url::encode(Value::from(header).to_string());
    let mut body = content.to_vec();
    let tag = key
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(dice.nonce),
            Aad::from(head.as_bytes()),
            &mut body,
        )
        .ok()
        .ok_or(JweError::TooLarge)?;
    let [nonce, body, tag] = [dice.nonce.as_slice(), body.as_slice(), tag.as_ref()].map(base64url::encode);
    Ok(format!("{head}..{nonce}.{body}.{tag}"))
}

fn read_header(head: &str) -> Result<Map<String, Value>, JweError> {
    let bytes = base64url::decode(head).ok().ok_or(JweError::Malformed)?;
    json::parse_object(&bytes).ok().ok_or(JweError::Malformed)
}

fn allowed(header: &Map<String, Value>) -> Result<Encryption, JweError> {
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    let more = header.contains_key("zip") || header.contains_key("crit");
    match (text("alg"), text("enc").and_then(Encryption::from_name)) {
        (Some(ALGORITHM), Some(encryption)) if !more => Ok(encryption),
        _ => Err(JweError::Algorithm),
    }
}

/// What a party says of itself; empty where it says nothing.
fn party(header: &Map<String, Value>, name: &str) -> Result<Vec<u8>, JweError> {
    match header.get(name) {
        None => Ok(Vec::new()),
        Some(value) => value
            .as_str()
            .and_then(|text| base64url::decode(text).ok())
            .ok_or(JweError::Malformed),
    }
}

fn agree(
    private: &agreement::PrivateKey,
    public: &PublicKey,
    encryption: Encryption,
    parties: &[Vec<u8>; 2],
) -> Result<LessSafeKey, JweError> {
    let (cipher, bits) = encryption.cipher();
    let peer = UnparsedPublicKey::new(&ECDH_P256, public.bytes());
    let derive = |shared: &[u8]| {
        let key = derived(shared, encryption.name(), parties, bits);
        UnboundKey::new(cipher, &key).ok().ok_or(JweError::Refused)
    };
    agreement::agree(private, peer, JweError::Key, derive).map(LessSafeKey::new)
}

/// Concat KDF (NIST SP 800-56A section 5.8.2.1) as RFC 7518 section 4.6.2 uses it: one round is enough for 256 bits.
fn derived(shared: &[u8], name: &str, [apu, apv]: &[Vec<u8>; 2], bits: u32) -> Zeroizing<Vec<u8>> {
    let mut input = Zeroizing::new(vec![0, 0, 0, 1]);
    input.extend_from_slice(shared);
    for part in [name.as_bytes(), apu, apv] {
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        input.extend_from_slice(&length.to_be_bytes());
        input.extend_from_slice(part);
    }
    input.extend_from_slice(&bits.to_be_bytes());
    let whole = Zeroizing::new(sha256(&input));
    let length = usize::try_from(bits / 8).unwrap_or(whole.len());
    Zeroizing::new(whole.iter().copied().take(length).collect())
}

fn members(key: &PublicKey) -> Map<String, Value> {
    let (x, y) = key.bytes().get(1..).unwrap_or_default().split_at(32);
    let members = json!({"kty": "EC", "crv": "P-256", "x": base64url::encode(x), "y": base64url::encode(y)});
    members.as_object().cloned().unwrap_or_default()
}

/// The point of a JWK on P-256.
fn point(jwk: &Value) -> Option<PublicKey> {
    let text = |name: &str| jwk.get(name)?.as_str();
    if (text("kty")?, text("crv")?) != ("EC", "P-256") {
        return None;
    }
    let mut point = vec![4];
    point.extend(base64url::decode(text("x")?).ok()?);
    point.extend(base64url::decode(text("y")?).ok()?);
    PublicKey::from_p256_point(&point).ok()
}

#[cfg(test)]
#[path = "jwe_tests.rs"]
mod tests;
