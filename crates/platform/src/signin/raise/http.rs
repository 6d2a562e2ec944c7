use askama::Template;
use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::secret::Secret;
use serde::{Deserialize, Serialize};

use super::super::codes::{self, Purpose};
use super::super::events::{Event, Kind};
use super::super::http::SignedIn;
use super::super::means::Means;
use super::{raised, would_raise};
use crate::accounts;
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::{Input, Query, local_path};
use crate::shell::page::{LeadsElsewhere, Next, Page};
use crate::shell::passkey::{self, Answer, Challenge, Subject};
use crate::shell::problem::Problem;
use crate::shell::session::{self, Citizen};
use crate::signin::{self, check_passcode};

/// The ways to be authenticated more strongly.
#[expect(clippy::struct_excessive_bools, reason = "what the page shows or does not")]
#[derive(Clone, Template, Serialize)]
#[template(path = "signin/raise/pages/raise.html")]
pub(super) struct Raise {
    pub(super) level: i64,
    present: i64,
    pub(super) next: String,
    by_passkey: bool,
    by_passcode: bool,
    by_phone: bool,
    by_card: bool,
    masked_phone: String,
    sent: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    pub(super) level: i64,
    #[serde(default)]
    pub(super) next: String,
}

pub(super) async fn view(app: &App, citizen: &Citizen, wanted: &Wanted) -> Result<Raise, Problem> {
    let (vault, person) = (app.vault.clone(), citizen.person);
    let subject = subject(citizen);
    let (account, has_passcode, has_passkey) = app
        .db
        .read(move |conn| {
            Ok::<_, Problem>((
                accounts::own(conn, &vault, &person)?,
                signin::has_passcode(conn, &person)?,
                !passkey::list(conn, &vault, &subject)?.is_empty(),
            ))
        })
        .await?;
    let session = &citizen.session;
    Ok(Raise {
        level: wanted.level.clamp(2, 4),
        present: session.assurance,
        next: onward(&wanted.next),
        by_passkey: has_passkey && would_raise(session, &[Means::Passkey]),
        by_passcode: has_passcode && would_raise(session, &[Means::Passcode]),
        by_phone: would_raise(session, &[Means::SmsCode]),
        by_card: would_raise(session, &[Means::Card, Means::Face]),
        masked_phone: account.phone.masked(),
        sent: false,
    })
}

fn subject(citizen: &Citizen) -> Subject {
    Subject {
        kind: session::Kind::Citizen,
        id: *citizen.person.bytes(),
    }
}

pub(super) fn onward(next: &str) -> String {
    local_path(next).unwrap_or("/account").to_owned()
}

/// Shows the ways.
pub(super) async fn ask(
    State(app): State<App>,
    citizen: Citizen,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let view = view(&app, &citizen, &wanted).await?;
    Ok((Extension(LeadsElsewhere), Page(view)).into_response())
}

#[derive(Deserialize)]
pub(super) struct SecretForm {
    #[serde(default = "nothing")]
    secret: Secret<String>,
    #[serde(default)]
    level: i64,
    #[serde(default)]
    next: String,
}

impl SecretForm {
    fn wanted(&self) -> Wanted {
        Wanted {
            level: self.level,
            next: self.next.clone(),
        }
    }
}

fn nothing() -> Secret<String> {
    Secret::new(String::new())
}

/// Raises by the passcode.
pub(super) async fn by_passcode(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<SecretForm>,
) -> Result<Response, Problem> {
    if let Err(problem) = check_passcode(&app, &citizen.person, form.secret.expose()).await {
        return Ok(refused(problem, view(&app, &citizen, &form.wanted()).await?));
    }
    raise(&app, &citizen, "pin", &form.wanted()).await
}

/// Sends a code to the phone.
pub(super) async fn send_code(
    State(app): State<App>,
    citizen: Citizen,
    Input(wanted): Input<Wanted>,
) -> Result<Response, Problem> {
    let (vault, person) = (app.vault.clone(), citizen.person);
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    codes::send(&app, person, Purpose::Raise, &account.phone).await?;
    let view = Raise {
        sent: true,
        ..view(&app, &citizen, &wanted).await?
    };
    Ok((Extension(LeadsElsewhere), Page(view)).into_response())
}

/// Raises by the code that was sent to the phone.
pub(super) async fn by_phone(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<SecretForm>,
) -> Result<Response, Problem> {
    if let Err(problem) = codes::spend(&app, citizen.person, Purpose::Raise, form.secret.expose()).await {
        let view = Raise {
            sent: true,
            ..view(&app, &citizen, &form.wanted()).await?
        };
        return Ok(refused(problem, view));
    }
    raise(&app, &citizen, "sms", &form.wanted()).await
}

/// Asks for one of the citizen's passkeys.
pub(super) async fn challenge(State(app): State<App>, citizen: Citizen) -> Result<Json<Challenge>, Problem> {
    let (vault, subject) = (app.vault.clone(), subject(&citizen));
    let known = app.db.read(move |conn| passkey::list(conn, &vault, &subject)).await?;
    Ok(Json(passkey::ask(
        &app,
        session::Kind::Citizen,
        Some((subject, &known)),
    )?))
}

#[derive(Deserialize)]
pub(super) struct PasskeyForm {
    #[serde(flatten)]
    answer: Answer,
    #[serde(default)]
    next: String,
}

/// Raises by a passkey.
pub(super) async fn by_passkey(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<PasskeyForm>,
) -> Result<Response, Problem> {
    let proven = passkey::prove(&app, session::Kind::Citizen, &form.answer).await?;
    if proven.subject != subject(&citizen) {
        return Err(Problem::new("signin-passkey-of-another", http::StatusCode::FORBIDDEN));
    }
    let now = app.clock.now();
    let methods = proven.methods();
    app.db.write(move |tx| proven.spend(tx, now)).await?;
    let wanted = Wanted {
        level: 0,
        next: form.next,
    };
    raise(&app, &citizen, methods, &wanted).await
}

pub(super) async fn raise(
    app: &App,
    citizen: &Citizen,
    more: &'static str,
    wanted: &Wanted,
) -> Result<Response, Problem> {
    let raised = raised(&citizen.session, more);
    let event = Event::now(app, citizen.person, Kind::Raised, &raised.methods)?;
    app.db
        .write(move |tx| {
            if session::raise(tx, &raised)? {
                event.keep(tx)?;
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    let to = onward(&wanted.next);
    let view = SignedIn { next: to.clone() };
    Ok((Extension(LeadsElsewhere), Next { to, view }).into_response())
}

pub(super) fn refused(problem: Problem, on: Raise) -> Response {
    (Extension(LeadsElsewhere), problem.on(on)).into_response()
}
