use ::http::StatusCode;
use askama::Template;
use axum::extract::State as Of;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::devices;
use crate::shell::filters;
use crate::shell::input::{Input, Query};
use crate::shell::page::Page;
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::shell::whence::Whence;
use crate::signin;
use crate::signin::screen::ScreenId;
use crate::signin::screen::http::{BY_DEVICE, BY_PASSCODE, opened};
use crate::signin::screen::rules::{State, choices, said};
use crate::signin::screen::store::{self, Screen};

/// What the phone was shown.
#[derive(Deserialize)]
pub(in crate::signin::screen) struct Code {
    code: ScreenId,
}

/// The phone's page.
#[derive(Template, Serialize)]
#[template(path = "signin/screen/pages/approve.html")]
pub(in crate::signin::screen) struct Approve {
    code: ScreenId,
    words: String,
    service: Option<String>,
    /// Where the screen is: network address and browser.
    address: String,
    browser: String,
    /// Screen and phone are in different networks.
    elsewhere: bool,
    choices: [i64; 3],
    expires_at: Timestamp,
}

fn over() -> Problem {
    Problem::new("signin-screen-over", StatusCode::GONE)
}

async fn load(app: &App, code: ScreenId) -> Result<(Screen, Approve), Problem> {
    let now = app.clock.now();
    let screen = app.db.read(move |conn| store::find(conn, &code, now)).await?;
    let screen = screen
        .filter(|screen| screen.state == State::Waiting)
        .ok_or_else(over)?;
    let asked = opened(app, &screen)?;
    let page = Approve {
        code,
        words: said(&code),
        service: asked.service,
        browser: asked.whence.browser(),
        elsewhere: asked.whence.address != Whence::here().address,
        address: asked.whence.address,
        choices: choices(&code, screen.number),
        expires_at: screen.expires_at,
    };
    Ok((screen, page))
}

/// Shows who asks.
pub(in crate::signin::screen) async fn ask(
    Of(app): Of<App>,
    citizen: Citizen,
    Query(shown): Query<Code>,
) -> Result<Page<Approve>, Problem> {
    means(&app, &citizen).await?;
    let (_, page) = load(&app, shown.code).await?;
    Ok(Page(page))
}

/// By which means this session approves: where the person has a device, only that one does.
async fn means(app: &App, citizen: &Citizen) -> Result<&'static str, Problem> {
    let person = citizen.person;
    let device = app.db.read(move |conn| devices::current(conn, &person)).await?;
    match (device, citizen.session.device) {
        (Some(device), Some(own)) if *device.device.bytes() == own => Ok(BY_DEVICE),
        (Some(_), _) => Err(Problem::new("signin-screen-other-device", StatusCode::FORBIDDEN)),
        (None, _) => Ok(BY_PASSCODE),
    }
}

/// What the person answers.
#[derive(Deserialize)]
pub(in crate::signin::screen) struct Answer {
    code: ScreenId,
    #[serde(default)]
    answer: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    passcode: String,
    /// The person stands before the screen.
    #[serde(default)]
    here: String,
}

/// What became of it.
#[derive(Template, Serialize)]
#[template(path = "signin/screen/pages/answered.html")]
pub(in crate::signin::screen) struct Answered {
    approved: bool,
}

/// Approves or refuses.
pub(in crate::signin::screen) async fn answer(
    Of(app): Of<App>,
    citizen: Citizen,
    Input(given): Input<Answer>,
) -> Result<Page<Answered>, Problem> {
    let methods = means(&app, &citizen).await?;
    let (screen, page) = load(&app, given.code).await?;
    let (code, person, now) = (given.code, citizen.person, app.clock.now());
    if given.answer == "refuse" {
        app.db.write(move |tx| store::answer(tx, &code, None, now)).await?;
        return Ok(Page(Answered { approved: false }));
    }
    let chosen: Option<i64> = given.number.trim().parse().ok();
    let mut faults = Vec::new();
    if chosen.is_none() {
        faults.push(Fault::new("number", "signin-screen-fault-number"));
    }
    if page.elsewhere && given.here.is_empty() {
        faults.push(Fault::new("here", "signin-screen-fault-here"));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults).on(page));
    }
    if chosen != Some(screen.number) {
        app.db.write(move |tx| store::answer(tx, &code, None, now)).await?;
        return Err(Problem::new("signin-screen-wrong-number", StatusCode::FORBIDDEN));
    }
    if let Err(problem) = signin::check_passcode(&app, &person, given.passcode.trim()).await {
        return Err(problem.on(page));
    }
    let approved = app
        .db
        .write(move |tx| store::answer(tx, &code, Some((&person, methods)), now))
        .await?;
    if approved {
        Ok(Page(Answered { approved }))
    } else {
        Err(over())
    }
}
