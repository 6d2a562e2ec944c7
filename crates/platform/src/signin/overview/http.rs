use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;

use super::super::http::attempts_of;
use super::super::store;
use crate::accounts;
use crate::app::App;
use crate::recovery::{self, Right};
use crate::shell::filters;
use crate::shell::page::Page;
use crate::shell::passkey::{self, Subject};
use crate::shell::problem::Problem;
use crate::shell::session::{self, Citizen};
use crate::signin;

/// The citizen's security page.
#[derive(Template, Serialize)]
#[template(path = "signin/overview/pages/security.html")]
pub(super) struct Security {
    masked_phone: String,
    has_password: bool,
    has_passcode: bool,
    passkeys: usize,
    sessions: usize,
    on_device: bool,
    assurance: i64,
    /// Wrong passwords lock the sign-in by password until then.
    locked_until: Option<Timestamp>,
    /// Wrong passcodes lock the passcode until then.
    passcode_locked_until: Option<Timestamp>,
    /// Since when a recovery is under way, which the holder can stop.
    recovery: Option<Timestamp>,
    /// When all rights are back after a recovery.
    rights_wait: Option<Timestamp>,
}

/// Shows it.
pub(super) async fn show(State(app): State<App>, citizen: Citizen) -> Result<Page<Security>, Problem> {
    let (parts, now) = (app.clone(), app.clock.now());
    let view = app
        .db
        .read(move |conn| {
            let person = citizen.person;
            let account = accounts::own(conn, &parts.vault, &person)?;
            let subject = Subject {
                kind: session::Kind::Citizen,
                id: *person.bytes(),
            };
            Ok::<_, Problem>(Security {
                recovery: recovery::under_way(conn, &person, now)?,
                rights_wait: recovery::waits_for(conn, &person, Right::Change, now)?,
                masked_phone: account.phone.masked(),
                has_password: signin::has_password(conn, &person)?,
                has_passcode: signin::has_passcode(conn, &person)?,
                passkeys: passkey::list(conn, &parts.vault, &subject)?.len(),
                sessions: session::list(conn, session::Kind::Citizen, person.bytes(), now)?.len(),
                on_device: citizen.session.device.is_some(),
                assurance: citizen.session.assurance,
                locked_until: store::locked_until(conn, &attempts_of(&parts, &account.number), now)?,
                passcode_locked_until: store::passcode_locked_until(conn, &person, now)?,
            })
        })
        .await?;
    Ok(Page(view))
}
