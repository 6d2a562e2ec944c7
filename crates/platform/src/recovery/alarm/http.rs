use askama::Template;
use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use super::super::{phone, stop_all};
use super::{digest, store};
use crate::app::App;
use crate::devices;
use crate::locks::{self, Act, By, Ground};
use crate::shell::filters;
use crate::shell::input::Path;
use crate::shell::page::{Next, Page};
use crate::shell::passkey::{self, Subject};
use crate::shell::problem::Problem;
use crate::shell::session;
use crate::signin::events::{Event, Kind};

/// What happened, and the button that stops it.
#[derive(Template, Serialize)]
#[template(path = "recovery/alarm/pages/alarm.html")]
pub(super) struct Told {
    what: String,
    at: Timestamp,
    stopped: bool,
}

fn over() -> Problem {
    Problem::new("recovery-link-over", StatusCode::GONE)
}

/// Shows what happened. A link that is only looked at, by a scanner of messages for example, does nothing.
pub(super) async fn show(State(app): State<App>, Path(token): Path<String>) -> Result<Page<Told>, Problem> {
    let (digest, now) = (digest(&app, &token), app.clock.now());
    let row = app.db.read(move |conn| store::find(conn, &digest, now)).await?;
    let row = row.ok_or_else(over)?;
    Ok(Page(Told {
        what: row.what,
        at: row.at,
        stopped: row.used,
    }))
}

/// The holder says that it was somebody else.
pub(super) async fn disown(State(app): State<App>, Path(token): Path<String>) -> Result<Next<Told>, Problem> {
    let (digest, now) = (digest(&app, &token), app.clock.now());
    let row = app.db.read(move |conn| store::find(conn, &digest, now)).await?;
    let row = row.ok_or_else(over)?;
    let person = row.person;
    let event = Event::now(&app, person, Kind::Disowned, "")?;
    let lock = Act::raise(&app, person, Ground::HolderRequest, By::Holder, "this was not me").await?;
    let vault = app.vault.clone();
    let subject = Subject {
        kind: session::Kind::Citizen,
        id: *person.bytes(),
    };
    app.db
        .write(move |tx| {
            if !store::spend(tx, &digest, now)? {
                return Err(over());
            }
            stop_all(tx, &person, "not-me", now)?;
            phone::undo(tx, &vault, &person, now)?;
            devices::undo(tx, &person, row.at, now)?;
            passkey::remove_made_since(tx, &subject, row.at)?;
            locks::apply(tx, &lock)?;
            Ok(event.keep(tx)?)
        })
        .await?;
    app.bell.ring();

    Ok(Next {
        to: format!("/recovery/not-me/{token}"),
        view: Told {
            what: row.what,
            at: row.at,
            stopped: true,
        },
    })
}
