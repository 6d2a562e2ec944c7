//! Applications for level 1 and level 2 (*hồ sơ đề nghị cấp tài khoản*): evidence, the legal limit, review, decision, activation.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /applications` | the citizen's own |
//! | `GET /applications/{id}` | state, limit, what happened, what happens now |
//! | `GET /applications/{id}/portrait` | the portrait of one's own application |
//!
//! Applying for level 1 is in `level_1`, for children and wards also in `guardians`; officers' requests are in [`review`], those of the
//! activation in [`activation`].
//!
//! What can happen to an application, and what follows, is the table in [`states`]; limits are in [`law`], on-time figures in `figures`.
//!
//! **Invariant:** a person has at most one live application for a level (unique index; tests race for it).
//! **Invariant:** the state changes only along this table; the condition is part of each `UPDATE`, so of two officers one wins.
//! **Invariant:** who took an application does not decide it (four eyes).
//! **Invariant:** an approval, its grant, the electronic identity card of level 2 and the notice are one unit of work.
//! **Invariant:** evidence is kept after the end of an application only as long as the rule for its kind says.
//! **Invariant:** an approval against a failing automatic check takes a second officer.
//! **Invariant:** the legal limit is computed from the calendar at submission and never moves backwards.

use axum::Router;
use axum::routing::get;
use civil::Phone;
use db::Conn;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::accounts::Level;
use crate::app::{App, Capability};
use crate::evidence as objects;
use crate::officers::OfficerId;
use crate::shell::ids::{PersonId, id};
use crate::shell::jobs::Runner;
use crate::shell::problem::Problem;
use crate::shell::texts::{self, Lang};
use crate::shell::vault::Vault;

pub mod activation;
pub mod evidence;
mod figures;
mod filing;
mod guardians;
mod http;
mod jobs;
pub mod law;
mod level_1;
mod refusal;
pub mod review;
mod rules;
pub mod states;
mod store;

#[cfg(test)]
pub(crate) mod tests;

pub use evidence::{Declared, Findings, Kind, Observation, Piece, Weight};
pub(crate) use figures::{Decided, count_as_they_are, counted, decided, percent, share};
pub use filing::{Contents, Draft, Submission, open, put, submit};
pub(crate) use filing::{event, note};
pub(crate) use guardians::Attending;
pub(crate) use http::picture;
pub(crate) use law::law_of;
pub use law::{Applicant, Case, Ineligible, Term, activate_by, needs_guardian};
pub(crate) use refusal::Refusal;
pub use rules::{Event, Reason, Risk, State};
pub(crate) use store::NewEvent;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/applications", get(http::list))
        .route("/applications/{id}", get(http::show))
        .route("/applications/{id}/portrait", get(http::portrait))
        .merge(level_1::routes())
        .merge(guardians::routes())
        .merge(review::routes())
        .merge(figures::routes())
        .merge(activation::routes())
}

fn learn(runner: &mut Runner) {
    runner.learn::<jobs::Discard>();
    runner.learn::<jobs::Lapse>();
    runner.learn::<jobs::Retire>();
    runner.learn::<jobs::GiveBack>();
    runner.learn::<jobs::Escalate>();
}

id! {
    /// An application.
    ApplicationId
}

id! {
    /// Something that happened to an application.
    EventId
}

/// Whom an application is about, and how the applicant is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What is declared.
    pub declared: Declared,
    /// The applicant's phone.
    pub phone: Phone,
    /// The applicant's e-mail address.
    pub email: Option<String>,
    /// Who applies for a child or a ward; phone and e-mail are theirs.
    #[serde(default)]
    pub guardian: Option<Guardian>,
}

impl Subject {
    /// Who applies.
    pub fn applicant(&self) -> Applicant {
        match self.guardian {
            Some(_) => Applicant::Guardian,
            None => Applicant::Own,
        }
    }
}

/// The guardian of a child or a ward (*người giám hộ, người đại diện*), with a level 2 account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guardian {
    /// Whose account it is.
    pub person: PersonId,
    /// Their personal number.
    pub number: civil::PersonalNumber,
    /// Their name.
    pub full_name: String,
    /// What the population database says they are: `father`, `mother` or `legal_representative`.
    pub relation: String,
}

/// An application as it stands.
#[derive(Clone, Debug)]
pub struct Application {
    /// Whose it is.
    pub person: PersonId,
    /// Its identifier.
    pub id: ApplicationId,
    /// The number that people name it by: `1-261123-K7QM2F`.
    pub number: String,
    /// The level that is applied for.
    pub level: Level,
    /// Where it stands.
    pub state: State,
    /// The commune whose police took it; `None` for one sent in online.
    pub commune: Option<String>,
    /// The unit that is competent for it: of the commune that took it, or of the applicant's home.
    pub unit: Option<String>,
    /// The officer who proposes an approval against a failing check.
    pub proposed_by: Option<OfficerId>,
    /// That officer's reason, for the second officer.
    pub proposal: Option<String>,
    /// Whom it is about.
    pub subject: Subject,
    /// What comparing with the databases found.
    pub findings: Option<Findings>,
    /// Why it was refused, or what is missing.
    pub reasons: Vec<Reason>,
    /// The same in the reviewer's words.
    pub remark: Option<String>,
    /// Which limit runs.
    pub basis: Option<String>,
    /// When it was sent in.
    pub submitted_at: Option<Timestamp>,
    /// The legal limit.
    pub deadline_at: Option<Timestamp>,
    /// The reviewer who works on it.
    pub claimed_by: Option<OfficerId>,
    /// Since when.
    pub claimed_at: Option<Timestamp>,
    /// When it was decided, or more was asked for.
    pub decided_at: Option<Timestamp>,
    /// The last instant for what its holder does next: to activate, or to send what is missing.
    pub due_at: Option<Timestamp>,
}

const TABLE: &str = "application";

impl Application {
    fn of(vault: &Vault, row: store::Row) -> Result<Self, Problem> {
        let place = row.application.bytes();
        let subject = vault.open_record(TABLE, "subject", place, &row.subject_sealed)?;
        let findings = row.findings_sealed.as_ref();
        let findings = findings.map(|sealed| vault.open_record(TABLE, "findings", place, sealed));
        let proposal = row.proposal_sealed.as_ref();
        let proposal = proposal.map(|sealed| vault.open_text(TABLE, "proposal", place, sealed));
        let remark = row.remark_sealed.as_ref();
        let remark = remark.map(|sealed| vault.open_text(TABLE, "remark", place, sealed));
        Ok(Self {
            person: row.person,
            id: row.application,
            number: row.number,
            level: row.level,
            state: row.state,
            commune: row.commune,
            unit: row.unit,
            proposed_by: row.proposed_by,
            proposal: proposal.transpose()?,
            subject,
            findings: findings.transpose()?,
            reasons: row.reasons.split_whitespace().filter_map(Reason::of_word).collect(),
            remark: remark.transpose()?,
            basis: row.basis,
            submitted_at: row.submitted_at,
            deadline_at: row.deadline_at,
            claimed_by: row.claimed_by,
            claimed_at: row.claimed_at,
            decided_at: row.decided_at,
            due_at: row.due_at,
        })
    }
}

/// An application by its id.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
pub fn find(conn: &mut Conn<'_>, vault: &Vault, id: &ApplicationId) -> Result<Option<Application>, Problem> {
    store::find(conn, id)?
        .map(|row| Application::of(vault, row))
        .transpose()
}

/// The live application of a person for a level.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
pub fn find_live(
    conn: &mut Conn<'_>,
    vault: &Vault,
    person: &PersonId,
    level: Level,
) -> Result<Option<Application>, Problem> {
    let row = store::find_live(conn, person, level)?;
    row.map(|row| Application::of(vault, row)).transpose()
}

/// A piece of evidence: its media type and content.
///
/// # Errors
/// `evidence-unavailable`; those of the database, and sealed data that cannot be opened.
pub async fn evidence_of(
    app: &App,
    (person, id): (PersonId, ApplicationId),
    kind: Kind,
) -> Result<Option<(String, Vec<u8>)>, Problem> {
    let found = app
        .db
        .read(move |conn| store::find_evidence(conn, (&person, &id), kind.word()))
        .await?;
    let Some(found) = found else { return Ok(None) };
    let content = match &found.piece {
        Some(piece) => objects::read(app, &person, piece).await?,
        None => Some(opened(&app.vault, &id, kind, &found.content_sealed)?),
    };
    Ok(content.map(|content| (found.media_type, content)))
}

/// A small record of the dossier, as JSON; `None` for kinds that are kept as objects.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
pub fn record_of(
    conn: &mut Conn<'_>,
    vault: &Vault,
    (person, id): (&PersonId, &ApplicationId),
    kind: Kind,
) -> Result<Option<Vec<u8>>, Problem> {
    let found = store::find_evidence(conn, (person, id), kind.word())?;
    let record = found.filter(|found| found.piece.is_none());
    record
        .map(|record| opened(vault, id, kind, &record.content_sealed))
        .transpose()
}

fn opened(vault: &Vault, id: &ApplicationId, kind: Kind, sealed: &[u8]) -> Result<Vec<u8>, Problem> {
    let content = vault.open("application_evidence", kind.word(), id.bytes(), sealed)?;
    Ok(content.to_vec())
}

/// The kinds of evidence that an application has.
///
/// # Errors
/// Those of the database.
pub fn kinds_of(conn: &mut Conn<'_>, place: (&PersonId, &ApplicationId)) -> Result<Vec<Kind>, db::Error> {
    let kinds = store::list_evidence(conn, place)?;
    Ok(kinds.iter().filter_map(|(word, _)| Kind::of_word(word)).collect())
}

/// Whether an officer took an application, alone or in part.
///
/// # Errors
/// Those of the database.
pub fn was_taken_by(conn: &mut Conn<'_>, id: &ApplicationId, officer: &OfficerId) -> Result<bool, db::Error> {
    store::took(conn, id, officer)
}

/// Where an application stands, without its contents.
#[derive(Clone, Debug, Serialize)]
pub struct Outline {
    /// The number that people name it by.
    pub number: String,
    /// The level that is applied for.
    pub level: Level,
    /// Where it stands.
    pub state: State,
    /// When it was sent in.
    pub submitted_at: Option<Timestamp>,
    /// The legal limit.
    pub deadline_at: Option<Timestamp>,
}

/// Where the newest applications of a person stand.
///
/// # Errors
/// Those of the database.
pub fn outlines(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<(ApplicationId, Outline)>, db::Error> {
    let rows = store::list(conn, person, 20)?;
    let outline = |row: store::Row| {
        let outline = Outline {
            number: row.number,
            level: row.level,
            state: row.state,
            submitted_at: row.submitted_at,
            deadline_at: row.deadline_at,
        };
        (row.application, outline)
    };
    Ok(rows.into_iter().map(outline).collect())
}

/// A time in which the legal limit stood still, because something was missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Pause {
    /// When more was asked for.
    pub from: Timestamp,
    /// When it came; `None` while it is missing.
    pub to: Option<Timestamp>,
}

/// The times in which the limit of an application stood still, oldest first.
///
/// # Errors
/// Those of the database.
pub(crate) fn pauses_of(conn: &mut Conn<'_>, place: (&PersonId, &ApplicationId)) -> Result<Vec<Pause>, db::Error> {
    let events = store::list_events(conn, place)?;
    Ok(rules::pauses(&events))
}

/// A sentence of a text message: Vietnamese without diacritics.
fn sentence(app: &App, id: &str, args: &[(&'static str, String)]) -> String {
    let args: Vec<_> = args
        .iter()
        .map(|(name, value)| (*name, value.as_str().into()))
        .collect();
    app.texts.say(Lang::Vi, id, &args)
}

/// An instant on the clock of Viet Nam, for a text message.
fn clock_of(at: Timestamp) -> String {
    civil::calendar::time_zone()
        .to_datetime(at)
        .strftime("%H:%M %d/%m/%Y")
        .to_string()
}
