use askama::Template;
use axum::extract::State as Of;
use civil::chip::Challenge;
use db::Tx;
use jiff::Timestamp;
use serde::Serialize;

use super::super::evidence::{self, ChipSeen, Findings, Kind};
use super::super::http::Dossier;
use super::super::refusal::Refusal;
use super::super::rules::Reason;
use super::super::{ApplicationId, Contents, Submission, evidence_of, find, guardians, open, put, submit};
use super::Filing;
use super::rules::{check_chip, check_submission};
use super::taking::take;
use crate::accounts::{self, Level, NewAccount};
use crate::app::App;
use crate::chips::{self, Invitation};
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Path, Upload};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

/// An application for level 1 as it is put together.
#[derive(Clone, Template, Serialize)]
#[template(path = "applications/level_1/pages/level_1.html")]
pub(super) struct LevelOne {
    /// Where its forms lead.
    base: String,
    application: Option<ApplicationId>,
    /// The child or ward it is for.
    ward: Option<String>,
    portrait: Option<String>,
    chip: Option<ChipSeen>,
    findings: Option<Findings>,
    /// Where a reader posts what it reads of the chip.
    reading: Option<Asked>,
    /// The way by the card's QR code is open.
    without_chip: bool,
    /// What a reviewer asks for.
    reasons: Vec<Reason>,
    remark: Option<String>,
    has_chip: bool,
    ready: bool,
}

impl LevelOne {
    fn face_differs(&self) -> bool {
        self.findings.as_ref().is_some_and(Findings::face_differs)
    }
}

/// What a reader is asked for, and how far it is.
#[derive(Clone, Serialize)]
struct Asked {
    /// Where it posts what it reads; told once, when the challenge is drawn.
    address: Option<String>,
    challenge: Option<String>,
    expires_at: Option<Timestamp>,
    /// The chip was read, and the page only has to go on.
    received: bool,
    /// In the sandbox: what the card would answer.
    sandbox: Option<String>,
}

impl Filing {
    pub(super) fn view(&self, app: &App) -> LevelOne {
        let application = self.application.as_ref();
        let has_portrait = self.kinds.contains(&Kind::Portrait);
        let findings = self.findings().cloned().map(Findings::without_scores);
        let without_chip = app.config.level_1.without_chip;
        let sound = findings
            .as_ref()
            .is_some_and(|findings| check_chip(findings, without_chip).is_ok());
        LevelOne {
            base: self.base.clone(),
            application: application.map(|application| application.id),
            ward: self
                .subject
                .guardian
                .as_ref()
                .map(|_| self.subject.declared.full_name.clone()),
            portrait: application
                .filter(|_| has_portrait)
                .map(|application| format!("/applications/{}/portrait", application.id)),
            chip: findings.as_ref().map(|findings| findings.chip.clone()),
            reading: self.asked(app),
            without_chip,
            reasons: application.map(|open| open.reasons.clone()).unwrap_or_default(),
            remark: application.and_then(|open| open.remark.clone()),
            has_chip: sound && self.kinds.contains(&Kind::Chip),
            ready: has_portrait && sound,
            findings,
        }
    }

    fn asked(&self, app: &App) -> Option<Asked> {
        let challenge = self.invited.as_ref().map(|invited| digits(invited.challenge()));
        if challenge.is_none() && self.received.is_none() {
            return None;
        }
        let number = self.subject.declared.number.as_str();
        let answer = |digits: &String| format!("/sandbox/people/{number}/chip.json?challenge={digits}");
        Some(Asked {
            address: None,
            expires_at: None,
            received: self.received.is_some(),
            sandbox: challenge.as_ref().filter(|_| app.sandbox.is_some()).map(answer),
            challenge,
        })
    }
}

/// A challenge in hexadecimal digits, as people read it out.
fn digits(challenge: Challenge) -> String {
    format!("{:016x}", u64::from_be_bytes(challenge.0))
}

/// Shows the forms, and what there is already.
pub(super) async fn begin(Of(app): Of<App>, citizen: Citizen) -> Result<Page<LevelOne>, Problem> {
    Ok(Page(Filing::own(&app, citizen).await?.view(&app)))
}

/// The same for a child or ward.
pub(super) async fn begin_for(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ApplicationId>,
) -> Result<Page<LevelOne>, Problem> {
    Ok(Page(Filing::of_ward(&app, citizen, id).await?.view(&app)))
}

/// Takes a portrait and, where it was read, the chip; judges and compares.
pub(super) async fn attach(Of(app): Of<App>, citizen: Citizen, upload: Upload) -> Result<Next<LevelOne>, Problem> {
    let filing = Filing::own(&app, citizen).await?;
    take(&app, filing, upload).await
}

/// The same for a child or ward.
pub(super) async fn attach_for(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ApplicationId>,
    upload: Upload,
) -> Result<Next<LevelOne>, Problem> {
    let filing = Filing::of_ward(&app, citizen, id).await?;
    take(&app, filing, upload).await
}

/// Draws a challenge for the chip, and an address to which a reader posts what it reads.
///
/// The address is in this answer alone: only its digest is kept.
pub(super) async fn ask_reading(Of(app): Of<App>, citizen: Citizen) -> Result<Page<LevelOne>, Problem> {
    let filing = Filing::own(&app, citizen).await?;
    invite(&app, filing).await
}

/// The same for a child or ward.
pub(super) async fn ask_reading_for(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ApplicationId>,
) -> Result<Page<LevelOne>, Problem> {
    let filing = Filing::of_ward(&app, citizen, id).await?;
    invite(&app, filing).await
}

/// Sends the application in.
pub(super) async fn send(Of(app): Of<App>, citizen: Citizen, form: Upload) -> Result<Next<Dossier>, Problem> {
    let filing = Filing::own(&app, citizen).await?;
    send_in(&app, filing, &form).await
}

/// The same for a child or ward.
pub(super) async fn send_for(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ApplicationId>,
    form: Upload,
) -> Result<Next<Dossier>, Problem> {
    let filing = Filing::of_ward(&app, citizen, id).await?;
    send_in(&app, filing, &form).await
}

async fn invite(app: &App, mut filing: Filing) -> Result<Page<LevelOne>, Problem> {
    let (draft, id) = filing.draft(app)?;
    let invitation = Invitation::draw(app, filing.person, *id.bytes())?;
    let (address, expires_at) = (invitation.address(), invitation.expires_at());
    let (vault, person, now) = (app.vault.clone(), filing.person, app.clock.now());
    let (application, invited) = app
        .db
        .write(move |tx| {
            if let Some(draft) = &draft {
                open(tx, draft)?;
            }
            chips::invite(tx, &invitation)?;
            let invited = chips::invited(tx, &vault, (&person, id.bytes()), now)?;
            Ok::<_, Problem>((find(tx, &vault, &id)?, invited))
        })
        .await?;
    filing.application = application;
    filing.invited = invited;
    filing.received = None;

    let mut shown = filing.view(app);
    if let Some(reading) = &mut shown.reading {
        reading.address = Some(format!("{}{address}", app.config.public_url));
        reading.expires_at = Some(expires_at);
    }
    Ok(Page(shown))
}

/// It is compared with the databases once more: what counts is what they say at submission.
async fn send_in(app: &App, filing: Filing, form: &Upload) -> Result<Next<Dossier>, Problem> {
    let shown = filing.view(app);
    let on_form = |problem: Problem| problem.on(shown.clone());
    let (Some(application), Some(before)) = (&filing.application, filing.findings()) else {
        return Err(on_form(Refusal::PortraitMissing.into()));
    };
    if !filing.kinds.contains(&Kind::Portrait) {
        return Err(on_form(Refusal::PortraitMissing.into()));
    }
    let id = application.id;
    let chip = evidence_of(app, (filing.person, id), Kind::Chip).await?;
    let (subject, applicant) = (&application.subject, application.subject.applicant());
    let examined = evidence::examine(
        app,
        Level::One,
        applicant,
        &subject.declared,
        chip.map(|(_, files)| files),
    )
    .await;
    let (mut findings, case) = examined.map_err(on_form)?;
    findings.original = before.original;
    findings.comparisons.clone_from(&before.comparisons);
    let despite = !form.field("despite").is_empty();
    check_submission(&findings, app.config.level_1.without_chip, despite)
        .map_err(Problem::from)
        .map_err(on_form)?;

    let account = guardians::account_of(app, application, &findings.facts)?;
    let contents = Contents::draw(app, (filing.person, id), subject, &findings, &[]).await?;
    let submission = Submission::draw(app, application, case, None)?;
    let parts = app.clone();
    let dossier = app
        .db
        .write(move |tx| {
            open_account(tx, &parts, account.as_ref())?;
            put(tx, &contents)?;
            submit(tx, &submission)?;
            let application = find(tx, &parts.vault, &id)?.ok_or_else(Problem::not_found)?;
            Dossier::load(tx, &parts, application)
        })
        .await?;
    app.bell.ring();

    Ok(Next {
        to: format!("/applications/{id}"),
        view: dossier,
    })
}

/// A child or ward without account gets one, which is used after the guardian's confirmation.
fn open_account(tx: &mut Tx<'_>, app: &App, account: Option<&(PersonId, NewAccount)>) -> Result<(), Problem> {
    let Some((person, account)) = account else {
        return Ok(());
    };
    if accounts::find(tx, &app.vault, person)?.is_some() {
        return Ok(());
    }
    match accounts::open(tx, account) {
        Err(db::Error::Taken(_)) => Err(Refusal::Changed.into()),
        done => Ok(done?),
    }
}
