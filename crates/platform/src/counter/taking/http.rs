use askama::Template;
use axum::extract::State as Of;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;

use super::super::receipts;
use super::super::rules::{Guardian, Originals, PAPERS};
use super::{NEEDED, compare, earlier, gather, hand_in, originals_of, tell_chip};
use crate::app::App;
use crate::applications::evidence::{self, Findings};
use crate::applications::{
    self, Applicant, Application, ApplicationId, Contents, Kind, Piece, Reason, Refusal, State, picture,
};
use crate::biometrics::{Against, Comparison, Modality};
use crate::chips::{self, Invitation, Received};
use crate::documents::originals::Printed;
use crate::history::{self, Look, Purpose, Who};
use crate::officers::{Action, Dossier, Officer, On};
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
    guardian: Option<Guardian>,
    findings: Option<Findings>,
    pictures: Vec<&'static str>,
    has_chip: bool,
    /// What a reader's proof of the chip came to.
    chip: Option<&'static str>,
    papers: Vec<&'static str>,
    originals: Vec<String>,
    printed: Vec<Printed>,
    card_request: String,
    reasons: Vec<Reason>,
    remark: Option<String>,
    ready: bool,
    agent: String,
    /// Where the page asks for an invitation to a reader.
    reading: String,
}

impl Taking {
    pub(in super::super) fn of(
        app: &App,
        application: &Application,
        kinds: &[Kind],
        originals: Option<Originals>,
        received: Option<&Received>,
    ) -> Self {
        let pictures = [Kind::Portrait, Kind::ChipPortrait, Kind::LeftPrint, Kind::RightPrint];
        let originals = originals.unwrap_or_default();
        let verdict = received.map(|received| &received.verdict).or(originals.chip.as_ref());
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
            chip: verdict.map(chips::Verdict::word),
            papers: PAPERS.to_vec(),
            guardian: originals.guardian,
            originals: originals.papers,
            printed: originals.printed,
            card_request: originals.card_request.unwrap_or_default(),
            reasons: application.reasons.clone(),
            remark: application.remark.clone(),
            ready: NEEDED.iter().all(|(kind, _)| kinds.contains(kind)),
            agent: app.config.counter.agent.clone(),
            reading: format!("/counter/{}/reading", application.id),
        }
    }

    /// The sentence that says what was compared.
    #[expect(clippy::unused_self, reason = "templates call methods of the view")]
    fn what(&self, comparison: &Comparison) -> &'static str {
        match (comparison.modality, comparison.against) {
            (Modality::Finger(code), _) if code > 5 => "counter-comparison-left",
            (Modality::Finger(_), _) => "counter-comparison-right",
            (Modality::Face, Against::Chip) => "counter-comparison-chip",
            (Modality::Face, Against::Record) => "counter-comparison-face",
        }
    }

    fn has_original(&self, paper: &str) -> bool {
        self.originals.iter().any(|original| original == paper)
    }

    /// What is printed on an original, as it was typed.
    fn printed(&self, kind: &str) -> (&str, &str) {
        let found = self.printed.iter().find(|printed| printed.kind == kind);
        found.map_or(("", ""), |printed| (&printed.number, &printed.second))
    }
}

/// What is kept of an application that this officer takes.
pub(in super::super) struct Taken {
    pub(in super::super) application: Application,
    pub(in super::super) kinds: Vec<Kind>,
    pub(in super::super) originals: Option<Originals>,
    pub(in super::super) received: Option<Received>,
}

impl Taken {
    fn view(&self, app: &App) -> Taking {
        let originals = self.originals.clone();
        Taking::of(app, &self.application, &self.kinds, originals, self.received.as_ref())
    }
}

pub(in super::super) async fn load(app: &App, officer: &Officer, id: ApplicationId) -> Result<Taken, Problem> {
    officer.must_here(app, Action::TakeApplication)?;
    let (vault, me) = (app.vault.clone(), officer.officer);
    let (parts, asker) = (app.clone(), officer.clone());
    app.db
        .read(move |conn| {
            let application = applications::find(conn, &vault, &id)?.ok_or_else(Problem::not_found)?;
            // An application that another officer took is told of like one that does not exist.
            let dossier = Dossier {
                taken_by_me: applications::was_taken_by(conn, &id, &me)?,
                ..Dossier::default()
            };
            if !asker.may(&parts, Action::ContinueApplication, &On::Dossier(dossier)) {
                return Err(Problem::not_found());
            }
            let place = (&application.person, &id);
            Ok(Taken {
                kinds: applications::kinds_of(conn, place)?,
                originals: originals_of(conn, &vault, place)?,
                received: chips::received(conn, &vault, &application.person, id.bytes())?,
                application,
            })
        })
        .await
}

/// The same, as long as something can be put to it.
async fn load_open(app: &App, officer: &Officer, id: ApplicationId) -> Result<Taken, Problem> {
    let taken = load(app, officer, id).await?;
    if !taken.application.state.is_open() {
        return Err(Refusal::Changed.into());
    }
    Ok(taken)
}

pub(in super::super) fn look(app: &App, officer: &Officer, application: &Application, what: &str) -> Look {
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
    let what = "number name birth sex address phone email card";
    let look = look(&app, &officer, &taken.application, what);
    app.db.write(move |tx| history::record(tx, &look)).await?;

    Ok(Page(taken.view(&app)))
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

/// Where a reader brings the chip, and what the chip has to sign.
#[derive(Template, Serialize)]
#[template(path = "counter/pages/reading.html")]
pub(in super::super) struct Invited {
    id: ApplicationId,
    address: String,
    url: String,
    challenge: civil::chip::ChipFile,
    expires_at: Timestamp,
}

/// Invites a reader to bring the chip of the card.
pub(in super::super) async fn invite(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
) -> Result<Page<Invited>, Problem> {
    let taken = load_open(&app, &officer, id).await?;
    let invitation = Invitation::draw(&app, taken.application.person, *id.bytes())?;
    let shown = Invited {
        id,
        url: format!("{}{}", app.config.public_url, invitation.address()),
        address: invitation.address(),
        challenge: invitation.challenge().0.to_vec().into(),
        expires_at: invitation.expires_at(),
    };
    app.db.write(move |tx| chips::invite(tx, &invitation)).await?;

    Ok(Page(shown))
}

/// Takes portrait, fingerprints, chip data and what originals were seen: what was sent takes the place of what there was.
pub(in super::super) async fn attach(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
    mut upload: Upload,
) -> Result<Next<Taking>, Problem> {
    let taken = load_open(&app, &officer, id).await?;
    let shown = taken.view(&app);
    let on_form = |problem: Problem| problem.on(shown.clone());

    let before = (taken.originals, taken.received);
    let gathered = gather(&app, &officer, &mut upload, before).await.map_err(on_form)?;
    let application = taken.application;
    let (person, subject) = (application.person, &application.subject);
    let chip = match gathered.chip {
        Some(files) => Some(files),
        None => {
            let kept = applications::evidence_of(&app, (person, id), Kind::Chip).await?;
            kept.map(|(_, files)| files)
        }
    };
    let applicant = gathered
        .originals
        .guardian
        .as_ref()
        .map_or(Applicant::Own, |_| Applicant::Guardian);
    let (mut findings, _) = evidence::examine(&app, application.level, applicant, &subject.declared, chip)
        .await
        .map_err(on_form)?;
    tell_chip(&mut findings, gathered.originals.chip.as_ref());
    let pictures: Vec<_> = gathered
        .pieces
        .iter()
        .map(|piece| (piece.kind(), piece.content()))
        .collect();
    let earlier = earlier(&application, &gathered.pieces);
    if gathered.pieces.iter().any(is_compared) {
        let look = look(&app, &officer, &application, "portrait fingerprints");
        app.db.write(move |tx| history::record(tx, &look)).await?;
    }
    // A matcher that is silent does not keep the evidence from being kept: it is asked again at submission.
    let _silent = compare(&app, &mut findings, &pictures, earlier).await;

    let contents = Contents::draw(&app, (person, id), subject, &findings, &gathered.pieces).await?;
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
        to: format!("/counter/{id}#pictures"),
        view: Taking::of(&app, &application, &kinds, Some(gathered.originals), None),
    })
}

fn is_compared(piece: &Piece) -> bool {
    NEEDED.iter().any(|(kind, _)| *kind == piece.kind())
}

/// Sends the application in.
pub(in super::super) async fn send(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
) -> Result<Next<receipts::Receipt>, Problem> {
    let taken = load_open(&app, &officer, id).await?;
    let what = (&taken.application, &taken.kinds[..]);
    let sent = hand_in(&app, &officer, what, taken.originals.as_ref())
        .await
        .map_err(|problem| problem.on(taken.view(&app)))?;

    Ok(Next {
        to: format!("/counter/{id}/receipt"),
        view: receipts::Receipt::of(&app, &officer, sent, taken.originals),
    })
}

/// Shows the receipt.
pub(in super::super) async fn receipt(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
) -> Result<Page<receipts::Receipt>, Problem> {
    let taken = load(&app, &officer, id).await?;
    if taken.application.submitted_at.is_none() {
        return Err(Problem::not_found());
    }
    let look = look(&app, &officer, &taken.application, "number name phone");
    app.db.write(move |tx| history::record(tx, &look)).await?;

    Ok(Page(receipts::Receipt::of(
        &app,
        &officer,
        taken.application,
        taken.originals,
    )))
}
