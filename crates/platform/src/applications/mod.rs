//! Applications for level 1 and level 2 (*hồ sơ đề nghị cấp tài khoản*): evidence, the legal limit, review, decision, activation.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /applications` | the citizen's own |
//! | `GET /applications/level-1` | what an application for level 1 holds so far, and the form for it |
//! | `POST /applications/level-1` | takes portrait and chip data, compares with the databases |
//! | `POST /applications/level-1/submission` | sends it in |
//! | `GET /applications/{id}` | state, limit, what happened, what happens now |
//! | `GET /applications/{id}/portrait` | the portrait of one's own application |
//!
//! Officers' requests are in [`review`], those of the activation in [`activation`].
//!
//! # States
//!
//! | from | event | to | who |
//! | --- | --- | --- | --- |
//! | – | opened | draft | citizen (level 1), counter officer (level 2) |
//! | draft, more-needed | submitted | submitted | the same |
//! | submitted, claimed (when abandoned) | claimed | claimed | a reviewer who did not take it |
//! | claimed | released | submitted | the reviewer who claimed it |
//! | claimed | more-asked | more-needed | the same |
//! | claimed | approved | approved | the same |
//! | claimed | refused | refused | the same |
//! | approved | activated | activated | the holder, within 7 days |
//! | approved, more-needed | lapsed | lapsed | time |
//! | any that is live | superseded | superseded | the approval of the other level, when that is level 2 |
//!
//! **Invariant:** a person has at most one live application for a level (unique index; tests race for it).
//! **Invariant:** the state changes only along this table; the condition is part of each `UPDATE`, so of two officers one wins.
//! **Invariant:** who took an application does not decide it (four eyes).
//! **Invariant:** an approval, its grant, the electronic identity card of level 2 and the notice are one unit of work.
//! **Invariant:** the legal limit is computed from the calendar at submission and never moves backwards.

use axum::Router;
use axum::routing::{get, post};
use civil::Phone;
use db::{Conn, Tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::accounts::{self, Level};
use crate::app::{App, Capability};
use crate::notices;
use crate::officers::{Officer, OfficerId};
use crate::shell::ids::{PersonId, id};
use crate::shell::jobs::{self as outbox, Order, Runner};
use crate::shell::problem::Problem;
use crate::shell::texts::{self, Lang};
use crate::shell::vault::Vault;

pub mod activation;
pub mod evidence;
mod http;
mod jobs;
mod refusal;
pub mod review;
mod rules;
mod store;

#[cfg(test)]
pub(crate) mod tests;

pub use evidence::{Declared, Findings, Kind, Piece};
pub(crate) use http::picture;
pub(crate) use refusal::Refusal;
pub(crate) use rules::law_of;
pub use rules::{Case, Event, Ineligible, Reason, State, Term, activate_by};
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
        .route("/applications/level-1", get(http::begin).post(http::attach))
        .route("/applications/level-1/submission", post(http::send))
        .route("/applications/{id}", get(http::show))
        .route("/applications/{id}/portrait", get(http::portrait))
        .merge(review::routes())
        .merge(activation::routes())
}

fn learn(runner: &mut Runner) {
    runner.learn::<jobs::Discard>();
    runner.learn::<jobs::Lapse>();
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
        let remark = row.remark_sealed.as_ref();
        let remark = remark.map(|sealed| vault.open_text(TABLE, "remark", place, sealed));
        Ok(Self {
            person: row.person,
            id: row.application,
            number: row.number,
            level: row.level,
            state: row.state,
            commune: row.commune,
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

/// A draft about to be opened.
#[derive(Clone)]
pub struct Draft {
    row: store::NewRow,
    event: NewEvent,
    discard: Order,
}

impl Draft {
    /// Prepares a draft; at the counter with the officer who takes it.
    ///
    /// # Errors
    /// If the subject cannot be sealed.
    pub fn draw(
        app: &App,
        person: PersonId,
        level: Level,
        subject: &Subject,
        officer: Option<&Officer>,
    ) -> Result<Self, Problem> {
        let (id, now) = (ApplicationId::draw(&app.chance), app.clock.now());
        Ok(Self {
            row: store::NewRow {
                person,
                application: id,
                number: number(app, level, now),
                level,
                subject_sealed: app.vault.seal_record(TABLE, "subject", id.bytes(), subject)?,
                opened_at: now,
            },
            event: event(app, Event::Open, officer.map(|officer| officer.officer)),
            discard: Order::at(app, &jobs::Discard { application: id }, now + rules::DRAFT_LASTS),
        })
    }

    /// Its identifier.
    pub fn id(&self) -> ApplicationId {
        self.row.application
    }

    /// Whose it is.
    pub fn person(&self) -> PersonId {
        self.row.person
    }
}

/// A number that can be read out on the phone: level, day, six of 32 signs without look-alikes.
fn number(app: &App, level: Level, now: Timestamp) -> String {
    const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let day = civil::calendar::day_of(now).strftime("%y%m%d").to_string();
    let drawn: [u8; 6] = app.chance.bytes();
    let tail: String = drawn
        .iter()
        .filter_map(|byte| SIGNS.get(usize::from(byte % 32)))
        .map(|sign| char::from(*sign))
        .collect();
    format!("{level}-{day}-{tail}")
}

/// Whether an officer took an application, alone or in part.
///
/// # Errors
/// Those of the database.
pub fn was_taken_by(conn: &mut Conn<'_>, id: &ApplicationId, officer: &OfficerId) -> Result<bool, db::Error> {
    store::took(conn, id, officer)
}

/// Writes down that something happened to an application without a change of its state.
///
/// # Errors
/// Those of the database.
pub(crate) fn note(tx: &mut Tx<'_>, place: (&PersonId, &ApplicationId), event: &NewEvent) -> Result<(), Problem> {
    Ok(store::add_event(tx, place, event)?)
}

/// Something that happens now, done by an officer or by nobody in particular.
pub(crate) fn event(app: &App, event: Event, officer: Option<OfficerId>) -> NewEvent {
    NewEvent {
        id: EventId::draw(&app.chance),
        event,
        officer,
        at: app.clock.now(),
    }
}

/// Opens a draft.
///
/// # Errors
/// [`Refusal::OpenAlready`] if the person has a live application for the level; those of the database.
pub fn open(tx: &mut Tx<'_>, draft: &Draft) -> Result<(), Problem> {
    match store::insert(tx, &draft.row) {
        Err(db::Error::Taken(_)) => return Err(Refusal::OpenAlready.into()),
        done => done?,
    }
    store::add_event(tx, (&draft.row.person, &draft.row.application), &draft.event)?;
    Ok(outbox::enqueue(tx, &draft.discard)?)
}

/// What is put to an open application: its subject, pieces of evidence and what comparing found, sealed.
#[derive(Clone)]
pub struct Contents {
    person: PersonId,
    id: ApplicationId,
    subject_sealed: Vec<u8>,
    findings_sealed: Vec<u8>,
    pieces: Vec<store::SealedPiece>,
    dropped: Vec<Kind>,
    at: Timestamp,
}

impl Contents {
    /// Prepares what is put to an application.
    ///
    /// # Errors
    /// If it cannot be sealed.
    pub fn draw(
        app: &App,
        (person, id): (PersonId, ApplicationId),
        subject: &Subject,
        findings: &Findings,
        pieces: &[Piece],
    ) -> Result<Self, Problem> {
        let seal = |piece: &Piece| store::SealedPiece {
            kind: piece.kind.word(),
            media_type: piece.media_type.clone(),
            content_sealed: app
                .vault
                .seal("application_evidence", piece.kind.word(), id.bytes(), &piece.content),
        };
        let new_chip = pieces.iter().any(|piece| piece.kind == Kind::Chip);
        let shows_chip = pieces.iter().any(|piece| piece.kind == Kind::ChipPortrait);
        Ok(Self {
            person,
            id,
            subject_sealed: app.vault.seal_record(TABLE, "subject", id.bytes(), subject)?,
            findings_sealed: app.vault.seal_record(TABLE, "findings", id.bytes(), findings)?,
            pieces: pieces.iter().map(seal).collect(),
            dropped: (new_chip && !shows_chip)
                .then_some(Kind::ChipPortrait)
                .into_iter()
                .collect(),
            at: app.clock.now(),
        })
    }
}

/// Puts contents to an application that is open for them; evidence takes the place of what there was of its kind.
///
/// # Errors
/// [`Refusal::Changed`] if it is not open any more; those of the database.
pub fn put(tx: &mut Tx<'_>, contents: &Contents) -> Result<(), Problem> {
    if !store::set_contents(tx, &contents.id, &contents.subject_sealed, &contents.findings_sealed)? {
        return Err(Refusal::Changed.into());
    }
    let place = (&contents.person, &contents.id);
    for kind in &contents.dropped {
        store::drop_evidence(tx, place, kind.word())?;
    }
    for piece in &contents.pieces {
        store::put_evidence(tx, place, piece, contents.at)?;
    }
    Ok(())
}

/// A piece of evidence: its media type and content.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
pub fn evidence_of(
    conn: &mut Conn<'_>,
    vault: &Vault,
    (person, id): (&PersonId, &ApplicationId),
    kind: Kind,
) -> Result<Option<(String, Vec<u8>)>, Problem> {
    let Some((media_type, sealed)) = store::find_evidence(conn, (person, id), kind.word())? else {
        return Ok(None);
    };
    let content = vault.open("application_evidence", kind.word(), id.bytes(), &sealed)?;
    Ok(Some((media_type, content.to_vec())))
}

/// The kinds of evidence that an application has.
///
/// # Errors
/// Those of the database.
pub fn kinds_of(conn: &mut Conn<'_>, place: (&PersonId, &ApplicationId)) -> Result<Vec<Kind>, db::Error> {
    let words = store::list_evidence(conn, place)?;
    Ok(words.iter().filter_map(|word| Kind::of_word(word)).collect())
}

/// An application about to be sent in.
#[derive(Clone)]
pub struct Submission {
    person: PersonId,
    row: store::Submitted,
    event: NewEvent,
    notice: Order,
}

impl Submission {
    /// Computes the legal limit and prepares the notice; at the counter with the officer.
    ///
    /// # Errors
    /// [`Refusal::Calendar`] if the limit runs into a year without a calendar.
    pub fn draw(app: &App, application: &Application, case: Case, officer: Option<&Officer>) -> Result<Self, Problem> {
        let now = app.clock.now();
        let term = rules::term(case, app.clock.today()).ok_or(Refusal::NoTerm)?;
        let deadline_at = term.ends(now, &app.calendar).map_err(Refusal::Calendar)?;
        let text = sentence(
            app,
            "applications-sms-submitted",
            &[
                ("number", application.number.clone()),
                ("level", application.level.to_string()),
                ("deadline", clock_of(deadline_at)),
            ],
        );
        Ok(Self {
            person: application.person,
            row: store::Submitted {
                application: application.id,
                from: application.state,
                commune: officer.map(|officer| officer.commune.clone()),
                basis: term.basis,
                at: now,
                deadline_at,
            },
            event: event(app, Event::Submit, officer.map(|officer| officer.officer)),
            notice: notices::sms(app, &application.subject.phone.e164(), text),
        })
    }
}

/// Sends an application in, and keeps its account from lapsing.
///
/// # Errors
/// [`Refusal::Changed`] if it is not open any more; those of the database.
pub fn submit(tx: &mut Tx<'_>, submission: &Submission) -> Result<(), Problem> {
    let row = &submission.row;
    if row.from.after(Event::Submit).is_none() || !store::submit(tx, row)? {
        return Err(Refusal::Changed.into());
    }
    accounts::applied(tx, &submission.person)?;
    store::add_event(tx, (&submission.person, &row.application), &submission.event)?;
    Ok(outbox::enqueue(tx, &submission.notice)?)
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
