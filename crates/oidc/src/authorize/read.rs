//! The parameters of an authorization request, one by one.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{MAX_STATE, Prompt, Request};
use crate::assurance::Assurance;
use crate::authorization_details;
use crate::claims::{Scope, Scopes};
use crate::client::{Client, terms};
use crate::dpop;
use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::pkce::Challenge;
use crate::reply::{ReplyTo, ResponseMode};
use crate::resource;
use crate::wanted::Wanted;

const MAX_NONCE: usize = 512;
const MAX_HINT: usize = 8192;

/// JARM 2.3: a client that registered for signed responses gets no others.
pub(super) fn response_mode(params: &Params, client: &Client) -> Result<ResponseMode, Error> {
    let signed = client.rules().signed_response;
    match params.get("response_mode")? {
        Some("jwt" | "query.jwt") | None if signed => Ok(ResponseMode::QueryJwt),
        Some("form_post.jwt") if signed => Ok(ResponseMode::FormPostJwt),
        _ if signed => Err(Error::request("response_mode must be jwt, query.jwt or form_post.jwt")),
        None | Some("query") => Ok(ResponseMode::Query),
        Some("form_post") => Ok(ResponseMode::FormPost),
        Some("jwt" | "query.jwt") => Ok(ResponseMode::QueryJwt),
        Some("form_post.jwt") => Ok(ResponseMode::FormPostJwt),
        Some(_) => Err(Error::request(
            "response_mode must be query, form_post, jwt, query.jwt or form_post.jwt",
        )),
    }
}

pub(super) fn read(params: &Params, client: &Client, reply_to: &ReplyTo, now: Timestamp) -> Result<Request, Error> {
    params.refuse_repeated()?;
    params.get_short("state", MAX_STATE)?;
    refuse_unsupported(params)?;
    if client.rules().signed_request && !params.are_signed() {
        return Err(Error::request("the client must sign its requests"));
    }
    check_response_type(params)?;
    let text = |name, most| params.get_short(name, most).map(|value| value.map(str::to_owned));
    let scopes = scopes(params, client)?;
    let purpose = terms::purpose(params, &client.metadata().vneid_terms, &scopes)?;
    Ok(Request {
        client_id: client.id().to_owned(),
        reply_to: reply_to.clone(),
        wanted: Wanted::read(params, client, purpose.as_deref())?,
        purpose,
        scopes,
        nonce: text("nonce", MAX_NONCE)?,
        challenge: challenge(params, client)?,
        prompts: prompts(params)?,
        max_age: max_age(params)?,
        acr_values: words(params, "acr_values")?.filter_map(Assurance::from_acr).collect(),
        login_hint: text("login_hint", MAX_HINT)?,
        id_token_hint: text("id_token_hint", MAX_HINT)?,
        ui_locales: words(params, "ui_locales")?.take(16).map(str::to_owned).collect(),
        resources: resource::read(params, client)?,
        dpop_jkt: params.get("dpop_jkt")?.map(dpop::thumbprint).transpose()?,
        pushed_as: None,
        received_at: now,
    })
}

/// OpenID Connect Core 6 and 7.2.1, by the error codes of 3.1.2.6.
fn refuse_unsupported(params: &Params) -> Result<(), Error> {
    for (name, code) in [
        ("request", ErrorCode::RequestNotSupported),
        ("request_uri", ErrorCode::RequestUriNotSupported),
        ("registration", ErrorCode::RegistrationNotSupported),
    ] {
        if params.get(name)?.is_some() {
            return Err(Error::new(code, "the parameter is not supported"));
        }
    }
    Ok(())
}

/// RFC 6749 section 3.1.1: only the code flow (RFC 9700 section 2.1.2).
fn check_response_type(params: &Params) -> Result<(), Error> {
    match params.get("response_type")? {
        Some("code") => Ok(()),
        None => Err(Error::request("response_type is missing")),
        Some(_) => Err(Error::new(
            ErrorCode::UnsupportedResponseType,
            "response_type must be code",
        )),
    }
}

/// The scopes; a credential that is named by its details is asked for as by its scope, with all that follows.
fn scopes(params: &Params, client: &Client) -> Result<Scopes, Error> {
    let scopes = Scopes::parse(params.get("scope")?.unwrap_or_default())?;
    let details = params.get("authorization_details")?;
    let details = details
        .map(|text| authorization_details::parse(text, client))
        .transpose()?;
    let credentials = authorization_details::credentials(&details.unwrap_or_default());
    let scopes: Scopes = scopes.iter().chain(credentials.iter()).collect();
    if !scopes.contains(Scope::OpenId) && !scopes.have_credentials() {
        return Err(Error::new(
            ErrorCode::InvalidScope,
            "scope must contain openid or name a credential",
        ));
    }
    if !scopes.is_subset(&client.metadata().scope) {
        return Err(Error::new(
            ErrorCode::InvalidScope,
            "the client was not granted all these scopes",
        ));
    }
    Ok(scopes)
}

/// RFC 7636 section 4.3, RFC 9700 section 2.1.1.
fn challenge(params: &Params, client: &Client) -> Result<Option<Challenge>, Error> {
    let method = params.get("code_challenge_method")?;
    match params.get("code_challenge")? {
        Some(challenge) => Challenge::parse(challenge, method).map(Some),
        None if client.rules().pkce => Err(Error::request("code_challenge is missing")),
        None if method.is_some() => Err(Error::request("code_challenge_method without code_challenge")),
        None => Ok(None),
    }
}

fn prompts(params: &Params) -> Result<BTreeSet<Prompt>, Error> {
    let prompts = words(params, "prompt")?
        .map(|word| match word {
            "none" => Ok(Prompt::None),
            "login" => Ok(Prompt::Login),
            "consent" => Ok(Prompt::Consent),
            "select_account" => Ok(Prompt::SelectAccount),
            _ => Err(Error::request("prompt has an unknown value")),
        })
        .collect::<Result<BTreeSet<_>, _>>()?;
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(Error::request("prompt none goes with no other value"));
    }
    Ok(prompts)
}

fn max_age(params: &Params) -> Result<Option<u32>, Error> {
    let read = |text: &str| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        digits
            .then(|| text.parse().ok())
            .flatten()
            .ok_or(Error::request("max_age is not a number of seconds"))
    };
    params.get("max_age")?.map(read).transpose()
}

fn words<'a>(params: &'a Params, name: &str) -> Result<impl Iterator<Item = &'a str>, Error> {
    let text = params.get_short(name, MAX_STATE)?.unwrap_or_default();
    Ok(text.split(' ').filter(|word| !word.is_empty()))
}
