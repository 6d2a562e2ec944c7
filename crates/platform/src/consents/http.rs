use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use oidc::claims::{Scope, Scopes};
use serde::{Deserialize, Serialize};

use super::store::{self, Given};
use crate::app::App;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::Input;
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;
use crate::signals::{self, Heard};
use crate::sso;

/// How many are shown.
const MOST: i64 = 200;

/// What the citizen has agreed to.
#[derive(Template, Serialize)]
#[template(path = "consents/pages/consents.html")]
pub(super) struct Consents {
    consents: Vec<Shown>,
}

/// One consent.
#[derive(Serialize)]
struct Shown {
    client_id: String,
    partner: String,
    purpose: String,
    /// Why the data is needed, in Vietnamese and in English; empty where no purpose was registered.
    reason: [String; 2],
    basis: String,
    data: Vec<&'static str>,
    given_at: Timestamp,
    ends_at: Timestamp,
    withdrawn_at: Option<Timestamp>,
    /// Whether it holds now: `standing`, `once`, `ended`, `withdrawn`.
    state: &'static str,
    /// Whether the relying party knows that it was withdrawn.
    heard: Option<&'static str>,
}

async fn view(app: &App, person: &PersonId) -> Result<Consents, Problem> {
    let (person, now) = (*person, app.clock.now());
    let given = app
        .db
        .read(move |conn| {
            let given = store::list(conn, &person, MOST)?;
            let with_heard = given.into_iter().map(|given| {
                let heard = match given.withdrawn_at {
                    Some(at) => Some(signals::heard(conn, &person, &given.client_id, at)?),
                    None => None,
                };
                Ok((given, heard))
            });
            with_heard.collect::<Result<Vec<_>, db::Error>>()
        })
        .await?;
    let mut consents = Vec::new();
    for (given, heard) in given {
        consents.push(show(app, given, heard, now).await?);
    }
    Ok(Consents { consents })
}

async fn show(app: &App, given: Given, heard: Option<Heard>, now: Timestamp) -> Result<Shown, Problem> {
    let client = sso::find(app, &given.client_id).await?;
    let terms = client.as_ref().and_then(|client| client.terms(&given.purpose));
    let scopes = Scopes::parse(&given.scopes).unwrap_or_default();
    Ok(Shown {
        partner: client
            .as_ref()
            .map_or_else(|| given.client_id.clone(), |client| client.name().to_owned()),
        reason: terms.map_or_else(Default::default, |terms| {
            [terms.reason.clone(), terms.reason_en.clone()]
        }),
        data: scopes
            .iter()
            .filter(|scope| *scope != Scope::OpenId)
            .map(Scope::name)
            .collect(),
        state: match given.withdrawn_at {
            Some(_) => "withdrawn",
            None if given.ends_at > now => "standing",
            None if given.ends_at == given.given_at => "once",
            None => "ended",
        },
        heard: heard.map(Heard::word),
        client_id: given.client_id,
        purpose: given.purpose,
        basis: given.basis,
        given_at: given.given_at,
        ends_at: given.ends_at,
        withdrawn_at: given.withdrawn_at,
    })
}

/// Shows what the citizen has agreed to.
pub(super) async fn list(State(app): State<App>, citizen: Citizen) -> Result<Page<Consents>, Problem> {
    Ok(Page(view(&app, &citizen.person).await?))
}

/// Which consent is taken back.
#[derive(Deserialize)]
pub(super) struct Withdraw {
    client_id: String,
    #[serde(default)]
    purpose: String,
}

/// Takes a consent back: what the relying party holds is worth nothing from now on, and it is told.
pub(super) async fn withdraw(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<Withdraw>,
) -> Result<Next<Consents>, Problem> {
    let (person, now) = (citizen.person, app.clock.now());
    let withdrawn = app
        .db
        .write(move |tx| {
            let which = (form.client_id.as_str(), form.purpose.as_str());
            if !store::withdraw(tx, &person, which, now)? {
                return Ok(false);
            }
            sso::revoke_of(tx, &person, which.0, now)?;
            signals::consent_withdrawn(tx, &person, which, now)?;
            Ok::<_, db::Error>(true)
        })
        .await?;
    if !withdrawn {
        return Err(Problem::not_found());
    }
    let to = "/account/consents".to_owned();
    let view = view(&app, &person).await?;
    Ok(Next { to, view })
}
