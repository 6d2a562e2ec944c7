use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::policy::SecondFactor;
use super::super::rules::{Role, onward};
use super::super::{Action, Officer, OfficerId, On};
use super::{Code, Reason, store, subject};
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::{Input, Path, Query};
use crate::shell::page::{Next, Page};
use crate::shell::passkey::{self, Answer, Challenge, Kept};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::{self, Kind, Opening, Visitor};
use ::http::StatusCode;

const HERE: &str = "/officers/passkey";

/// The officer's own passkeys.
#[derive(Template, Serialize)]
#[template(path = "officers/passkeys/pages/own.html")]
pub(super) struct Own {
    second_factor: &'static str,
    passkeys: Vec<Listed>,
    next: String,
}

#[derive(Serialize)]
struct Listed {
    label: String,
    synced: bool,
    made_at: Timestamp,
    used_at: Option<Timestamp>,
}

impl From<Kept> for Listed {
    fn from(kept: Kept) -> Self {
        Self {
            label: kept.label,
            synced: kept.synced,
            made_at: kept.made_at,
            used_at: kept.used_at,
        }
    }
}

async fn kept(app: &App, officer: OfficerId) -> Result<Vec<Kept>, Problem> {
    let vault = app.vault.clone();
    app.db
        .read(move |conn| passkey::list(conn, &vault, &subject(officer)))
        .await
}

impl Own {
    async fn of(app: &App, officer: OfficerId, second_factor: SecondFactor, next: &str) -> Result<Self, Problem> {
        Ok(Self {
            second_factor: second_factor.word(),
            passkeys: kept(app, officer).await?.into_iter().map(Listed::from).collect(),
            next: onward(next),
        })
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Onward {
    #[serde(default)]
    next: String,
}

/// Shows the officer's own passkeys.
pub(super) async fn own(
    State(app): State<App>,
    officer: Officer,
    Query(onward): Query<Onward>,
) -> Result<Page<Own>, Problem> {
    let own = Own::of(&app, officer.officer, officer.second_factor, &onward.next);
    Ok(Page(own.await?))
}

#[derive(Deserialize)]
pub(super) struct BeginForm {
    #[serde(default)]
    code: String,
}

/// Begins to make a passkey, for whom an administrator gave a code.
pub(super) async fn begin(
    State(app): State<App>,
    officer: Officer,
    Input(form): Input<BeginForm>,
) -> Result<Json<Challenge>, Problem> {
    let code = Code::parse(&form.code).ok_or_else(wrong_code)?;

    let (me, now) = (officer.officer, app.clock.now());
    let digest = code.digest(&app.vault, &me);
    // The count must stay where the code is wrong, so the answer is given after the unit of work.
    let right = app
        .db
        .write(move |tx| {
            let Some(counted) = store::count_try(tx, &me, now)? else {
                return Ok(false);
            };
            let right = crypto::equal(&counted.code_digest, &digest);
            if right {
                store::right(tx, &me, &counted.enrolment)?;
            }
            Ok::<_, db::Error>(right)
        })
        .await?;
    if !right {
        return Err(wrong_code());
    }

    let known = kept(&app, me).await?;
    Ok(Json(passkey::make(&app, subject(me), &officer.login, &known)?))
}

fn wrong_code() -> Problem {
    Problem::new("officers-passkey-code", StatusCode::FORBIDDEN)
}

#[derive(Deserialize)]
pub(super) struct KeepForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    next: String,
    #[serde(flatten)]
    answer: Answer,
}

/// Keeps a passkey that was made, and goes on in a session with both factors.
pub(super) async fn keep(
    State(app): State<App>,
    officer: Officer,
    visitor: Visitor,
    Input(form): Input<KeepForm>,
) -> Result<impl IntoResponse, Problem> {
    let code = Code::parse(&form.code).ok_or_else(wrong_code)?;
    if form.label.trim().is_empty() {
        let fault = Fault::new("label", "officers-passkey-label-needed");
        return Err(Problem::invalid(vec![fault]));
    }
    let me = officer.officer;
    let made = passkey::made(&app, subject(me), &form.label, &form.answer)?;

    let (digest, now) = (code.digest(&app.vault, &me), app.clock.now());
    let opening = Opening::draw(&app, Kind::Officer, *me.bytes(), 2, &format!("pwd {}", made.methods()));
    let cookie = opening.cookie(&app);
    app.db
        .write(move |tx| {
            if !store::spend(tx, &me, &digest, now)? {
                return Err(wrong_code());
            }
            made.insert(tx)?;
            Ok(renew(tx, &visitor, &opening, now)?)
        })
        .await?;

    let view = Own::of(&app, me, SecondFactor::Given, &form.next).await?;
    Ok((
        cookie,
        Next {
            to: HERE.to_owned(),
            view,
        },
    ))
}

fn renew(tx: &mut db::Tx<'_>, visitor: &Visitor, opening: &Opening, now: Timestamp) -> Result<(), db::Error> {
    if let Some(old) = &visitor.officer {
        session::end(tx, old, now)?;
    }
    opening.insert(tx)
}

/// Asks for the proof of one of the officer's passkeys.
pub(super) async fn ask(State(app): State<App>, officer: Officer) -> Result<Json<Challenge>, Problem> {
    let known = kept(&app, officer.officer).await?;
    if known.is_empty() {
        return Err(Problem::new("officers-passkey-none", StatusCode::CONFLICT));
    }
    let of = (subject(officer.officer), known.as_slice());
    Ok(Json(passkey::ask(&app, Kind::Officer, Some(of))?))
}

#[derive(Deserialize)]
pub(super) struct ProveForm {
    #[serde(default)]
    next: String,
    #[serde(flatten)]
    answer: Answer,
}

/// Goes on in a new session, opened with both factors.
pub(super) async fn prove(
    State(app): State<App>,
    officer: Officer,
    visitor: Visitor,
    Input(form): Input<ProveForm>,
) -> Result<impl IntoResponse, Problem> {
    let proven = passkey::prove(&app, Kind::Officer, &form.answer).await?;
    let me = officer.officer;
    proven.must_be(subject(me))?;

    let now = app.clock.now();
    let methods = format!("pwd {}", proven.methods());
    let opening = Opening::draw(&app, Kind::Officer, *me.bytes(), 2, &methods);
    let cookie = opening.cookie(&app);
    app.db
        .write(move |tx| {
            proven.spend(tx, now)?;
            Ok::<_, Problem>(renew(tx, &visitor, &opening, now)?)
        })
        .await?;

    let view = Own::of(&app, me, SecondFactor::Given, &form.next).await?;
    let to = view.next.clone();
    Ok((cookie, Next { to, view }))
}

/// An officer's passkeys and codes, as an administrator sees them.
#[derive(Template, Serialize)]
#[template(path = "officers/passkeys/pages/held.html")]
pub(super) struct Held {
    officer: OfficerId,
    login: String,
    full_name: String,
    unit: String,
    role: Role,
    own: bool,
    passkeys: Vec<Listed>,
    codes: Vec<GivenCode>,
    /// The code that was just given out; it is shown this once.
    code: Option<Code>,
}

#[derive(Serialize)]
struct GivenCode {
    reason: Reason,
    /// The administrator's login; none for the command line.
    given_by: Option<String>,
    given_at: Timestamp,
    used_at: Option<Timestamp>,
    good_until: Option<Timestamp>,
}

impl Held {
    async fn of(app: &App, me: &Officer, officer: OfficerId, code: Option<Code>) -> Result<Self, Problem> {
        let (vault, now) = (app.vault.clone(), app.clock.now());
        let (found, kept, codes) = app
            .db
            .read(move |conn| {
                let found = super::super::find(conn, &vault, &officer)?.ok_or_else(Problem::not_found)?;
                let kept = passkey::list(conn, &vault, &subject(officer))?;
                let mut codes = Vec::new();
                for given in store::list(conn, &officer)? {
                    let by = match given.given_by {
                        Some(by) => super::super::find(conn, &vault, &by)?.map(|by| by.login),
                        None => None,
                    };
                    codes.push(GivenCode {
                        reason: given.reason,
                        given_by: by,
                        given_at: given.given_at,
                        used_at: given.used_at,
                        good_until: (given.used_at.is_none() && given.expires_at > now).then_some(given.expires_at),
                    });
                }
                Ok::<_, Problem>((found, kept, codes))
            })
            .await?;
        Ok(Self {
            officer,
            own: officer == me.officer,
            login: found.login,
            full_name: found.full_name,
            unit: found.unit,
            role: found.role,
            passkeys: kept.into_iter().map(Listed::from).collect(),
            codes,
            code,
        })
    }
}

/// Shows an officer's passkeys and codes to an administrator.
pub(super) async fn held(
    State(app): State<App>,
    me: Officer,
    Path(officer): Path<OfficerId>,
) -> Result<Page<Held>, Problem> {
    me.must(&app, Action::ResetPasskey, &On::Platform)?;
    Ok(Page(Held::of(&app, &me, officer, None).await?))
}

#[derive(Deserialize)]
pub(super) struct GiveForm {
    #[serde(default)]
    reason: String,
}

/// Gives out a code, never to oneself.
pub(super) async fn give(
    State(app): State<App>,
    me: Officer,
    Path(officer): Path<OfficerId>,
    Input(form): Input<GiveForm>,
) -> Result<Page<Held>, Problem> {
    me.must(&app, Action::ResetPasskey, &On::Platform)?;
    let shown = Held::of(&app, &me, officer, None).await?;
    if shown.own {
        return Err(Problem::new("officers-passkey-own", StatusCode::FORBIDDEN).on(shown));
    }
    let Some(reason) = Reason::of_word(&form.reason) else {
        let fault = Fault::new("reason", "officers-passkey-reason-needed");
        return Err(Problem::invalid(vec![fault]).on(shown));
    };

    let code = super::give(&app, officer, reason, Some(me.officer)).await?;

    Ok(Page(Held::of(&app, &me, officer, Some(code)).await?))
}
