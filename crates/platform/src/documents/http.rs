use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::gathering::{Gathered, gather};
use super::rules::{Content, Held, Kind, Provenance, Value};
use super::{source_name, store, subject};
use crate::accounts::{self, Account, Level};
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::inspection::Purpose as Purposes;
use crate::procedures;
use crate::recovery::{self, Right};
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;
use crate::signin;

/// How long the wallet stays open in a session after the passcode was given.
pub(super) const OPEN_FOR: SignedDuration = SignedDuration::from_mins(10);
/// For what the sources are asked.
const PURPOSE: &str = "own-data";

/// The wallet, still closed.
#[derive(Clone, Template, Serialize)]
#[template(path = "documents/pages/closed.html")]
pub(super) struct Closed {
    open: bool,
    /// Where the passcode is sent: the page that was asked for.
    #[serde(skip)]
    to: String,
}

/// All papers.
#[derive(Template, Serialize)]
#[template(path = "documents/pages/overview.html")]
pub(super) struct Overview {
    open: bool,
    level: Level,
    papers: Vec<Shown>,
    /// The results of procedures.
    results: Vec<procedures::Held>,
}

/// A paper among others.
#[derive(Serialize)]
struct Shown {
    kind: Kind,
    #[serde(flatten)]
    held: Held,
}

impl Overview {
    fn held(&self) -> impl Iterator<Item = (&Kind, &Content, &Provenance)> {
        self.papers.iter().filter_map(|shown| match &shown.held {
            Held::Here { content, provenance } => Some((&shown.kind, content.as_ref(), provenance)),
            _ => None,
        })
    }

    fn missing(&self) -> impl Iterator<Item = (&Kind, &'static str)> {
        self.papers
            .iter()
            .filter_map(|shown| Some((&shown.kind, missing(&shown.held)?)))
    }
}

/// The last part of the sentence `documents-missing-…`.
fn missing(held: &Held) -> Option<&'static str> {
    match held {
        Held::Here { .. } => None,
        Held::Absent => Some("absent"),
        Held::Silent => Some("silent"),
        Held::Unconnected => Some("unconnected"),
        Held::Removed => Some("removed"),
    }
}

/// One paper.
#[derive(Template, Serialize)]
#[template(path = "documents/pages/paper.html")]
pub(super) struct Paper {
    open: bool,
    kind: Kind,
    #[serde(flatten)]
    held: Held,
}

impl Paper {
    /// Whether any receiver's purpose sees something of it.
    fn can_be_shown(&self) -> bool {
        Purposes::ALL
            .into_iter()
            .any(|purpose| purpose.of_paper(self.kind).is_some())
    }

    fn missing(&self) -> &'static str {
        missing(&self.held).unwrap_or("absent")
    }
}

#[derive(Deserialize)]
pub(super) struct PasscodeForm {
    #[serde(default)]
    passcode: String,
}

pub(super) fn kind_of(word: &str) -> Result<Kind, Problem> {
    Kind::from_word(word).ok_or_else(Problem::not_found)
}

/// The account of somebody who may see papers.
async fn account(app: &App, citizen: &Citizen) -> Result<Account, Problem> {
    let (vault, person, now) = (app.vault.clone(), citizen.person, app.clock.now());
    let account = app
        .db
        .read(move |conn| {
            recovery::must_have(conn, &person, Right::Present, now)?;
            accounts::own(conn, &vault, &person)
        })
        .await?;
    if account.level < Level::One {
        return Err(Problem::new("documents-level-needed", StatusCode::FORBIDDEN));
    }
    Ok(account)
}

/// The account of somebody of level 2.
pub(super) async fn level_2(app: &App, citizen: &Citizen) -> Result<Account, Problem> {
    let account = account(app, citizen).await?;
    if account.level < Level::Two {
        return Err(Problem::new("documents-level-needed", StatusCode::FORBIDDEN));
    }
    Ok(account)
}

pub(super) async fn is_open(app: &App, citizen: &Citizen) -> Result<bool, Problem> {
    let (person, session, now) = (citizen.person, citizen.session.digest, app.clock.now());
    Ok(app
        .db
        .read(move |conn| store::is_open(conn, &person, &session, now))
        .await?)
}

/// Opens the wallet in this session for the passcode.
async fn unlock(app: &App, citizen: &Citizen, form: &PasscodeForm, to: &str) -> Result<(), Problem> {
    let closed = Closed {
        open: false,
        to: to.to_owned(),
    };
    signin::check_passcode(app, &citizen.person, form.passcode.trim())
        .await
        .map_err(|problem| problem.on(closed))?;
    let (person, session, until) = (citizen.person, citizen.session.digest, app.clock.now() + OPEN_FOR);
    app.db
        .write(move |tx| store::open(tx, &person, &session, until))
        .await?;
    Ok(())
}

pub(super) fn closed(to: &str) -> Response {
    Page(Closed {
        open: false,
        to: to.to_owned(),
    })
    .into_response()
}

/// Gathers papers of the asker, and writes down who looked and who answered.
pub(super) async fn gather_own(
    app: &App,
    citizen: &Citizen,
    account: &Account,
    kinds: &[Kind],
) -> Result<Vec<Gathered>, Problem> {
    let (person, whom) = (citizen.person, subject(account));
    let removed = app.db.read(move |conn| store::removed(conn, &person)).await?;
    let wanted: Vec<Kind> = kinds.iter().copied().filter(|kind| !removed.contains(kind)).collect();
    let mut gathered = gather(app, &whom, &wanted, PURPOSE).await;
    record(app, citizen, &gathered).await?;
    gathered.extend(kinds.iter().filter(|kind| removed.contains(kind)).map(|kind| Gathered {
        kind: *kind,
        held: Held::Removed,
        answered: Vec::new(),
    }));
    Ok(gathered)
}

async fn record(app: &App, citizen: &Citizen, gathered: &[Gathered]) -> Result<(), Problem> {
    let shown = gathered.iter().filter(|found| matches!(found.held, Held::Here { .. }));
    let what: Vec<&str> = shown.map(|found| found.kind.what()).collect();
    let own = Look::now(app, citizen.person, &Who::Holder, Purpose::OwnData, &what.join(" "));
    let answered = gathered.iter().flat_map(|found| {
        found.answered.iter().map(|source| {
            let who = Who::Registry(source_name(app, *source));
            Look::now(app, citizen.person, &who, Purpose::OwnData, found.kind.what())
        })
    });
    let looks: Vec<Look> = answered.chain([own].into_iter().filter(|_| !what.is_empty())).collect();
    app.db
        .write(move |tx| looks.iter().try_for_each(|look| history::record(tx, look)))
        .await?;
    Ok(())
}

async fn view(app: &App, citizen: &Citizen) -> Result<Overview, Problem> {
    let account = account(app, citizen).await?;
    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| kind.is_of(account.level)).collect();
    let gathered = gather_own(app, citizen, &account, &kinds).await?;
    let (vault, person) = (app.vault.clone(), citizen.person);
    let results = app.db.read(move |conn| procedures::held(conn, &vault, &person)).await?;
    Ok(Overview {
        results,
        open: true,
        level: account.level,
        papers: gathered
            .into_iter()
            .map(|found| Shown {
                kind: found.kind,
                held: found.held,
            })
            .collect(),
    })
}

/// Shows all papers, or asks for the passcode.
pub(super) async fn overview(State(app): State<App>, citizen: Citizen) -> Result<Response, Problem> {
    if !is_open(&app, &citizen).await? {
        account(&app, &citizen).await?;
        return Ok(closed("/documents"));
    }
    Ok(Page(view(&app, &citizen).await?).into_response())
}

/// Opens all papers for the passcode.
pub(super) async fn open(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<PasscodeForm>,
) -> Result<Response, Problem> {
    account(&app, &citizen).await?;
    unlock(&app, &citizen, &form, "/documents").await?;
    Ok(Page(view(&app, &citizen).await?).into_response())
}

/// Closes the wallet.
pub(super) async fn close(State(app): State<App>, citizen: Citizen) -> Result<Next<Closed>, Problem> {
    let (person, session, now) = (citizen.person, citizen.session.digest, app.clock.now());
    app.db.write(move |tx| store::close(tx, &person, &session, now)).await?;
    let to = "/documents".to_owned();
    Ok(Next {
        view: Closed {
            open: false,
            to: to.clone(),
        },
        to,
    })
}

async fn one(app: &App, citizen: &Citizen, kind: Kind) -> Result<Paper, Problem> {
    let account = account(app, citizen).await?;
    if !kind.is_of(account.level) {
        return Err(Problem::new("documents-level-needed", StatusCode::FORBIDDEN));
    }
    let found = gather_own(app, citizen, &account, &[kind]).await?.pop();
    Ok(Paper {
        open: true,
        kind,
        held: found.map_or(Held::Silent, |found| found.held),
    })
}

/// Shows one paper, or asks for the passcode.
pub(super) async fn paper(
    State(app): State<App>,
    citizen: Citizen,
    Path(word): Path<String>,
) -> Result<Response, Problem> {
    let kind = kind_of(&word)?;
    if !is_open(&app, &citizen).await? {
        account(&app, &citizen).await?;
        return Ok(closed(&format!("/documents/{}", kind.word())));
    }
    Ok(Page(one(&app, &citizen, kind).await?).into_response())
}

/// Opens one paper for the passcode.
pub(super) async fn open_paper(
    State(app): State<App>,
    citizen: Citizen,
    Path(word): Path<String>,
    Input(form): Input<PasscodeForm>,
) -> Result<Response, Problem> {
    let kind = kind_of(&word)?;
    account(&app, &citizen).await?;
    unlock(&app, &citizen, &form, &format!("/documents/{}", kind.word())).await?;
    Ok(Page(one(&app, &citizen, kind).await?).into_response())
}

/// Takes a paper out of the wallet.
pub(super) async fn remove(
    State(app): State<App>,
    citizen: Citizen,
    Path(word): Path<String>,
) -> Result<Next<Paper>, Problem> {
    let kind = kind_of(&word)?;
    if !kind.can_be_removed() {
        return Err(Problem::new("documents-not-removable", StatusCode::CONFLICT));
    }
    must_be_open(&app, &citizen).await?;
    let (person, now) = (citizen.person, app.clock.now());
    app.db.write(move |tx| store::remove(tx, &person, kind, now)).await?;
    Ok(Next {
        to: "/documents".to_owned(),
        view: one(&app, &citizen, kind).await?,
    })
}

/// Takes a paper in again.
pub(super) async fn restore(
    State(app): State<App>,
    citizen: Citizen,
    Path(word): Path<String>,
) -> Result<Next<Paper>, Problem> {
    let kind = kind_of(&word)?;
    must_be_open(&app, &citizen).await?;
    let person = citizen.person;
    app.db.write(move |tx| store::restore(tx, &person, kind)).await?;
    Ok(Next {
        to: format!("/documents/{}", kind.word()),
        view: one(&app, &citizen, kind).await?,
    })
}

pub(super) async fn must_be_open(app: &App, citizen: &Citizen) -> Result<(), Problem> {
    if is_open(app, citizen).await? {
        return Ok(());
    }
    Err(Problem::new("documents-closed", StatusCode::FORBIDDEN))
}
