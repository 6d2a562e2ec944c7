//! Answers about persons, signed and encrypted for the client alone (OpenID Connect Core 2, 5.3.2 and 10.2).

use crypto::jwe::{self, Dice, Encryption, JweError};
use crypto::jwk::JwkSet;
use crypto::sign::{SignError, Signer};
use serde_json::{Map, Value};

use crate::client::{Client, ContentEncryption};
use crate::provider::Issuer;
use crate::signed;

/// The media type of a signed or encrypted userinfo answer (OpenID Connect Core 5.3.2).
pub const MEDIA_TYPE: &str = "application/jwt";

/// How a userinfo answer travels.
#[derive(Debug, PartialEq, Eq)]
pub enum Userinfo {
    /// As JSON.
    Plain(Map<String, Value>),
    /// As a token.
    Token(String),
}

/// An answer was not put into its envelope.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// It was not signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// It was not encrypted.
    #[error(transparent)]
    Encrypt(#[from] JweError),
}

/// The ID token as the client wants it: encrypted, if it registered for that. The dice are thrown only then.
///
/// # Errors
/// [`JweError`].
pub fn id_token(signed: String, client: &Client, dice: impl FnOnce() -> Dice) -> Result<String, JweError> {
    match client.metadata().envelopes.id_token_encrypted_response_enc {
        Some(encryption) => encrypt(client, encryption, &signed, true, dice()),
        None => Ok(signed),
    }
}

/// The userinfo answer as the client wants it: signed, then encrypted.
///
/// # Errors
/// [`EnvelopeError`].
pub fn userinfo(
    mut claims: Map<String, Value>,
    client: &Client,
    issuer: &Issuer,
    signer: &dyn Signer,
    dice: impl FnOnce() -> Dice,
) -> Result<Userinfo, EnvelopeError> {
    let wish = &client.metadata().envelopes;
    let token = match wish.userinfo_signed_response_alg {
        Some(_) => {
            claims.insert("iss".to_owned(), issuer.as_str().into());
            claims.insert("aud".to_owned(), client.id().into());
            Some(signed::claims(signer, "JWT", &claims)?)
        }
        None => None,
    };
    match (wish.userinfo_encrypted_response_enc, token) {
        (None, None) => Ok(Userinfo::Plain(claims)),
        (None, Some(token)) => Ok(Userinfo::Token(token)),
        (Some(encryption), token) => {
            let nested = token.is_some();
            let content = token.unwrap_or_else(|| Value::Object(claims).to_string());
            Ok(Userinfo::Token(encrypt(client, encryption, &content, nested, dice())?))
        }
    }
}

fn encrypt(
    client: &Client,
    encryption: ContentEncryption,
    content: &str,
    nested: bool,
    dice: Dice,
) -> Result<String, JweError> {
    let keys = client.metadata().jwks.as_ref();
    let recipient = keys.and_then(JwkSet::recipient).ok_or(JweError::Key)?;
    let encryption = match encryption {
        ContentEncryption::A128Gcm => Encryption::A128Gcm,
        ContentEncryption::A256Gcm => Encryption::A256Gcm,
    };
    let mut header = Map::new();
    if nested {
        header.insert("cty".to_owned(), "JWT".into());
    }
    jwe::encrypt(&recipient, encryption, header, content.as_bytes(), dice)
}

#[cfg(test)]
mod tests {
    use crypto::jwe::DecryptionKey;
    use crypto::jws;
    use crypto::sign::{Algorithm, Signer as _, SoftKey};
    use serde_json::json;

    use super::*;

    const DICE: Dice = Dice {
        number: [3; 32],
        nonce: [4; 12],
    };

    fn client(more: &Value) -> Client {
        let key = DecryptionKey::from_number(&[7; 32]).unwrap();
        let mut metadata = json!({
            "client_id": "bank", "client_name": "Ngân hàng", "redirect_uris": ["https://bank.example/cb"], "scope": "openid",
            "token_endpoint_auth_method": "none", "jwks": {"keys": [key.jwk()]},
        });
        metadata
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        // As it comes back from where it is kept.
        let kept: crate::client::Metadata = serde_json::from_value(metadata).unwrap();
        let kept = serde_json::from_str(&serde_json::to_string(&kept).unwrap()).unwrap();
        Client::new(kept, None).unwrap()
    }

    fn told(client: &Client) -> Userinfo {
        let key = SoftKey::from_seed(Algorithm::Es256, &[1; 32]).unwrap();
        let issuer = Issuer::parse("https://vneid.example").unwrap();
        let claims = json!({"sub": "s"}).as_object().unwrap().clone();
        userinfo(claims, client, &issuer, &key, || DICE).unwrap()
    }

    #[test]
    fn userinfo_is_signed_for_the_client_and_then_encrypted_for_its_key() {
        let client = client(&json!({
            "userinfo_signed_response_alg": "ES256",
            "userinfo_encrypted_response_alg": "ECDH-ES", "userinfo_encrypted_response_enc": "A256GCM",
        }));

        let Userinfo::Token(token) = told(&client) else {
            panic!("not a token")
        };

        let opened = DecryptionKey::from_number(&[7; 32])
            .unwrap()
            .open(&token, 8192)
            .unwrap();
        assert_eq!(opened.header["cty"], "JWT");
        let key = SoftKey::from_seed(Algorithm::Es256, &[1; 32]).unwrap();
        let signed = String::from_utf8(opened.content).unwrap();
        let claims: Value = jws::verify(&signed, key.public(), &[Algorithm::Es256])
            .unwrap()
            .claims()
            .unwrap();
        assert_eq!(
            claims,
            json!({"sub": "s", "iss": "https://vneid.example", "aud": "bank"})
        );
    }

    #[test]
    fn who_registered_for_nothing_gets_plain_json() {
        assert_eq!(
            told(&client(&json!({}))),
            Userinfo::Plain(json!({"sub": "s"}).as_object().unwrap().clone())
        );
    }

    #[test]
    fn encryption_without_a_key_or_half_registered_is_refused() {
        let metadata = |more: &Value| {
            let mut metadata = json!({
                "client_id": "bank", "client_name": "Ngân hàng", "redirect_uris": ["https://bank.example/cb"],
                "scope": "openid", "token_endpoint_auth_method": "none",
            });
            metadata
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            Client::new(serde_json::from_value(metadata).unwrap(), None).map(drop)
        };
        for more in [
            json!({"id_token_encrypted_response_alg": "ECDH-ES", "id_token_encrypted_response_enc": "A128GCM"}),
            json!({"id_token_encrypted_response_alg": "ECDH-ES"}),
            json!({"userinfo_signed_response_alg": "EdDSA"}),
        ] {
            assert_eq!(metadata(&more), Err(crate::client::MetadataError::Envelopes), "{more}");
        }
    }
}
