use ::http::{HeaderValue, StatusCode, header};
use askama::Template;
use axum::extract::State as Of;
use axum::response::{IntoResponse, Response};
use db::Conn;
use jiff::Timestamp;
use serde::Serialize;

use super::evidence::{Findings, Kind};
use super::law::law_of;
use super::rules::{Reason, State};
use super::{Application, ApplicationId, Subject, TABLE, guardians, store};
use crate::accounts::{self, Account, Level};
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::Path;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

/// How many applications the list shows.
const MOST_LISTED: i64 = 50;

/// An application, as its holder sees it.
#[derive(Clone, Template, Serialize)]
#[template(path = "applications/pages/application.html")]
pub(super) struct Dossier {
    id: ApplicationId,
    /// The child or ward, for the guardian who applied.
    ward: Option<String>,
    /// The guardian has still to confirm the use.
    to_confirm: bool,
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
        let guarded = application.subject.guardian.is_some();
        let overdue = application.state.waits() && application.deadline_at.is_some_and(|deadline| deadline < now);
        Self {
            id: application.id,
            ward: guarded.then(|| application.subject.declared.full_name.clone()),
            to_confirm: false,
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
            findings: application.findings.map(Findings::without_scores),
            portrait: has_portrait.then(|| format!("/applications/{}/portrait", application.id)),
            timeline: timeline.into_iter().map(|(at, what)| Happened { at, what }).collect(),
        }
    }

    pub(super) fn load(conn: &mut Conn<'_>, app: &App, application: Application) -> Result<Self, Problem> {
        let place = (&application.person, &application.id);
        let timeline = store::list_events(conn, place)?;
        let has_portrait = super::kinds_of(conn, place)?.contains(&Kind::Portrait);
        let waits_for_guardian = guardians::waits(conn, &application.id)?;
        let to_confirm = application.state == State::Approved && waits_for_guardian;
        Ok(Self {
            to_confirm,
            ..Self::of(application, timeline, has_portrait, app.clock.now())
        })
    }
}

/// The applications of a citizen.
#[derive(Template, Serialize)]
#[template(path = "applications/pages/list.html")]
pub(super) struct Applications {
    level: Level,
    granted: Level,
    may_apply: bool,
    /// Applies for children and wards.
    may_guard: bool,
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
    /// Whose it is, where it is a child's or a ward's.
    ward: Option<String>,
}

impl Summary {
    fn of(row: &store::Row, ward: Option<String>) -> Self {
        Self {
            id: row.application,
            number: row.number.clone(),
            level: row.level,
            state: row.state,
            submitted_at: row.submitted_at,
            deadline_at: row.deadline_at,
            ward,
        }
    }
}

/// Shows the citizen's applications.
pub(super) async fn list(Of(app): Of<App>, citizen: Citizen) -> Result<Page<Applications>, Problem> {
    let (vault, person) = (app.vault.clone(), citizen.person);
    let (account, rows, wards) = app
        .db
        .read(move |conn| {
            let account = accounts::own(conn, &vault, &person)?;
            let mut wards = Vec::new();
            for row in guardians::list(conn, &person, MOST_LISTED)? {
                let subject: Subject =
                    vault.open_record(TABLE, "subject", row.application.bytes(), &row.subject_sealed)?;
                wards.push(Summary::of(&row, Some(subject.declared.full_name)));
            }
            Ok::<_, Problem>((account, store::list(conn, &person, MOST_LISTED)?, wards))
        })
        .await?;

    let live = |row: &store::Row| row.level == Level::One && row.state.is_live() && !row.state.is_open();
    Ok(Page(Applications {
        level: account.level,
        granted: account.granted,
        may_apply: may_apply(&account) && !rows.iter().any(live),
        may_guard: account.level == Level::Two,
        applications: rows.iter().map(|row| Summary::of(row, None)).chain(wards).collect(),
    }))
}

/// Level 1 is for an account that has no level in use, and that was not granted the higher one.
pub(super) fn may_apply(account: &Account) -> bool {
    account.level == Level::Zero && account.granted <= Level::One
}

/// Shows one's own application.
pub(super) async fn show(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ApplicationId>,
) -> Result<Page<Dossier>, Problem> {
    let (parts, asker) = (app.clone(), citizen.clone());
    let (application, dossier) = app
        .db
        .read(move |conn| {
            let application = own(conn, &parts, &asker, &id)?;
            Ok::<_, Problem>((application.clone(), Dossier::load(conn, &parts, application)?))
        })
        .await?;
    guardians::note_look(&app, &citizen.person, &application, guardians::SEEN).await?;
    Ok(Page(dossier))
}

/// An application that is the citizen's own, or of a child or ward for whom the citizen applied.
pub(super) fn own(
    conn: &mut Conn<'_>,
    app: &App,
    citizen: &Citizen,
    id: &ApplicationId,
) -> Result<Application, Problem> {
    let application = super::find(conn, &app.vault, id)?.ok_or_else(Problem::not_found)?;
    if application.person == citizen.person || guardians::guards(conn, &citizen.person, id)? {
        return Ok(application);
    }
    Err(Problem::not_found())
}

/// Shows the portrait of one's own application.
pub(super) async fn portrait(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ApplicationId>,
) -> Result<Response, Problem> {
    let (parts, asker) = (app.clone(), citizen.clone());
    let application = app.db.read(move |conn| own(conn, &parts, &asker, &id)).await?;
    guardians::note_look(&app, &citizen.person, &application, "portrait").await?;
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
