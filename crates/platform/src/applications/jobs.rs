//! What time does to applications.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::law::last_day_of;
use super::rules::{Event, State};
use super::{Application, ApplicationId, EventId, event, review, store};
use crate::accounts::{self, Lapsing};
use crate::app::App;
use crate::evidence::{self, Outcome, Removal, Settlement};
use crate::notices::{self, Note, inform};
use crate::shell::jobs::{Failure, Job, JobId, Order};

/// Forget a draft that was not submitted, its pictures with it.
#[derive(Serialize, Deserialize)]
pub(super) struct Discard {
    pub(super) application: ApplicationId,
}

impl Job for Discard {
    const KIND: &'static str = "applications-discard";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let id = self.application;
        let Some(row) = app.db.read(move |conn| store::find(conn, &id)).await? else {
            return Ok(());
        };
        let (person, removal) = (row.person, Removal::now(&app, row.person));
        let now = app.clock.now();
        app.db
            .write(move |tx| {
                let kinds = store::list_evidence(tx, (&person, &id))?;
                if !store::discard(tx, &id, now)? {
                    return Ok(());
                }
                let pieces: Vec<_> = kinds.into_iter().filter_map(|(_, piece)| piece).collect();
                evidence::drop_pieces(tx, &removal, &pieces)
            })
            .await?;
        app.bell.ring();
        Ok(())
    }
}

/// Say of each piece of an application's evidence how much longer it is kept, now that the application has come to an end.
#[derive(Serialize, Deserialize)]
pub(super) struct Retire {
    pub(super) event: EventId,
    pub(super) what: Event,
}

impl Job for Retire {
    const KIND: &'static str = "applications-retire";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let Self { event, what } = self;
        let found = app.db.read(move |conn| match store::find_by_event(conn, &event)? {
            Some((person, id)) => Ok(Some((person, store::list_evidence(conn, (&person, &id))?))),
            None => Ok::<_, db::Error>(None),
        });
        let Some((person, kinds)) = found.await? else {
            return Ok(());
        };
        let outcome = match what {
            Event::Approve => Outcome::Granted,
            _ => Outcome::Ended,
        };
        let pieces = kinds.iter().filter_map(|(kind, piece)| Some((kind, (*piece)?)));
        let settlements: Vec<Settlement> = pieces
            .map(|(kind, piece)| Settlement::draw(&app, (person, piece), kind, outcome))
            .collect();
        app.db
            .write(move |tx| {
                settlements
                    .iter()
                    .try_for_each(|settlement| evidence::settle(tx, settlement))
            })
            .await?;
        Ok(())
    }
}

/// Mark an application as lapsed if what its holder had to do was not done in time, and tell the holder.
#[derive(Serialize, Deserialize)]
pub(super) struct Lapse {
    pub(super) application: ApplicationId,
}

impl Job for Lapse {
    const KIND: &'static str = "applications-lapse";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let (id, now) = (self.application, app.clock.now());
        let Some(row) = app.db.read(move |conn| store::find(conn, &id)).await? else {
            return Ok(());
        };
        let Some(to) = row.state.after(Event::Lapse) else {
            return Ok(());
        };
        if row.due_at.is_none_or(|due| now <= due) {
            return Ok(());
        }
        let (person, from) = (row.person, row.state);
        let application = Application::of(&app.vault, row)
            .map_err(|problem| Failure::Never(format!("it cannot be read: {}", problem.slug())))?;
        let text = match from {
            State::Approved => "applications-told-activation-late",
            _ => "applications-told-supply-late",
        };
        let note = Note::new(notices::Kind::Legal, text, format!("application {id} lapsed"))
            .with("number", &application.number)
            .link("/applications");
        let at = app.clone();
        let (lapsed, lapsing) = (event(&app, Event::Lapse, None), Lapsing::draw(&app, person));
        app.db
            .write(move |tx| {
                if !store::end(tx, &id, (from, to), now)? {
                    return Ok(());
                }
                store::add_event(tx, (&person, &id), &lapsed)?;
                if !review::store::is_applied_for(tx, &person)? {
                    accounts::refused(tx, &lapsing)?;
                }
                inform(&at, tx, &person, &note, now)
            })
            .await?;
        app.bell.ring();
        Ok(())
    }
}

/// Give an application back to the queue if its reviewer has neither decided it nor given it back in time.
#[derive(Serialize, Deserialize)]
pub(super) struct GiveBack {
    pub(super) application: ApplicationId,
    pub(super) claimed_at: Timestamp,
}

impl Job for GiveBack {
    const KIND: &'static str = "applications-give-back";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let released = event(&app, Event::Release, None);
        app.db
            .write(move |tx| {
                if let Some(person) = review::store::give_back(tx, &self.application, self.claimed_at)? {
                    store::add_event(tx, (&person, &self.application), &released)?;
                }
                Ok::<_, db::Error>(())
            })
            .await?;
        Ok(())
    }
}

/// Bring an application before the chief of its unit: on the last day of its limit, and when that is past.
#[derive(Serialize, Deserialize)]
pub(super) struct Escalate {
    application: ApplicationId,
    deadline_at: Timestamp,
    step: Step,
}

/// When an application is brought before the chief.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Step {
    /// On the last day of the limit.
    LastDay,
    /// When the limit is past.
    Late,
}

impl Step {
    fn word(self) -> &'static str {
        match self {
            Step::LastDay => "last-day",
            Step::Late => "late",
        }
    }
}

/// The two orders that watch a limit.
pub(super) fn escalations(app: &App, application: ApplicationId, deadline_at: Timestamp) -> [Order; 2] {
    let order = |step, due| {
        let escalate = Escalate {
            application,
            deadline_at,
            step,
        };
        Order::at(app, &escalate, due)
    };
    [
        order(Step::LastDay, last_day_of(deadline_at)),
        order(Step::Late, deadline_at + SignedDuration::from_micros(1)),
    ]
}

impl Job for Escalate {
    const KIND: &'static str = "applications-escalate";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let (id, step, now) = (self.application, self.step.word(), app.clock.now());
        let deadline = self.deadline_at;
        let escalated = app
            .db
            .write(move |tx| review::store::escalate(tx, &id, (step, deadline), now))
            .await?;
        if escalated {
            metrics::counter!("vneid_applications_escalated_total", "step" => step).increment(1);
            tracing::warn!(application = %id, step, "an application is brought before the chief of its unit");
        }
        Ok(())
    }
}
