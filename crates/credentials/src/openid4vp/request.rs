//! What a verifier sends (sections 5 and 8, appendix A; High Assurance Interoperability Profile 1.0).

use crypto::digest::sha256;
use crypto::sign::{SignError, Signer};
use crypto::{base64url, jws};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::dcql::Query;
use crate::mdoc::transcript;
use crate::status::x5c;

/// The `typ` of a signed request (RFC 9101 section 10.8).
pub const TYP: &str = "oauth-authz-req+jwt";
/// For whom a signed request is, where the wallet is not known (section 5.8).
const AUDIENCE: &str = "https://self-issued.me/v2";

/// How a verifier is known (section 5.9.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientId {
    /// `x509_san_dns`: by a name in its certificate.
    SanDns(String),
    /// `x509_hash`: by its certificate (in DER).
    Hash(Vec<u8>),
}

impl ClientId {
    /// The whole identifier, with its prefix.
    pub fn text(&self) -> String {
        match self {
            Self::SanDns(name) => format!("x509_san_dns:{name}"),
            Self::Hash(certificate) => format!("x509_hash:{}", base64url::encode(sha256(certificate))),
        }
    }
}

/// How the answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// `direct_post`.
    DirectPost,
    /// `direct_post.jwt`: encrypted.
    DirectPostJwt,
    /// `dc_api`: over the W3C Digital Credentials API.
    DcApi,
    /// `dc_api.jwt`: the same, encrypted.
    DcApiJwt,
}

impl Mode {
    /// The name in `response_mode`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DirectPost => "direct_post",
            Self::DirectPostJwt => "direct_post.jwt",
            Self::DcApi => "dc_api",
            Self::DcApiJwt => "dc_api.jwt",
        }
    }

    /// The one of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::DirectPost, Self::DirectPostJwt, Self::DcApi, Self::DcApiJwt]
            .into_iter()
            .find(|mode| mode.name() == name)
    }

    /// Whether the answer is encrypted.
    pub const fn is_encrypted(self) -> bool {
        matches!(self, Self::DirectPostJwt | Self::DcApiJwt)
    }

    /// Whether it comes over the Digital Credentials API.
    pub const fn is_dc_api(self) -> bool {
        matches!(self, Self::DcApi | Self::DcApiJwt)
    }
}

/// What the holder agrees to beside showing data (section 8.4), as it travels: base64url of a JSON object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TransactionData(pub String);

impl TransactionData {
    /// Of a type, bound to the credentials by which it is agreed to.
    pub fn new(kind: &str, credentials: &[&str], more: Map<String, Value>) -> Self {
        let mut members = more;
        members.insert("type".to_owned(), kind.into());
        members.insert("credential_ids".to_owned(), json!(credentials));
        members.insert("transaction_data_hashes_alg".to_owned(), json!(["sha-256"]));
        Self(base64url::encode(Value::from(members).to_string()))
    }

    /// The digest that a key binding must have.
    pub fn digest(&self) -> String {
        base64url::encode(sha256(self.0.as_bytes()))
    }

    /// The credentials by which it is agreed to.
    pub fn credentials(&self) -> Vec<String> {
        let read = || {
            let members: Value = serde_json::from_slice(&base64url::decode(&self.0).ok()?).ok()?;
            Vec::<String>::deserialize(members.get("credential_ids")?).ok()
        };
        read().unwrap_or_default()
    }
}

/// A request, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Who asks.
    pub client_id: ClientId,
    /// How the answer comes.
    pub mode: Mode,
    /// Where to; for the Digital Credentials API the origin of the page.
    pub response_uri: String,
    /// Drawn for this request.
    pub nonce: String,
    /// By which the verifier finds its session again.
    pub state: String,
    /// What is asked for.
    pub query: Query,
    /// The public key for encrypted answers, as a JWK.
    pub encryption: Option<Value>,
    /// What else the holder agrees to.
    pub transaction_data: Vec<TransactionData>,
    /// The verifier's name, for the consent.
    pub client_name: String,
    /// What the data are for, for the consent.
    pub purpose: String,
}

/// Why a request was not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The answer shall be encrypted, and there is no key.
    #[error("request has no key for encrypted answers")]
    NoKey,
    /// The key failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl Request {
    /// Signs the request. `chain` is the verifier's certificate chain in DER without the root, its own first; `wallet_nonce` what a wallet
    /// sent that fetches the request by POST (section 5.10).
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn sign(
        &self,
        signer: &dyn Signer,
        chain: &[Vec<u8>],
        times: (Timestamp, Timestamp),
        wallet_nonce: Option<&str>,
    ) -> Result<String, RequestError> {
        let mut claims = self.claims()?;
        claims.insert("iat".to_owned(), times.0.as_second().into());
        claims.insert("exp".to_owned(), times.1.as_second().into());
        if let Some(nonce) = wallet_nonce {
            claims.insert("wallet_nonce".to_owned(), nonce.into());
        }
        let mut header = Map::new();
        header.insert("typ".to_owned(), TYP.into());
        header.insert("x5c".to_owned(), x5c(chain));
        Ok(jws::sign_with(
            signer,
            header,
            Value::from(claims).to_string().as_bytes(),
        )?)
    }

    fn claims(&self) -> Result<Map<String, Value>, RequestError> {
        let claims = json!({
            "client_id": self.client_id.text(),
            "response_type": "vp_token",
            "response_mode": self.mode.name(),
            "nonce": self.nonce,
            "state": self.state,
            "aud": AUDIENCE,
            "dcql_query": self.query,
            "client_metadata": self.metadata()?,
            "purpose": self.purpose,
        });
        let mut claims = claims.as_object().cloned().unwrap_or_default();
        let (name, place) = if self.mode.is_dc_api() {
            ("expected_origins", json!([self.response_uri]))
        } else {
            ("response_uri", json!(self.response_uri))
        };
        claims.insert(name.to_owned(), place);
        if !self.transaction_data.is_empty() {
            claims.insert("transaction_data".to_owned(), json!(self.transaction_data));
        }
        Ok(claims)
    }

    fn metadata(&self) -> Result<Value, RequestError> {
        let formats = json!({
            "dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]},
            "mso_mdoc": {"issuerauth_alg_values": [-7, -9], "deviceauth_alg_values": [-7, -9]},
        });
        if !self.mode.is_encrypted() {
            return Ok(json!({"client_name": self.client_name, "vp_formats_supported": formats}));
        }
        let key = self.encryption.as_ref().ok_or(RequestError::NoKey)?;
        Ok(json!({
            "client_name": self.client_name,
            "vp_formats_supported": formats,
            "jwks": {"keys": [key]},
            "encrypted_response_enc_values_supported": ["A128GCM", "A256GCM"],
        }))
    }

    /// The whole of what a page passes to `navigator.credentials.get` (appendix A, signed requests).
    pub fn digital_credentials(signed: &str) -> Value {
        json!({"digital": {"requests": [{"protocol": "openid4vp-v1-signed", "data": {"request": signed}}]}})
    }

    /// The audience of key bindings (section 8, appendix A.4).
    pub fn audience(&self) -> String {
        if self.mode.is_dc_api() {
            format!("origin:{}", self.response_uri)
        } else {
            self.client_id.text()
        }
    }

    /// The `SessionTranscript` of mobile documents (appendix B.2.6).
    pub fn transcript(&self) -> Vec<u8> {
        let thumbprint = self
            .encryption
            .as_ref()
            .filter(|_| self.mode.is_encrypted())
            .and_then(|key| {
                let key = crypto::jwe::Recipient::from_jwk(key).ok()?;
                base64url::decode(key.key().thumbprint()).ok()
            });
        if self.mode.is_dc_api() {
            transcript::digital_credentials_api(&self.response_uri, &self.nonce, thumbprint.as_deref())
        } else {
            transcript::openid4vp(
                &self.client_id.text(),
                &self.nonce,
                thumbprint.as_deref(),
                &self.response_uri,
            )
        }
    }
}
