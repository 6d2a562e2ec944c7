//! The request of a service to a person on another device (CIBA 7.1, FAPI-CIBA 5.2.2).

use crypto::base64url;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::assurance::Assurance;
use crate::authentication::{Credentials, SKEW};
use crate::claims::{Scope, Scopes};
use crate::client::{Client, Delivery, GrantType};
use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::profile::Profile;
use crate::provider::Issuer;
use crate::{request_object, resource};

/// How long a person has by default, in seconds.
const LIFE: u32 = 120;
/// How long a client may give at most, in seconds.
const MAX_LIFE: u32 = 600;
const MAX_HINT: usize = 8192;
const MAX_MESSAGE: usize = 64;

/// Who is meant. A hint never tells the client anything: whether the person exists shows only by the person's answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hint {
    /// `login_hint`: what the person told the clerk, such as the phone or personal number.
    Login(String),
    /// `id_token_hint`: an ID token of ours, for [`crate::id_token::verify_hint`].
    IdToken(String),
}

impl std::fmt::Debug for Hint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hint(..)")
    }
}

/// A valid request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Who asks.
    pub client_id: String,
    /// What for; contains `openid`.
    pub scopes: Scopes,
    /// Whom.
    pub hint: Hint,
    /// What both screens show, so that the person knows that it is this matter and no other.
    pub binding_message: Option<String>,
    /// Assurance levels in order of preference.
    pub acr_values: Vec<Assurance>,
    /// What the client wants to be called with, in ping mode.
    pub notification_token: Option<String>,
    /// The resources that tokens are for.
    pub resources: Vec<String>,
    /// How long the person has, in seconds.
    pub life: u32,
    /// When it came.
    pub received_at: Timestamp,
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asked")
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// The id of a signed request. It may be used once: the platform keeps it until its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId {
    /// `jti`.
    pub id: String,
    /// When it can be forgotten.
    pub expires_at: Timestamp,
}

impl Asked {
    /// The client's proof.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_client`.
    pub fn credentials(params: &Params, authorization: Option<&str>) -> Result<Credentials, Error> {
        params.refuse_repeated()?;
        Credentials::read(params, authorization)
    }

    /// Judges the request of a client that has proved who it is. Answers with it the id of the signed request, if it
    /// was signed: the platform refuses one that it has seen before.
    ///
    /// # Errors
    /// `unauthorized_client`, `invalid_request`, `invalid_scope`, `invalid_binding_message`, `invalid_target` (CIBA 13).
    pub fn read(
        params: Params,
        client: &Client,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<(Self, Option<RequestId>), Error> {
        client.may_use(GrantType::Ciba)?;
        let (params, id) = open(params, client, issuer, now)?;
        let text = |name, most| params.get_short(name, most);
        let acr = text("acr_values", 2048)?.unwrap_or_default();
        let asked = Self {
            client_id: client.id().to_owned(),
            scopes: scopes(&params, client)?,
            hint: hint(&params)?,
            binding_message: text("binding_message", 1024)?.map(message).transpose()?,
            acr_values: acr.split(' ').filter_map(Assurance::from_acr).collect(),
            notification_token: notification_token(&params, client)?,
            resources: resource::read(&params, client)?,
            life: life(&params)?,
            received_at: now,
        };
        Ok((asked, id))
    }

    /// The name under which the client asks for tokens: from 32 random bytes (CIBA 7.3: at least 128 bits).
    pub fn name(random: [u8; 32]) -> String {
        base64url::encode(random)
    }
}

/// The parameters that count. Strict clients and those that registered an algorithm must sign (FAPI-CIBA 5.2.2).
fn open(
    params: Params,
    client: &Client,
    issuer: &Issuer,
    now: Timestamp,
) -> Result<(Params, Option<RequestId>), Error> {
    let metadata = client.metadata();
    let must = metadata.vneid_profile != Profile::Standard
        || metadata
            .backchannel
            .backchannel_authentication_request_signing_alg
            .is_some();
    let Some(object) = params.get("request")? else {
        return if must {
            Err(Error::request("the client must sign its requests"))
        } else {
            Ok((params, None))
        };
    };
    let mut claims = request_object::verify(object, client).ok().ok_or(BAD)?;
    let id = check(&claims, client, issuer, now.as_second()).ok_or(BAD)?;
    for name in ["iss", "aud", "exp", "iat", "nbf", "jti"] {
        claims.remove(name);
    }
    Ok((Params::of_request_object(&claims)?, Some(id)))
}

/// The signed request breaks a rule (CIBA 13 has no code of its own for that).
const BAD: Error = Error::request("the signed request is not valid");

/// CIBA 7.1.1: all six members are there; good for an hour at most, begun at most an hour ago.
fn check(claims: &Map<String, Value>, client: &Client, issuer: &Issuer, now: i64) -> Option<RequestId> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    let audience = match claims.get("aud")? {
        Value::String(one) => one == issuer.as_str(),
        Value::Array(several) => several.iter().any(|one| one == issuer.as_str()),
        _ => false,
    };
    let (end, begin, made) = (number("exp")?, number("nbf")?, number("iat")?);
    let hour = request_object::MAX_LIFE;
    let right = text("iss") == Some(client.id())
        && !claims.contains_key("sub")
        && audience
        && now - SKEW < end
        && end.saturating_sub(begin) <= hour
        && (now - hour..=now + SKEW).contains(&begin)
        && made <= now + SKEW;
    let id = text("jti").filter(|id| (1..=256).contains(&id.len()))?;
    let expires_at = Timestamp::from_second(end.saturating_add(SKEW)).ok()?;
    right.then(|| RequestId {
        id: id.to_owned(),
        expires_at,
    })
}

fn scopes(params: &Params, client: &Client) -> Result<Scopes, Error> {
    let scopes = Scopes::parse(params.get("scope")?.unwrap_or_default())?;
    if scopes.contains(Scope::OpenId) && scopes.is_subset(&client.metadata().scope) {
        return Ok(scopes);
    }
    Err(Error::new(
        ErrorCode::InvalidScope,
        "scope must contain openid, and nothing that the client was not granted",
    ))
}

/// CIBA 7.1: exactly one hint. Tokens of third parties as hints are not offered.
fn hint(params: &Params) -> Result<Hint, Error> {
    let login = params.get_short("login_hint", MAX_HINT)?;
    let token = params.get_short("id_token_hint", MAX_HINT)?;
    let foreign = params.get_short("login_hint_token", MAX_HINT)?;
    match (login, token, foreign) {
        (Some(login), None, None) => Ok(Hint::Login(login.to_owned())),
        (None, Some(token), None) => Ok(Hint::IdToken(token.to_owned())),
        (None, None, Some(_)) => Err(Error::request("login_hint_token is not supported")),
        _ => Err(Error::request("exactly one hint is needed")),
    }
}

/// A message must look the same on both screens: short, visible characters, nothing that changes the direction of
/// writing or cannot be seen.
fn message(text: &str) -> Result<String, Error> {
    let hidden = |char: char| matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let visible = |char: char| !char.is_control() && !hidden(char) && (char == ' ' || !char.is_whitespace());
    let length = text.chars().count();
    if (1..=MAX_MESSAGE).contains(&length) && text.trim() == text && text.chars().all(visible) {
        return Ok(text.to_owned());
    }
    Err(Error::new(
        ErrorCode::InvalidBindingMessage,
        "binding_message must be 1 to 64 visible characters",
    ))
}

/// CIBA 7.1: needed in ping mode; a bearer token (RFC 6750 section 2.1) of at most 1024 characters.
fn notification_token(params: &Params, client: &Client) -> Result<Option<String>, Error> {
    let token = params.get_short("client_notification_token", 1024)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    let pings = client.metadata().backchannel.backchannel_token_delivery_mode == Some(Delivery::Ping);
    match token {
        Some(token) if token.bytes().all(allowed) => Ok(Some(token.to_owned())),
        Some(_) => Err(Error::request("client_notification_token is malformed")),
        None if pings => Err(Error::request("client_notification_token is missing")),
        None => Ok(None),
    }
}

/// `requested_expiry`, a number or a text of digits; what is more than we allow is cut.
fn life(params: &Params) -> Result<u32, Error> {
    let Some(text) = params.get_short("requested_expiry", 10)? else {
        return Ok(LIFE);
    };
    let wrong = Error::request("requested_expiry is not a positive number of seconds");
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let wished: u64 = text.parse().ok().filter(|wished| digits && *wished > 0).ok_or(wrong)?;
    Ok(u32::try_from(wished).unwrap_or(MAX_LIFE).min(MAX_LIFE))
}
