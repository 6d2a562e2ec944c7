use askama::Template;
use axum::extract::State as Of;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;

use super::super::rules::{Originals, PAPERS};
use crate::accounts::{self, Identity, NewAccount};
use crate::app::App;
use crate::applications::evidence::{self, Findings};
use crate::applications::{
    self, Application, ApplicationId, Contents, Kind, Piece, Reason, Refusal, State, Submission, law_of, picture,
};
use crate::history::{self, Look, Purpose, Who};
use crate::officers::{self, Action, Dossier, Officer, On};
use crate::shell::filters;
use crate::shell::input::{Path, Upload};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;

/// An application as it is taken.
#[derive(Clone, Template, Serialize)]
#[template(path = "counter/pages/taking.html")]
pub(in super::super) struct Taking {
    id: ApplicationId,
    number: String,
    state: State,
    personal_number: String,
    full_name: String,
    phone: String,
    email: Option<String>,
    findings: Option<Findings>,
    pictures: Vec<&'static str>,
    has_chip: bool,
    papers: Vec<&'static str>,
    originals: Vec<String>,
    reasons: Vec<Reason>,
    remark: Option<String>,
    ready: bool,
}

const NEEDED: [Kind; 3] = [Kind::Portrait, Kind::LeftPrint, Kind::RightPrint];

impl Taking {
    pub(in super::super) fn of(application: &Application, kinds: &[Kind], originals: Option<Originals>) -> Self {
        let pictures = [Kind::Portrait, Kind::ChipPortrait, Kind::LeftPrint, Kind::RightPrint];
        Self {
            id: application.id,
            number: application.number.clone(),
            state: application.state,
            personal_number: application.subject.declared.number.as_str().to_owned(),
            full_name: application.subject.declared.full_name.clone(),
            phone: application.subject.phone.national(),
            email: application.subject.email.clone(),
            findings: application.findings.clone(),
            pictures: pictures
                .into_iter()
                .filter(|kind| kinds.contains(kind))
                .map(Kind::word)
                .collect(),
            has_chip: kinds.contains(&Kind::Chip),
            papers: PAPERS.to_vec(),
            originals: originals.map(|originals| originals.papers).unwrap_or_default(),
            reasons: application.reasons.clone(),
            remark: application.remark.clone(),
            ready: NEEDED.iter().all(|kind| kinds.contains(kind)),
        }
    }

    fn has_original(&self, paper: &str) -> bool {
        self.originals.iter().any(|original| original == paper)
    }
}

/// What is kept of an application that this officer takes.
struct Taken {
    application: Application,
    kinds: Vec<Kind>,
    originals: Option<Originals>,
    chip: Option<Vec<u8>>,
}

impl Taken {
    fn view(&self) -> Taking {
        Taking::of(&self.application, &self.kinds, self.originals.clone())
    }
}

async fn load(app: &App, officer: &Officer, id: ApplicationId) -> Result<Taken, Problem> {
    officer.must_here(app, Action::TakeApplication)?;
    let (vault, me) = (app.vault.clone(), officer.officer);
    let (parts, asker) = (app.clone(), officer.clone());
    let mut taken = app
        .db
        .read(move |conn| {
            let application = applications::find(conn, &vault, &id)?.ok_or_else(Problem::not_found)?;
            // An application that another officer took is told of like one that does not exist.
            if !asker.may(
                &parts,
                Action::ContinueApplication,
                &On::Dossier(Dossier {
                    taken_by_me: applications::was_taken_by(conn, &id, &me)?,
                    ..Dossier::default()
                }),
            ) {
                return Err(Problem::not_found());
            }
            let place = (&application.person, &id);
            let originals = applications::record_of(conn, &vault, place, Kind::Originals)?;
            Ok(Taken {
                kinds: applications::kinds_of(conn, place)?,
                originals: originals.and_then(|record| serde_json::from_slice(&record).ok()),
                chip: None,
                application,
            })
        })
        .await?;
    let chip = applications::evidence_of(app, (taken.application.person, id), Kind::Chip).await?;
    taken.chip = chip.map(|(_, files)| files);
    Ok(taken)
}

/// The same, as long as something can be put to it.
async fn load_open(app: &App, officer: &Officer, id: ApplicationId) -> Result<Taken, Problem> {
    let taken = load(app, officer, id).await?;
    if !taken.application.state.is_open() {
        return Err(Refusal::Changed.into());
    }
    Ok(taken)
}

fn look(app: &App, officer: &Officer, application: &Application, what: &str) -> Look {
    let who = Who::Officer(officer.known_as());
    Look::now(app, application.person, &who, Purpose::Enrolment, what)
}

/// Shows what there is so far.
pub(in super::super) async fn show(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
) -> Result<Page<Taking>, Problem> {
    let taken = load_open(&app, &officer, id).await?;
    let look = look(
        &app,
        &officer,
        &taken.application,
        "number name birth sex address phone email card",
    );
    app.db.write(move |tx| history::record(tx, &look)).await?;

    Ok(Page(taken.view()))
}

/// Shows a picture that was taken.
pub(in super::super) async fn evidence(
    Of(app): Of<App>,
    officer: Officer,
    Path((id, kind)): Path<(ApplicationId, String)>,
) -> Result<Response, Problem> {
    let taken = load_open(&app, &officer, id).await?;
    let (kind, what) = match Kind::of_word(&kind) {
        Some(kind @ (Kind::Portrait | Kind::ChipPortrait)) => (kind, "portrait"),
        Some(kind @ (Kind::LeftPrint | Kind::RightPrint)) => (kind, "fingerprints"),
        _ => return Err(Problem::not_found()),
    };
    let look = look(&app, &officer, &taken.application, what);
    app.db.write(move |tx| history::record(tx, &look)).await?;
    picture(applications::evidence_of(&app, (taken.application.person, id), kind).await?)
}

/// Takes portrait, fingerprints, chip data and what originals were seen: what was sent takes the place of what there was.
pub(in super::super) async fn attach(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
    mut upload: Upload,
) -> Result<Next<Taking>, Problem> {
    let taken = load_open(&app, &officer, id).await?;
    let shown = taken.view();
    let on_form = |problem: Problem| problem.on(shown.clone());

    let mut pieces = Vec::new();
    for (kind, field) in [
        (Kind::Portrait, "portrait"),
        (Kind::LeftPrint, "left-print"),
        (Kind::RightPrint, "right-print"),
    ] {
        if let Some(file) = upload.file(field) {
            let read = evidence::read_picture(&app, kind, field, file).await;
            pieces.push(read.map_err(on_form)?);
        }
    }
    let mut chip = taken.chip;
    if let Some(file) = upload.file("chip") {
        let read = evidence::read_chip(&app, file).await.map_err(on_form)?;
        chip = read.first().map(Piece::content);
        pieces.extend(read);
    }
    let originals = Originals {
        papers: PAPERS
            .iter()
            .filter(|paper| !upload.field(paper).is_empty())
            .map(|paper| (*paper).to_owned())
            .collect(),
        checked_by: officer.known_as(),
    };
    pieces.push(Piece::record(Kind::Originals, &originals));
    let application = taken.application;
    let subject = &application.subject;
    let (findings, _) = evidence::examine(&app, application.level, &subject.declared, chip)
        .await
        .map_err(on_form)?;

    let person = application.person;
    let contents = Contents::draw(&app, (person, id), subject, &findings, &pieces).await?;
    let vault = app.vault.clone();
    let (application, kinds) = app
        .db
        .write(move |tx| {
            applications::put(tx, &contents)?;
            let application = applications::find(tx, &vault, &id)?.ok_or_else(Problem::not_found)?;
            Ok::<_, Problem>((application, applications::kinds_of(tx, (&person, &id))?))
        })
        .await?;

    Ok(Next {
        to: format!("/counter/{id}"),
        view: Taking::of(&application, &kinds, Some(originals)),
    })
}

/// The receipt of an application (form TK01).
#[derive(Template, Serialize)]
#[template(path = "counter/pages/receipt.html")]
pub(in super::super) struct Receipt {
    id: ApplicationId,
    number: String,
    state: State,
    personal_number: String,
    full_name: String,
    phone: String,
    originals: Vec<String>,
    submitted_at: Option<Timestamp>,
    deadline_at: Option<Timestamp>,
    basis: Option<String>,
    law: &'static str,
    unit: String,
    officer: String,
}

impl Receipt {
    fn of(officer: &Officer, application: Application, originals: Option<Originals>) -> Self {
        Self {
            id: application.id,
            number: application.number,
            state: application.state,
            personal_number: application.subject.declared.number.as_str().to_owned(),
            full_name: application.subject.declared.full_name,
            phone: application.subject.phone.national(),
            originals: originals.map(|originals| originals.papers).unwrap_or_default(),
            submitted_at: application.submitted_at,
            deadline_at: application.deadline_at,
            law: application.basis.as_deref().map_or("", law_of),
            basis: application.basis,
            unit: application.commune.as_deref().map(officers::unit).unwrap_or_default(),
            officer: officer.full_name.clone(),
        }
    }
}

/// Sends the application in. Who has no account gets one, without a password until it is activated.
pub(in super::super) async fn send(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
) -> Result<Next<Receipt>, Problem> {
    let taken = load_open(&app, &officer, id).await?;
    let shown = taken.view();
    if !taken.kinds.contains(&Kind::Portrait) {
        return Err(Problem::from(Refusal::PortraitMissing).on(shown));
    }
    if !shown.ready {
        return Err(Problem::from(Refusal::PrintsMissing).on(shown));
    }
    let (application, originals) = (taken.application, taken.originals);
    let subject = &application.subject;
    let (findings, case) = evidence::examine(&app, application.level, &subject.declared, taken.chip)
        .await
        .map_err(|problem| problem.on(shown))?;

    let person = application.person;
    let identity = Identity {
        number: findings.facts.number.clone(),
        full_name: findings.facts.full_name.clone(),
        date_of_birth: findings.facts.date_of_birth,
        sex: findings.facts.sex,
    };
    let account = NewAccount::draw(&app, person, &identity, &subject.phone)?;
    let contents = Contents::draw(&app, (person, id), subject, &findings, &[]).await?;
    let submission = Submission::draw(&app, &application, case, Some(&officer))?;
    let vault = app.vault.clone();
    let sent = app
        .db
        .write(move |tx| {
            if accounts::find(tx, &vault, &person)?.is_none() {
                match accounts::open(tx, &account) {
                    Err(db::Error::Taken(_)) => return Err(Refusal::Changed.into()),
                    done => done?,
                }
            }
            applications::put(tx, &contents)?;
            applications::submit(tx, &submission)?;
            applications::find(tx, &vault, &id)?.ok_or_else(Problem::not_found)
        })
        .await?;
    app.bell.ring();

    Ok(Next {
        to: format!("/counter/{id}/receipt"),
        view: Receipt::of(&officer, sent, originals),
    })
}

/// Shows the receipt.
pub(in super::super) async fn receipt(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
) -> Result<Page<Receipt>, Problem> {
    let taken = load(&app, &officer, id).await?;
    if taken.application.submitted_at.is_none() {
        return Err(Problem::not_found());
    }
    let look = look(&app, &officer, &taken.application, "number name phone");
    app.db.write(move |tx| history::record(tx, &look)).await?;

    Ok(Page(Receipt::of(&officer, taken.application, taken.originals)))
}
