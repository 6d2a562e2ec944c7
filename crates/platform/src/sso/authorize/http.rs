use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use civil::PersonalNumber;
use crypto::base64url;
use http::StatusCode;
use jiff::SignedDuration;
use oidc::assurance::Assurance;
use oidc::authorize::{self, PageError, Refusal, Request};
use oidc::claims::Scopes;
use oidc::claims_request::ClaimsRequest;
use oidc::client::Client;
use oidc::error::{Error, ErrorCode};
use oidc::id_token;
use oidc::par;
use oidc::params::Params;
use oidc::request_object;
use oidc::subject;
use serde::Deserialize;

use super::consent;
use super::refusal::http as refusal;
use super::sending::http::{see_other, send};
use crate::accounts::{self, Level};
use crate::app::App;
use crate::consents;
use crate::locks::{self, Asking};
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Query};
use crate::shell::keys;
use crate::shell::problem::Problem;
use crate::shell::session::{Session, Visitor};
use crate::signin::raise;
use crate::sso::clients;
use crate::sso::codes::http::{Agreed, issue};
use crate::sso::parties;
use crate::sso::pushed;
use crate::sso::rules::{self, REQUEST_LIFE};

/// A relying party asks, by the query.
pub(in crate::sso) async fn ask(
    State(app): State<App>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    read(&app, &visitor, query.unwrap_or_default()).await
}

/// A relying party asks, by a form (OpenID Connect Core 3.1.2.1).
pub(in crate::sso) async fn ask_by_form(
    State(app): State<App>,
    visitor: Visitor,
    form: String,
) -> Result<Response, Problem> {
    read(&app, &visitor, form).await
}

async fn read(app: &App, visitor: &Visitor, encoded: String) -> Result<Response, Problem> {
    let params = Params::parse(&encoded).map_err(unreadable)?;
    let id = authorize::client_id(&params).map_err(unknown)?;
    let client = clients::find(app, id)
        .await?
        .ok_or_else(|| unknown(PageError::UnknownClient))?;
    if let Some(name) = par::named(&params).map_err(unreadable)? {
        let request = pushed::find(app, name, &client).await?.map_err(unreadable)?;
        return proceed(app, visitor, &client, request).await;
    }
    let now = app.clock.now();
    let params = request_object::open(params, &client, &app.sso.provider.issuer, now).map_err(unreadable)?;
    match authorize::check(&params, &client, now) {
        Ok(request) => proceed(app, visitor, &client, request).await,
        Err(Refusal::Page(error)) => Err(unknown(error)),
        Err(Refusal::Reply(reply_to, error)) => send(app, &client, &reply_to, Err(error)),
    }
}

/// A request put off until the person has signed in or answered; sealed, so that it comes back as it was.
#[derive(Deserialize)]
pub(in crate::sso) struct PutOff {
    request: String,
}

/// Takes up a request after the person has signed in.
pub(in crate::sso) async fn resume(
    State(app): State<App>,
    visitor: Visitor,
    Query(put_off): Query<PutOff>,
) -> Result<Response, Problem> {
    let (request, client) = take_up(&app, &put_off.request).await?;
    proceed(&app, &visitor, &client, request).await
}

/// The person's answer on the consent page.
#[derive(Deserialize)]
pub(in crate::sso) struct Answer {
    request: String,
    answer: String,
    #[serde(default)]
    passcode: String,
}

/// The person agrees or refuses.
pub(in crate::sso) async fn answer(
    State(app): State<App>,
    visitor: Visitor,
    Input(given): Input<Answer>,
) -> Result<Response, Problem> {
    let (request, client) = take_up(&app, &given.request).await?;
    let session = visitor.citizen.as_ref();
    let lock = refusal::find(&app, session, &client).await?;
    if given.answer != "agree" || lock.is_some() {
        let why = lock.map_or("the person refused", locks::Refusal::description);
        return refuse(&app, &client, &request, Error::new(ErrorCode::AccessDenied, why)).await;
    }
    if request.scopes.have_credentials()
        && let Some(asked_again) = consent::http::confirm(&app, (&client, &request), &given.passcode, session).await?
    {
        return Ok(asked_again);
    }
    let known = session
        .map(|session| known(&app, session, &client, &request, Some(app.clock.now())))
        .transpose()?;
    match (request.next(&client, known.as_ref()), session) {
        (authorize::Next::Proceed, Some(session)) => {
            account(&app, &request.scopes, session).await?;
            issue(&app, &client, &request, session, Agreed::Now).await
        }
        _ => proceed(&app, &visitor, &client, request).await,
    }
}

async fn proceed(app: &App, visitor: &Visitor, client: &Arc<Client>, request: Request) -> Result<Response, Problem> {
    let session = visitor.citizen.as_ref();
    let standing = match session {
        Some(session) => standing(app, session, client, &request).await?,
        None => Standing::default(),
    };
    if let Some(lock) = standing.lock {
        if request.prompts.contains(&authorize::Prompt::None) {
            return refuse(
                app,
                client,
                &request,
                Error::new(ErrorCode::AccessDenied, lock.description()),
            )
            .await;
        }
        return Ok(refusal::show(client, put_off(app, &request)?, lock));
    }
    let known = session
        .map(|session| known(app, session, client, &request, standing.consented_at))
        .transpose()?;
    match (request.next(client, known.as_ref()), session) {
        (authorize::Next::Proceed, Some(session)) => {
            suffices(&request.scopes, standing.level)?;
            let agreed = Agreed::Before(standing.revocations);
            issue(app, client, &request, session, agreed).await
        }
        (authorize::Next::AskConsent, Some(session)) => consent::http::ask(app, client, &request, session).await,
        (authorize::Next::Refuse(error), _) => refuse(app, client, &request, error).await,
        (authorize::Next::SignIn(needed), Some(session)) => {
            // Signing in once more would change nothing for somebody who has just done so.
            let has_just_signed_in = session.opened_at >= request.received_at;
            if !rules::is_only_too_weak(&request, client, known, needed) && !has_just_signed_in {
                return sign_in_first(app, &request);
            }
            raise_first(app, client, &request, (session, needed)).await
        }
        _ => sign_in_first(app, &request),
    }
}

/// Sends the person to be authenticated more strongly, and to come back with the same request; tells the client where no way leads there.
async fn raise_first(
    app: &App,
    client: &Client,
    request: &Request,
    (session, needed): (&Session, Assurance),
) -> Result<Response, Problem> {
    let back = format!("/sso/resume?request={}", put_off(app, request)?);
    match raise::page(session, rules::level(needed), &back) {
        Some(page) => Ok(see_other(&page)),
        None => refuse(app, client, request, rules::unmet(needed)).await,
    }
}

/// What is known of the person in front of the browser, and whether it is the one of `id_token_hint` (OpenID Connect Core 3.1.2.1).
fn known(
    app: &App,
    session: &Session,
    client: &Client,
    request: &Request,
    consented_at: Option<jiff::Timestamp>,
) -> Result<authorize::Session, Problem> {
    let hint = request.id_token_hint.as_deref().map(|hint| {
        let keys = app.keys.jwks(keys::SSO, app.clock.now());
        id_token::verify_hint(hint, &keys, &app.sso.provider.issuer)
    });
    let hint = hint.transpose().map_err(unreadable)?;
    let named = request.wanted.claims.as_ref().and_then(ClaimsRequest::subject);
    let sub = || subject::pairwise(&app.sso.digests, client.sector(), &session.subject);
    Ok(authorize::Session {
        auth_time: session.opened_at,
        assurance: rules::assurance(session.assurance),
        consented_at,
        other_than_hinted: hint.is_some_and(|hint| hint.sub != sub()) || named.is_some_and(|named| named != sub()),
    })
}

/// How it stands with a person and what a relying party asks.
#[derive(Default)]
struct Standing {
    /// The lock that keeps the relying party from getting anything.
    lock: Option<locks::Refusal>,
    /// When the person agreed to it.
    consented_at: Option<jiff::Timestamp>,
    /// The level of the account; none where it is gone.
    level: Option<Level>,
    /// How often codes of the person have been taken back.
    revocations: i64,
}

/// Looks it up.
async fn standing(app: &App, session: &Session, client: &Arc<Client>, request: &Request) -> Result<Standing, Problem> {
    // What goes into a wallet is agreed to each time.
    let remembered = !request.scopes.have_credentials();
    let asked = remembered.then(|| consent::http::asked(app, client, request));
    let (person, now, client) = (PersonId::from(session.subject), app.clock.now(), client.clone());
    let standing = app.db.read(move |conn| -> Result<_, db::Error> {
        Ok(Standing {
            lock: locks::refusal(conn, &person, &Asking::of(&client), now)?,
            consented_at: match &asked {
                Some(asked) => consents::given_at(conn, &person, asked, now)?,
                None => None,
            },
            level: accounts::level(conn, &person)?,
            revocations: parties::revocations(conn, &person)?,
        })
    });
    Ok(standing.await?)
}

/// Sends the person to sign in, and to come back with the same request.
fn sign_in_first(app: &App, request: &Request) -> Result<Response, Problem> {
    let back = format!("/sso/resume?request={}", put_off(app, request)?);
    let back: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
    let language = request.language(&["vi", "en"]);
    let language = language.map(|tag| format!("&lang={tag}")).unwrap_or_default();
    Ok(see_other(&format!("/signin?next={back}{language}")))
}

pub(super) async fn account(app: &App, scopes: &Scopes, session: &Session) -> Result<accounts::Account, Problem> {
    let (person, vault) = (PersonId::from(session.subject), app.vault.clone());
    let account = app.db.read(move |conn| accounts::find(conn, &vault, &person)).await?;
    suffices(scopes, account.as_ref().map(|account| account.level))?;
    account.ok_or_else(Problem::not_found)
}

/// Refuses what the level of an account does not suffice for.
fn suffices(scopes: &Scopes, level: Option<Level>) -> Result<(), Problem> {
    let level = level.ok_or_else(Problem::not_found)?;
    if level == Level::Zero {
        return Err(Problem::new("sso-level-too-low", StatusCode::FORBIDDEN));
    }
    if scopes.have_credentials() && level != Level::Two {
        return Err(Problem::new("sso-level-two-needed", StatusCode::FORBIDDEN));
    }
    Ok(())
}

/// Tells the relying party that there will be no code.
async fn refuse(app: &App, client: &Client, request: &Request, error: Error) -> Result<Response, Problem> {
    if let Some(name) = &request.pushed_as {
        let (digest, now) = (pushed::digest(app, name), app.clock.now());
        app.db.write(move |tx| use_up(tx, Some(&digest), now)).await?;
    }
    send(app, client, &request.reply_to, Err(error))
}

/// Uses up the name of a pushed request: it is answered once.
pub(in crate::sso) fn use_up(
    tx: &mut db::Tx<'_>,
    name: Option<&[u8; 32]>,
    now: jiff::Timestamp,
) -> Result<(), Problem> {
    match name {
        Some(name) if !pushed::use_up(tx, name, now)? => Err(unreadable(par::UNKNOWN)),
        _ => Ok(()),
    }
}

pub(super) fn put_off(app: &App, request: &Request) -> Result<String, Problem> {
    Ok(base64url::encode(
        app.vault.seal_record("sso", "request", b"", request)?,
    ))
}

/// The name of the relying party whose request an address of ours takes up; none for other addresses.
pub(crate) async fn who_asks(app: &App, path: &str) -> Option<String> {
    let sealed = path.strip_prefix("/sso/resume?request=")?;
    let (_, client) = take_up(app, sealed).await.ok()?;
    Some(client.name().to_owned())
}

/// The personal number that the relying party expects to be typed (`login_hint`), where an address of ours takes up its request.
///
/// It only saves typing: nothing is looked up, and whoever sits there may type another.
pub(crate) async fn hinted(app: &App, path: &str) -> Option<PersonalNumber> {
    let sealed = path.strip_prefix("/sso/resume?request=")?;
    let (request, _) = take_up(app, sealed).await.ok()?;
    PersonalNumber::parse(request.login_hint?.trim()).ok()
}

async fn take_up(app: &App, sealed: &str) -> Result<(Request, Arc<Client>), Problem> {
    let expired = || Problem::new("sso-request-expired", StatusCode::BAD_REQUEST);
    let sealed = base64url::decode(sealed).map_err(|error| expired().caused_by(error))?;
    let request: Request = app
        .vault
        .open_record("sso", "request", b"", &sealed)
        .map_err(|error| expired().caused_by(error))?;
    let client = clients::find(app, &request.client_id)
        .await?
        .ok_or_else(|| unknown(PageError::UnknownClient))?;
    let age = app.clock.now().duration_since(request.received_at);
    if age > SignedDuration::from_secs(REQUEST_LIFE) || !client.may_redirect_to(request.reply_to.redirect_uri()) {
        return Err(expired());
    }
    Ok((request, client))
}

/// The relying party made a mistake that cannot be told to it, since we do not know whose address it is.
fn unknown(error: PageError) -> Problem {
    Problem::new("sso-client-unknown", StatusCode::BAD_REQUEST).caused_by(error)
}

fn unreadable(error: Error) -> Problem {
    Problem::new("sso-request-malformed", StatusCode::BAD_REQUEST).caused_by(error)
}
