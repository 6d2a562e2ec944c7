//! Something that happens to a dossier, ready for a unit of work: the first step, and all that follow.

use ::http::StatusCode;
use db::Tx;
use jiff::Timestamp;

use super::counting::counting;
use super::{Clock, Dossier, DossierId, StepId, TABLE, rules, store, unit};
use crate::app::App;
use crate::evidence::{self, Settlement};
use crate::notices::{self, Note};
use crate::officers::{self, Officer, OfficerId};
use crate::procedures::catalogue::Decision;
use crate::procedures::description::Part;
use crate::procedures::filling::{Filed, Form};
use crate::procedures::states::{Event, Status};
use crate::procedures::{attachments, telling};
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;

/// A dossier about to be put together, with its first step.
#[derive(Clone)]
pub struct Opening {
    /// As it will stand.
    pub dossier: Dossier,
    row: store::NewRow,
    step: Step,
}

impl Opening {
    /// Prepares a dossier of a form that was checked; where a fee is due it waits for that.
    ///
    /// # Errors
    /// If the calendar does not reach so far, or the commune is not known.
    pub fn draw(app: &App, form: &Form<'_>) -> Result<Self, Problem> {
        let commune = form
            .place()
            .ok_or_else(|| Problem::internal("a form without a place was checked"))?;
        let day = civil::calendar::day_of(app.clock.now()).strftime("%y%m%d").to_string();
        let code = form.procedure.code.clone();
        let filed = Filed::of(form);
        let is_due = filed.fee.as_ref().is_some_and(|(_, amount)| *amount > 0);
        let event = if is_due { Event::SubmitUnpaid } else { Event::Submit };
        let dossier = Dossier {
            person: form.known.applicant.person,
            id: DossierId::draw(&app.chance),
            number: format!("{}-{day}-{}", form.procedure.short, app.chance.signs()),
            code,
            described_on: form.version.from,
            status: Status::Payment,
            unit: unit(form.version.receiver, commune),
            filed,
            opened_at: app.clock.now(),
            clock: Clock::default(),
            deadline_basis: None,
            held_by: None,
            decision: None,
            ended_at: None,
        };
        Self::put(app, &dossier, event)
    }

    /// Prepares the dossier of a part of a linked procedure.
    ///
    /// # Errors
    /// If the calendar does not reach so far.
    pub(in crate::procedures) fn of_part(
        app: &App,
        main: &Dossier,
        part: &Part,
        filed: Filed,
    ) -> Result<Self, Problem> {
        let commune =
            rules::commune_of(&main.unit).ok_or_else(|| Problem::internal("a linked procedure without a commune"))?;
        let place = main.version(app)?.part.iter().position(|other| other.code == part.code);
        let dossier = Dossier {
            id: DossierId::draw(&app.chance),
            code: part.code.clone(),
            number: format!("{}-{}", main.number, place.unwrap_or_default() + 1),
            status: Status::Payment,
            unit: unit(part.receiver, commune),
            filed,
            opened_at: app.clock.now(),
            clock: Clock::default(),
            deadline_basis: None,
            held_by: None,
            decision: None,
            ended_at: None,
            ..main.clone()
        };
        Self::put(app, &dossier, Event::Submit)
    }

    /// Until its first step a dossier stands where a fee is waited for, and nothing runs.
    fn put(app: &App, dossier: &Dossier, event: Event) -> Result<Self, Problem> {
        let row = store::NewRow {
            person: dossier.person,
            dossier: dossier.id,
            code: dossier.code.clone(),
            described_on: dossier.described_on.to_string(),
            number: dossier.number.clone(),
            province: officers::province(rules::code_of(&dossier.unit)),
            unit: dossier.unit.clone(),
            content_sealed: app
                .vault
                .seal_record(TABLE, "content", dossier.id.bytes(), &dossier.filed)?,
            opened_at: dossier.opened_at,
        };
        let step = Step::draw(app, dossier, event, Acting::nobody(""))?;
        Ok(Self {
            dossier: dossier.after(&step),
            row,
            step,
        })
    }

    /// Puts it together, in the unit of work that removes the draft.
    ///
    /// # Errors
    /// Those of the database.
    pub fn take(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        let (person, dossier) = (&self.row.person, &self.row.dossier);
        counting(tx, (person, dossier), self.step.at, |tx| {
            Ok(store::insert(tx, &self.row)?)
        })?;
        self.step.take(tx)
    }
}

/// Who lets a step happen, and in which words.
#[derive(Clone, Default)]
pub struct Acting {
    /// The officer.
    pub officer: Option<OfficerId>,
    /// The words to the applicant.
    pub words: String,
    /// The decision that is kept.
    pub decision: Option<Decision>,
    /// The limit is not before this one, with what that rests on.
    pub not_before: Option<(Timestamp, String)>,
}

impl Acting {
    /// The applicant or the platform.
    pub fn nobody(words: &str) -> Self {
        Self {
            words: words.to_owned(),
            ..Self::default()
        }
    }

    /// An officer.
    pub fn officer(officer: &Officer, words: &str) -> Self {
        Self {
            officer: Some(officer.officer),
            words: words.to_owned(),
            ..Self::default()
        }
    }
}

/// Something that happens to a dossier, ready for a unit of work.
#[derive(Clone)]
pub struct Step {
    pub(super) person: PersonId,
    pub(super) dossier: DossierId,
    pub(super) id: StepId,
    pub(super) event: Event,
    pub(super) from: Status,
    pub(super) to: Status,
    pub(super) at: Timestamp,
    pub(super) officer: Option<OfficerId>,
    pub(super) held_by: Option<OfficerId>,
    pub(super) words_sealed: Vec<u8>,
    pub(super) clock: Clock,
    /// On what the limit rests from now on, where that changes.
    pub(super) basis: Option<String>,
    pub(super) decision: Option<Decision>,
    pub(super) decision_sealed: Option<Vec<u8>>,
    pub(super) note: Option<Note>,
    pub(super) app: App,
    pub(super) settlements: Vec<Settlement>,
}

impl Step {
    /// Prepares a step.
    ///
    /// # Errors
    /// `procedures-moved` where it cannot happen; if the calendar does not reach so far.
    pub fn draw(app: &App, dossier: &Dossier, event: Event, acting: Acting) -> Result<Self, Problem> {
        let (id, at) = (StepId::draw(&app.chance), app.clock.now());
        let to = match event {
            Event::Submit => Some(Status::New),
            Event::SubmitUnpaid => Some(Status::Payment),
            _ => dossier.status.after(event),
        };
        let to = to.ok_or_else(moved)?;
        let version = dossier.version(app)?;
        let ends = dossier.status.is_open() && !to.is_open();
        let clock = dossier.clock.after(
            event,
            (dossier.status, to),
            at,
            (&app.calendar, version, dossier.filed.working_days),
        );
        let mut clock = clock.map_err(Problem::internal)?;
        let mut basis = match event {
            Event::Submit | Event::Pay => Some(version.basis.join("; ")),
            Event::Verify => version.verification.as_ref().map(|longer| longer.basis.join("; ")),
            _ => None,
        };
        if let Some((limit, why)) = acting.not_before.filter(|(limit, _)| clock.deadline_at < Some(*limit)) {
            (clock.deadline_at, basis) = (Some(limit), Some(why));
        }
        let decision_sealed = acting.decision.as_ref();
        let decision_sealed =
            decision_sealed.map(|decision| app.vault.seal_record(TABLE, "result", dossier.id.bytes(), decision));
        Ok(Self {
            person: dossier.person,
            dossier: dossier.id,
            id,
            event,
            from: dossier.status,
            to,
            at,
            officer: acting.officer,
            held_by: if to.is_open() {
                acting.officer.or(dossier.held_by)
            } else {
                dossier.held_by
            },
            words_sealed: app
                .vault
                .seal_text("procedure_step", "words", id.bytes(), &acting.words),
            note: telling::note(dossier, (&id, event), &clock, &acting.words),
            basis,
            clock,
            decision_sealed: decision_sealed.transpose()?,
            decision: acting.decision,
            app: app.clone(),
            settlements: if ends {
                attachments::settlements(app, dossier.person, &dossier.filed, event)
            } else {
                Vec::new()
            },
        })
    }

    /// Takes it, in a unit of work.
    ///
    /// # Errors
    /// `procedures-moved` if something else happened meanwhile; those of the database.
    pub fn take(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        counting(tx, (&self.person, &self.dossier), self.at, |tx| {
            if store::step(tx, self)? { Ok(()) } else { Err(moved()) }
        })?;
        if let Some(note) = &self.note {
            notices::inform(&self.app, tx, &self.person, note, self.at)?;
        }
        self.settlements
            .iter()
            .try_for_each(|settlement| evidence::settle(tx, settlement))?;
        Ok(())
    }
}

/// Something else happened to the dossier meanwhile, or this cannot happen.
pub(in crate::procedures) fn moved() -> Problem {
    Problem::new("procedures-moved", StatusCode::CONFLICT)
}

/// Several steps, one after the other, ready for a unit of work.
pub(in crate::procedures) fn steps(
    app: &App,
    dossier: &Dossier,
    events: &[(Event, Acting)],
) -> Result<Vec<Step>, Problem> {
    let (mut steps, mut dossier) = (Vec::new(), dossier.clone());
    for (event, acting) in events {
        let step = Step::draw(app, &dossier, *event, acting.clone())?;
        dossier = dossier.after(&step);
        steps.push(step);
    }
    Ok(steps)
}
