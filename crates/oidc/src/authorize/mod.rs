//! The authorization endpoint: what a request means, and what has to happen next.
//!
//! The platform reads [`Params`] from the query or the form (both must be accepted, OpenID Connect Core 3.1.2.1),
//! finds the client by [`client_id`], and lets [`check`] judge the rest. A valid [`Request`] can be kept (it is
//! serialisable) while the person signs in and consents; [`Request::next`] says each time what is still missing;
//! [`Request::reply_to`] sends the answer.
//!
//! A request that was pushed comes back through [`crate::par`], a signed one through [`crate::request_object`]; all are
//! judged alike. Parameters that we do not know are passed over (RFC 6749 section 3.1); so are `display` and
//! `claims_locales`. `request`, `request_uri` and `registration` are refused here by their own error codes.

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::assurance::Assurance;
use crate::claims::Scopes;
use crate::claims_request::ClaimsRequest;
use crate::client::Client;
use crate::error::{Error, ErrorCode};
use crate::par::RequestUri;
use crate::params::Params;
use crate::pkce::Challenge;
use crate::reply::ReplyTo;
use crate::wanted::Wanted;

mod read;

const MAX_STATE: usize = 2048;

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
    /// The registered purpose it is for; none for a client that has registered none with its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// To be repeated in the ID token.
    pub nonce: Option<String>,
    /// The code challenge; absent only if the client is exempted.
    pub challenge: Option<Challenge>,
    /// What the person is to see.
    pub prompts: BTreeSet<Prompt>,
    /// How many seconds ago the person may have signed in at most.
    pub max_age: Option<u32>,
    /// The assurance levels that will do; values that are not ours are passed over.
    pub acr_values: Vec<Assurance>,
    /// Who the client thinks the person is. Only ever a suggestion.
    pub login_hint: Option<String>,
    /// An ID token of ours, for [`crate::id_token::verify_hint`].
    pub id_token_hint: Option<String>,
    /// Languages in order of preference.
    pub ui_locales: Vec<String>,
    /// The resources that tokens are for (RFC 8707).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// The thumbprint of the DPoP key that the code is bound to (RFC 9449 section 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
    /// What is asked for beyond the scopes.
    #[serde(default, skip_serializing_if = "Wanted::is_empty")]
    pub wanted: Wanted,
    /// The name under which the request was pushed: it is used up with the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_as: Option<RequestUri>,
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

/// Judges a request that comes through the browser (OpenID Connect Core 3.1.2.2). A request object must have been
/// opened before, by [`crate::request_object::open`].
///
/// # Errors
/// [`Refusal`]; a client that must push its requests is refused here (RFC 9126 section 4, FAPI 2.0 Security Profile
/// 5.3.2.2 number 3).
pub fn check(params: &Params, client: &Client, now: Timestamp) -> Result<Request, Refusal> {
    if !client.rules().pushed {
        return judge(params, client, now);
    }
    let unpushed = Error::request("the client must push its requests");
    match reply_to(params, client) {
        Ok((reply_to, _)) => Err(Refusal::Reply(Box::new(reply_to), unpushed)),
        Err(error) => Err(Refusal::Page(error)),
    }
}

/// Judges a request, whichever way it came.
pub(crate) fn judge(params: &Params, client: &Client, now: Timestamp) -> Result<Request, Refusal> {
    let (reply_to, mode) = reply_to(params, client).map_err(Refusal::Page)?;
    mode.and_then(|()| read::read(params, client, &reply_to, now))
        .map_err(|error| Refusal::Reply(Box::new(reply_to), error))
}

/// Where the answer goes, and whether the way was well chosen.
fn reply_to(params: &Params, client: &Client) -> Result<(ReplyTo, Result<(), Error>), PageError> {
    let redirect_uri = params.get("redirect_uri").ok().flatten();
    let redirect_uri = redirect_uri.ok_or(PageError::NoRedirectUri)?.to_owned();
    if !client.may_redirect_to(&redirect_uri) {
        return Err(PageError::ForeignRedirectUri);
    }
    let mode = read::response_mode(params, client);
    let state = params.get_short("state", MAX_STATE).ok().flatten().map(str::to_owned);
    let reply_to = ReplyTo {
        redirect_uri,
        mode: mode.unwrap_or_default(),
        state,
    };
    Ok((reply_to, mode.map(drop)))
}

impl Request {
    /// What has to happen next, given who is in front of the browser.
    ///
    /// `prompt=login` and `max_age` count from the moment the request came, so a fresh sign-in always satisfies them;
    /// `max_age=0` is `prompt=login` (OpenID Connect Core 3.1.2.1 and 3.1.2.3). Where `id_token_hint` names somebody
    /// else, the person may sign in as that one; who then is still another is refused.
    pub fn next(&self, client: &Client, session: Option<&Session>) -> Next {
        let minimum = self.required_assurance(client);
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

    /// The weakest authentication that will do: what the client registered, and what it asks for this time. It gets that
    /// or a refusal, never less (RFC 9470 section 5).
    pub fn required_assurance(&self, client: &Client) -> Option<Assurance> {
        let wished = self.acr_values.iter().copied().min();
        let essential = self.wanted.claims.as_ref().and_then(ClaimsRequest::assurance);
        client.metadata().minimum_assurance.max(wished).max(essential)
    }

    /// All that the person is asked for: the scopes, and those that the wishes beyond reach into.
    pub fn asked(&self, client: &Client) -> Scopes {
        self.scopes.iter().chain(self.wanted.scopes(client).iter()).collect()
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
mod tests;
