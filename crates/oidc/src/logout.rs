//! Logout at a relying party's wish (OpenID Connect RP-Initiated Logout 1.0).

use std::fmt;

use crate::client::Client;
use crate::error::Error;
use crate::id_token::IdToken;
use crate::params::Params;
use crate::reply::with_query;

const MAX_HINT: usize = 8192;
const MAX_STATE: usize = 2048;

/// A logout request, taken apart. From a query or a form: both must be accepted (section 2).
#[derive(Clone, PartialEq, Eq)]
pub struct LogoutRequest {
    /// An ID token of ours, for [`crate::id_token::verify_hint`]; a given one that is refused there ends in an error
    /// page (section 4).
    pub id_token_hint: Option<String>,
    /// Who asks.
    pub client_id: Option<String>,
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

impl fmt::Debug for LogoutRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutRequest")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl LogoutRequest {
    /// Reads the parameters of section 2.
    ///
    /// # Errors
    /// `invalid_request`, to be shown on a page of ours.
    pub fn read(params: &Params) -> Result<Self, Error> {
        params.refuse_repeated()?;
        let text = |name, most| params.get_short(name, most).map(|value| value.map(str::to_owned));
        Ok(Self {
            id_token_hint: text("id_token_hint", MAX_HINT)?,
            client_id: text("client_id", 128)?,
            post_logout_redirect_uri: text("post_logout_redirect_uri", MAX_STATE)?,
            state: text("state", MAX_STATE)?,
        })
    }

    /// The client that asks: the one of `client_id` or the audience of the hint, which must agree (section 2).
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn client<'a>(&'a self, hint: Option<&'a IdToken>) -> Result<Option<&'a str>, Error> {
        match (self.client_id.as_deref(), hint) {
            (Some(named), Some(hint)) if named != hint.aud => {
                Err(Error::request("client_id is not the audience of id_token_hint"))
            }
            (named, hint) => Ok(named.or(hint.map(|hint| hint.aud.as_str()))),
        }
    }

    /// Whether the person must be asked first: always, unless the hint names the session that would end (section 2).
    /// Otherwise any page could log people out.
    pub fn must_ask(hint: Option<&IdToken>, session: Option<&str>) -> bool {
        match (hint.and_then(|hint| hint.sid.as_deref()), session) {
            (Some(hinted), Some(session)) => hinted != session,
            (_, None) => false,
            (None, Some(_)) => true,
        }
    }

    /// Where the person goes after logout: the wished address with `state`, if the client registered it byte for byte
    /// (section 3); a page of ours if none was wished.
    ///
    /// # Errors
    /// `invalid_request` for an address that is not registered, or without a client; nobody is logged out then.
    pub fn redirect(&self, client: Option<&Client>) -> Result<Option<String>, Error> {
        let Some(wished) = &self.post_logout_redirect_uri else {
            return Ok(None);
        };
        if !client.is_some_and(|client| client.may_leave_to(wished)) {
            return Err(Error::request("post_logout_redirect_uri is not registered"));
        }
        let Some(state) = &self.state else {
            return Ok(Some(wished.clone()));
        };
        Ok(Some(with_query(wished, &[("state", state.clone())])))
    }
}

#[cfg(test)]
#[path = "logout_tests.rs"]
mod tests;
