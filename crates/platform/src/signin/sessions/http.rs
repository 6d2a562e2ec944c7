use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;

use super::super::events::{Event, Kind};
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::Path;
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::session::{self, Citizen, Open};

const HERE: &str = "/account/security/sessions";

/// Where the citizen is signed in.
#[derive(Template, Serialize)]
#[template(path = "signin/sessions/pages/sessions.html")]
pub(super) struct Sessions {
    sessions: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    session: String,
    here: bool,
    on_device: bool,
    browser: String,
    address: String,
    opened_at: Timestamp,
    expires_at: Timestamp,
    assurance: i64,
    means: Vec<String>,
}

/// What names a session towards its holder: it opens nothing.
fn name(digest: &[u8; 32]) -> String {
    hex::encode(digest.get(..16).unwrap_or_default())
}

async fn open(app: &App, citizen: &Citizen) -> Result<Vec<Open>, Problem> {
    let (vault, person, now) = (app.vault.clone(), citizen.person, app.clock.now());
    app.db
        .read(move |conn| session::list_open(conn, &vault, &person, now))
        .await
}

async fn view(app: &App, citizen: &Citizen) -> Result<Sessions, Problem> {
    let listed = |open: Open| {
        let whence = open.whence.unwrap_or_default();
        let methods = open.session.methods.split(' ');
        Listed {
            session: name(&open.session.digest),
            here: open.session.digest == citizen.session.digest,
            on_device: open.session.device.is_some(),
            browser: whence.browser(),
            address: whence.address,
            opened_at: open.session.opened_at,
            expires_at: open.session.expires_at,
            assurance: open.session.assurance,
            means: methods
                .filter(|means| !matches!(*means, "" | "mfa"))
                .map(str::to_owned)
                .collect(),
        }
    };
    Ok(Sessions {
        sessions: open(app, citizen).await?.into_iter().map(listed).collect(),
    })
}

/// Shows them.
pub(super) async fn list(State(app): State<App>, citizen: Citizen) -> Result<Page<Sessions>, Problem> {
    Ok(Page(view(&app, &citizen).await?))
}

/// Signs out in one of them.
pub(super) async fn end(
    State(app): State<App>,
    citizen: Citizen,
    Path(wanted): Path<String>,
) -> Result<Next<Sessions>, Problem> {
    let open = open(&app, &citizen).await?;
    let found = open.into_iter().find(|open| name(&open.session.digest) == wanted);
    let ended = found.ok_or_else(Problem::not_found)?.session;

    let (now, event) = (
        app.clock.now(),
        Event::now(&app, citizen.person, Kind::SessionEnded, &citizen.session.methods)?,
    );
    app.db
        .write(move |tx| {
            session::end(tx, &ended, now)?;
            event.keep(tx)
        })
        .await?;

    Ok(Next {
        to: HERE.to_owned(),
        view: view(&app, &citizen).await?,
    })
}

/// Signs out everywhere but here.
pub(super) async fn end_others(State(app): State<App>, citizen: Citizen) -> Result<Next<Sessions>, Problem> {
    let (now, kept, event) = (
        app.clock.now(),
        citizen.session.clone(),
        Event::now(&app, citizen.person, Kind::SessionEnded, &citizen.session.methods)?,
    );
    app.db
        .write(move |tx| {
            session::end_others(tx, &kept, now)?;
            event.keep(tx)
        })
        .await?;

    Ok(Next {
        to: HERE.to_owned(),
        view: view(&app, &citizen).await?,
    })
}
