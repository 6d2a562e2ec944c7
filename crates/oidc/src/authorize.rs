//! The authorization endpoint: what a request means, and what has to happen next.
//!
//! The platform reads [`Params`] from the query or the form (both must be accepted, OpenID Connect Core 3.1.2.1),
//! finds the client by [`client_id`], and lets [`check`] judge the rest. A valid [`Request`] can be kept (it is
//! serialisable) while the person signs in and consents; [`Request::next`] says each time what is still missing;
//! [`Request::reply_to`] sends the answer.
//!
//! Parameters that we do not know are passed over (RFC 6749 section 3.1); so are `display`, `claims` and
//! `claims_locales`. `request`, `request_uri` and `registration` are refused by their own error codes.

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::assurance::Assurance;
use crate::claims::{Scope, Scopes};
use crate::client::Client;
use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::pkce::Challenge;
use crate::reply::{ReplyTo, ResponseMode};

const MAX_STATE: usize = 2048;
const MAX_NONCE: usize = 512;
const MAX_HINT: usize = 8192;

/// A request that cannot be answered to the client, because we do not know whether the address is the client's: the
/// person sees a page of ours (RFC 6749 section 4.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// `client_id` is missing, repeated or malformed.
    #[error("client_id is missing or malformed")]
    NoClient,
    /// No such client is registered. For the platform, which looks the client up.
    #[error("the client is not registered")]
    UnknownClient,
    /// `redirect_uri` is missing or repeated.
    #[error("redirect_uri is missing or given more than once")]
    NoRedirectUri,
    /// `redirect_uri` is not one that the client registered.
    #[error("redirect_uri is not registered")]
    ForeignRedirectUri,
}

/// Why a request was refused, and how to say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// On a page of ours.
    Page(PageError),
    /// To the client, through [`ReplyTo::error`].
    Reply(Box<ReplyTo>, Error),
}

/// What the client wishes the person to see (OpenID Connect Core 3.1.2.1, `prompt`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// No page at all.
    None,
    /// Sign in again.
    Login,
    /// Consent again.
    Consent,
    /// Choose the account: the person signs in again.
    SelectAccount,
}

/// A valid authorization request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Who asks.
    pub client_id: String,
    /// Where the answer goes.
    pub reply_to: ReplyTo,
    /// What is asked for; contains `openid`.
    pub scopes: Scopes,
    /// To be repeated in the ID token.
    pub nonce: Option<String>,
    /// The code challenge; absent only if the client is exempted.
    pub challenge: Option<Challenge>,
    /// What the person is to see.
    pub prompts: BTreeSet<Prompt>,
    /// How many seconds ago the person may have signed in at most.
    pub max_age: Option<u32>,
    /// Assurance levels in order of preference; values that are not ours are passed over.
    pub acr_values: Vec<Assurance>,
    /// Who the client thinks the person is. Only ever a suggestion.
    pub login_hint: Option<String>,
    /// An ID token of ours, for [`crate::id_token::verify_hint`].
    pub id_token_hint: Option<String>,
    /// Languages in order of preference.
    pub ui_locales: Vec<String>,
    /// When the request came.
    pub received_at: Timestamp,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// What is known of the person in front of the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// When the person last signed in.
    pub auth_time: Timestamp,
    /// How strongly.
    pub assurance: Option<Assurance>,
    /// When the person last consented to all that this request asks for, for this client.
    pub consented_at: Option<Timestamp>,
    /// Whether `id_token_hint` names somebody else: its `sub` is not this person's for this client.
    pub other_than_hinted: bool,
}

/// What has to happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The person signs in, at least this strongly.
    SignIn(Assurance),
    /// The person is asked for consent.
    AskConsent,
    /// A code is issued.
    Proceed,
    /// The client is told, through [`ReplyTo::error`].
    Refuse(Error),
}

/// The client that a request names.
///
/// # Errors
/// [`PageError::NoClient`].
pub fn client_id(params: &Params) -> Result<&str, PageError> {
    params
        .get_short("client_id", 128)
        .ok()
        .flatten()
        .ok_or(PageError::NoClient)
}

/// Judges a request of this client (OpenID Connect Core 3.1.2.2).
///
/// # Errors
/// [`Refusal`].
pub fn check(params: &Params, client: &Client, now: Timestamp) -> Result<Request, Refusal> {
    let redirect_uri = params
        .get("redirect_uri")
        .ok()
        .flatten()
        .ok_or(Refusal::Page(PageError::NoRedirectUri))?
        .to_owned();
    if !client.may_redirect_to(&redirect_uri) {
        return Err(Refusal::Page(PageError::ForeignRedirectUri));
    }
    let mode = response_mode(params);
    let state = params.get_short("state", MAX_STATE).ok().flatten().map(str::to_owned);
    let reply_to = ReplyTo {
        redirect_uri,
        mode: mode.unwrap_or_default(),
        state,
    };
    mode.and_then(|_| read(params, client, &reply_to, now))
        .map_err(|error| Refusal::Reply(Box::new(reply_to), error))
}

fn response_mode(params: &Params) -> Result<ResponseMode, Error> {
    match params.get("response_mode")? {
        None | Some("query") => Ok(ResponseMode::Query),
        Some("form_post") => Ok(ResponseMode::FormPost),
        Some(_) => Err(Error::request("response_mode must be query or form_post")),
    }
}

fn read(params: &Params, client: &Client, reply_to: &ReplyTo, now: Timestamp) -> Result<Request, Error> {
    params.refuse_repeated()?;
    params.get_short("state", MAX_STATE)?;
    refuse_unsupported(params)?;
    check_response_type(params)?;
    let text = |name, most| params.get_short(name, most).map(|value| value.map(str::to_owned));
    Ok(Request {
        client_id: client.id().to_owned(),
        reply_to: reply_to.clone(),
        scopes: scopes(params, client)?,
        nonce: text("nonce", MAX_NONCE)?,
        challenge: challenge(params, client)?,
        prompts: prompts(params)?,
        max_age: max_age(params)?,
        acr_values: words(params, "acr_values")?.filter_map(Assurance::from_acr).collect(),
        login_hint: text("login_hint", MAX_HINT)?,
        id_token_hint: text("id_token_hint", MAX_HINT)?,
        ui_locales: words(params, "ui_locales")?.take(16).map(str::to_owned).collect(),
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

fn scopes(params: &Params, client: &Client) -> Result<Scopes, Error> {
    let scopes = Scopes::parse(params.get("scope")?.unwrap_or_default())?;
    if !scopes.contains(Scope::OpenId) {
        return Err(Error::new(ErrorCode::InvalidScope, "scope must contain openid"));
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
        None if client.metadata().require_pkce => Err(Error::request("code_challenge is missing")),
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

impl Request {
    /// What has to happen next, given who is in front of the browser.
    ///
    /// `prompt=login` and `max_age` count from the moment the request came, so a fresh sign-in always satisfies them;
    /// `max_age=0` is `prompt=login` (OpenID Connect Core 3.1.2.1 and 3.1.2.3). Where `id_token_hint` names somebody
    /// else, the person may sign in as that one; who then is still another is refused.
    pub fn next(&self, client: &Client, session: Option<&Session>) -> Next {
        let minimum = client.metadata().minimum_assurance;
        let silent = self.prompts.contains(&Prompt::None);
        let enough =
            |session: &&Session| self.is_fresh(session) && session.assurance >= minimum && !session.other_than_hinted;
        let Some(enough) = session.filter(enough) else {
            let tried =
                session.is_some_and(|session| session.other_than_hinted && session.auth_time >= self.received_at);
            return if silent || tried {
                Next::Refuse(Error::new(ErrorCode::LoginRequired, "the person has to sign in"))
            } else {
                Next::SignIn(minimum.unwrap_or(Assurance::One))
            };
        };
        let again = self.prompts.contains(&Prompt::Consent);
        match enough.consented_at {
            Some(at) if !again || at >= self.received_at => Next::Proceed,
            _ if silent => Next::Refuse(Error::new(ErrorCode::ConsentRequired, "the person has to consent")),
            _ => Next::AskConsent,
        }
    }

    /// The level that the client would like best, if it said so. It is no condition: the level reached stands in `acr`.
    pub fn preferred_assurance(&self) -> Option<Assurance> {
        self.acr_values.first().copied()
    }

    /// The first of the available languages (`vi`, `en`) that the client wishes for, by the first subtag.
    pub fn language<'a>(&self, available: &[&'a str]) -> Option<&'a str> {
        self.ui_locales.iter().find_map(|wished| {
            let primary = wished.split('-').next().unwrap_or_default();
            available
                .iter()
                .copied()
                .find(|language| language.eq_ignore_ascii_case(primary))
        })
    }

    fn is_fresh(&self, session: &Session) -> bool {
        let again = self.prompts.contains(&Prompt::Login) || self.prompts.contains(&Prompt::SelectAccount);
        let max_age = if again { Some(0) } else { self.max_age };
        let oldest = max_age.and_then(|max| self.received_at.checked_sub(SignedDuration::from_secs(max.into())).ok());
        oldest.is_none_or(|oldest| session.auth_time >= oldest)
    }
}

#[cfg(test)]
#[path = "authorize_tests.rs"]
mod tests;
