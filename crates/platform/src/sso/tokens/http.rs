use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::base64url;
use crypto::sign::Signer as _;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::SignedDuration;
use oidc::authentication::{AssertionId, Judge};
use oidc::bearer;
use oidc::claims::{self, Scope, Scopes};
use oidc::client::Client;
use oidc::error::{Error, ErrorCode};
use oidc::id_token::IdToken;
use oidc::params::Params;
use oidc::sender::Shown;
use oidc::subject;
use oidc::token::{Grant, TokenRequest, TokenResponse, TokenType};

use super::rules;
use super::store::{self, Token};
use crate::accounts;
use crate::app::App;
use crate::registries;
use crate::shell::keys;
use crate::shell::problem::Problem;
use crate::sso::authorize::store::{self as codes, Code};
use crate::sso::clients;
use crate::sso::rules::{TOKEN_LIFE, Ticket, Use, assurance};

/// A refusal in the format of OAuth.
pub(in crate::sso) struct Refused(Error);

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

/// A refusal at userinfo, told as RFC 6750 asks.
pub(in crate::sso) struct Challenged(Refused);

impl<E: Into<Refused>> From<E> for Challenged {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Challenged {
    fn into_response(self) -> Response {
        let challenge = HeaderValue::from_str(&bearer::challenge(self.0.0));
        let mut response = self.0.into_response();
        if let Ok(challenge) = challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// What came of a code.
enum Exchanged {
    /// It gave a token.
    Given(Box<Code>),
    /// It was used before, or never issued: what it gave is taken back.
    Spent,
}

/// A relying party exchanges its code.
pub(in crate::sso) async fn exchange(
    State(app): State<App>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refused> {
    let request = TokenRequest::read(&Params::parse(&body)?, authorization(&headers))?;
    let client = clients::find(&app, request.credentials.client_id())
        .await?
        .ok_or(Error::client())?;
    let now = app.clock.now();
    let judge = Judge {
        provider: &app.sso.provider,
        secrets: &app.sso.digests,
        certificate: None,
        now,
    };
    let assertion = request.credentials.prove(&client, &judge)?;
    request.grant.allowed_for(&client)?;

    let holder = Shown::default().bind(&client)?;

    let Grant::AuthorizationCode { code, .. } = &request.grant else {
        return Err(Error::new(ErrorCode::UnsupportedGrantType, "grant_type is not supported").into());
    };
    let code = Ticket::read(&app.vault, Use::Code, code.expose()).ok_or(Error::grant())?;
    let expires_at = now + SignedDuration::from_secs(TOKEN_LIFE.into());
    let (ticket, access_token) = Ticket::draw(&app.vault, &app.chance, Use::Token, code.person, expires_at);
    let (grant, party) = (std::sync::Arc::new(request.grant), client.clone());
    let exchanged = app
        .db
        .write(move |tx| -> Result<Exchanged, Refused> {
            prove_once(tx, &party, assertion.as_ref(), now)?;
            let Some(kept) = codes::take(tx, &code)? else {
                store::revoke_of_code(tx, &code.person, &code.digest, now)?;
                return Ok(Exchanged::Spent);
            };
            kept.binding.check(&grant, &party, holder.as_ref(), now)?;
            let token = Token {
                code_digest: &code.digest,
                client_id: party.id(),
                scopes: &kept.scopes,
            };
            store::insert(tx, &ticket, &token, now)?;
            Ok(Exchanged::Given(Box::new(kept)))
        })
        .await?;

    match exchanged {
        Exchanged::Given(kept) => Ok(answer(&app, &client, &kept, access_token)?),
        Exchanged::Spent => Err(Error::grant().into()),
    }
}

fn prove_once(
    tx: &mut db::Tx<'_>,
    client: &Client,
    assertion: Option<&AssertionId>,
    now: jiff::Timestamp,
) -> Result<(), Refused> {
    let Some(assertion) = assertion else { return Ok(()) };
    match store::use_assertion(tx, client.id(), &assertion.id, assertion.expires_at, now) {
        Err(db::Error::Taken(_)) => Err(Error::client().into()),
        used => Ok(used?),
    }
}

fn answer(app: &App, client: &Client, code: &Code, access_token: String) -> Result<Response, Problem> {
    let session = &code.session;
    let signer = app.keys.signer(keys::SSO).map_err(Problem::internal)?;
    let sub = subject::pairwise(&app.sso.digests, client.sector(), &session.subject);
    let issuer = &app.sso.provider.issuer;
    let token = IdToken {
        nonce: code.nonce.clone(),
        acr: assurance(session.assurance),
        amr: session.methods.split_whitespace().map(str::to_owned).collect(),
        sid: Some(sid(app, client.id(), &session.digest)),
        ..IdToken::new(
            issuer,
            sub,
            client.id().to_owned(),
            session.opened_at,
            app.clock.now(),
            TOKEN_LIFE,
        )
    };
    let id_token = token
        .with_access_token(signer.algorithm(), &access_token)
        .sign(signer.as_ref())
        .map_err(Problem::internal)?;
    let scope = Scopes::parse(&code.scopes).map_err(Problem::internal)?;
    let body = TokenResponse {
        access_token,
        token_type: TokenType::Bearer,
        expires_in: TOKEN_LIFE,
        id_token: Some(id_token),
        refresh_token: None,
        scope,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// The name of a session for one client: no two clients can tell that theirs are the same.
pub(in crate::sso) fn sid(app: &App, client_id: &str, session_digest: &[u8; 32]) -> String {
    let mut input = session_digest.to_vec();
    input.extend_from_slice(client_id.as_bytes());
    base64url::encode(app.vault.digest("sso-sid", &input))
}

/// A relying party asks for what was agreed.
pub(in crate::sso) async fn tell(
    State(app): State<App>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Challenged> {
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let form = if is_form { Some(Params::parse(&body)?) } else { None };
    let token = bearer::token(authorization(&headers), form.as_ref())?;
    let ticket = Ticket::read(&app.vault, Use::Token, token.expose()).ok_or(bearer::INVALID)?;
    let (vault, now, person) = (app.vault.clone(), app.clock.now(), ticket.person);
    if ticket.expires_at <= now {
        return Err(bearer::INVALID.into());
    }

    let found = app
        .db
        .read(move |conn| -> Result<_, Problem> {
            let Some((client_id, scopes)) = store::find(conn, &ticket)? else {
                return Ok(None);
            };
            Ok(accounts::find(conn, &vault, &person)?.map(|account| (client_id, scopes, account)))
        })
        .await?;

    let (client_id, scopes, account) = found.ok_or(bearer::INVALID)?;
    let scopes = Scopes::parse(&scopes)?;
    let client = clients::find(&app, &client_id).await?.ok_or(bearer::INVALID)?;
    let residence = if scopes.contains(Scope::Address) {
        residence(&app, &account).await
    } else {
        None
    };
    let sub = subject::pairwise(&app.sso.digests, client.sector(), person.bytes());
    let told = claims::userinfo(&sub, &rules::facts(&account, residence), &scopes);
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(told)).into_response())
}

/// Where the population database says that the person lives; nothing where it does not answer.
async fn residence(app: &App, account: &accounts::Account) -> Option<String> {
    let answer = registries::person(app, &account.number, "sso").await.ok()??;
    answer.record.permanent_residence.map(|residence| residence.text)
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()
}
