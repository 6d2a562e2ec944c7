use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use crypto::base64url;
use http::{HeaderValue, StatusCode, header};
use oidc::error::Error;
use oidc::id_token;
use oidc::logout::LogoutRequest;
use oidc::logout_token;
use oidc::params::Params;
use serde::{Deserialize, Serialize};

use super::store;
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::Input;
use crate::shell::keys;
use crate::shell::page::{Frames, LeadsElsewhere, Page};
use crate::shell::problem::Problem;
use crate::shell::session::{self, Kind, Session, Visitor};
use crate::sso::clients;
use crate::sso::tokens::http::sid;

/// Asks the person whether to sign out, where the request does not prove that it is about this session.
#[derive(Template, Serialize)]
#[template(path = "sso/logout/pages/ask.html")]
struct Ask {
    client: Option<String>,
    to: String,
}

/// Says that the person is signed out.
#[derive(Template, Serialize)]
#[template(path = "sso/logout/pages/done.html")]
struct Done {
    signed_out: bool,
    /// Where to go on.
    to: Option<String>,
    /// What the browser loads, so that relying parties forget the person.
    frames: Vec<String>,
}

/// A relying party asks, by the query.
pub(in crate::sso) async fn ask(
    State(app): State<App>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    read(&app, &visitor, query.unwrap_or_default()).await
}

/// A relying party asks, by a form.
pub(in crate::sso) async fn ask_by_form(
    State(app): State<App>,
    visitor: Visitor,
    form: String,
) -> Result<Response, Problem> {
    read(&app, &visitor, form).await
}

async fn read(app: &App, visitor: &Visitor, encoded: String) -> Result<Response, Problem> {
    let request = Params::parse(&encoded)
        .and_then(|params| LogoutRequest::read(&params))
        .map_err(refused)?;
    let published = app.keys.jwks(keys::SSO, app.clock.now());
    let hint = request
        .id_token_hint
        .as_deref()
        .map(|hint| id_token::verify_hint(hint, &published, &app.sso.provider.issuer));
    let hint = hint.transpose().map_err(refused)?;
    let client = match request.client(hint.as_ref()).map_err(refused)? {
        Some(id) => clients::find(app, id).await?,
        None => None,
    };
    let to = request.redirect(client.as_deref()).map_err(refused)?;
    let session = visitor.citizen.as_ref();
    let named = session
        .zip(client.as_ref())
        .map(|(session, client)| sid(app, client.id(), &session.digest));
    let known = named.or(session.map(|_| String::new()));
    if LogoutRequest::must_ask(hint.as_ref(), known.as_deref()) {
        let page = Ask {
            client: client.map(|client| client.name().to_owned()),
            to: put_off(app, to.as_deref()),
        };
        return Ok((Extension(LeadsElsewhere), Page(page)).into_response());
    }
    leave(app, session, to).await
}

/// The person's answer.
#[derive(Deserialize)]
pub(in crate::sso) struct Answer {
    to: String,
    answer: String,
}

/// The person signs out, or stays.
pub(in crate::sso) async fn answer(
    State(app): State<App>,
    visitor: Visitor,
    Input(given): Input<Answer>,
) -> Result<Response, Problem> {
    let sealed = base64url::decode(&given.to).map_err(foreign)?;
    let to: Option<String> = app.vault.open_record("sso", "logout", b"", &sealed).map_err(foreign)?;
    if given.answer == "leave" {
        return leave(&app, visitor.citizen.as_ref(), to).await;
    }
    let stayed = Done {
        signed_out: false,
        to: None,
        frames: Vec::new(),
    };
    Ok(Page(stayed).into_response())
}

async fn leave(app: &App, session: Option<&Session>, to: Option<String>) -> Result<Response, Problem> {
    let mut frames = Vec::new();
    if let Some(session) = session.cloned() {
        frames = in_the_browser(app, &session).await?;
        let now = app.clock.now();
        app.db.write(move |tx| session::end(tx, &session, now)).await?;
    }
    let farewell = session::farewell(app, Kind::Citizen);
    match to {
        Some(to) if frames.is_empty() => {
            let location = HeaderValue::from_str(&to).map_err(Problem::internal)?;
            Ok((StatusCode::SEE_OTHER, farewell, [(header::LOCATION, location)]).into_response())
        }
        to => {
            let origins: Vec<&str> = frames.iter().map(|(_, origin)| origin.as_str()).collect();
            let marks = (Extension(Frames(origins.join(" "))), Extension(LeadsElsewhere));
            let page = Done {
                signed_out: true,
                to,
                frames: frames.into_iter().map(|(address, _)| address).collect(),
            };
            Ok((farewell, marks, Page(page)).into_response())
        }
    }
}

/// The addresses that the browser loads so that relying parties forget the person, each with its origin (Front-Channel Logout 3).
async fn in_the_browser(app: &App, session: &Session) -> Result<Vec<(String, String)>, Problem> {
    let ending = session.clone();
    let visits = app.db.read(move |conn| store::list(conn, &ending)).await?;
    let mut frames = Vec::new();
    for visit in visits {
        let Some(client) = clients::find(app, &visit.client_id).await? else {
            continue;
        };
        let sid = sid(app, client.id(), &visit.session_digest);
        let address = logout_token::frontchannel(&app.sso.provider.issuer, &client, &sid);
        frames.extend(address.zip(logout_token::frontchannel_origin(&client)));
    }
    Ok(frames)
}

/// Seals where to go, so that only an address that the client registered comes back.
fn put_off(app: &App, to: Option<&str>) -> String {
    let sealed = app.vault.seal_record("sso", "logout", b"", &to).unwrap_or_default();
    base64url::encode(sealed)
}

fn refused(error: Error) -> Problem {
    Problem::new("sso-logout-refused", StatusCode::BAD_REQUEST).caused_by(error)
}

/// What came back is not what the page of ours carried.
fn foreign(cause: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new("sso-logout-refused", StatusCode::BAD_REQUEST).caused_by(cause)
}
