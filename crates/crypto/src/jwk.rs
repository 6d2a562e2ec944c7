//! Public keys as JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037 section 2), and their thumbprints (RFC 7638).
//!
//! Only public keys travel as JWK here; one with a private member is refused.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::digest::sha256;
use crate::jwe::Recipient;
use crate::sign::Algorithm;
use crate::{base64url, json};

/// The most keys that are read from one set.
pub const MAX_KEYS: usize = 64;
/// The longest key set that is read, in bytes.
pub const MAX_SET: usize = 256 * 1024;

/// Why a JWK or a set was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// Not JSON, a duplicate or ill-typed member, or too large.
    #[error("jwk is malformed")]
    Malformed,
    /// A key type, curve or algorithm that this crate does not use.
    #[error("jwk is of an unsupported kind")]
    Unsupported,
    /// The coordinates are not a point of the curve.
    #[error("jwk is not a point of its curve")]
    NotAPoint,
    /// It carries a private member (`d`, `p`, `k`, ...).
    #[error("jwk carries a private key")]
    Private,
    /// Meant for something else: `use` is not `sig`, or `key_ops` lacks `verify`.
    #[error("jwk is not for signatures")]
    NotForSignatures,
}

/// A public key that has been checked to lie on its curve.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PublicKey(Kind);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kind {
    /// `0x04 || x || y`
    P256(Box<[u8; 65]>),
    Ed25519([u8; 32]),
}

impl PublicKey {
    /// A P-256 point in its uncompressed form (65 bytes, SEC 1 section 2.3.3).
    ///
    /// # Errors
    /// [`JwkError::NotAPoint`].
    pub fn from_p256_point(point: &[u8]) -> Result<Self, JwkError> {
        let point: [u8; 65] = point.try_into().ok().ok_or(JwkError::NotAPoint)?;
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .ok()
            .ok_or(JwkError::NotAPoint)?;
        Ok(Self(Kind::P256(Box::new(point))))
    }

    /// An Ed25519 public key (32 bytes, RFC 8032 section 5.1.5).
    ///
    /// # Errors
    /// [`JwkError::NotAPoint`].
    pub fn from_ed25519(bytes: &[u8]) -> Result<Self, JwkError> {
        let bytes: [u8; 32] = bytes.try_into().ok().ok_or(JwkError::NotAPoint)?;
        ParsedPublicKey::new(&ED25519, bytes).ok().ok_or(JwkError::NotAPoint)?;
        Ok(Self(Kind::Ed25519(bytes)))
    }

    /// The one algorithm that this key is used with.
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Kind::P256(_) => Algorithm::Es256,
            Kind::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    /// The key's bytes: 65 (uncompressed point) for P-256, 32 for Ed25519; as X.509 has them in `subjectPublicKey`.
    pub fn bytes(&self) -> &[u8] {
        match &self.0 {
            Kind::P256(point) => point.as_slice(),
            Kind::Ed25519(bytes) => bytes.as_slice(),
        }
    }

    /// The SHA-256 thumbprint in base64url (RFC 7638 section 3, RFC 8037 appendix A.3).
    pub fn thumbprint(&self) -> String {
        let canonical = match self.members() {
            (kty, crv, x, Some(y)) => format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}","y":"{y}"}}"#),
            (kty, crv, x, None) => format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}"}}"#),
        };
        base64url::encode(sha256(canonical.as_bytes()))
    }

    fn members(&self) -> (&'static str, &'static str, String, Option<String>) {
        match &self.0 {
            Kind::P256(point) => {
                let (x, y) = point.split_at(33);
                let x = x.get(1..).unwrap_or_default();
                ("EC", "P-256", base64url::encode(x), Some(base64url::encode(y)))
            }
            Kind::Ed25519(bytes) => ("OKP", "Ed25519", base64url::encode(bytes), None),
        }
    }
}

/// A public key with its id, as it stands in a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwk {
    key: PublicKey,
    key_id: String,
    named: bool,
}

impl Jwk {
    /// A key of ours: its id is its thumbprint, and it is written with `kid`, `alg` and `use`.
    pub fn for_signing(key: PublicKey) -> Self {
        Self {
            key_id: key.thumbprint(),
            key,
            named: true,
        }
    }

    /// A key without a name of its own, such as one from a certificate: it is tried whatever `kid` a header says.
    pub fn unnamed(key: PublicKey) -> Self {
        Self {
            key_id: key.thumbprint(),
            key,
            named: false,
        }
    }

    /// Reads a JWK, refusing duplicate members.
    ///
    /// # Errors
    /// [`JwkError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, JwkError> {
        Self::from_value(&json::parse(bytes).ok().ok_or(JwkError::Malformed)?)
    }

    /// Reads a JWK that has been parsed as JSON already, such as the `jwk` of a header.
    ///
    /// # Errors
    /// [`JwkError`].
    pub fn from_value(value: &Value) -> Result<Self, JwkError> {
        let members = Members(value.as_object().ok_or(JwkError::Malformed)?);
        if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]
            .iter()
            .any(|name| members.0.contains_key(*name))
        {
            return Err(JwkError::Private);
        }
        let key = match (members.required("kty")?, members.text("crv")?) {
            ("EC", Some("P-256")) => {
                let mut point = vec![4];
                point.extend_from_slice(&members.bytes("x")?);
                point.extend_from_slice(&members.bytes("y")?);
                PublicKey::from_p256_point(&point)?
            }
            ("OKP", Some("Ed25519")) => PublicKey::from_ed25519(&members.bytes("x")?)?,
            _ => return Err(JwkError::Unsupported),
        };
        if members
            .text("alg")?
            .is_some_and(|name| name != key.algorithm().name() && !is_ed25519_alias(&key, name))
        {
            return Err(JwkError::Unsupported);
        }
        members.check_purpose()?;
        let given = members.text("kid")?.map(str::to_owned);
        let named = given.is_some();
        Ok(Self {
            key_id: given.unwrap_or_else(|| key.thumbprint()),
            key,
            named,
        })
    }

    /// The key itself.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The `kid`, or the thumbprint where the key came without one.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The one algorithm that this key is used with.
    pub fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    /// The SHA-256 thumbprint in base64url (RFC 7638).
    pub fn thumbprint(&self) -> String {
        self.key.thumbprint()
    }

    /// Whether a header with this `kid` (or none) may mean this key. A key without a name of its own is also found by
    /// its thumbprint.
    pub(crate) fn answers_to(&self, key_id: Option<&str>) -> bool {
        key_id.is_none_or(|wanted| !self.named || wanted == self.key_id)
    }
}

/// RFC 9864 renames the algorithm of Ed25519 keys; a key that says `Ed25519` is the same key.
fn is_ed25519_alias(key: &PublicKey, name: &str) -> bool {
    key.algorithm() == Algorithm::EdDsa && name == "Ed25519"
}

impl AsRef<[Jwk]> for Jwk {
    fn as_ref(&self) -> &[Self] {
        std::slice::from_ref(self)
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written<'a> {
            kty: &'static str,
            crv: &'static str,
            x: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            y: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            kid: Option<&'a str>,
            alg: Algorithm,
            #[serde(rename = "use")]
            purpose: &'static str,
        }
        let (kty, crv, x, y) = self.key.members();
        let kid = self.named.then_some(self.key_id.as_str());
        Written {
            kty,
            crv,
            x,
            y,
            kid,
            alg: self.algorithm(),
            purpose: "sig",
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A set of public keys (RFC 7517 section 5): those that verify, and beside them those that one encrypts for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JwkSet {
    keys: Vec<Jwk>,
    encryption: Vec<Value>,
}

impl JwkSet {
    /// A set of these keys.
    pub fn new(keys: Vec<Jwk>) -> Self {
        Self {
            keys,
            encryption: Vec::new(),
        }
    }

    /// Reads a set. Keys of other kinds or for other purposes are passed over, as RFC 7517 section 5 asks; broken and
    /// private ones are not.
    ///
    /// # Errors
    /// [`JwkError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, JwkError> {
        if bytes.len() > MAX_SET {
            return Err(JwkError::Malformed);
        }
        Self::from_value(&json::parse(bytes).ok().ok_or(JwkError::Malformed)?)
    }

    /// Reads a set that has been parsed as JSON already.
    ///
    /// # Errors
    /// [`JwkError`].
    pub fn from_value(value: &Value) -> Result<Self, JwkError> {
        let listed = value.get("keys").and_then(Value::as_array).ok_or(JwkError::Malformed)?;
        if listed.len() > MAX_KEYS {
            return Err(JwkError::Malformed);
        }
        let mut keys = Vec::with_capacity(listed.len());
        let mut encryption = Vec::new();
        for member in listed {
            if member.get("use").and_then(Value::as_str) == Some("enc") && Recipient::from_jwk(member).is_ok() {
                encryption.push(member.clone());
                continue;
            }
            match Jwk::from_value(member) {
                Ok(key) => keys.push(key),
                Err(JwkError::Unsupported | JwkError::NotForSignatures) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { keys, encryption })
    }

    /// The keys.
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The first key that says it is for encryption.
    pub fn recipient(&self) -> Option<Recipient> {
        self.encryption.iter().find_map(|jwk| Recipient::from_jwk(jwk).ok())
    }
}

impl Serialize for JwkSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Key<'a> {
            Verifies(&'a Jwk),
            Encrypts(&'a Value),
        }
        #[derive(Serialize)]
        struct Written<'a> {
            keys: Vec<Key<'a>>,
        }
        let verify = self.keys.iter().map(Key::Verifies);
        let keys = verify.chain(self.encryption.iter().map(Key::Encrypts)).collect();
        Written { keys }.serialize(serializer)
    }
}

impl AsRef<[Jwk]> for JwkSet {
    fn as_ref(&self) -> &[Jwk] {
        &self.keys
    }
}

impl<'de> Deserialize<'de> for JwkSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

struct Members<'a>(&'a serde_json::Map<String, Value>);

impl<'a> Members<'a> {
    fn text(&self, name: &str) -> Result<Option<&'a str>, JwkError> {
        self.0
            .get(name)
            .map(|value| value.as_str().ok_or(JwkError::Malformed))
            .transpose()
    }

    fn required(&self, name: &str) -> Result<&'a str, JwkError> {
        self.text(name)?.ok_or(JwkError::Malformed)
    }

    fn bytes(&self, name: &str) -> Result<[u8; 32], JwkError> {
        base64url::decode_fixed(self.required(name)?)
            .ok()
            .ok_or(JwkError::Malformed)
    }

    /// RFC 7517 sections 4.2 and 4.3.
    fn check_purpose(&self) -> Result<(), JwkError> {
        let wrong_use = self.text("use")?.is_some_and(|purpose| purpose != "sig");
        let wrong_ops = match self.0.get("key_ops") {
            None => false,
            Some(Value::Array(operations)) => !operations.iter().any(|operation| operation == "verify"),
            Some(_) => return Err(JwkError::Malformed),
        };
        if wrong_use || wrong_ops {
            Err(JwkError::NotForSignatures)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
#[path = "jwk_tests.rs"]
mod tests;
