use axum::extract::State as Of;
use db::Tx;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::super::super::evidence::Kind;
use super::super::super::figures::{self, Counted};
use super::super::super::law::{activate_by, supply_by};
use super::super::super::refusal::Refusal;
use super::super::super::rules::{Event, State};
use super::super::super::{
    Application, ApplicationId, TABLE, clock_of, event, evidence_of, jobs, record_of, store as dossiers,
};
use super::super::dossier::http::{Loaded, Review, load};
use super::super::kept;
use super::super::rules::{Decision, DecisionForm};
use super::super::store::{self, Decided};
use crate::accounts::{self, Contact, Lapsing, Level};
use crate::app::App;
use crate::documents::originals;
use crate::eid::{self, Content, NewEid};
use crate::history::{self, Look, Purpose, Who};
use crate::ledger::{self, Commitment};
use crate::notices::{self, Note, inform};
use crate::officers::{self, Action, Officer, OfficerId};
use crate::shell::input::{Input, Path};
use crate::shell::jobs::{self as outbox, Order};
use crate::shell::page::Next;
use crate::shell::problem::Problem;

/// Everything that follows from a decision, ready to be written.
#[derive(Clone)]
struct Consequences {
    row: Decided,
    event: Event,
    happened: dossiers::NewEvent,
    superseded: dossiers::NewEvent,
    eid: Option<NewEid>,
    lapse: Option<Order>,
    lapsing: Lapsing,
    /// What the applicant is told; nothing of a proposal.
    notice: Option<Note>,
    /// A decision that counts in the figures.
    counted: Option<Counted>,
    look: Look,
    commitment: Commitment,
}

/// A decision as it is committed to in the ledger.
#[derive(Serialize)]
struct Statement<'a> {
    application: ApplicationId,
    officer: OfficerId,
    decision: &'static str,
    reasons: &'a str,
}

/// Decides an application: approves, refuses, asks for more, or proposes an approval against a failing check.
///
/// Who is not signed in any more, or holds the application no more, finds what was typed again.
pub(in super::super) async fn decide(
    Of(app): Of<App>,
    officer: Result<Officer, Problem>,
    Path(id): Path<ApplicationId>,
    Input(form): Input<DecisionForm>,
) -> Result<Next<Review>, Problem> {
    let officer =
        officer.map_err(|problem| officers::sign_in_and_come_back(problem, &kept::address(&app, &id, &form)))?;
    let (parts, me) = (app.clone(), officer.officer);
    let loaded = app.db.read(move |conn| load(conn, &parts, &id, &me)).await?;
    officer.must(&app, Action::SeeDossier, &loaded.on(&me))?;
    if !loaded.is_held_by(&me) {
        let problem = Problem::from(Refusal::NotClaimed);
        return Err(problem.on(Review::of(&app, &officer, &loaded).with(&app, form)));
    }
    officer.must(&app, Action::Decide, &loaded.on(&me))?;
    let decision = match form.check(!loaded.failing().is_empty()) {
        Ok(decision) => decision,
        Err(faults) => {
            let again = Review::of(&app, &officer, &loaded).with(&app, form);
            return Err(Problem::invalid(faults).on(again));
        }
    };

    let loaded = conclude(&app, &officer, loaded.application, &decision).await?;

    Ok(Next {
        to: "/officers/queue".to_owned(),
        view: Review::of(&app, &officer, &loaded),
    })
}

/// Carries a decision out, with all that follows from it, in one unit of work.
pub(in super::super) async fn conclude(
    app: &App,
    officer: &Officer,
    application: Application,
    decision: &Decision,
) -> Result<Loaded, Problem> {
    let (id, me) = (application.id, officer.officer);
    let portrait = evidence_of(app, (application.person, id), Kind::Portrait).await?;
    let portrait = portrait.map(|(_, content)| content);
    let follows = consequences(app, officer, &application, decision, portrait)?;
    let parts = app.clone();
    let loaded = app
        .db
        .write(move |tx| {
            carry_out(tx, &parts, &application, &follows)?;
            load(tx, &parts, &id, &me)
        })
        .await?;
    app.bell.ring();
    Ok(loaded)
}

/// What a decision leads to; the portrait is for the card that goes with level 2.
fn consequences(
    app: &App,
    officer: &Officer,
    application: &Application,
    decision: &Decision,
    portrait: Option<Vec<u8>>,
) -> Result<Consequences, Problem> {
    let now = app.clock.now();
    let to = application.state.after(decision.event).ok_or(Refusal::Changed)?;
    let due_at = match to {
        State::Approved => Some(activate_by(now)),
        State::MoreNeeded => Some(supply_by(now)),
        _ => None,
    };
    let words: Vec<&str> = decision.reasons.iter().map(|reason| reason.word()).collect();
    let reasons = words.join(" ");
    let statement = Statement {
        application: application.id,
        officer: officer.officer,
        decision: to.word(),
        reasons: &reasons,
    };
    let commitment = Commitment::to(&app.vault, ledger::Kind::Decision, now, &statement);
    // The reason of a proposal is for the second officer, not for the applicant.
    let column = if to == State::Proposed { "proposal" } else { "remark" };
    let seal = |remark: &String| app.vault.seal_text(TABLE, column, application.id.bytes(), remark);
    let who = Who::Officer(officer.known_as());
    Ok(Consequences {
        row: Decided {
            application: application.id,
            officer: officer.officer,
            to,
            reasons,
            remark_sealed: decision.remark.as_ref().map(seal),
            at: now,
            due_at,
        },
        event: decision.event,
        happened: event(app, decision.event, Some(officer.officer)),
        superseded: event(app, Event::Supersede, None),
        eid: match (to, application.level) {
            (State::Approved, Level::Two) => Some(card(app, application, portrait)?),
            _ => None,
        },
        lapse: due_at.map(|due| lapse(app, application.id, due)),
        lapsing: Lapsing::draw(app, application.person),
        notice: (to != State::Proposed).then(|| notice(application, to, due_at)),
        counted: Counted::of(application, to, now),
        look: Look::now(app, application.person, &who, Purpose::Review, "account"),
        commitment,
    })
}

fn lapse(app: &App, application: ApplicationId, due: Timestamp) -> Order {
    Order::at(app, &jobs::Lapse { application }, due + SignedDuration::from_micros(1))
}

/// The electronic identity card that goes with an approval of level 2.
fn card(app: &App, application: &Application, portrait: Option<Vec<u8>>) -> Result<NewEid, Problem> {
    let findings = application.findings.as_ref().ok_or(Refusal::PortraitMissing)?;
    let portrait = portrait.ok_or(Refusal::PortraitMissing)?;
    NewEid::draw(app, application.person, &Content::found(findings), &portrait)
}

fn notice(application: &Application, to: State, due_at: Option<Timestamp>) -> Note {
    let (text, link) = match to {
        State::Approved => ("applications-told-approved", "/activation".to_owned()),
        State::MoreNeeded => (
            "applications-told-more-needed",
            format!("/applications/{}", application.id),
        ),
        _ => ("applications-told-refused", format!("/applications/{}", application.id)),
    };
    // One application may be asked for more again and again.
    let once = format!("application {} {} {due_at:?}", application.id, to.word());
    Note::new(notices::Kind::Legal, text, once)
        .with("number", &application.number)
        .with("level", application.level)
        .with("due", due_at.map(clock_of).unwrap_or_default())
        .link(link)
}

/// Writes a decision and all that follows from it.
fn carry_out(tx: &mut Tx<'_>, app: &App, application: &Application, follows: &Consequences) -> Result<(), Problem> {
    let (person, now) = (&application.person, follows.row.at);
    let done = match follows.event {
        Event::Propose => store::propose(tx, &follows.row)?,
        _ => store::decide(tx, &follows.row)?,
    };
    if !done {
        return Err(Refusal::NotClaimed.into());
    }
    dossiers::add_event(tx, (person, &application.id), &follows.happened)?;
    if let Some(counted) = &follows.counted {
        figures::count(tx, counted)?;
    }
    match (follows.event, follows.row.due_at) {
        (Event::Approve, Some(due)) => {
            if application.level == Level::Two {
                keep_contact(tx, app, application)?;
                supersede(tx, application, follows)?;
            }
            match accounts::grant(tx, person, application.level, now, due) {
                Err(db::Error::NoRow) => return Err(Refusal::LevelHeld.into()),
                done => done?,
            }
            accounts::live_in(
                tx,
                person,
                &officers::province(application.unit.as_deref().unwrap_or_default()),
                now,
            )?;
            if let Some(card) = &follows.eid {
                eid::issue(tx, card)?;
                take_up_originals(tx, app, application)?;
            }
        }
        (Event::Refuse, _) if !store::is_applied_for(tx, person)? => accounts::refused(tx, &follows.lapsing)?,
        _ => {}
    }
    if let Some(lapse) = &follows.lapse {
        outbox::enqueue(tx, lapse)?;
    }
    if let Some(notice) = &follows.notice {
        inform(app, tx, person, notice, now)?;
    }
    ledger::commit(tx, &follows.commitment)?;
    Ok(history::record(tx, &follows.look)?)
}

/// The papers whose originals were seen with the application come into the wallet.
fn take_up_originals(tx: &mut Tx<'_>, app: &App, application: &Application) -> Result<(), Problem> {
    let place = (&application.person, &application.id);
    let record = record_of(tx, &app.vault, place, Kind::Originals)?;
    if let Some(record) = record {
        originals::order(tx, app, application.person, &record)?;
    }
    Ok(())
}

/// The phone and e-mail that the person gave at the counter count from the approval on.
fn keep_contact(tx: &mut Tx<'_>, app: &App, application: &Application) -> Result<(), Problem> {
    let account = accounts::find(tx, &app.vault, &application.person)?.ok_or_else(Problem::not_found)?;
    let contact = Contact {
        phone: application.subject.phone.clone(),
        email: application.subject.email.clone().or(account.email),
    };
    accounts::set_contact(tx, &app.vault, &application.person, &contact)
}

/// An application for level 1 is needless once level 2 is approved.
fn supersede(tx: &mut Tx<'_>, application: &Application, follows: &Consequences) -> Result<(), Problem> {
    let person = &application.person;
    for other in dossiers::other_live(tx, person, application.level)? {
        let Some(to) = other.state.after(Event::Supersede) else {
            continue;
        };
        if dossiers::end(tx, &other.application, (other.state, to), follows.row.at)? {
            dossiers::add_event(tx, (person, &other.application), &follows.superseded)?;
        }
    }
    Ok(())
}
