use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use oidc::access_token::{self, AccessToken};
use oidc::client::Client;
use oidc::error::{Error, ErrorCode};
use oidc::introspection::{AboutToken, Active, Answer, SIGNED};
use oidc::params::Params;
use oidc::sender::Confirmation;
use oidc::subject;

use crate::app::App;
use crate::shell::keys;
use crate::shell::problem::Problem;
use crate::sso::proofs::Proven;
use crate::sso::refresh::store as refreshes;
use crate::sso::rules::{Ticket, Use, open_wanted};
use crate::sso::tokens::http::{Refused, authorization};
use crate::sso::tokens::store as tokens;

/// A relying party or a resource asks what a token is good for.
pub(in crate::sso) async fn introspect(
    State(app): State<App>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refused> {
    let about = AboutToken::read(&Params::parse(&body)?, authorization(&headers))?;
    let path = app.sso.provider.introspect.unwrap_or_default();
    let proven = Proven::judge(&app, &about.credentials, &headers, path).await?;
    if !proven.client.is_confidential() {
        return Err(Error::client().into());
    }
    if proven.is_single_use() {
        let party = proven.clone();
        app.db.write(move |tx| party.use_up(tx)).await?;
    }

    let active = find(&app, about.token.expose(), &proven.client).await?;
    let answer = Answer::new(active, &proven.client);

    let wants_signed = headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.as_bytes() == SIGNED.as_bytes());
    if !wants_signed {
        return Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response());
    }
    let signer = app.keys.signer(keys::SSO).map_err(Problem::internal)?;
    let issuer = &app.sso.provider.issuer;
    let compact = answer
        .sign(issuer, &proven.client, proven.now, signer.as_ref())
        .map_err(Problem::from)?;
    let kind = [(header::CONTENT_TYPE, SIGNED), (header::CACHE_CONTROL, "no-store")];
    Ok((kind, compact).into_response())
}

/// A relying party gives a token back. The answer is the same for one that it never had.
pub(in crate::sso) async fn revoke(
    State(app): State<App>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refused> {
    let about = AboutToken::read(&Params::parse(&body)?, authorization(&headers))?;
    let path = app.sso.provider.revoke.unwrap_or_default();
    let proven = Proven::judge(&app, &about.credentials, &headers, path).await?;
    let text = about.token.expose();
    let signed = signed(&app, text);
    let kept_as = signed.as_ref().map_or(text.as_str(), |token| token.jti.as_str());
    let access = Ticket::read(&app.vault, Use::Token, kept_as);
    let refresh = Ticket::read(&app.vault, Use::Refresh, text);
    if access.is_none() && signed.is_some() {
        let cannot = "a client's own access token cannot be taken back; it ends soon";
        return Err(Error::new(ErrorCode::UnsupportedTokenType, cannot).into());
    }

    app.db
        .write(move |tx| -> Result<(), Refused> {
            proven.use_up(tx)?;
            if let Some(ticket) = &access {
                tokens::revoke(tx, ticket, proven.client.id(), proven.now)?;
            }
            if let Some(ticket) = &refresh
                && let Some(kept) = refreshes::find(tx, ticket)?
                && kept.family.client_id == proven.client.id()
            {
                refreshes::end_family(tx, &ticket.person, &kept.code_digest, proven.now)?;
                tokens::revoke_of_code(tx, &ticket.person, &kept.code_digest, proven.now)?;
            }
            Ok(())
        })
        .await?;

    Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response())
}

async fn find(app: &App, text: &str, asker: &Client) -> Result<Option<Active>, Problem> {
    if let Some(ticket) = Ticket::read(&app.vault, Use::Token, text) {
        return find_access(app, ticket, None, asker).await;
    }
    if let Some(ticket) = Ticket::read(&app.vault, Use::Refresh, text) {
        return find_refresh(app, ticket, asker).await;
    }
    let Some(token) = signed(app, text) else {
        return Ok(None);
    };
    if let Some(ticket) = Ticket::read(&app.vault, Use::Token, &token.jti) {
        return find_access(app, ticket, Some(token), asker).await;
    }
    // What is not a client's own and wraps no ticket has outlived the key that its ticket was sealed with.
    let is_own = token.sub == token.client_id;
    Ok(is_own.then(|| Active {
        iss: token.iss,
        client_id: token.client_id,
        sub: token.sub,
        scope: token.scope,
        aud: token.aud,
        exp: token.exp,
        token_type: Some(Confirmation::token_type(token.cnf.as_ref())),
        cnf: token.cnf,
        authorization_details: Vec::new(),
    }))
}

/// What is kept of an access token about a person: an opaque one, or the signed one that wraps its ticket.
async fn find_access(
    app: &App,
    ticket: Ticket,
    signed: Option<AccessToken>,
    asker: &Client,
) -> Result<Option<Active>, Problem> {
    let (person, now) = (ticket.person, app.clock.now());
    let exp = signed.as_ref().map_or(ticket.expires_at.as_second(), |token| token.exp);
    if ticket.expires_at <= now {
        return Ok(None);
    }
    let digest = ticket.digest;
    let kept = app.db.read(move |conn| tokens::find(conn, &ticket)).await?;
    let audience = signed.map(|token| token.aud).unwrap_or_default();
    let Some(kept) = kept.filter(|kept| kept.audience.as_slice() == audience) else {
        return Ok(None);
    };
    let wanted = open_wanted(&app.vault, "sso_token", &digest, kept.wanted_sealed.as_ref())?;
    Ok(Some(Active {
        iss: app.sso.provider.issuer.as_str().to_owned(),
        client_id: kept.client_id,
        sub: subject::pairwise(&app.sso.digests, asker.sector(), person.bytes()),
        scope: kept.scopes,
        aud: audience,
        exp,
        token_type: Some(Confirmation::token_type(kept.holder.as_ref())),
        cnf: kept.holder,
        authorization_details: wanted.details,
    }))
}

async fn find_refresh(app: &App, ticket: Ticket, asker: &Client) -> Result<Option<Active>, Problem> {
    let (person, exp) = (ticket.person, ticket.expires_at);
    if exp <= app.clock.now() {
        return Ok(None);
    }
    let kept = app.db.read(move |conn| refreshes::find(conn, &ticket)).await?;
    Ok(kept.filter(|kept| !kept.used).map(|kept| Active {
        iss: app.sso.provider.issuer.as_str().to_owned(),
        client_id: kept.family.client_id,
        sub: subject::pairwise(&app.sso.digests, asker.sector(), person.bytes()),
        scope: kept.family.scopes.to_string(),
        aud: kept.family.resources,
        exp: exp.as_second(),
        token_type: None,
        cnf: kept.family.holder,
        authorization_details: Vec::new(),
    }))
}

/// A signed access token of ours that is good now.
fn signed(app: &App, text: &str) -> Option<AccessToken> {
    let keys = app.keys.jwks(keys::SSO, app.clock.now());
    access_token::read(text, &keys, &app.sso.provider.issuer, app.clock.now()).ok()
}
