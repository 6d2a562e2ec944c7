use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::super::codes::{self, Purpose};
use super::super::http::{Admission, admit};
use super::Ticket;
use crate::accounts;
use crate::app::App;
use crate::devices::asks;
use crate::devices::rules::{Entry, may_enter};
use crate::recovery::phone_is_fresh;
use crate::shell::filters;
use crate::shell::input::{Input, Query};
use crate::shell::page::{LeadsElsewhere, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Visitor;

/// The ways of the second step.
#[derive(Clone, Template, Serialize)]
#[template(path = "signin/second/pages/second.html")]
pub(in crate::signin) struct Second {
    pub(in crate::signin) ticket: String,
    pub(in crate::signin) masked_phone: String,
    pub(in crate::signin) sent: bool,
}

#[derive(Deserialize)]
pub(super) struct Carried {
    ticket: String,
}

async fn view(app: &App, text: &str, sent: bool) -> Result<(Ticket, accounts::Account, Second), Problem> {
    let ticket = Ticket::read(app, text)?;
    let (vault, person) = (app.vault.clone(), ticket.person);
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    let second = Second {
        ticket: text.to_owned(),
        masked_phone: account.phone.masked(),
        sent,
    };
    Ok((ticket, account, second))
}

/// Shows the ways.
pub(super) async fn show(State(app): State<App>, Query(carried): Query<Carried>) -> Result<Response, Problem> {
    let (_, _, second) = view(&app, &carried.ticket, false).await?;
    Ok((Extension(LeadsElsewhere), Page(second)).into_response())
}

/// Sends a code to the phone.
pub(super) async fn send_code(State(app): State<App>, Input(carried): Input<Carried>) -> Result<Response, Problem> {
    let (ticket, account, second) = view(&app, &carried.ticket, true).await?;
    codes::send(&app, ticket.person, Purpose::SecondStep, &account.phone)
        .await
        .map_err(|problem| problem.on(second.clone()))?;
    Ok((Extension(LeadsElsewhere), Page(second)).into_response())
}

#[derive(Deserialize)]
pub(super) struct SecondForm {
    ticket: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    shown: String,
}

/// Opens the session.
pub(super) async fn open(
    State(app): State<App>,
    visitor: Visitor,
    Input(form): Input<SecondForm>,
) -> Result<Response, Problem> {
    let by_phone = !form.code.trim().is_empty();
    let (ticket, _, second) = view(&app, &form.ticket, by_phone).await?;
    let (now, person) = (app.clock.now(), ticket.person);
    let fresh = app.db.read(move |conn| phone_is_fresh(conn, &person, now)).await?;
    let entry = Entry {
        phone_is_fresh: fresh,
        device_elsewhere: true,
        password: true,
        phone: by_phone,
        old_device: !by_phone && !form.shown.trim().is_empty(),
        ..Entry::default()
    };
    if by_phone && fresh {
        return Err(Problem::new("devices-phone-fresh", http::StatusCode::FORBIDDEN).on(second));
    }
    if !may_enter(entry) {
        let fault = Fault::new("code", "signin-second-code-needed");
        return Err(Problem::invalid(vec![fault]).on(second));
    }
    let right = if by_phone {
        codes::spend(&app, ticket.person, Purpose::SecondStep, &form.code).await
    } else {
        asks::answer(&app, ticket.person, ticket.ask, &form.shown).await
    };
    if let Err(problem) = right {
        return Ok((Extension(LeadsElsewhere), problem.on(second)).into_response());
    }
    let admission = Admission {
        person: ticket.person,
        methods: if by_phone { "mfa pwd sms" } else { "mfa pwd swk" },
        device: None,
        ask: Some(ticket.ask),
        next: ticket.next,
    };
    admit(&app, visitor, admission, None).await
}
