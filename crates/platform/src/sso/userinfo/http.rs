use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, header};
use oidc::bearer;
use oidc::claims::{self, Facts, Scope, Scopes};
use oidc::claims_request::{ClaimsRequest, Wishes};
use oidc::client::Client;
use oidc::envelope::{self, Userinfo};
use oidc::params::Params;
use oidc::subject;
use oidc::token::TokenType;
use oidc::verified_claims;
use serde_json::{Map, Value};

use super::{proofing, rules};
use crate::accounts::{self, Account};
use crate::app::App;
use crate::locks::{self, Asking};
use crate::registries;
use crate::shell::ids::PersonId;
use crate::shell::keys;
use crate::shell::problem::Problem;
use crate::sso::resources::admit;
use crate::sso::rules::open_wanted;
use crate::sso::tokens::http::{Challenged, Refused, authorization, dice};
use crate::statistics::{self, Measure};

/// A relying party asks for what was agreed.
pub(in crate::sso) async fn tell(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Challenged> {
    told(&app, &method, &headers, &body)
        .await
        .map_err(|refused| Challenged::new(&app, &headers, refused, TokenType::Bearer))
}

async fn told(app: &App, method: &Method, headers: &HeaderMap, body: &str) -> Result<Response, Refused> {
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let form = if is_form { Some(Params::parse(body)?) } else { None };
    let presented = bearer::presented(authorization(headers), form.as_ref())?;
    let (ticket, kept, client) = admit(app, (method, app.sso.provider.userinfo), headers, &presented).await?;
    let person = ticket.person;
    let wanted = open_wanted(&app.vault, "sso_token", &ticket.digest, kept.wanted_sealed.as_ref())?;
    let scopes = Scopes::parse(&kept.scopes)?;
    let scopes: Scopes = scopes.iter().chain(wanted.granted().iter()).collect();
    let wishes = wanted.claims.map(|claims| claims.userinfo).unwrap_or_default();

    let account = unlocked(app, person, &client).await?.ok_or(bearer::INVALID)?;
    let facts = facts(app, &account, &needed(&scopes, &wishes)).await;
    statistics::tally(app, Measure::Questions, client.id());
    let sub = subject::pairwise(&app.sso.digests, client.sector(), person.bytes());
    let mut told = claims::userinfo(&sub, &facts, &scopes);
    told.extend(released(app, &client, (&account, &facts), &wishes).await?);
    Ok(wrapped(app, &client, told)?)
}

/// The answer, signed and encrypted where the client asked for that.
fn wrapped(app: &App, client: &Client, told: Map<String, Value>) -> Result<Response, Problem> {
    let signer = app.keys.signer(keys::SSO).map_err(Problem::internal)?;
    let issuer = &app.sso.provider.issuer;
    let told = envelope::userinfo(told, client, issuer, signer.as_ref(), || dice(app)).map_err(Problem::internal)?;
    let private = (header::CACHE_CONTROL, "no-store");
    Ok(match told {
        Userinfo::Plain(told) => ([private], Json(told)).into_response(),
        Userinfo::Token(token) => ([private, (header::CONTENT_TYPE, envelope::MEDIA_TYPE)], token).into_response(),
    })
}

/// The claims that were wished for in one place, as far as they are known and the client may have them.
pub(in crate::sso) async fn wished(
    app: &App,
    client: &Client,
    person: PersonId,
    wishes: &Wishes,
) -> Result<Map<String, Value>, Problem> {
    if wishes.are_none() {
        return Ok(Map::new());
    }
    let vault = app.vault.clone();
    let account = app.db.read(move |conn| accounts::find(conn, &vault, &person)).await?;
    let Some(account) = account else {
        return Ok(Map::new());
    };
    let facts = facts(app, &account, &needed(&Scopes::default(), wishes)).await;
    released(app, client, (&account, &facts), wishes).await
}

async fn released(
    app: &App,
    client: &Client,
    (account, facts): (&Account, &Facts),
    wishes: &Wishes,
) -> Result<Map<String, Value>, Problem> {
    if wishes.are_none() {
        return Ok(Map::new());
    }
    let known = claims::known(facts);
    let granted = &client.metadata().scope;
    let mut told = wishes.release(&known, granted);
    if wishes.verified.is_empty() {
        return Ok(told);
    }
    let (vault, standing) = (app.vault.clone(), account.clone());
    let proofing = app.db.read(move |conn| proofing::of(conn, &vault, &standing)).await?;
    if let Some(proofing) = proofing
        && let Some(verified) = verified_claims::answer(&wishes.verified, &proofing, &known, granted, app.clock.now())
    {
        told.insert("verified_claims".to_owned(), verified);
    }
    Ok(told)
}

/// The scopes that name all that has to be known.
fn needed(scopes: &Scopes, wishes: &Wishes) -> Scopes {
    let request = ClaimsRequest {
        userinfo: wishes.clone(),
        ..ClaimsRequest::default()
    };
    scopes.iter().chain(request.scopes().iter()).collect()
}

/// What is known of the holder of an account. The population database is asked only for what these scopes need of it.
async fn facts(app: &App, account: &Account, needed: &Scopes) -> Facts {
    let residence = if needed.contains(Scope::Address) {
        residence(app, account).await
    } else {
        None
    };
    rules::facts(account, residence)
}

/// The account, unless a lock keeps the relying party from what was agreed: at an hour that the person has locked since.
async fn unlocked(app: &App, person: PersonId, client: &Arc<Client>) -> Result<Option<Account>, Problem> {
    let (vault, client, now) = (app.vault.clone(), client.clone(), app.clock.now());
    app.db
        .read(move |conn| {
            if locks::refusal(conn, &person, &Asking::of(&client), now)?.is_some() {
                return Ok(None);
            }
            accounts::find(conn, &vault, &person)
        })
        .await
}

/// Where the population database says that the person lives; nothing where it does not answer.
async fn residence(app: &App, account: &Account) -> Option<String> {
    let answer = registries::person(app, &account.number, "sso").await.ok()??;
    answer.record.permanent_residence.map(|residence| residence.text)
}
