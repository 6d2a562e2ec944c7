//! Authorization requests that the client signs (RFC 9101; OpenID Connect Core 6.1; FAPI 2.0 Message Signing 5.3).
//!
//! A request object comes by value in `request`, at the authorization or the PAR endpoint. What it says replaces all
//! that stands beside it. References to objects elsewhere are not followed: `request_uri` names pushed requests only.

use crypto::jws::Compact;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::authentication::{ALGORITHMS, SKEW};
use crate::client::Client;
use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::profile::Profile;
use crate::provider::Issuer;

/// The `typ` of request objects (RFC 9101 section 10.8). Objects without one, or with `JWT`, are read too.
pub const TYP: &str = "oauth-authz-req+jwt";
/// How long an object may be good, and how long ago it may have begun to be, in seconds (FAPI 2.0 Message Signing
/// 5.3.1).
pub const MAX_LIFE: i64 = 60 * 60;

/// The members that speak of the object itself.
const OF_THE_OBJECT: &[&str] = &["iss", "aud", "exp", "nbf", "iat", "jti"];

/// The parameters that count: those of the signed object if there is one, else the given ones.
///
/// # Errors
/// `invalid_request_object` for an object that breaks a rule; `invalid_request` for a client that must sign and did
/// not.
pub fn open(params: Params, client: &Client, issuer: &Issuer, now: Timestamp) -> Result<Params, Error> {
    let Some(object) = params.get("request")? else {
        return if client.rules().signed_request && !params.are_signed() {
            Err(Error::request("the client must sign its requests"))
        } else {
            Ok(params)
        };
    };
    if params.get("request_uri")?.is_some() {
        return Err(Error::request("request and request_uri do not go together"));
    }
    let mut claims = verify(object, client)?;
    check(&claims, client, issuer, now.as_second())?;
    for name in OF_THE_OBJECT {
        claims.remove(*name);
    }
    Params::of_request_object(&claims)
}

/// A refusal of the object.
const fn refused(description: &'static str) -> Error {
    Error::new(ErrorCode::InvalidRequestObject, description)
}

pub(crate) fn verify(object: &str, client: &Client) -> Result<Map<String, Value>, Error> {
    let compact = Compact::parse(object)
        .ok()
        .ok_or(refused("the request object is not a signed JWT"))?;
    let header = compact.header();
    if header.typ().is_some() && !header.is_typ(TYP) && !header.is_typ("JWT") {
        return Err(refused("the request object is a JWT of another type"));
    }
    let keys = client.metadata().jwks.as_ref();
    let keys = keys.ok_or(refused("the client has registered no keys"))?;
    let verified = compact.verify(keys, ALGORITHMS).ok();
    let verified = verified.ok_or(refused("the request object's signature does not verify"))?;
    verified.claims().ok().ok_or(refused("the request object is malformed"))
}

fn check(claims: &Map<String, Value>, client: &Client, issuer: &Issuer, now: i64) -> Result<(), Error> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(client.id()) || text("client_id") != Some(client.id()) {
        return Err(refused("iss and client_id must be the client"));
    }
    // Else one JWT could be both a request and a proof of who the client is (RFC 9101 section 10.8).
    if claims.contains_key("sub") {
        return Err(refused("the request object must have no sub"));
    }
    if claims.contains_key("request") || claims.contains_key("request_uri") {
        return Err(refused("the request object refers to another"));
    }
    let audience = match claims.get("aud") {
        Some(Value::String(one)) => one == issuer.as_str(),
        Some(Value::Array(several)) => several.iter().any(|one| one == issuer.as_str()),
        _ => false,
    };
    if !audience {
        return Err(refused("aud must be the issuer"));
    }
    check_time(claims, client, now)
}

/// FAPI 2.0 Message Signing 5.3.1: `nbf` at most an hour ago, `exp` at most an hour after it. Others may leave `nbf`
/// out.
fn check_time(claims: &Map<String, Value>, client: &Client, now: i64) -> Result<(), Error> {
    let number = |name: &'static str| {
        claims
            .get(name)
            .map(|value| value.as_i64().ok_or(refused("a time is no number")))
    };
    let end = number("exp").transpose()?.ok_or(refused("exp is missing"))?;
    let begin = match number("nbf").transpose()? {
        Some(begin) => begin,
        None if client.metadata().vneid_profile == Profile::Standard => now,
        None => return Err(refused("nbf is missing")),
    };
    let made = number("iat").transpose()?;
    let right = now - SKEW < end
        && end.saturating_sub(begin) <= MAX_LIFE
        && (now - MAX_LIFE..=now + SKEW).contains(&begin)
        && made.is_none_or(|made| made <= now + SKEW);
    if right {
        Ok(())
    } else {
        Err(refused("the request object is not of this hour"))
    }
}

#[cfg(test)]
#[path = "request_object_tests.rs"]
mod tests;
