//! *Cổng dịch vụ công mẫu*: a small public-service portal that lets people sign in with VNeID.
//!
//! It stands for the thousands of relying parties: a separate client on its own port that knows of VNeID only the address
//! of the issuer and its own credentials. The protocol is the public `openidconnect` crate's, not ours.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /` | a page with `#login`; once signed in, with `#greeting`, `#claims` and `#logout` |
//! | `GET /login` | 303 to the issuer: authorization code with PKCE, state and nonce |
//! | `GET /callback` | redeems the code, verifies the ID token, asks userinfo; the page of somebody signed in |
//! | `GET /logout` | forgets the person here, then 303 to the issuer (RP-initiated logout) |
//! | `POST /backchannel` | the issuer tells that a sign-in has ended: `logout_token` |
//! | `POST /old` | proposes an old account of the portal's for linking: `kind` |
//! | `POST /unlink` | ends the link |
//! | `GET /style.css` | the style |
//!
//! `Accept: application/json` gets `{"signed_in":…,"name":…,"claims":{"id_token":{…},"userinfo":{…}}}` instead of the page.
//!
//! The issuer is discovered at the first sign-in, so that it may start later than the portal, and again when a signature
//! does not verify, since keys rotate. Sessions live in memory.

mod legacy;
mod logout;
mod pages;
mod provider;
mod visits;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use crypto::secret::Secret;
use openidconnect::{AuthorizationCode, CsrfToken, Nonce, PkceCodeVerifier};
use serde::Deserialize;
use thiserror::Error;
use tokio::net::TcpListener;

use legacy::Kind;
use pages::Shown;
use provider::Provider;
use visits::{Cookie, Visit, Visits};

/// What the portal has to be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The issuer, as in its discovery document: `http://localhost:8080`.
    pub issuer: String,
    /// The portal's `client_id` there.
    pub client_id: String,
    /// Its secret (`client_secret_basic`).
    pub client_secret: Secret<String>,
    /// The portal's own address without a slash at the end; the redirect address is this with `/callback`, the address
    /// after sign-out this with `/`.
    pub base_url: String,
    /// The scopes that are asked for beside `openid`.
    pub scopes: Vec<String>,
}

/// Why somebody could not be signed in, or the portal not be made.
#[derive(Debug, Error)]
pub enum PortalError {
    /// An address in the settings is not one.
    #[error("an address in the settings is not one")]
    Settings(#[from] openidconnect::url::ParseError),
    /// The HTTP client could not be made.
    #[error("the http client cannot be made")]
    Http(#[source] reqwest::Error),
    /// The issuer cannot be reached, or what it answers is not what OpenID Connect prescribes.
    #[error("the issuer does not answer as it should: {0}")]
    Issuer(String),
    /// The answer belongs to no sign-in that this browser began.
    #[error("the answer belongs to no sign-in of this browser")]
    State,
    /// The issuer refused: the error code of OAuth.
    #[error("the issuer refused: {0}")]
    Refused(String),
}

/// The portal as a router.
///
/// # Errors
/// [`PortalError::Settings`] or [`PortalError::Http`].
pub fn router(settings: Settings) -> Result<Router, PortalError> {
    let portal = Portal {
        provider: Arc::new(Provider::new(settings)?),
        visits: Visits::default(),
    };
    Ok(Router::new()
        .route("/", get(home))
        .route("/login", get(login))
        .route("/callback", get(callback))
        .route("/logout", get(logout))
        .route("/backchannel", post(backchannel))
        .route("/old", post(old))
        .route("/unlink", post(unlink))
        .route("/style.css", get(pages::style))
        .with_state(portal))
}

/// Serves the portal until `stop` is ready.
///
/// # Errors
/// What [`router`] refuses.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), PortalError> {
    let router = router(settings)?;
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop).await {
        tracing::error!(%error, "the demo portal stopped");
    }
    Ok(())
}

#[derive(Clone)]
struct Portal {
    provider: Arc<Provider>,
    visits: Visits,
}

async fn home(State(portal): State<Portal>, headers: HeaderMap) -> Response {
    let visit = portal.visits.find(&headers);
    pages::show(&shown(&portal, visit).await, &headers)
}

async fn shown(portal: &Portal, visit: Option<Visit>) -> Shown {
    let Some(Visit::SignedIn {
        name,
        claims,
        access_token,
        said,
        ..
    }) = visit
    else {
        return Shown::Stranger;
    };
    let linked = portal.provider.linked(&access_token).await.ok().flatten();
    Shown::SignedIn {
        name,
        claims,
        linked,
        said,
    }
}

/// What the issuer sends.
#[derive(Deserialize)]
struct Told {
    logout_token: String,
}

/// Somebody's sign-in at the issuer has ended: so it has here.
async fn backchannel(State(portal): State<Portal>, Form(told): Form<Told>) -> Response {
    match portal.provider.ended(&told.logout_token).await {
        Ok(ended) => {
            portal.visits.end(ended.sid.as_deref(), ended.sub.as_deref());
            (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response()
        }
        Err(error) => {
            tracing::warn!(%error, "a logout token was refused");
            StatusCode::BAD_REQUEST.into_response()
        }
    }
}

/// Which old account the person says is the own one.
#[derive(Deserialize)]
struct Old {
    kind: String,
}

async fn old(State(portal): State<Portal>, headers: HeaderMap, Form(form): Form<Old>) -> Response {
    let (
        Some(Visit::SignedIn {
            claims, access_token, ..
        }),
        Some(kind),
    ) = (portal.visits.find(&headers), Kind::of(&form.kind))
    else {
        return Redirect::to("/").into_response();
    };
    let userinfo = claims.get("userinfo").cloned().unwrap_or_default();
    match portal.provider.propose(&access_token, &kind.accounts(&userinfo)).await {
        Ok(answer) => {
            portal.visits.change(&headers, |visit| {
                if let Visit::SignedIn { said, .. } = visit {
                    *said = Some(answer);
                }
            });
            Redirect::to("/").into_response()
        }
        Err(error) => pages::refuse(&error, &headers),
    }
}

async fn unlink(State(portal): State<Portal>, headers: HeaderMap) -> Response {
    if let Some(Visit::SignedIn { access_token, .. }) = portal.visits.find(&headers)
        && let Err(error) = portal.provider.unlink(&access_token).await
    {
        return pages::refuse(&error, &headers);
    }
    portal.visits.change(&headers, |visit| {
        if let Visit::SignedIn { said, .. } = visit {
            *said = None;
        }
    });
    Redirect::to("/").into_response()
}

async fn login(State(portal): State<Portal>, headers: HeaderMap) -> Response {
    match portal.provider.begin().await {
        Ok(begun) => {
            let visit = Visit::Leaving {
                state: begun.state,
                nonce: begun.nonce,
                verifier: begun.verifier,
            };
            let cookie = portal.visits.start(&headers, visit, portal.provider.is_secure());
            (AppendHeaders(cookie), Redirect::to(&begun.address)).into_response()
        }
        Err(error) => pages::refuse(&error, &headers),
    }
}

/// What the issuer sends the browser back with (RFC 6749 section 4.1.2, RFC 9207).
#[derive(Deserialize)]
struct Answer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

async fn callback(State(portal): State<Portal>, headers: HeaderMap, Query(answer): Query<Answer>) -> Response {
    match redeem(&portal, &headers, answer).await {
        Ok((visit, cookie)) => {
            let page = pages::show(&shown(&portal, Some(visit)).await, &headers);
            (cookie.map(AppendHeaders), page).into_response()
        }
        Err(error) => pages::refuse(&error, &headers),
    }
}

async fn redeem(portal: &Portal, headers: &HeaderMap, answer: Answer) -> Result<(Visit, Option<Cookie>), PortalError> {
    let (state, nonce, verifier) = match portal.visits.find(headers) {
        // The page was loaded again.
        Some(visit @ Visit::SignedIn { .. }) => return Ok((visit, None)),
        Some(Visit::Leaving { state, nonce, verifier }) => (state, nonce, verifier),
        None => return Err(PortalError::State),
    };
    if answer.state.as_ref() != Some(state.secret()) {
        return Err(PortalError::State);
    }
    portal.visits.take(headers);
    if let Some(error) = answer.error {
        return Err(PortalError::Refused(error));
    }
    let code = AuthorizationCode::new(answer.code.ok_or(PortalError::State)?);

    let visit = portal
        .provider
        .redeem(code, PkceCodeVerifier::new(verifier), &Nonce::new(nonce))
        .await?;

    let cookie = portal.visits.start(headers, visit.clone(), portal.provider.is_secure());
    Ok((visit, Some(cookie)))
}

async fn logout(State(portal): State<Portal>, headers: HeaderMap) -> Response {
    let Some(Visit::SignedIn { id_token, .. }) = portal.visits.take(&headers) else {
        return Redirect::to("/").into_response();
    };
    match portal.provider.farewell(&id_token, CsrfToken::new_random()).await {
        Ok(address) => Redirect::to(&address).into_response(),
        Err(error) => pages::refuse(&error, &headers),
    }
}

#[cfg(test)]
mod tests;
