use axum::extract::State as Of;
use axum::response::Response;

use super::super::evidence::Kind;
use super::super::refusal::Refusal;
use super::super::rules::{CLAIM_LASTS, Event};
use super::super::{Application, ApplicationId, event, evidence_of, http as citizens, jobs, store as dossiers};
use super::dossier::http::{Loaded, Review, SEEN, load};
use super::kept::{self, Kept};
use super::store;
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::officers::{Action, Officer, OfficerId};
use crate::registries;
use crate::shell::input::{Path, Query};
use crate::shell::jobs::{self as outbox, Order};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;

/// Shows an application; everything, and for the person's history, to who holds it or may confirm it.
pub(super) async fn show(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
    Query(kept): Query<Kept>,
) -> Result<Page<Review>, Problem> {
    let (parts, me) = (app.clone(), officer.officer);
    let loaded = app.db.read(move |conn| load(conn, &parts, &id, &me)).await?;
    officer.must(&app, Action::SeeDossier, &loaded.on(&me))?;
    if loaded.is_open_to(&app, &officer) {
        look(&app, &officer, &loaded.application, SEEN).await?;
    }

    Ok(Page(
        Review::of(&app, &officer, &loaded).with(&app, kept.open(&app, &id)),
    ))
}

async fn look(app: &App, officer: &Officer, application: &Application, what: &str) -> Result<(), Problem> {
    let who = Who::Officer(officer.known_as());
    let look = Look::now(app, application.person, &who, Purpose::Review, what);
    Ok(app.db.write(move |tx| history::record(tx, &look)).await?)
}

/// The application of an officer who works on it, or who may confirm it.
async fn opened(app: &App, officer: &Officer, id: ApplicationId) -> Result<Application, Problem> {
    let (parts, me) = (app.clone(), officer.officer);
    let loaded = app.db.read(move |conn| load(conn, &parts, &id, &me)).await?;
    officer.must(app, Action::SeeDossier, &loaded.on(&me))?;
    if !loaded.is_open_to(app, officer) {
        return Err(Refusal::NotClaimed.into());
    }
    Ok(loaded.application)
}

/// Shows a picture of the evidence.
pub(super) async fn evidence(
    Of(app): Of<App>,
    officer: Officer,
    Path((id, kind)): Path<(ApplicationId, String)>,
) -> Result<Response, Problem> {
    let application = opened(&app, &officer, id).await?;
    let (kind, what) = match Kind::of_word(&kind) {
        Some(kind @ (Kind::Portrait | Kind::ChipPortrait)) => (kind, "portrait"),
        Some(kind @ (Kind::LeftPrint | Kind::RightPrint)) => (kind, "fingerprints"),
        _ => return Err(Problem::not_found()),
    };
    look(&app, &officer, &application, what).await?;

    citizens::picture(evidence_of(&app, (application.person, id), kind).await?)
}

/// Shows the portrait that the ID-card database has.
pub(super) async fn card_portrait(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
) -> Result<Response, Problem> {
    let application = opened(&app, &officer, id).await?;
    look(&app, &officer, &application, "portrait").await?;

    let answer = registries::portrait(&app, &application.subject.declared.number, "review").await?;
    citizens::picture(answer.map(|answer| (answer.record.media_type, answer.record.bytes)))
}

/// Takes an application up. Of two reviewers at once one wins.
pub(super) async fn claim(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
    Query(kept): Query<Kept>,
) -> Result<Next<Review>, Problem> {
    let typed = kept.open(&app, &id);
    let loaded = take_up(&app, &officer, id).await?;

    Ok(Next {
        to: kept::address(&app, &id, &typed),
        view: Review::of(&app, &officer, &loaded).with(&app, typed),
    })
}

/// Takes an application up, for a time.
pub(super) async fn take_up(app: &App, officer: &Officer, id: ApplicationId) -> Result<Loaded, Problem> {
    let now = app.clock.now();
    let claimed = event(app, Event::Claim, Some(officer.officer));
    let give_back = jobs::GiveBack {
        application: id,
        claimed_at: now,
    };
    let give_back = Order::at(app, &give_back, now + CLAIM_LASTS);
    let who = Who::Officer(officer.known_as());
    let (parts, asker, me) = (app.clone(), officer.clone(), officer.officer);
    app.db
        .write(move |tx| {
            let found = load(tx, &parts, &id, &me)?;
            asker.must(&parts, Action::Claim, &found.on(&me))?;
            if found.application.state.after(Event::Claim).is_none() {
                return Err(Refusal::Changed.into());
            }
            if !store::claim(tx, &id, &me, now, now - CLAIM_LASTS)? {
                return Err(Refusal::ClaimedByOther.into());
            }
            let person = found.application.person;
            dossiers::add_event(tx, (&person, &id), &claimed)?;
            history::record(tx, &Look::now(&parts, person, &who, Purpose::Review, SEEN))?;
            outbox::enqueue(tx, &give_back)?;
            load(tx, &parts, &id, &me)
        })
        .await
}

/// Gives an application back to the queue.
pub(super) async fn release(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
) -> Result<Next<Review>, Problem> {
    let loaded = give_back(&app, &officer, id).await?;

    Ok(Next {
        to: "/officers/queue".to_owned(),
        view: Review::of(&app, &officer, &loaded),
    })
}

/// Gives back what the officer holds; a chief gives back what somebody else holds.
pub(super) async fn give_back(app: &App, officer: &Officer, id: ApplicationId) -> Result<Loaded, Problem> {
    let released = event(app, Event::Release, Some(officer.officer));
    let (parts, asker, me) = (app.clone(), officer.clone(), officer.officer);
    app.db
        .write(move |tx| {
            let found = load(tx, &parts, &id, &me)?;
            if !freed(tx, &parts, &asker, &found)? {
                return Err(Refusal::NotClaimed.into());
            }
            dossiers::add_event(tx, (&found.application.person, &id), &released)?;
            load(tx, &parts, &id, &me)
        })
        .await
}

fn freed(tx: &mut db::Tx<'_>, app: &App, officer: &Officer, found: &Loaded) -> Result<bool, Problem> {
    let (id, me): (_, &OfficerId) = (&found.application.id, &officer.officer);
    if !found.is_held_by(me) {
        match officer.must(app, Action::ReleaseForOther, &found.on(me)) {
            Ok(()) => return Ok(store::release_for_other(tx, id)?),
            Err(denied) if !officer.may(app, Action::Claim, &found.on(me)) => return Err(denied),
            Err(_) => return Ok(false),
        }
    }
    Ok(store::release(tx, id, me)?)
}

/// Takes up the application with the nearest limit that is free and that the officer did not take.
pub(super) async fn take_next(Of(app): Of<App>, officer: Officer) -> Result<Next<Review>, Problem> {
    officer.must_here(&app, Action::SeeQueue)?;
    let candidates = super::queue::http::free(&app, &officer).await?;
    for id in candidates {
        match take_up(&app, &officer, id).await {
            Ok(loaded) => {
                return Ok(Next {
                    to: format!("/officers/applications/{id}"),
                    view: Review::of(&app, &officer, &loaded),
                });
            }
            // Taken by the officer, or by somebody faster: the next one.
            Err(problem) if problem.status().is_client_error() => {}
            Err(problem) => return Err(problem),
        }
    }
    Err(Refusal::NothingWaits.into())
}
