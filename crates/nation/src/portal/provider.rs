//! The issuer as the portal sees it, through the `openidconnect` crate.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crypto::secret::Secret;
use openidconnect::core::{
    CoreClient, CoreErrorResponseType, CoreGenderClaim, CoreIdToken, CoreIdTokenClaims, CoreResponseType,
    CoreTokenResponse,
};
use openidconnect::{
    AccessToken, AdditionalClaims, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, LogoutRequest, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout,
    RedirectUrl, RequestTokenError, Scope, StandardErrorResponse, TokenResponse, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;
use tokio::sync::RwLock;

use super::visits::Visit;
use super::{PortalError, Settings};

/// Longest answer of the issuer that is read.
const MAX_ANSWER: usize = 1 << 20;

/// A client that knows where to send people and where to redeem codes.
type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// What discovery answered.
struct Known {
    client: Client,
    end_session: Option<openidconnect::EndSessionUrl>,
}

/// The issuer, discovered when first needed.
pub(super) struct Provider {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: Secret<String>,
    redirect: RedirectUrl,
    after: PostLogoutRedirectUrl,
    scopes: Vec<String>,
    http: Http,
    known: RwLock<Option<Arc<Known>>>,
}

/// A sign-in that begins.
pub(super) struct Begun {
    pub(super) address: String,
    pub(super) state: CsrfToken,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

impl Provider {
    pub(super) fn new(settings: Settings) -> Result<Self, PortalError> {
        Ok(Self {
            issuer: IssuerUrl::new(settings.issuer)?,
            client_id: ClientId::new(settings.client_id),
            client_secret: settings.client_secret,
            redirect: RedirectUrl::new(format!("{}/callback", settings.base_url))?,
            after: PostLogoutRedirectUrl::new(format!("{}/", settings.base_url))?,
            scopes: settings.scopes,
            http: Http::new().map_err(PortalError::Http)?,
            known: RwLock::new(None),
        })
    }

    /// Whether the portal itself is reached over HTTPS.
    pub(super) fn is_secure(&self) -> bool {
        self.redirect.url().scheme() == "https"
    }

    /// The portal's own first page.
    pub(super) fn home(&self) -> &str {
        self.after.as_str()
    }

    /// The portal's own name there.
    pub(super) fn client_id(&self) -> &str {
        self.client_id.as_str()
    }

    /// An address of the issuer.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.issuer.as_str().trim_end_matches('/'))
    }

    /// The client for requests that are none of OpenID Connect.
    pub(super) fn http(&self) -> &reqwest::Client {
        &self.http.0
    }

    /// Where to send somebody who wants to sign in.
    pub(super) async fn begin(&self) -> Result<Begun, PortalError> {
        let known = self.known().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let request = known
            .client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let scopes = self.scopes.iter().cloned().map(Scope::new);
        let (address, state, nonce) = request.add_scopes(scopes).set_pkce_challenge(challenge).url();
        Ok(Begun {
            address: address.into(),
            state,
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Redeems a code: the ID token is verified, then userinfo is asked.
    pub(super) async fn redeem(
        &self,
        code: AuthorizationCode,
        verifier: PkceCodeVerifier,
        nonce: &Nonce,
    ) -> Result<Visit, PortalError> {
        let known = self.known().await?;
        let request = known
            .client
            .exchange_code(code)
            .map_err(issuer)?
            .set_pkce_verifier(verifier);
        let tokens: CoreTokenResponse = request.request_async(&self.http).await.map_err(refused)?;
        let id_token = tokens
            .id_token()
            .ok_or_else(|| PortalError::Issuer("no id token".to_owned()))?;
        let claims = self.verify(&known, id_token, nonce).await?;
        let userinfo = self.userinfo(&known, tokens.access_token().clone(), &claims).await?;

        let name = userinfo.name().or(claims.name()).and_then(|name| name.get(None));
        let name = name.map_or_else(|| claims.subject().to_string(), |name| name.to_string());
        Ok(Visit::SignedIn {
            name,
            claims: json!({ "id_token": value(&claims)?, "userinfo": value(&userinfo)? }),
            id_token: id_token.to_string(),
            access_token: tokens.access_token().secret().clone(),
            said: None,
        })
    }

    /// Where to send somebody who signs out.
    pub(super) async fn farewell(&self, id_token: &str, state: CsrfToken) -> Result<String, PortalError> {
        let known = self.known().await?;
        let Some(address) = known.end_session.clone() else {
            return Ok("/".to_owned());
        };
        let id_token: CoreIdToken = id_token.parse().map_err(issuer)?;
        let request = LogoutRequest::from(address)
            .set_id_token_hint(&id_token)
            .set_client_id(self.client_id.clone())
            .set_post_logout_redirect_uri(self.after.clone())
            .set_state(state);
        Ok(request.http_get_url().into())
    }

    /// Verifies an ID token; when its key is not known, with freshly fetched keys once more.
    async fn verify(
        &self,
        known: &Known,
        token: &CoreIdToken,
        nonce: &Nonce,
    ) -> Result<CoreIdTokenClaims, PortalError> {
        match token.claims(&known.client.id_token_verifier(), nonce) {
            Ok(claims) => Ok(claims.clone()),
            Err(_perhaps_rotated) => {
                let fresh = self.discover().await?;
                token
                    .claims(&fresh.client.id_token_verifier(), nonce)
                    .cloned()
                    .map_err(issuer)
            }
        }
    }

    async fn userinfo(
        &self,
        known: &Known,
        token: AccessToken,
        claims: &CoreIdTokenClaims,
    ) -> Result<UserInfoClaims<Others, CoreGenderClaim>, PortalError> {
        let request = known
            .client
            .user_info(token, Some(claims.subject().clone()))
            .map_err(issuer)?;
        request.request_async(&self.http).await.map_err(issuer)
    }

    async fn known(&self) -> Result<Arc<Known>, PortalError> {
        let known = self.known.read().await.clone();
        match known {
            Some(known) => Ok(known),
            None => self.discover().await,
        }
    }

    async fn discover(&self) -> Result<Arc<Known>, PortalError> {
        let metadata = ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &self.http)
            .await
            .map_err(issuer)?;
        let end_session = metadata.additional_metadata().end_session_endpoint.clone();
        let secret = ClientSecret::new(self.client_secret.expose().clone());
        let client = CoreClient::from_provider_metadata(metadata, self.client_id.clone(), Some(secret));
        let client = client.set_redirect_uri(self.redirect.clone());
        let known = Arc::new(Known { client, end_session });
        *self.known.write().await = Some(Arc::clone(&known));
        Ok(known)
    }
}

/// Every claim that has no name in OpenID Connect Core.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Others(HashMap<String, Value>);

impl AdditionalClaims for Others {}

fn value(claims: &impl Serialize) -> Result<Value, PortalError> {
    serde_json::to_value(claims).map_err(issuer)
}

/// An error of the protocol, with all its causes in one line.
fn issuer(error: impl std::error::Error) -> PortalError {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    PortalError::Issuer(text)
}

fn refused(error: RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>) -> PortalError {
    match error {
        RequestTokenError::ServerResponse(refusal) => PortalError::Refused(refusal.error().to_string()),
        other => issuer(other),
    }
}

/// The HTTP client that `openidconnect` is given: no redirects, bounded time and size.
struct Http(reqwest::Client);

/// Why a request of the portal got no answer.
#[derive(Debug, Error)]
enum HttpError {
    /// No connection, no answer in time, or a request that is none.
    #[error("no answer")]
    Reqwest(#[from] reqwest::Error),
    /// An answer longer than is read.
    #[error("the answer is too long")]
    TooLong,
    /// An answer that is none.
    #[error("the answer is not http")]
    Answer(#[from] http::Error),
}

impl Http {
    fn new() -> Result<Self, reqwest::Error> {
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        builder.timeout(Duration::from_secs(10)).build().map(Self)
    }

    async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut answer = client.execute(request.try_into()?).await?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(HttpError::TooLong);
            }
            body.extend(chunk);
        }
        let mut response = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        Ok(response.body(body)?)
    }
}

impl<'c> openidconnect::AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + Sync + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(Self::send(self.0.clone(), request))
    }
}
