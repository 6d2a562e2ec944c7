use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use civil::PersonalNumber;
use crypto::secret::Secret;
use http::{HeaderMap, header};
use jiff::SignedDuration;
use oidc::authentication::AssertionId;
use oidc::backchannel::{self, Asked, Hint, INTERVAL, Started, Turn};
use oidc::error::{Error, ErrorCode};
use oidc::id_token;
use oidc::params::Params;
use oidc::resource;
use oidc::wanted::Wanted;

use super::rules::MOST_WAITING;
use super::store::{self, Kept};
use super::{AskedId, Record};
use crate::accounts;
use crate::app::App;
use crate::notices;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{self, Order};
use crate::shell::keys;
use crate::shell::problem::Problem;
use crate::shell::texts::Lang;
use crate::sso::proofs::{self, Proven};
use crate::sso::rules::{Ticket, Use};
use crate::sso::tokens::http::{Grant, Refused, answer};
use crate::sso::tokens::{Behind, Fresh};

/// A relying party asks for a person who is not in front of its browser.
pub(in crate::sso) async fn ask(State(app): State<App>, headers: HeaderMap, body: String) -> Result<Response, Refused> {
    let params = Params::parse(&body)?;
    let credentials = Asked::credentials(&params, proofs::headers(&headers).authorization)?;
    let path = app.sso.provider.backchannel.unwrap_or_default();
    let proven = Proven::judge(&app, &credentials, &headers, path).await?;
    let issuer = &app.sso.provider.issuer;
    let (asked, request) = Asked::read(params, &proven.client, issuer, proven.now)?;
    if asked.binding_message.is_none() {
        let needed = "both screens need a message";
        return Err(Error::new(ErrorCode::InvalidBindingMessage, needed).into());
    }
    let known = whom(&app, &asked).await?;

    let (life, now) = (asked.life, proven.now);
    let expires_at = now + SignedDuration::from_secs(life.into());
    // Whoever is meant by nothing of ours is kept like anybody else, and never answers.
    let person = known.unwrap_or_else(|| PersonId::draw(&app.chance));
    let (ticket, name) = Ticket::draw(&app.vault, &app.chance, Use::Asked, person, expires_at);
    let id = AskedId::draw(&app.chance);
    let sms = told(&app, &proven, &asked, known).await?;
    let record = Record {
        asked,
        auth_req_id: name.clone(),
    };
    let sealed = app
        .vault
        .seal_record("sso_asked", "asked", &ticket.digest, &record)
        .map_err(Problem::from)?;
    app.db
        .write(move |tx| -> Result<(), Refused> {
            proven.use_up(tx)?;
            if let Some(request) = &request {
                let once = AssertionId {
                    id: format!("request {}", request.id),
                    expires_at: request.expires_at,
                };
                if !proofs::use_assertion(tx, proven.client.id(), &once, now)? {
                    return Err(Error::request("the signed request was used before").into());
                }
            }
            let waits = store::waiting(tx, &person, now)?.len();
            store::insert(tx, &ticket, (&id, proven.client.id(), &sealed), INTERVAL, now)?;
            // Beyond the limit nobody is shown it: it ends unanswered.
            if waits >= MOST_WAITING {
                store::say(tx, (&person, &id), None, now)?;
            } else if let Some(sms) = &sms {
                jobs::enqueue(tx, sms)?;
            }
            Ok(())
        })
        .await?;

    let started = Started {
        auth_req_id: name,
        expires_in: life,
        interval: INTERVAL,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(started)).into_response())
}

/// Whom the hint means: the personal number that the person told, or an ID token of ours.
async fn whom(app: &App, asked: &Asked) -> Result<Option<PersonId>, Refused> {
    match &asked.hint {
        Hint::Login(text) => {
            let Ok(number) = PersonalNumber::parse(text.trim()) else {
                return Ok(None);
            };
            let vault = app.vault.clone();
            let found = app
                .db
                .read(move |conn| accounts::person_of(conn, &vault, &number))
                .await?;
            Ok(found)
        }
        Hint::IdToken(token) => {
            let published = app.keys.jwks(keys::SSO, app.clock.now());
            let hint = id_token::verify_hint(token, &published, &app.sso.provider.issuer)?;
            if hint.aud != asked.client_id {
                return Err(Error::request("id_token_hint is another client's").into());
            }
            Ok(app.db.read(move |conn| store::known_by(conn, &hint.sub)).await?)
        }
    }
}

/// The message by which the person learns that something waits.
async fn told(app: &App, proven: &Proven, asked: &Asked, known: Option<PersonId>) -> Result<Option<Order>, Refused> {
    let Some(person) = known else { return Ok(None) };
    let vault = app.vault.clone();
    let account = app.db.read(move |conn| accounts::find(conn, &vault, &person)).await?;
    let words = asked.binding_message.clone().unwrap_or_default();
    Ok(account.filter(|account| !account.phone_lost).map(|account| {
        let args = [
            ("client", proven.client.name().into()),
            ("words", words.as_str().into()),
        ];
        let text = app.texts.say(Lang::Vi, "sso-asked-sms", &args);
        notices::sms(app, &account.phone.e164(), text)
    }))
}

/// What came of a question for tokens.
enum Turned {
    Given(Box<Kept>, Box<Record>, Option<String>),
    Refused(Error),
}

/// A relying party asks for the tokens of a request.
pub(in crate::sso) async fn give(
    app: &App,
    proven: Arc<Proven>,
    name: &Secret<String>,
    resources: Vec<String>,
) -> Result<Response, Refused> {
    let issuer = app.sso.provider.issuer.clone();
    let holder = proven.shown.bind(&proven.client)?;
    let ticket = Ticket::read(&app.vault, Use::Asked, name.expose()).ok_or(backchannel::UNKNOWN)?;
    let (person, now) = (ticket.person, proven.now);
    let (fresh, texts) = Fresh::draw(app, &proven.client, person, now);
    let (party, bound, vault) = (proven.clone(), holder.clone(), app.vault.clone());
    let turned = app
        .db
        .write(move |tx| -> Result<Turned, Refused> {
            party.use_up(tx)?;
            let kept = store::find(tx, &ticket)?.ok_or(backchannel::UNKNOWN)?;
            match kept.pending.turn(&party.client, now)? {
                Turn::Give => {}
                Turn::Wait { error, interval } => {
                    store::polled(tx, &ticket, interval, now)?;
                    return Ok(Turned::Refused(error));
                }
                Turn::Over(error) => return Ok(Turned::Refused(error)),
            }
            let (Some(session), true) = (kept.session.clone(), store::take(tx, &ticket)?) else {
                return Err(backchannel::UNKNOWN.into());
            };
            let record: Record = vault
                .open_record("sso_asked", "asked", &ticket.digest, &kept.record_sealed)
                .map_err(Problem::from)?;
            let audience = resource::target(&record.asked.resources, resources.clone(), &issuer)?;
            let behind = Behind {
                digest: &ticket.digest,
                scopes: &record.asked.scopes,
                granted: &record.asked.resources,
                audience: audience.as_deref(),
                wanted: &Wanted::default(),
                holder: bound.as_ref(),
                session: &session,
            };
            fresh.keep(tx, &party.client, &behind, now)?;
            Ok(Turned::Given(Box::new(kept), Box::new(record), audience))
        })
        .await?;

    match turned {
        Turned::Refused(error) => Err(error.into()),
        Turned::Given(kept, record, audience) => {
            let session = kept
                .session
                .ok_or(Error::new(ErrorCode::ServerError, "the answer was lost"))?;
            let grant = Grant {
                session: &session,
                nonce: None,
                scopes: record.asked.scopes,
                holder: holder.as_ref(),
                texts,
                audience,
                wanted: Wanted::default(),
            };
            Ok(answer(app, &proven.client, grant).await?)
        }
    }
}
