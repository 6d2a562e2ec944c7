//! Putting an application together and sending it in: what the citizen does online, and the officer at the counter.

use db::Tx;
use jiff::Timestamp;

use super::rules::{DRAFT_LASTS, Risk};
use super::{
    Application, ApplicationId, Case, Event, EventId, Findings, Kind, NewEvent, Piece, Refusal, Subject, TABLE,
    clock_of, jobs, law, sentence, store,
};
use crate::accounts::{self, Level};
use crate::app::App;
use crate::evidence::{self, Placed, Removal};
use crate::notices;
use crate::officers::{self, Officer, OfficerId};
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
    let day = civil::calendar::day_of(now).strftime("%y%m%d").to_string();
    let tail = app.chance.signs();
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
    let id = EventId::draw(&app.chance);
    let ends = matches!(event, Event::Approve | Event::Refuse | Event::Lapse | Event::Supersede);
    NewEvent {
        id,
        event,
        officer,
        at: app.clock.now(),
        then: ends.then(|| Order::now(app, &jobs::Retire { event: id, what: event })),
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
    exhibits: Vec<(store::Exhibit, Option<Placed>)>,
    routing: store::Routing,
    dropped: Vec<Kind>,
    removal: Removal,
    at: Timestamp,
}

impl Contents {
    /// Prepares what is put to an application: pictures and chip files are uploaded here.
    ///
    /// # Errors
    /// If it cannot be sealed; `evidence-unavailable`.
    pub async fn draw(
        app: &App,
        (person, id): (PersonId, ApplicationId),
        subject: &Subject,
        findings: &Findings,
        pieces: &[Piece],
    ) -> Result<Self, Problem> {
        let mut exhibits = Vec::new();
        for piece in pieces {
            exhibits.push(exhibit(app, (person, id), piece).await?);
        }
        let new_chip = pieces.iter().any(|piece| piece.kind == Kind::Chip);
        let shows_chip = pieces.iter().any(|piece| piece.kind == Kind::ChipPortrait);
        Ok(Self {
            person,
            id,
            subject_sealed: app.vault.seal_record(TABLE, "subject", id.bytes(), subject)?,
            findings_sealed: app.vault.seal_record(TABLE, "findings", id.bytes(), findings)?,
            exhibits,
            routing: store::Routing {
                unit: findings.home_commune.clone(),
                province: findings.home_commune.as_deref().map(officers::province),
                risk: Risk::of(findings),
            },
            dropped: (new_chip && !shows_chip)
                .then_some(Kind::ChipPortrait)
                .into_iter()
                .collect(),
            removal: Removal::now(app, person),
            at: app.clock.now(),
        })
    }
}

async fn exhibit(
    app: &App,
    (person, id): (PersonId, ApplicationId),
    piece: &Piece,
) -> Result<(store::Exhibit, Option<Placed>), Problem> {
    let kind = piece.kind.word();
    // What is empty is sealed as well, so that each sealed column opens or is found not to.
    let seal = |content: &[u8]| app.vault.seal("application_evidence", kind, id.bytes(), content);
    let (content_sealed, placed) = if piece.kind.is_record() {
        (seal(&piece.content), None)
    } else {
        let placed = evidence::place(app, person, kind, &piece.media_type, &piece.content).await?;
        (seal(b""), Some(placed))
    };
    let exhibit = store::Exhibit {
        kind,
        media_type: piece.media_type.clone(),
        content_sealed,
        piece: placed.as_ref().map(Placed::piece),
    };
    Ok((exhibit, placed))
}

/// Puts contents to an application that is open for them; evidence takes the place of what there was of its kind.
///
/// # Errors
/// `Refusal::Changed` if it is not open any more; those of the database.
pub fn put(tx: &mut Tx<'_>, contents: &Contents) -> Result<(), Problem> {
    let sealed = (contents.subject_sealed.as_slice(), contents.findings_sealed.as_slice());
    if !store::set_contents(tx, &contents.id, sealed, (&contents.routing, contents.at))? {
        return Err(Refusal::Changed.into());
    }
    let place = (&contents.person, &contents.id);
    let before = store::list_evidence(tx, place)?;
    let mut replaced: Vec<&str> = contents.dropped.iter().map(|kind| kind.word()).collect();
    for kind in &replaced {
        store::drop_evidence(tx, place, kind)?;
    }
    for (exhibit, placed) in &contents.exhibits {
        if let Some(placed) = placed {
            evidence::keep(tx, placed, contents.at)?;
        }
        store::put_evidence(tx, place, exhibit, contents.at)?;
        replaced.push(exhibit.kind);
    }
    let gone = before.iter().filter(|(kind, _)| replaced.contains(&kind.as_str()));
    let gone: Vec<_> = gone.filter_map(|(_, piece)| *piece).collect();
    Ok(evidence::drop_pieces(tx, &contents.removal, &gone)?)
}

/// An application about to be sent in.
#[derive(Clone)]
pub struct Submission {
    person: PersonId,
    row: store::Submitted,
    event: NewEvent,
    notice: Order,
    escalations: [Order; 2],
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
                province: officer.map(|officer| officers::province(&officer.unit_code)),
                commune: officer.map(|officer| officer.unit_code.clone()),
                basis: term.basis,
                at: now,
                deadline_at,
            },
            event: event(app, Event::Submit, officer.map(|officer| officer.officer)),
            notice: notices::sms(app, &application.subject.phone.e164(), text),
            escalations: jobs::escalations(app, application.id, deadline_at),
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
    for escalation in &submission.escalations {
        outbox::enqueue(tx, escalation)?;
    }
    Ok(outbox::enqueue(tx, &submission.notice)?)
}
