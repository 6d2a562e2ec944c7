use askama::Template;
use axum::extract::{Path, State};
use crypto::secret::Secret;
use http::StatusCode;
use jiff::Timestamp;
use oidc::claims::Scope;
use serde::{Deserialize, Serialize};

use super::super::rules::{MOST_TRIES, are_the_words};
use super::super::store::{self, Kept};
use super::super::{AskedId, Record, jobs};
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::locks::{self, Asking};
use crate::shell::filters;
use crate::shell::input::{Input, Query};
use crate::shell::jobs as outbox;
use crate::shell::page::{Next, Page};
use crate::shell::passkey::{self, Answer as Proof, Subject};
use crate::shell::problem::Problem;
use crate::shell::session::{Citizen, Kind, Session};
use crate::signin::confirm::{self, Asks};
use crate::signin::raise;
use crate::sso::clients;
use crate::sso::rules;

/// Where the page is.
const HERE: &str = "/account/requests";

/// What waits for the citizen's answer.
#[derive(Clone, Debug, Template, Serialize)]
#[template(path = "sso/backchannel/pages/requests.html")]
pub(in crate::sso::backchannel) struct Requests {
    requests: Vec<Waiting>,
    /// More than one waits: who approves types the words of the other screen.
    several: bool,
    /// By what the citizen approves.
    by: Asks,
    /// What became of the last one.
    done: Option<&'static str>,
}

/// One request.
#[derive(Clone, Debug, Serialize)]
struct Waiting {
    id: AskedId,
    /// Who asks.
    client: String,
    /// What the other screen shows, too.
    words: String,
    data: Vec<&'static str>,
    asked_at: Timestamp,
    expires_at: Timestamp,
}

/// A request with what it says.
struct Opened {
    kept: Kept,
    record: Record,
}

/// What became of the last request.
#[derive(Deserialize)]
pub(in crate::sso::backchannel) struct Last {
    #[serde(default)]
    done: String,
}

/// Shows what waits.
pub(in crate::sso::backchannel) async fn show(
    State(app): State<App>,
    citizen: Citizen,
    Query(last): Query<Last>,
) -> Result<Page<Requests>, Problem> {
    let opened = opened(&app, &citizen).await?;
    let done = ["agreed", "refused"].into_iter().find(|word| *word == last.done);
    Ok(Page(view(&app, &citizen, &opened, done).await?))
}

async fn opened(app: &App, citizen: &Citizen) -> Result<Vec<Opened>, Problem> {
    let (person, now) = (citizen.person, app.clock.now());
    let waiting = app.db.read(move |conn| store::waiting(conn, &person, now)).await?;
    let open = |kept: Kept| {
        let sealed = &kept.record_sealed;
        let record = app.vault.open_record("sso_asked", "asked", &kept.digest, sealed)?;
        Ok(Opened { kept, record })
    };
    waiting.into_iter().map(open).collect()
}

async fn view(
    app: &App,
    citizen: &Citizen,
    opened: &[Opened],
    done: Option<&'static str>,
) -> Result<Requests, Problem> {
    let person = citizen.person;
    let by = app.db.read(move |conn| confirm::asks(conn, &person)).await?;
    let mut requests = Vec::new();
    for Opened { kept, record } in opened {
        let Some(client) = clients::find(app, &kept.pending.client_id).await? else {
            continue;
        };
        let data = record.asked.scopes.iter().filter(|scope| *scope != Scope::OpenId);
        requests.push(Waiting {
            id: kept.id,
            client: client.name().to_owned(),
            words: record.asked.binding_message.clone().unwrap_or_default(),
            data: data.map(Scope::name).collect(),
            asked_at: kept.asked_at,
            expires_at: kept.pending.expires_at,
        });
    }
    Ok(Requests {
        several: requests.len() > 1,
        requests,
        by,
        done,
    })
}

/// The citizen's answer.
#[derive(Deserialize)]
pub(in crate::sso::backchannel) struct Answer {
    answer: String,
    #[serde(default = "nothing")]
    secret: Secret<String>,
    #[serde(default)]
    words: String,
}

fn nothing() -> Secret<String> {
    Secret::new(String::new())
}

/// Answers a request: yes by the passcode, or no.
pub(in crate::sso::backchannel) async fn answer(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<AskedId>,
    Input(given): Input<Answer>,
) -> Result<Next<Requests>, Problem> {
    let opened = opened(&app, &citizen).await?;
    let shown = view(&app, &citizen, &opened, None).await?;
    let asked = find(&opened, id)?;
    if given.answer != "agree" {
        return said(&app, &citizen, asked, None).await;
    }
    check_words(&app, &citizen, asked, (shown.several, &given.words))
        .await
        .map_err(|problem| problem.on(shown.clone()))?;
    confirm::confirm(&app, &citizen, &given.secret)
        .await
        .map_err(|problem| problem.on(shown.clone()))?;
    let session = match shown.by {
        Asks::Passcode => raise::raised(&citizen.session, "pin"),
        Asks::Password | Asks::Passkey => citizen.session.clone(),
    };
    said(&app, &citizen, asked, Some(session)).await
}

/// The proof of a passkey, and the words where more than one request waits.
#[derive(Deserialize)]
pub(in crate::sso::backchannel) struct PasskeyForm {
    #[serde(flatten)]
    proof: Proof,
    #[serde(default)]
    words: String,
}

/// Approves a request by a passkey.
pub(in crate::sso::backchannel) async fn by_passkey(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<AskedId>,
    Input(given): Input<PasskeyForm>,
) -> Result<Next<Requests>, Problem> {
    let opened = opened(&app, &citizen).await?;
    let asked = find(&opened, id)?;
    check_words(&app, &citizen, asked, (opened.len() > 1, &given.words)).await?;
    let proven = passkey::prove(&app, Kind::Citizen, &given.proof).await?;
    let own = Subject {
        kind: Kind::Citizen,
        id: *citizen.person.bytes(),
    };
    if proven.subject != own {
        return Err(Problem::new("sso-passkey-of-another", StatusCode::FORBIDDEN));
    }
    let session = raise::raised(&citizen.session, proven.methods());
    let now = app.clock.now();
    app.db.write(move |tx| proven.spend(tx, now)).await?;
    said(&app, &citizen, asked, Some(session)).await
}

fn find(opened: &[Opened], id: AskedId) -> Result<&Opened, Problem> {
    let found = opened.iter().find(|opened| opened.kept.id == id);
    found.ok_or_else(|| Problem::new("sso-asked-over", StatusCode::GONE))
}

/// Where more than one request waits, the words of the other screen decide which one is meant. Who types others three times refuses it.
async fn check_words(
    app: &App,
    citizen: &Citizen,
    asked: &Opened,
    (needed, typed): (bool, &str),
) -> Result<(), Problem> {
    let shown = asked.record.asked.binding_message.as_deref().unwrap_or_default();
    if !needed || are_the_words(shown, typed) {
        return Ok(());
    }
    let (person, id, now) = (citizen.person, asked.kept.id, app.clock.now());
    let calls = asked.record.asked.notification_token.is_some();
    app.db
        .write(move |tx| -> Result<(), db::Error> {
            if store::count_wrong(tx, (&person, &id))? >= MOST_TRIES {
                store::say(tx, (&person, &id), None, now)?;
                if calls {
                    outbox::enqueue_bare::<jobs::Call>(tx, (*id.bytes()).into(), now)?;
                }
            }
            Ok(())
        })
        .await?;
    Err(Problem::new("sso-asked-other-words", StatusCode::CONFLICT))
}

/// Writes the answer down: yes in a session, or no; and orders the service to be called.
async fn said(
    app: &App,
    citizen: &Citizen,
    asked: &Opened,
    yes_in: Option<Session>,
) -> Result<Next<Requests>, Problem> {
    let client = clients::find(app, &asked.kept.pending.client_id).await?;
    let client = client.ok_or_else(Problem::not_found)?;
    if let Some(session) = &yes_in {
        let needed = asked.record.asked.acr_values.iter().min().copied();
        let needed = client.metadata().minimum_assurance.max(needed);
        if rules::assurance(session.assurance) < needed {
            return Err(Problem::new("sso-asked-for-more", StatusCode::FORBIDDEN));
        }
    }
    let (person, id, now) = (citizen.person, asked.kept.id, app.clock.now());
    let who = Who::Partner(client.name().to_owned());
    let what = rules::what(&asked.record.asked.scopes);
    let look = Look::now(app, person, &who, Purpose::SignInElsewhere, &what);
    let (yes, calls) = (yes_in.is_some(), asked.record.asked.notification_token.is_some());
    app.db
        .write(move |tx| -> Result<(), Problem> {
            let refusal = locks::refusal(tx, &person, &Asking::of(&client), now)?;
            let agreed = yes_in.as_ref().filter(|_| refusal.is_none());
            if !store::say(tx, (&person, &id), agreed, now)? {
                return Err(Problem::new("sso-asked-over", StatusCode::GONE));
            }
            if agreed.is_some() {
                history::record(tx, &look)?;
            }
            if calls {
                outbox::enqueue_bare::<jobs::Call>(tx, (*id.bytes()).into(), now)?;
            }
            Ok(())
        })
        .await?;

    let rest = opened(app, citizen).await?;
    let done = if yes { "agreed" } else { "refused" };
    Ok(Next {
        to: format!("{HERE}?done={done}"),
        view: view(app, citizen, &rest, Some(done)).await?,
    })
}
