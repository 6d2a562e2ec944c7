use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::base64url;
use crypto::jwe::Dice;
use crypto::sign::Signer as _;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use oidc::access_token::AccessToken;
use oidc::authorization_details::Detail;
use oidc::claims::Scopes;
use oidc::client::Client;
use oidc::envelope;
use oidc::error::{Error, ErrorCode};
use oidc::id_token::IdToken;
use oidc::params::Params;
use oidc::refresh::Family;
use oidc::sender::Confirmation;
use oidc::token::{TokenRequest, TokenResponse, TokenType, own_scopes};
use oidc::wanted::Wanted;
use oidc::{bearer, dpop, resource, subject};
use serde_json::Map;

use super::Texts;
use crate::app::App;
use crate::shell::keys;
use crate::shell::problem::Problem;
use crate::shell::session::Session;
use crate::sso::backchannel::http::give;
use crate::sso::codes::http::exchange_code;
use crate::sso::offers::http::take_up;
use crate::sso::proofs::{self, Proven};
use crate::sso::refresh::http::{Wish, renew};
use crate::sso::rules::{SIGNED_TOKEN_LIFE, TOKEN_LIFE, assurance};
use crate::sso::userinfo::http::wished;
use crate::statistics::{self, Measure};

/// A refusal in the format of OAuth.
pub(crate) struct Refused(Error);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        tracing::error!(?problem, "an OAuth request failed");
        Self(Error::new(ErrorCode::ServerError, "the request failed on our side"))
    }
}

impl From<db::Error> for Refused {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::Busy | db::Error::Unavailable(_) => {
                Self(Error::new(ErrorCode::TemporarilyUnavailable, "try again later"))
            }
            error => Problem::internal(error).into(),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, Json(self.0)).into_response();
        if let Some(challenge) = self.0.www_authenticate() {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

/// A refusal at a resource of ours, told as RFC 6750 and RFC 9449 ask, in the scheme that was used.
pub(crate) struct Challenged {
    pub(in crate::sso) refused: Refused,
    pub(in crate::sso) scheme: TokenType,
    /// The nonce for the next proof, for who sends proofs.
    pub(in crate::sso) nonce: Option<HeaderValue>,
}

impl Challenged {
    /// The refusal of a request with these headers; `scheme` where it names none.
    pub(in crate::sso) fn new(app: &App, headers: &HeaderMap, refused: Refused, scheme: TokenType) -> Self {
        let named = authorization(headers).and_then(|header| TokenType::from_scheme(header.split(' ').next()?));
        Self {
            refused,
            scheme: named.unwrap_or(scheme),
            nonce: proofs::nonce(app, headers),
        }
    }
}

impl IntoResponse for Challenged {
    fn into_response(self) -> Response {
        let Self {
            refused: Refused(error),
            scheme,
            nonce,
        } = self;
        let status = StatusCode::from_u16(bearer::status(error)).unwrap_or(StatusCode::BAD_REQUEST);
        let challenges = match scheme {
            _ if error == bearer::MISSING => vec![bearer::challenge(error), dpop::challenge(error)],
            TokenType::Bearer => vec![bearer::challenge(error)],
            TokenType::Dpop => vec![dpop::challenge(error)],
        };
        let mut response = (status, Json(error)).into_response();
        for challenge in challenges {
            if let Ok(challenge) = HeaderValue::from_str(&challenge) {
                response.headers_mut().append(header::WWW_AUTHENTICATE, challenge);
            }
        }
        if let Some(nonce) = nonce {
            response.headers_mut().insert("dpop-nonce", nonce);
        }
        response
    }
}

/// A relying party asks for tokens.
pub(in crate::sso) async fn exchange(State(app): State<App>, headers: HeaderMap, body: String) -> Response {
    proofs::answered(&app, &headers, exchanged(&app, &headers, &body).await)
}

async fn exchanged(app: &App, headers: &HeaderMap, body: &str) -> Result<Response, Refused> {
    let request = TokenRequest::read(&Params::parse(body)?, proofs::headers(headers))?;
    let proven = Proven::judge(app, &request.credentials, headers, app.sso.provider.token).await?;
    request.grant.allowed_for(&proven.client)?;
    let resources = request.resources;
    match request.grant {
        oidc::token::Grant::RefreshToken { token, scope } => {
            let wish = Wish {
                token,
                scope,
                resources,
            };
            renew(app, proven, wish).await
        }
        oidc::token::Grant::PreAuthorized { code, tx_code } => take_up(app, proven, &code, tx_code.as_ref()).await,
        oidc::token::Grant::Ciba { auth_req_id } => give(app, proven, &auth_req_id, resources).await,
        oidc::token::Grant::ClientCredentials { scope } => own(app, proven, scope.as_ref(), resources).await,
        code @ oidc::token::Grant::AuthorizationCode { .. } => exchange_code(app, proven, code, resources).await,
    }
}

/// A relying party asks for itself: a signed token for the resources that it names (RFC 6749 section 4.4, RFC 9068).
async fn own(
    app: &App,
    proven: Arc<Proven>,
    scope: Option<&Scopes>,
    resources: Vec<String>,
) -> Result<Response, Refused> {
    let holder = proven.shown.bind(&proven.client)?;
    let client = proven.client.clone();
    let scope = own_scopes(&client, scope)?;
    let aud = resource::narrow(&client.metadata().vneid_resources, resources)?;
    if aud.is_empty() {
        return Err(Error::new(ErrorCode::InvalidTarget, "resource is missing").into());
    }
    let now = proven.now;
    let signer = app.keys.signer(keys::SSO).map_err(Problem::internal)?;
    let token = AccessToken {
        iss: app.sso.provider.issuer.as_str().to_owned(),
        sub: client.id().to_owned(),
        aud,
        client_id: client.id().to_owned(),
        iat: now.as_second(),
        exp: now.as_second() + i64::from(SIGNED_TOKEN_LIFE),
        jti: base64url::encode(app.chance.bytes::<16>()),
        scope: scope.to_string(),
        auth_time: None,
        acr: None,
        amr: Vec::new(),
        cnf: holder.clone(),
    };
    let access_token = token.sign(signer.as_ref()).map_err(Problem::from)?;
    if proven.is_single_use() {
        app.db.write(move |tx| proven.use_up(tx)).await?;
    }
    let body = TokenResponse {
        access_token,
        token_type: Confirmation::token_type(holder.as_ref()),
        expires_in: SIGNED_TOKEN_LIFE,
        id_token: None,
        refresh_token: None,
        scope,
        authorization_details: Vec::new(),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// What a relying party is given, about whose sign-in.
pub(in crate::sso) struct Grant<'a> {
    pub(in crate::sso) session: &'a Session,
    pub(in crate::sso) nonce: Option<String>,
    pub(in crate::sso) scopes: Scopes,
    pub(in crate::sso) holder: Option<&'a Confirmation>,
    pub(in crate::sso) texts: Texts,
    /// The resource elsewhere that the access token is for: it is signed then.
    pub(in crate::sso) audience: Option<String>,
    /// What was asked for beyond the scopes.
    pub(in crate::sso) wanted: Wanted,
}

/// The good answer, with an ID token if `openid` was granted.
pub(in crate::sso) async fn answer(app: &App, client: &Client, mut grant: Grant<'_>) -> Result<Response, Problem> {
    statistics::tally(app, Measure::Tokens, client.id());
    let mut expires_in = grant.texts.expires_in;
    if let Some(resource) = grant.audience.take() {
        grant.texts.access = wrapped(app, client, resource, &grant)?;
        expires_in = SIGNED_TOKEN_LIFE;
    }
    let id_token = if Family::has_id_token(&grant.scopes) {
        Some(id_token(app, client, &grant).await?)
    } else {
        None
    };
    let body = TokenResponse {
        token_type: Confirmation::token_type(grant.holder),
        access_token: grant.texts.access,
        expires_in,
        id_token,
        refresh_token: grant.texts.refresh,
        scope: grant.scopes,
        authorization_details: grant.wanted.details.into_iter().map(Detail::told).collect(),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// The ticket as a resource elsewhere can read it by itself: a signed token, whose name is the ticket.
fn wrapped(app: &App, client: &Client, resource: String, grant: &Grant<'_>) -> Result<String, Problem> {
    let (session, now) = (grant.session, app.clock.now());
    let signer = app.keys.signer(keys::SSO).map_err(Problem::internal)?;
    let token = AccessToken {
        iss: app.sso.provider.issuer.as_str().to_owned(),
        sub: subject::pairwise_at(&app.sso.digests, client.sector(), &resource, &session.subject),
        aud: vec![resource],
        client_id: client.id().to_owned(),
        iat: now.as_second(),
        exp: now.as_second() + i64::from(SIGNED_TOKEN_LIFE),
        jti: grant.texts.access.clone(),
        scope: grant.scopes.to_string(),
        auth_time: Some(session.opened_at.as_second()),
        acr: assurance(session.assurance),
        amr: session.methods.split_whitespace().map(str::to_owned).collect(),
        cnf: grant.holder.cloned(),
    };
    Ok(token.sign(signer.as_ref())?)
}

async fn id_token(app: &App, client: &Client, grant: &Grant<'_>) -> Result<String, Problem> {
    let session = grant.session;
    let more = match &grant.wanted.claims {
        Some(claims) => wished(app, client, session.subject.into(), &claims.id_token).await?,
        None => Map::new(),
    };
    let signer = app.keys.signer(keys::SSO).map_err(Problem::internal)?;
    let sub = subject::pairwise(&app.sso.digests, client.sector(), &session.subject);
    let issuer = &app.sso.provider.issuer;
    let token = IdToken {
        nonce: grant.nonce.clone(),
        acr: assurance(session.assurance),
        amr: session.methods.split_whitespace().map(str::to_owned).collect(),
        sid: Some(sid(app, client.id(), &session.digest)),
        more,
        ..IdToken::new(
            issuer,
            sub,
            client.id().to_owned(),
            session.opened_at,
            app.clock.now(),
            TOKEN_LIFE,
        )
    };
    let compact = token
        .with_access_token(signer.algorithm(), &grant.texts.access)
        .sign(signer.as_ref())?;
    envelope::id_token(compact, client, || dice(app)).map_err(Problem::internal)
}

/// The random bytes of one encryption.
pub(in crate::sso) fn dice(app: &App) -> Dice {
    Dice {
        number: app.chance.bytes(),
        nonce: app.chance.bytes(),
    }
}

/// The name of a session for one client: no two clients can tell that theirs are the same.
pub(in crate::sso) fn sid(app: &App, client_id: &str, session_digest: &[u8; 32]) -> String {
    let mut input = session_digest.to_vec();
    input.extend_from_slice(client_id.as_bytes());
    base64url::encode(app.vault.digest("sso-sid", &input))
}

/// The `Authorization` header.
pub(in crate::sso) fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()
}
