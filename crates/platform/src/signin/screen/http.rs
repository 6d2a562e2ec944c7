use ::http::{HeaderMap, HeaderValue, StatusCode, header};
use askama::Template;
use axum::Extension;
use axum::extract::State as Of;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rules::{Asked, LIFE, State, number, said};
use super::store::{self, Screen};
use super::{ScreenId, cookie_name, of_browser, token};
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::{Input, Query, local_path};
use crate::shell::page::{LeadsElsewhere, Next, Page};
use crate::shell::problem::Problem;
use crate::shell::qr;
use crate::shell::session::Visitor;
use crate::shell::whence::Whence;
use crate::signin::http::{Admission, admit};
use crate::sso;

/// Where somebody goes on to.
#[derive(Deserialize)]
pub(super) struct Onward {
    #[serde(default)]
    next: String,
}

/// Explains it.
#[derive(Template, Serialize)]
#[template(path = "signin/screen/pages/explain.html")]
pub(super) struct Explain {
    next: String,
}

/// Explains it; the code comes when the person asks for it, so that its time begins then.
pub(super) async fn explain(Query(onward): Query<Onward>) -> Page<Explain> {
    let next = local_path(&onward.next).unwrap_or_default().to_owned();
    Page(Explain { next })
}

/// The screen that waits.
#[derive(Template, Serialize)]
#[template(path = "signin/screen/pages/here.html")]
pub(super) struct Here {
    state: State,
    /// The address in the code, and the code as a picture.
    link: String,
    code: String,
    words: String,
    number: i64,
    service: Option<String>,
    next: String,
    expires_at: Timestamp,
}

impl Here {
    fn of(app: &App, screen: &Screen) -> Result<Self, Problem> {
        let asked = opened(app, screen)?;
        let link = format!("{}/signin/screen/approve?code={}", app.config.public_url, screen.screen);
        Ok(Self {
            state: screen.state,
            code: qr::drawn(&link),
            link,
            words: said(&screen.screen),
            number: screen.number,
            service: asked.service,
            next: asked.next,
            expires_at: screen.expires_at,
        })
    }
}

pub(super) fn opened(app: &App, screen: &Screen) -> Result<Asked, Problem> {
    let place = screen.screen.bytes();
    Ok(app
        .vault
        .open_record("signin_screen", "asked", place, &screen.asked_sealed)?)
}

/// Opens a sign-in for this browser.
pub(super) async fn open(Of(app): Of<App>, Input(onward): Input<Onward>) -> Result<Response, Problem> {
    let next = local_path(&onward.next).unwrap_or("/account").to_owned();
    let asked = Asked {
        whence: Whence::here(),
        service: sso::who_asks(&app, &next).await,
        next,
    };
    let (screen, now) = (ScreenId::draw(&app.chance), app.clock.now());
    let (token, secret_digest) = token(&app, &screen);
    let [random] = app.chance.bytes::<1>();
    let new = Screen {
        screen,
        secret_digest,
        asked_sealed: app
            .vault
            .seal_record("signin_screen", "asked", screen.bytes(), &asked)?,
        number: number(random),
        expires_at: now + LIFE,
        state: State::Waiting,
    };
    let kept = new.clone();
    app.db.write(move |tx| store::insert(tx, &kept, now)).await?;

    let next = Next {
        to: "/signin/screen/here".to_owned(),
        view: Here::of(&app, &new)?,
    };
    Ok((cookie(&app, token.expose(), LIFE.as_secs()), next).into_response())
}

fn cookie(app: &App, token: &str, seconds: i64) -> [(header::HeaderName, HeaderValue); 1] {
    let secure = if app.config.is_https() { "; Secure" } else { "" };
    let text = format!(
        "{}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}",
        cookie_name(app)
    );
    let value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    [(header::SET_COOKIE, value)]
}

fn over() -> Problem {
    Problem::new("signin-screen-over", StatusCode::GONE)
}

/// Shows the code, and what became of it, to the browser that opened it.
pub(super) async fn wait(Of(app): Of<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let (id, secret) = of_browser(&app, &headers).ok_or_else(over)?;
    let now = app.clock.now();
    let screen = app.db.read(move |conn| store::find(conn, &id, now)).await?;
    let screen = screen
        .filter(|screen| screen.secret_digest == secret)
        .ok_or_else(over)?;
    Ok((Extension(LeadsElsewhere), Page(Here::of(&app, &screen)?)).into_response())
}

/// This browser goes in.
pub(super) async fn enter(Of(app): Of<App>, visitor: Visitor, headers: HeaderMap) -> Result<Response, Problem> {
    let (id, secret) = of_browser(&app, &headers).ok_or_else(over)?;
    let now = app.clock.now();
    let screen = app.db.read(move |conn| store::find(conn, &id, now)).await?;
    let next = opened(&app, &screen.ok_or_else(over)?)?.next;
    let entered = app.db.write(move |tx| store::enter(tx, (&id, &secret), now)).await?;
    let (person, methods) = entered.ok_or_else(over)?;
    let admission = Admission {
        person,
        methods: if methods == BY_DEVICE { BY_DEVICE } else { BY_PASSCODE },
        device: None,
        ask: None,
        next,
    };
    let answer = admit(&app, visitor, admission, None).await?;
    Ok((Extension(LeadsElsewhere), answer).into_response())
}

/// The means of somebody who approved on the own device.
pub(super) const BY_DEVICE: &str = "mfa pin swk";
/// The means of somebody who approved in a session that no device is bound to.
pub(super) const BY_PASSCODE: &str = "pin";
