use askama::Template;
use axum::extract::State as Of;
use axum::response::Response;
use db::Conn;
use jiff::Timestamp;
use serde::Serialize;

use super::super::evidence::{ChipSeen, Findings, Kind};
use super::super::law::law_of;
use super::super::refusal::Refusal;
use super::super::rules::{CLAIM_LASTS, Event, Reason, State};
use super::super::{Application, ApplicationId, event, http as citizens, kinds_of, store as dossiers, was_taken_by};
use super::rules::Urgency;
use super::store;
use crate::accounts::Level;
use crate::app::App;
use crate::counter::Originals;
use crate::history::{self, Look, Purpose, Who};
use crate::officers::{self, Action, Dossier, Officer, OfficerId, On};
use crate::registries;
use crate::shell::filters;
use crate::shell::input::Path;
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;

/// The data of a dossier's page, but for its pictures, as the history names them.
const SEEN: &str = "number name birth sex address phone email card";

/// The legal limit of an application as it stands now.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Limit {
    pub(super) deadline_at: Option<Timestamp>,
    /// Working time left, in minutes; `null` where the calendar does not reach.
    minutes_left: Option<i64>,
    pub(super) urgency: Urgency,
}

impl Limit {
    pub(super) fn of(app: &App, deadline_at: Option<Timestamp>) -> Self {
        let now = app.clock.now();
        let left = deadline_at.and_then(|deadline| app.calendar.working_time_left(now, deadline).ok());
        Self {
            deadline_at,
            minutes_left: left.map(|left| left.as_mins()),
            urgency: Urgency::of(deadline_at.is_some_and(|deadline| deadline < now), left),
        }
    }

    /// `5 h 30 min`.
    pub(super) fn left(&self) -> String {
        let minutes = self.minutes_left.unwrap_or_default();
        format!("{} h {:02} min", minutes / 60, minutes % 60)
    }
}

/// One application, as a reviewer sees it.
#[derive(Clone, Template, Serialize)]
#[template(path = "applications/review/pages/application.html")]
pub(super) struct Review {
    id: ApplicationId,
    number: String,
    level: Level,
    state: State,
    unit: Option<String>,
    submitted_at: Option<Timestamp>,
    #[serde(flatten)]
    limit: Limit,
    basis: Option<String>,
    law: &'static str,
    /// Somebody else works on it.
    claimed_by_other: bool,
    /// The reviewer took it, and so does not decide it.
    four_eyes: bool,
    reasons: Vec<Reason>,
    /// Everything, for the reviewer who claimed it.
    opened: Option<Opened>,
}

#[derive(Clone, Serialize)]
struct Opened {
    phone: String,
    email: Option<String>,
    findings: Option<Findings>,
    pictures: Vec<Picture>,
    originals: Vec<String>,
    originals_checked_by: String,
}

#[derive(Clone, Serialize)]
struct Picture {
    kind: &'static str,
    address: String,
}

/// What is kept of an application, before it is shown.
pub(super) struct Loaded {
    pub(super) application: Application,
    pub(super) kinds: Vec<Kind>,
    pub(super) originals: Originals,
    pub(super) took: bool,
}

pub(super) fn load(conn: &mut Conn<'_>, app: &App, id: &ApplicationId, officer: &OfficerId) -> Result<Loaded, Problem> {
    let application = super::super::find(conn, &app.vault, id)?;
    let application = application
        .filter(|application| application.state != State::Draft)
        .ok_or_else(Problem::not_found)?;
    let place = (&application.person, id);
    let originals = super::super::record_of(conn, &app.vault, place, Kind::Originals)?;
    Ok(Loaded {
        kinds: kinds_of(conn, place)?,
        originals: originals
            .and_then(|record| serde_json::from_slice(&record).ok())
            .unwrap_or_default(),
        took: was_taken_by(conn, id, officer)?,
        application,
    })
}

impl Loaded {
    /// What the policies know of it when an officer asks.
    pub(super) fn on(&self, officer: &OfficerId) -> On<'_> {
        On::Dossier(Dossier {
            unit: self.application.commune.as_deref().unwrap_or_default(),
            level: self.application.level.number(),
            taken_by_me: self.took,
            held_by_me: self.is_held_by(officer),
            proposed_by_me: false,
        })
    }

    /// Whether the officer works on it.
    pub(super) fn is_held_by(&self, officer: &OfficerId) -> bool {
        self.application.state == State::Claimed && self.application.claimed_by == Some(*officer)
    }
}

impl Review {
    pub(super) fn of(app: &App, officer: &Officer, loaded: Loaded) -> Self {
        let held = loaded.is_held_by(&officer.officer);
        let Loaded {
            application,
            kinds,
            originals,
            took,
        } = loaded;
        let now = app.clock.now();
        let busy = application.claimed_at.is_some_and(|since| since > now - CLAIM_LASTS);
        Self {
            id: application.id,
            level: application.level,
            state: application.state,
            unit: application.commune.as_deref().map(officers::unit),
            submitted_at: application.submitted_at,
            limit: Limit::of(app, application.deadline_at),
            law: application.basis.as_deref().map_or("", law_of),
            basis: application.basis.clone(),
            claimed_by_other: application.state == State::Claimed && !held && busy,
            four_eyes: took,
            reasons: application.reasons.clone(),
            number: application.number.clone(),
            opened: held.then(|| Opened::of(application, &kinds, originals)),
        }
    }
}

impl Opened {
    fn of(application: Application, kinds: &[Kind], originals: Originals) -> Self {
        let id = application.id;
        let shown = [Kind::Portrait, Kind::ChipPortrait, Kind::LeftPrint, Kind::RightPrint];
        let evidence = shown
            .into_iter()
            .filter(|kind| kinds.contains(kind))
            .map(|kind| Picture {
                kind: kind.word(),
                address: format!("/officers/applications/{id}/evidence/{}", kind.word()),
            });
        let has_card = application
            .findings
            .as_ref()
            .is_some_and(|findings| findings.card.is_some());
        let of_card = has_card.then(|| Picture {
            kind: "card-portrait",
            address: format!("/officers/applications/{id}/card-portrait"),
        });
        Self {
            phone: application.subject.phone.national(),
            email: application.subject.email,
            pictures: evidence.chain(of_card).collect(),
            originals: originals.papers,
            originals_checked_by: originals.checked_by,
            findings: application.findings,
        }
    }
}

/// Shows an application; everything, and for the person's history, to the reviewer who claimed it.
pub(super) async fn show(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
) -> Result<Page<Review>, Problem> {
    let (parts, me) = (app.clone(), officer.officer);
    let loaded = app.db.read(move |conn| load(conn, &parts, &id, &me)).await?;
    officer.must(&app, Action::SeeDossier, &loaded.on(&me))?;
    if loaded.is_held_by(&me) {
        officer.must(&app, Action::SeeEvidence, &loaded.on(&me))?;
        look(&app, &officer, &loaded.application, SEEN).await?;
    }

    Ok(Page(Review::of(&app, &officer, loaded)))
}

async fn look(app: &App, officer: &Officer, application: &Application, what: &str) -> Result<(), Problem> {
    let who = Who::Officer(officer.known_as());
    let look = Look::now(app, application.person, &who, Purpose::Review, what);
    Ok(app.db.write(move |tx| history::record(tx, &look)).await?)
}

/// The application of an officer who works on it.
async fn held(app: &App, officer: &Officer, id: ApplicationId) -> Result<Application, Problem> {
    let (parts, me) = (app.clone(), officer.officer);
    let loaded = app.db.read(move |conn| load(conn, &parts, &id, &me)).await?;
    officer.must(app, Action::SeeDossier, &loaded.on(&me))?;
    if !loaded.is_held_by(&me) {
        return Err(Refusal::NotClaimed.into());
    }
    officer.must(app, Action::SeeEvidence, &loaded.on(&me))?;
    Ok(loaded.application)
}

/// Shows a picture of the evidence.
pub(super) async fn evidence(
    Of(app): Of<App>,
    officer: Officer,
    Path((id, kind)): Path<(ApplicationId, String)>,
) -> Result<Response, Problem> {
    let application = held(&app, &officer, id).await?;
    let (kind, what) = match Kind::of_word(&kind) {
        Some(kind @ (Kind::Portrait | Kind::ChipPortrait)) => (kind, "portrait"),
        Some(kind @ (Kind::LeftPrint | Kind::RightPrint)) => (kind, "fingerprints"),
        _ => return Err(Problem::not_found()),
    };
    look(&app, &officer, &application, what).await?;

    citizens::picture(super::super::evidence_of(&app, (application.person, id), kind).await?)
}

/// Shows the portrait that the ID-card database has.
pub(super) async fn card_portrait(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
) -> Result<Response, Problem> {
    let application = held(&app, &officer, id).await?;
    look(&app, &officer, &application, "portrait").await?;

    let answer = registries::portrait(&app, &application.subject.declared.number, "review").await?;
    citizens::picture(answer.map(|answer| (answer.record.media_type, answer.record.bytes)))
}

/// Takes an application up. Of two reviewers at once one wins.
pub(super) async fn claim(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
) -> Result<Next<Review>, Problem> {
    let now = app.clock.now();
    let claimed = event(&app, Event::Claim, Some(officer.officer));
    let who = Who::Officer(officer.known_as());
    let (parts, asker, me) = (app.clone(), officer.clone(), officer.officer);
    let loaded = app
        .db
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
            load(tx, &parts, &id, &me)
        })
        .await?;

    Ok(Next {
        to: format!("/officers/applications/{id}"),
        view: Review::of(&app, &officer, loaded),
    })
}

/// Gives an application back to the queue.
pub(super) async fn release(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
) -> Result<Next<Review>, Problem> {
    let released = event(&app, Event::Release, Some(officer.officer));
    let (parts, asker, me) = (app.clone(), officer.clone(), officer.officer);
    let loaded = app
        .db
        .write(move |tx| {
            let found = load(tx, &parts, &id, &me)?;
            asker.must(&parts, Action::Claim, &found.on(&me))?;
            if !store::release(tx, &id, &me)? {
                return Err(Refusal::NotClaimed.into());
            }
            dossiers::add_event(tx, (&found.application.person, &id), &released)?;
            load(tx, &parts, &id, &me)
        })
        .await?;

    Ok(Next {
        to: "/officers/queue".to_owned(),
        view: Review::of(&app, &officer, loaded),
    })
}
