use askama::Template;
use db::Conn;
use jiff::Timestamp;
use serde::Serialize;

use super::super::super::evidence::{ChipSeen, Findings, Kind};
use super::super::super::law::law_of;
use super::super::super::rules::{CLAIM_LASTS, Check, Reason, Risk, State};
use super::super::super::{Application, ApplicationId, Pause, kinds_of, pauses_of, record_of, was_taken_by};
use super::super::rules::{DecisionForm, Urgency};
use crate::accounts::Level;
use crate::app::App;
use crate::counter::Originals;
use crate::officers::{self, Action, Dossier, Officer, OfficerId, On};
use crate::shell::filters;
use crate::shell::problem::Problem;

/// The data of a dossier's page, but for its pictures, as the history names them.
pub(in super::super) const SEEN: &str = "number name birth sex address phone email card";

/// The legal limit of an application as it stands now.
#[derive(Clone, Copy, Serialize)]
pub(in super::super) struct Limit {
    pub(in super::super) deadline_at: Option<Timestamp>,
    /// Working time left, in minutes; `null` where the calendar does not reach.
    minutes_left: Option<i64>,
    pub(in super::super) urgency: Urgency,
}

impl Limit {
    pub(in super::super) fn of(app: &App, deadline_at: Option<Timestamp>) -> Self {
        let now = app.clock.now();
        let left = deadline_at.and_then(|deadline| app.calendar.working_time_left(now, deadline).ok());
        Self {
            deadline_at,
            minutes_left: left.map(|left| left.as_mins()),
            urgency: Urgency::of(deadline_at.is_some_and(|deadline| deadline < now), left),
        }
    }

    /// `5 h 30 min`.
    pub(in super::super) fn left(&self) -> String {
        let minutes = self.minutes_left.unwrap_or_default();
        format!("{} h {:02} min", minutes / 60, minutes % 60)
    }
}

/// One application, as an officer sees it.
#[derive(Clone, Template, Serialize)]
#[template(path = "applications/review/pages/application.html")]
pub(in super::super) struct Review {
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
    /// When the limit stood still, because more was asked for.
    pauses: Vec<Pause>,
    /// Somebody else works on it.
    claimed_by_other: bool,
    /// The reviewer took it, and so does not decide it.
    four_eyes: bool,
    reasons: Vec<Reason>,
    may: Rights,
    /// Everything, for who holds it or confirms it.
    opened: Option<Opened>,
    /// What was typed before the form could be sent.
    typed: DecisionForm,
    /// The same, sealed, to be carried through a sign-in or a claim.
    kept: String,
}

/// What this officer may do with it now.
#[derive(Clone, Copy, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each answers one question of the page")]
struct Rights {
    claim: bool,
    decide: bool,
    confirm: bool,
    release_for_other: bool,
}

#[derive(Clone, Serialize)]
struct Opened {
    phone: String,
    email: Option<String>,
    findings: Option<Findings>,
    risk: Option<Risk>,
    /// The automatic checks that fail: an approval takes a second officer then.
    failing: Vec<Check>,
    /// Why approval is proposed all the same.
    proposal: Option<String>,
    pictures: Vec<Picture>,
    originals: Vec<String>,
    originals_checked_by: String,
    /// Who applies for a child or a ward.
    guardian: Option<Attends>,
    /// The application for a card that goes with this one, where there is no valid card.
    card_request: Option<String>,
}

#[derive(Clone, Serialize)]
struct Attends {
    full_name: String,
    relation: String,
}

#[derive(Clone, Serialize)]
struct Picture {
    kind: &'static str,
    address: String,
}

/// What is kept of an application, before it is shown.
pub(in super::super) struct Loaded {
    pub(in super::super) application: Application,
    pub(in super::super) kinds: Vec<Kind>,
    pub(in super::super) originals: Originals,
    pub(in super::super) pauses: Vec<Pause>,
    pub(in super::super) took: bool,
}

pub(in super::super) fn load(
    conn: &mut Conn<'_>,
    app: &App,
    id: &ApplicationId,
    officer: &OfficerId,
) -> Result<Loaded, Problem> {
    let application = super::super::super::find(conn, &app.vault, id)?;
    let application = application
        .filter(|application| application.state != State::Draft)
        .ok_or_else(Problem::not_found)?;
    let place = (&application.person, id);
    let originals = record_of(conn, &app.vault, place, Kind::Originals)?;
    Ok(Loaded {
        kinds: kinds_of(conn, place)?,
        originals: originals
            .and_then(|record| serde_json::from_slice(&record).ok())
            .unwrap_or_default(),
        pauses: pauses_of(conn, place)?,
        took: was_taken_by(conn, id, officer)?,
        application,
    })
}

impl Loaded {
    /// What the policies know of it when an officer asks.
    pub(in super::super) fn on(&self, officer: &OfficerId) -> On<'_> {
        On::Dossier(Dossier {
            unit: self.application.unit.as_deref().unwrap_or_default(),
            level: self.application.level.number(),
            taken_by_me: self.took,
            held_by_me: self.is_held_by(officer),
            proposed_by_me: self.application.proposed_by == Some(*officer),
            awaits_second: self.application.state == State::Proposed,
        })
    }

    /// Whether the officer works on it.
    pub(in super::super) fn is_held_by(&self, officer: &OfficerId) -> bool {
        self.application.state == State::Claimed && self.application.claimed_by == Some(*officer)
    }

    /// Whether the officer sees the evidence: who holds it, or who may confirm its approval.
    pub(in super::super) fn is_open_to(&self, app: &App, officer: &Officer) -> bool {
        let is_asked = self.is_held_by(&officer.officer) || self.application.state == State::Proposed;
        is_asked && officer.may(app, Action::SeeEvidence, &self.on(&officer.officer))
    }

    /// The automatic checks that fail.
    pub(in super::super) fn failing(&self) -> Vec<Check> {
        let findings = self.application.findings.as_ref();
        findings.map_or_else(Vec::new, |findings| {
            Check::failing(findings, self.application.basis.as_deref())
        })
    }

    fn rights(&self, app: &App, officer: &Officer) -> Rights {
        let may = |action| officer.may(app, action, &self.on(&officer.officer));
        Rights {
            claim: self.application.state == State::Submitted && may(Action::Claim),
            decide: self.is_held_by(&officer.officer) && may(Action::Decide),
            confirm: self.application.state == State::Proposed && may(Action::ConfirmOverride),
            release_for_other: self.application.state == State::Claimed && may(Action::ReleaseForOther),
        }
    }
}

impl Review {
    pub(in super::super) fn of(app: &App, officer: &Officer, loaded: &Loaded) -> Self {
        let now = app.clock.now();
        let application = &loaded.application;
        let busy = application.claimed_at.is_some_and(|since| since > now - CLAIM_LASTS);
        let held = loaded.is_held_by(&officer.officer);
        Self {
            id: application.id,
            level: application.level,
            state: application.state,
            unit: application.unit.as_deref().map(officers::unit),
            submitted_at: application.submitted_at,
            limit: Limit::of(app, application.deadline_at),
            law: application.basis.as_deref().map_or("", law_of),
            basis: application.basis.clone(),
            pauses: loaded.pauses.clone(),
            claimed_by_other: application.state == State::Claimed && !held && busy,
            four_eyes: loaded.took,
            reasons: application.reasons.clone(),
            number: application.number.clone(),
            may: loaded.rights(app, officer),
            opened: loaded.is_open_to(app, officer).then(|| Opened::of(loaded)),
            typed: DecisionForm::default(),
            kept: String::new(),
        }
    }

    /// The same, with what was typed into the form of the decision.
    pub(in super::super) fn with(mut self, app: &App, typed: DecisionForm) -> Self {
        self.kept = super::super::kept::seal(app, &self.id, &typed);
        self.typed = typed;
        self
    }
}

impl Opened {
    fn of(loaded: &Loaded) -> Self {
        let application = &loaded.application;
        let id = application.id;
        let shown = [Kind::Portrait, Kind::ChipPortrait, Kind::LeftPrint, Kind::RightPrint];
        let evidence = shown
            .into_iter()
            .filter(|kind| loaded.kinds.contains(kind))
            .map(|kind| Picture {
                kind: kind.word(),
                address: format!("/officers/applications/{id}/evidence/{}", kind.word()),
            });
        let findings = application.findings.as_ref();
        let of_card = findings
            .is_some_and(|findings| findings.card.is_some())
            .then(|| Picture {
                kind: "card-portrait",
                address: format!("/officers/applications/{id}/card-portrait"),
            });
        Self {
            phone: application.subject.phone.national(),
            email: application.subject.email.clone(),
            pictures: evidence.chain(of_card).collect(),
            originals: loaded.originals.papers.clone(),
            originals_checked_by: loaded.originals.checked_by.clone(),
            guardian: application.subject.guardian.as_ref().map(|guardian| Attends {
                full_name: guardian.full_name.clone(),
                relation: guardian.relation.replace('_', "-"),
            }),
            card_request: loaded.originals.card_request.clone(),
            risk: findings.map(Risk::of),
            failing: loaded.failing(),
            proposal: application.proposal.clone(),
            findings: application.findings.clone(),
        }
    }
}
