use askama::Template;
use axum::extract::State as Of;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::accounts::Level;
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::officers::{Action, Dossier as Case, Officer, On, Rank};
use crate::procedures::catalogue::{Decision, Findings};
use crate::procedures::dossiers::http::{File, Happened, Value, files, steps as happened, values};
use crate::procedures::dossiers::store::{self, Scope};
use crate::procedures::dossiers::{self, Dossier, DossierId, moved};
use crate::procedures::states::{Event, Status};
use crate::shell::filters;
use crate::shell::input::{Path, Query};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;

/// How many dossiers a page shows.
const MOST: i64 = 200;

/// What waits.
#[derive(Template, Serialize)]
#[template(path = "procedures/pages/waiting.html")]
pub(super) struct Waiting {
    status: String,
    dossiers: Vec<Listed>,
}

impl Waiting {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    fn chose(&self, status: &Status) -> bool {
        self.status == status.word()
    }
}

/// A dossier that waits: nothing that tells whose it is.
#[derive(Serialize)]
struct Listed {
    id: DossierId,
    code: String,
    number: String,
    status: Status,
    unit: String,
    submitted_at: Option<Timestamp>,
    deadline_at: Option<Timestamp>,
    late: bool,
    mine: bool,
    taken: bool,
}

#[derive(Deserialize)]
pub(super) struct Filters {
    #[serde(default)]
    status: String,
}

/// The jurisdiction of an officer.
pub(in crate::procedures) fn scope(officer: &Officer) -> Scope {
    match Rank::of(&officer.unit_code) {
        Rank::Ministry => Scope::Country,
        Rank::Province => Scope::Province(officer.unit_code.clone()),
        Rank::Commune => Scope::Unit(officer.unit_code.clone()),
    }
}

/// Shows what waits in the officer's jurisdiction, by its limits.
pub(super) async fn list(
    Of(app): Of<App>,
    officer: Officer,
    Query(filters): Query<Filters>,
) -> Result<Page<Waiting>, Problem> {
    officer.must_here(&app, Action::SeeQueue)?;
    let (scope, now) = (scope(&officer), app.clock.now());
    let status = Status::of_word(&filters.status).map_or(0, Status::code);
    let me = officer.officer;
    let rows = app
        .db
        .read(move |conn| store::waiting(conn, &scope, status, MOST))
        .await?;
    let listed = rows.into_iter().map(|row| Listed {
        id: row.dossier,
        late: !row.status.is_paused() && row.clock.deadline_at.is_some_and(|deadline| deadline < now),
        mine: row.held_by == Some(me),
        taken: row.held_by.is_some_and(|holder| holder != me),
        code: row.code,
        number: row.number,
        status: row.status,
        unit: dossiers::body(&row.unit),
        submitted_at: row.clock.submitted_at,
        deadline_at: row.clock.deadline_at,
    });
    Ok(Page(Waiting {
        status: filters.status,
        dossiers: listed.collect(),
    }))
}

/// A dossier on the desk.
#[derive(Clone, Template, Serialize)]
#[template(path = "procedures/pages/desk.html")]
pub(super) struct OnDesk {
    id: DossierId,
    code: String,
    /// The procedure whose sentences name the fields.
    #[serde(skip)]
    sentences: String,
    number: String,
    status: Status,
    status_code: i64,
    unit: String,
    basis: Vec<String>,
    submitted_at: Option<Timestamp>,
    deadline_at: Option<Timestamp>,
    /// On what the limit rests.
    deadline_basis: Option<String>,
    /// The working time that is left, in minutes; none while the clock stands still.
    left_minutes: Option<i64>,
    /// This officer holds it.
    mine: bool,
    /// Another officer holds it.
    taken: bool,
    /// This officer may give back what another holds.
    releases: bool,
    /// The group of the fee and what was to be paid, for who holds it.
    fee: Option<(String, u32)>,
    /// What was sent in, likewise.
    values: Vec<Value>,
    /// What a source says of it now, for who holds it.
    findings: Option<Findings>,
    files: Vec<File>,
    steps: Vec<Happened>,
    decision: Option<Decision>,
    /// What this officer can do now.
    choices: Vec<Event>,
    #[serde(skip)]
    pub(super) what: String,
    #[serde(skip)]
    pub(super) words: String,
    #[serde(skip)]
    pub(super) amount: String,
}

impl OnDesk {
    fn hours(&self) -> String {
        let minutes = self.left_minutes.unwrap_or_default();
        format!("{}:{:02}", minutes / 60, minutes % 60)
    }

    /// On what the limit rests, where that is not what the procedure rests on.
    fn limit_basis(&self) -> Option<&str> {
        let usual = self.basis.join("; ");
        self.deadline_basis.as_deref().filter(|basis| *basis != usual)
    }

    fn charges(&self) -> bool {
        self.choices.contains(&Event::Charge)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    fn chose(&self, event: &Event) -> bool {
        self.what == event.word()
    }

    fn finding_label(&self, name: &str) -> String {
        format!("procedure-{}-finding-{name}", self.sentences)
    }

    fn result_label(&self, name: &str) -> String {
        format!("procedure-{}-result-{name}", self.sentences)
    }
}

/// What an officer can let happen.
pub(super) const CHOICES: [Event; 9] = [
    Event::Receive,
    Event::Reject,
    Event::Ask,
    Event::Verify,
    Event::Charge,
    Event::Grant,
    Event::Refuse,
    Event::Stop,
    Event::Resume,
];

pub(in crate::procedures) fn on<'a>(dossier: &'a Dossier, officer: &Officer) -> On<'a> {
    On::Dossier(Case {
        unit: &dossier.unit,
        level: Level::Two.number(),
        held_by_me: dossier.held_by == Some(officer.officer),
        ..Case::default()
    })
}

pub(in crate::procedures) async fn load(app: &App, id: DossierId) -> Result<Dossier, Problem> {
    let vault = app.vault.clone();
    let found = app.db.read(move |conn| dossiers::find(conn, &vault, &id)).await?;
    found
        .filter(|dossier| dossier.clock.submitted_at.is_some() && !dossiers::is_elsewhere(&dossier.unit))
        .ok_or_else(Problem::not_found)
}

pub(super) async fn view(app: &App, officer: &Officer, dossier: &Dossier) -> Result<OnDesk, Problem> {
    let mine = dossier.held_by == Some(officer.officer);
    let open = officer.may(app, Action::SeeEvidence, &on(dossier, officer));
    let findings = if open {
        look_into(app, officer, dossier).await?
    } else {
        None
    };
    let may_verify = dossier.may_verify(app)?;
    let can = |event: &Event| mine && dossier.status.after(*event).is_some() && (*event != Event::Verify || may_verify);
    Ok(OnDesk {
        id: dossier.id,
        sentences: dossier.sentences(app).to_owned(),
        code: dossier.code.clone(),
        number: dossier.number.clone(),
        status: dossier.status,
        status_code: dossier.status.code(),
        unit: dossiers::body(&dossier.unit),
        basis: dossier.version(app)?.basis.clone(),
        submitted_at: dossier.clock.submitted_at,
        deadline_at: dossier.clock.deadline_at,
        deadline_basis: dossier.deadline_basis.clone(),
        left_minutes: dossiers::left(app, dossier).map(|left| left.as_mins()),
        mine,
        taken: dossier.held_by.is_some() && !mine,
        releases: dossier.held_by.is_some()
            && !mine
            && officer.may(app, Action::ReleaseForOther, &on(dossier, officer)),
        fee: dossier.filed.fee.clone().filter(|_| open),
        values: if open { values(app, dossier) } else { Vec::new() },
        findings,
        files: if open { files(app, dossier) } else { Vec::new() },
        steps: if open {
            happened(app, dossier).await?
        } else {
            Vec::new()
        },
        decision: dossier.decision.clone().filter(|_| open),
        choices: CHOICES.into_iter().filter(can).collect(),
        what: String::new(),
        words: String::new(),
        amount: String::new(),
    })
}

/// What a source says of an open dossier now; the look at it and at what was sent in is written down before anything is shown.
async fn look_into(app: &App, officer: &Officer, dossier: &Dossier) -> Result<Option<Findings>, Problem> {
    let rules = app
        .procedures
        .find(&dossier.code)
        .map(|procedure| procedure.entry.rules);
    let findings = match rules.filter(|_| dossier.status.is_open()) {
        Some(rules) => rules.findings(app, dossier).await?,
        None => None,
    };
    let seen = findings.as_ref().filter(|findings| findings.found.is_some());
    let seen = seen.map_or("", |findings| findings.what);
    let what = format!("number name birth address dossier {seen}");
    let look = Look::now(
        app,
        dossier.person,
        &Who::Officer(officer.known_as()),
        Purpose::Procedure,
        what.trim_end(),
    );
    let look = look.in_case(app, &dossier.number);
    app.db.write(move |tx| history::record(tx, &look)).await?;
    Ok(findings)
}

/// Shows a dossier.
pub(super) async fn show(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<DossierId>,
) -> Result<Page<OnDesk>, Problem> {
    let dossier = load(&app, id).await?;
    officer.must(&app, Action::SeeDossier, &on(&dossier, &officer))?;
    Ok(Page(view(&app, &officer, &dossier).await?))
}

pub(super) fn next(view: OnDesk) -> Next<OnDesk> {
    Next {
        to: format!("/officers/procedures/{}", view.id),
        view,
    }
}

/// Takes a dossier up.
pub(super) async fn claim(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<DossierId>,
) -> Result<Next<OnDesk>, Problem> {
    let dossier = load(&app, id).await?;
    officer.must(&app, Action::Claim, &on(&dossier, &officer))?;
    let (person, me) = (dossier.person, officer.officer);
    if !app.db.write(move |tx| store::hold(tx, &person, &id, &me)).await? {
        return Err(moved());
    }
    let dossier = load(&app, id).await?;
    Ok(next(view(&app, &officer, &dossier).await?))
}

/// Gives a dossier back; a chief gives back what somebody else holds.
pub(super) async fn release(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<DossierId>,
) -> Result<Next<OnDesk>, Problem> {
    let dossier = load(&app, id).await?;
    let holder = dossier.held_by.ok_or_else(moved)?;
    let action = if holder == officer.officer {
        Action::Decide
    } else {
        Action::ReleaseForOther
    };
    officer.must(&app, action, &on(&dossier, &officer))?;
    let person = dossier.person;
    if !app
        .db
        .write(move |tx| store::release(tx, &person, &id, &holder))
        .await?
    {
        return Err(moved());
    }
    let dossier = load(&app, id).await?;
    Ok(next(view(&app, &officer, &dossier).await?))
}
