//! Putting an application together and sending it in: what the citizen does online, and the officer at the counter.

use db::Tx;
use jiff::Timestamp;

use super::rules::DRAFT_LASTS;
use super::{
    Application, ApplicationId, Case, Event, EventId, Findings, Kind, NewEvent, Piece, Refusal, Subject, TABLE,
    clock_of, jobs, law, sentence, store,
};
use crate::accounts::{self, Level};
use crate::app::App;
use crate::notices;
use crate::officers::{Officer, OfficerId};
use crate::shell::ids::PersonId;
use crate::shell::jobs::{self as outbox, Order};
use crate::shell::problem::Problem;

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
            discard: Order::at(app, &jobs::Discard { application: id }, now + DRAFT_LASTS),
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
/// `Refusal::OpenAlready` if the person has a live application for the level; those of the database.
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
/// `Refusal::Changed` if it is not open any more; those of the database.
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
    /// `Refusal::Calendar` if the limit runs into a year without a calendar.
    pub fn draw(app: &App, application: &Application, case: Case, officer: Option<&Officer>) -> Result<Self, Problem> {
        let now = app.clock.now();
        let term = law::term(case, app.clock.today()).ok_or(Refusal::NoTerm)?;
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
                commune: officer.map(|officer| officer.unit_code.clone()),
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
/// `Refusal::Changed` if it is not open any more; those of the database.
pub fn submit(tx: &mut Tx<'_>, submission: &Submission) -> Result<(), Problem> {
    let row = &submission.row;
    if row.from.after(Event::Submit).is_none() || !store::submit(tx, row)? {
        return Err(Refusal::Changed.into());
    }
    accounts::applied(tx, &submission.person)?;
    store::add_event(tx, (&submission.person, &row.application), &submission.event)?;
    Ok(outbox::enqueue(tx, &submission.notice)?)
}
