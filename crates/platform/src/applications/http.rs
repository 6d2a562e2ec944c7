use ::http::{HeaderValue, StatusCode, header};
use askama::Template;
use axum::extract::State as Of;
use axum::response::{IntoResponse, Response};
use db::Conn;
use jiff::Timestamp;
use serde::Serialize;

use super::evidence::{self, ChipSeen, Declared, Findings, Kind};
use super::law::{Applicant, law_of};
use super::refusal::Refusal;
use super::rules::{Reason, State};
use super::{Application, ApplicationId, Contents, Draft, Subject, Submission, store};
use crate::accounts::{self, Account, Level};
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::shell::filters;
use crate::shell::input::{Path, Upload};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

/// How many applications the list shows.
const MOST_LISTED: i64 = 50;

/// An application, as its holder sees it.
#[derive(Clone, Template, Serialize)]
#[template(path = "applications/pages/application.html")]
pub(super) struct Dossier {
    id: ApplicationId,
    number: String,
    level: Level,
    state: State,
    submitted_at: Option<Timestamp>,
    deadline_at: Option<Timestamp>,
    overdue: bool,
    basis: Option<String>,
    law: &'static str,
    due_at: Option<Timestamp>,
    reasons: Vec<Reason>,
    remark: Option<String>,
    findings: Option<Findings>,
    portrait: Option<String>,
    timeline: Vec<Happened>,
}

#[derive(Clone, Serialize)]
struct Happened {
    at: Timestamp,
    what: String,
}

impl Dossier {
    fn of(application: Application, timeline: Vec<(Timestamp, String)>, has_portrait: bool, now: Timestamp) -> Self {
        let overdue = application.state.waits() && application.deadline_at.is_some_and(|deadline| deadline < now);
        Self {
            id: application.id,
            number: application.number,
            level: application.level,
            state: application.state,
            submitted_at: application.submitted_at,
            deadline_at: application.deadline_at,
            overdue,
            law: application.basis.as_deref().map_or("", law_of),
            basis: application.basis,
            due_at: application.due_at,
            reasons: application.reasons,
            remark: application.remark,
            findings: application.findings,
            portrait: has_portrait.then(|| format!("/applications/{}/portrait", application.id)),
            timeline: timeline.into_iter().map(|(at, what)| Happened { at, what }).collect(),
        }
    }

    fn load(conn: &mut Conn<'_>, app: &App, application: Application) -> Result<Self, Problem> {
        let place = (&application.person, &application.id);
        let timeline = store::list_events(conn, place)?;
        let has_portrait = super::kinds_of(conn, place)?.contains(&Kind::Portrait);
        Ok(Self::of(application, timeline, has_portrait, app.clock.now()))
    }
}

/// The applications of a citizen.
#[derive(Template, Serialize)]
#[template(path = "applications/pages/list.html")]
pub(super) struct Applications {
    level: Level,
    granted: Level,
    may_apply: bool,
    applications: Vec<Summary>,
}

#[derive(Serialize)]
struct Summary {
    id: ApplicationId,
    number: String,
    level: Level,
    state: State,
    submitted_at: Option<Timestamp>,
    deadline_at: Option<Timestamp>,
}

/// Shows the citizen's applications.
pub(super) async fn list(Of(app): Of<App>, citizen: Citizen) -> Result<Page<Applications>, Problem> {
    let (vault, person) = (app.vault.clone(), citizen.person);
    let (account, rows) = app
        .db
        .read(move |conn| {
            let account = accounts::own(conn, &vault, &person)?;
            Ok::<_, Problem>((account, store::list(conn, &person, MOST_LISTED)?))
        })
        .await?;

    let live = |row: &store::Row| row.level == Level::One && row.state.is_live() && !row.state.is_open();
    Ok(Page(Applications {
        level: account.level,
        granted: account.granted,
        may_apply: may_apply(&account) && !rows.iter().any(live),
        applications: rows
            .into_iter()
            .map(|row| Summary {
                id: row.application,
                number: row.number,
                level: row.level,
                state: row.state,
                submitted_at: row.submitted_at,
                deadline_at: row.deadline_at,
            })
            .collect(),
    }))
}

/// Level 1 is for an account that has no level in use, and that was not granted the higher one.
fn may_apply(account: &Account) -> bool {
    account.level == Level::Zero && account.granted <= Level::One
}

/// Shows one's own application.
pub(super) async fn show(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ApplicationId>,
) -> Result<Page<Dossier>, Problem> {
    let parts = app.clone();
    let dossier = app
        .db
        .read(move |conn| {
            let application = own(conn, &parts, &citizen, &id)?;
            Dossier::load(conn, &parts, application)
        })
        .await?;
    Ok(Page(dossier))
}

fn own(conn: &mut Conn<'_>, app: &App, citizen: &Citizen, id: &ApplicationId) -> Result<Application, Problem> {
    super::find(conn, &app.vault, id)?
        .filter(|application| application.person == citizen.person)
        .ok_or_else(Problem::not_found)
}

/// Shows the portrait of one's own application.
pub(super) async fn portrait(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ApplicationId>,
) -> Result<Response, Problem> {
    let parts = app.clone();
    let application = app.db.read(move |conn| own(conn, &parts, &citizen, &id)).await?;
    picture(super::evidence_of(&app, (application.person, id), Kind::Portrait).await?)
}

/// A picture as an answer that no cache keeps.
pub(crate) fn picture(piece: Option<(String, Vec<u8>)>) -> Result<Response, Problem> {
    let (media_type, content) = piece.ok_or_else(Problem::not_found)?;
    let kind = HeaderValue::from_str(&media_type).map_err(Problem::internal)?;
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((StatusCode::OK, headers, content).into_response())
}

/// An application for level 1 as it is put together.
#[derive(Clone, Template, Serialize)]
#[template(path = "applications/pages/level_1.html")]
pub(super) struct LevelOne {
    application: Option<ApplicationId>,
    portrait: Option<String>,
    chip: Option<ChipSeen>,
    findings: Option<Findings>,
    /// What a reviewer asks for.
    reasons: Vec<Reason>,
    remark: Option<String>,
    ready: bool,
}

impl LevelOne {
    fn of(application: Option<&Application>, kinds: &[Kind]) -> Self {
        let has_portrait = kinds.contains(&Kind::Portrait);
        let findings = application.and_then(|application| application.findings.clone());
        Self {
            application: application.map(|application| application.id),
            portrait: application
                .filter(|_| has_portrait)
                .map(|application| format!("/applications/{}/portrait", application.id)),
            chip: findings.as_ref().map(|findings| findings.chip.clone()),
            ready: has_portrait && findings.is_some(),
            findings,
            reasons: application
                .map(|application| application.reasons.clone())
                .unwrap_or_default(),
            remark: application.and_then(|application| application.remark.clone()),
        }
    }
}

/// What an application for level 1 rests on so far.
struct Begun {
    account: Account,
    application: Option<Application>,
    kinds: Vec<Kind>,
    chip: Option<Vec<u8>>,
}

async fn begun(app: &App, citizen: &Citizen) -> Result<Begun, Problem> {
    let (vault, person) = (app.vault.clone(), citizen.person);
    let begun = app
        .db
        .read(move |conn| {
            let account = accounts::own(conn, &vault, &person)?;
            let application = super::find_live(conn, &vault, &person, Level::One)?;
            let kinds = match &application {
                Some(application) => super::kinds_of(conn, (&person, &application.id))?,
                None => Vec::new(),
            };
            Ok::<_, Problem>((account, application, kinds))
        })
        .await?;
    let (account, application, kinds) = begun;
    let chip = match &application {
        Some(application) => super::evidence_of(app, (person, application.id), Kind::Chip).await?,
        None => None,
    };
    let begun = Begun {
        account,
        application,
        kinds,
        chip: chip.map(|(_, files)| files),
    };
    if !may_apply(&begun.account) {
        return Err(Refusal::LevelHeld.into());
    }
    if begun.application.as_ref().is_some_and(|open| !open.state.is_open()) {
        return Err(Refusal::OpenAlready.into());
    }
    Ok(begun)
}

fn subject_of(account: &Account) -> Subject {
    Subject {
        declared: Declared {
            number: account.number.clone(),
            full_name: account.full_name.clone(),
            date_of_birth: account.date_of_birth,
            sex: account.sex,
            residence: None,
            issued_on: None,
        },
        phone: account.phone.clone(),
        email: account.email.clone(),
    }
}

/// Shows the form, and what there is already.
pub(super) async fn begin(Of(app): Of<App>, citizen: Citizen) -> Result<Page<LevelOne>, Problem> {
    let begun = begun(&app, &citizen).await?;
    Ok(Page(LevelOne::of(begun.application.as_ref(), &begun.kinds)))
}

/// Takes a portrait and, where it was read, the chip; compares with the databases.
pub(super) async fn attach(Of(app): Of<App>, citizen: Citizen, mut upload: Upload) -> Result<Next<LevelOne>, Problem> {
    let begun = begun(&app, &citizen).await?;
    let shown = LevelOne::of(begun.application.as_ref(), &begun.kinds);
    let on_form = |problem: Problem| problem.on(shown.clone());

    let mut pieces = Vec::new();
    match upload.file("portrait") {
        Some(file) => pieces.push(
            evidence::read_picture(&app, Kind::Portrait, "portrait", file)
                .await
                .map_err(on_form)?,
        ),
        None if begun.kinds.contains(&Kind::Portrait) => {}
        None => return Err(on_form(Refusal::PortraitMissing.into())),
    }
    let mut chip = begun.chip;
    if let Some(file) = upload.file("chip") {
        let read = evidence::read_chip(&app, file).await.map_err(on_form)?;
        chip = read.first().map(|piece| piece.content.clone());
        pieces.extend(read);
    }
    let subject = subject_of(&begun.account);
    let (findings, _) = evidence::examine(&app, Level::One, Applicant::Own, &subject.declared, chip)
        .await
        .map_err(on_form)?;

    let (draft, id) = match &begun.application {
        Some(application) => (None, application.id),
        None => {
            let draft = Draft::draw(&app, citizen.person, Level::One, &subject, None)?;
            let id = draft.id();
            (Some(draft), id)
        }
    };
    let contents = Contents::draw(&app, (citizen.person, id), &subject, &findings, &pieces).await?;
    let look = Look::now(
        &app,
        citizen.person,
        &Who::Platform,
        Purpose::Application,
        "number name birth sex address card",
    );
    let (vault, person) = (app.vault.clone(), citizen.person);
    let (application, kinds) = app
        .db
        .write(move |tx| {
            if let Some(draft) = &draft {
                super::open(tx, draft)?;
            }
            super::put(tx, &contents)?;
            history::record(tx, &look)?;
            let application = super::find(tx, &vault, &id)?;
            Ok::<_, Problem>((application, super::kinds_of(tx, (&person, &id))?))
        })
        .await?;

    Ok(Next {
        to: "/applications/level-1#check".to_owned(),
        view: LevelOne::of(application.as_ref(), &kinds),
    })
}

/// Sends the application in.
///
/// It is compared with the databases once more: what counts is what they say at submission.
pub(super) async fn send(Of(app): Of<App>, citizen: Citizen) -> Result<Next<Dossier>, Problem> {
    let begun = begun(&app, &citizen).await?;
    let shown = LevelOne::of(begun.application.as_ref(), &begun.kinds);
    let application = begun.application.filter(|_| shown.ready);
    let Some(application) = application else {
        return Err(Problem::from(Refusal::PortraitMissing).on(shown));
    };
    let subject = subject_of(&begun.account);
    let (findings, case) = evidence::examine(&app, Level::One, Applicant::Own, &subject.declared, begun.chip)
        .await
        .map_err(|problem| problem.on(shown))?;

    let id = application.id;
    let contents = Contents::draw(&app, (citizen.person, id), &subject, &findings, &[]).await?;
    let submission = Submission::draw(&app, &application, case, None)?;
    let parts = app.clone();
    let dossier = app
        .db
        .write(move |tx| {
            super::put(tx, &contents)?;
            super::submit(tx, &submission)?;
            let application = super::find(tx, &parts.vault, &id)?.ok_or_else(Problem::not_found)?;
            Dossier::load(tx, &parts, application)
        })
        .await?;
    app.bell.ring();

    Ok(Next {
        to: format!("/applications/{id}"),
        view: dossier,
    })
}
