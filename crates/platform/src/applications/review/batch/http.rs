use askama::Template;
use axum::extract::State as Of;
use serde::Serialize;

use super::super::super::ApplicationId;
use super::super::super::refusal::Refusal;
use super::super::super::rules::{Event, Risk};
use super::super::decision::http::conclude;
use super::super::dossier::http::load;
use super::super::http::{give_back, take_up};
use super::super::rules::{BatchForm, Decision};
use crate::accounts::Level;
use crate::app::App;
use crate::officers::{Action, Officer};
use crate::shell::filters;
use crate::shell::input::Input;
use crate::shell::page::Page;
use crate::shell::problem::{Fault, Problem};
use crate::shell::texts::Lang;

/// The most applications of one batch.
const MOST: usize = 50;

/// What a batch did, application by application.
#[derive(Template, Serialize)]
#[template(path = "applications/review/pages/batch.html")]
pub(in super::super) struct Batch {
    what: String,
    done: usize,
    outcomes: Vec<Outcome>,
}

#[derive(Serialize)]
struct Outcome {
    id: ApplicationId,
    number: String,
    /// Why it was left undone: the last part of the problem's type.
    refused: Option<&'static str>,
    #[serde(skip)]
    title: Titles,
}

/// Why, in both languages.
#[derive(Default)]
struct Titles {
    vi: String,
    en: String,
}

/// Does one thing to several applications, each in a unit of work of its own.
pub(in super::super) async fn act(
    Of(app): Of<App>,
    officer: Officer,
    Input(form): Input<BatchForm>,
) -> Result<Page<Batch>, Problem> {
    officer.must_here(&app, Action::DecideBatch)?;
    let mut faults = Vec::new();
    if !["claim", "release", "approve"].contains(&form.what.as_str()) {
        faults.push(Fault::new("what", "applications-batch-fault-what"));
    }
    let ids: Vec<ApplicationId> = form.applications.iter().filter_map(|id| id.parse().ok()).collect();
    if ids.is_empty() || ids.len() > MOST {
        faults.push(Fault::new("application", "applications-batch-fault-count").with("most", MOST));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }

    let mut outcomes = Vec::new();
    for id in ids {
        let done = one(&app, &officer, id, &form.what).await;
        outcomes.push(outcome(&app, &officer, id, done).await?);
    }
    Ok(Page(Batch {
        done: outcomes.iter().filter(|outcome| outcome.refused.is_none()).count(),
        what: form.what,
        outcomes,
    }))
}

async fn one(app: &App, officer: &Officer, id: ApplicationId, what: &str) -> Result<(), Problem> {
    match what {
        "claim" => take_up(app, officer, id).await.map(drop),
        "release" => give_back(app, officer, id).await.map(drop),
        _ => approve(app, officer, id).await,
    }
}

async fn approve(app: &App, officer: &Officer, id: ApplicationId) -> Result<(), Problem> {
    let (parts, me) = (app.clone(), officer.officer);
    let loaded = app.db.read(move |conn| load(conn, &parts, &id, &me)).await?;
    officer.must(app, Action::SeeDossier, &loaded.on(&me))?;
    if !loaded.is_held_by(&me) {
        return Err(Refusal::NotClaimed.into());
    }
    officer.must(app, Action::Decide, &loaded.on(&me))?;
    let application = &loaded.application;
    if application.level != Level::One {
        return Err(Refusal::BatchLevelTwo.into());
    }
    let agrees = application
        .findings
        .as_ref()
        .is_some_and(|found| Risk::of(found) == Risk::Low);
    if !agrees || !loaded.failing().is_empty() {
        return Err(Refusal::BatchRisk.into());
    }
    let decision = Decision {
        event: Event::Approve,
        reasons: Vec::new(),
        remark: None,
    };
    conclude(app, officer, loaded.application, &decision).await.map(drop)
}

async fn outcome(
    app: &App,
    officer: &Officer,
    id: ApplicationId,
    done: Result<(), Problem>,
) -> Result<Outcome, Problem> {
    let (parts, me) = (app.clone(), officer.officer);
    let found = app.db.read(move |conn| load(conn, &parts, &id, &me)).await;
    let number = found.map(|loaded| loaded.application.number).unwrap_or_default();
    match done {
        Ok(()) => Ok(Outcome {
            id,
            number,
            refused: None,
            title: Titles::default(),
        }),
        Err(problem) if problem.status().is_client_error() => Ok(Outcome {
            id,
            number,
            refused: Some(problem.slug()),
            title: Titles {
                vi: problem.title(&app.texts, Lang::Vi),
                en: problem.title(&app.texts, Lang::En),
            },
        }),
        Err(problem) => Err(problem),
    }
}
