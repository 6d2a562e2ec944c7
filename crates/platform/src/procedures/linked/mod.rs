//! Linked procedures (*thủ tục liên thông*, Decree 63/2024/NĐ-CP): one request, several bodies, each with its dossier and its limit.
//!
//! Each part is a dossier of its own. One at the police is worked on at the desk; one at another body is handed over by the line to its source.
//! A body acknowledges within two working hours, or it is noted and told; when a limit passes, the applicant gets an apology and a new date.
//!
//! **Invariant:** what follows from a part (the next part, the end of the whole) is decided in the unit of work of that part, or ordered in it.
//! **Invariant:** a body that is silent keeps nobody waiting unnoticed: what it did not acknowledge in time stands in the dossier's steps.
//! **Invariant:** a part is handed over under one number, however often it is tried.
//! **Invariant:** a body that has, or may have, a part which its applicant took back is told, however long that lasts.

use std::collections::BTreeMap;

use db::{Conn, Tx};
use jiff::SignedDuration;
use serde::Serialize;

use super::catalogue::Decision;
use super::confirmations::Asking;
use super::description::{Kind, Part, When};
use super::dossiers::{self, Acting, Dossier, DossierId, Opening, Step};
use super::filling::{Answered, Filed};
use super::states::{Event, Status};
use crate::app::App;
use crate::shell::jobs::{self as outbox, Order, Runner};
use crate::shell::problem::Problem;

mod jobs;
mod store;

#[cfg(test)]
pub(super) mod tests;

/// How long a body has to acknowledge (Decree 63/2024/NĐ-CP): working time.
const ACKNOWLEDGES_IN: SignedDuration = SignedDuration::from_hours(2);

pub(super) fn learn(runner: &mut Runner) {
    runner.learn::<jobs::TakeBack>();
    runner.learn::<jobs::HandOver>();
    runner.learn::<jobs::Poll>();
    runner.learn::<jobs::Watch>();
    runner.learn::<jobs::Close>();
}

/// What follows from something that happened to a dossier, ready for the same unit of work.
#[derive(Clone, Default)]
pub(crate) struct Following {
    steps: Vec<Step>,
    parts: Vec<Begun>,
    asking: Option<Asking>,
    orders: Vec<Order>,
}

/// A part about to begin.
#[derive(Clone)]
struct Begun {
    opening: Opening,
    link: store::Link,
    orders: Vec<Order>,
}

impl Following {
    /// What follows when a dossier is sent in: what the platform decides at once, the parts that wait for nothing. Before it is paid, nothing;
    /// where somebody has to confirm it first, that is asked.
    ///
    /// # Errors
    /// If the calendar does not reach so far.
    pub(super) async fn of_sending(app: &App, main: &Dossier) -> Result<Self, Problem> {
        let mut following = Self::default();
        if main.status != Status::New {
            return Ok(following);
        }
        following.asking = Asking::draw(app, main).await?;
        if following.asking.is_some() {
            following.steps = dossiers::steps(app, main, &[(Event::AskRelative, Acting::nobody(""))])?;
            return Ok(following);
        }
        let procedure = app.procedures.find(&main.code).ok_or_else(Problem::not_found)?;
        if let Some(outcome) = procedure.entry.rules.at_once(app, main).await? {
            let mut granted = Acting::nobody("");
            granted.decision = Some(Decision {
                granted: true,
                words: String::new(),
                facts: outcome.facts,
                link: outcome.link,
                by: dossiers::body(&main.unit),
            });
            let nobody = |event| (event, Acting::nobody(""));
            let happens = [
                nobody(Event::Receive),
                nobody(Event::Begin),
                (Event::Grant, granted),
                nobody(Event::Return),
            ];
            following.steps = dossiers::steps(app, main, &happens)?;
            following.orders = outcome.orders;
        }
        following.begin(app, main)?;
        Ok(following)
    }

    /// What follows when it was confirmed, or not: the parts begin with what there is.
    ///
    /// # Errors
    /// If the calendar does not reach so far.
    pub(super) fn of_confirmation(app: &App, main: &Dossier) -> Result<Self, Problem> {
        let mut following = Self::default();
        following.begin(app, main)?;
        Ok(following)
    }

    fn begin(&mut self, app: &App, main: &Dossier) -> Result<(), Problem> {
        for part in next(app, main, None)? {
            self.parts.push(begin(app, main, part, &[])?);
        }
        Ok(())
    }

    /// What follows when something happened to a dossier, which stands as it does after that.
    ///
    /// # Errors
    /// Those of the database; if the calendar does not reach so far.
    pub(super) async fn of(app: &App, part: &Dossier, event: Event) -> Result<Self, Problem> {
        let mut following = Self::default();
        let (vault, id) = (app.vault.clone(), part.id);
        let found = app.db.read(move |conn| match store::of_part(conn, &id)? {
            Some(link) => dossiers::find(conn, &vault, &link.main),
            None => Ok(None),
        });
        let Some(main) = found.await? else {
            return Ok(following);
        };
        match event {
            Event::Receive if main.status == Status::New => {
                let happens = [Event::Receive, Event::Begin].map(|event| (event, Acting::nobody("")));
                following.steps = dossiers::steps(app, &main, &happens)?;
            }
            Event::Grant => {
                let facts = part
                    .decision
                    .as_ref()
                    .map_or(&[][..], |decision| decision.facts.as_slice());
                for next in next(app, &main, Some(&part.code))? {
                    following.parts.push(begin(app, &main, next, facts)?);
                }
                following.orders.push(Order::now(app, &jobs::Close { main: main.id }));
            }
            Event::Verify if main.status.after(event).is_some() && main.clock.verified_at.is_none() => {
                let mut acting = Acting::nobody("");
                let limit = part.clock.deadline_at;
                acting.not_before = limit.zip(part.deadline_basis.clone());
                following.steps = dossiers::steps(app, &main, &[(event, acting)])?;
            }
            // The apology and the new date are for the whole, too.
            Event::Late if main.status.after(event).is_some() && part.clock.deadline_at > main.clock.deadline_at => {
                let mut acting = Acting::nobody("");
                acting.not_before = part.clock.deadline_at.zip(part.deadline_basis.clone());
                following.steps = dossiers::steps(app, &main, &[(event, acting)])?;
            }
            Event::Refuse | Event::Reject => {
                following.orders.push(Order::now(app, &jobs::Close { main: main.id }));
            }
            _ => {}
        }
        Ok(following)
    }

    /// The parts that end with a linked procedure that its applicant takes back; the bodies that have them are told.
    ///
    /// # Errors
    /// `procedures-part` for a part: the whole is taken back; those of the database.
    pub(super) async fn of_withdrawal(app: &App, dossier: &Dossier) -> Result<Self, Problem> {
        let mut following = Self::default();
        for part in parts(app, dossier).await? {
            if part.status.after(Event::Withdraw).is_some() {
                let step = Step::draw(app, &part, Event::Withdraw, Acting::nobody(""))?;
                following.steps.push(step);
                if part.version(app)?.receiver.source().is_some() {
                    following
                        .orders
                        .push(Order::now(app, &jobs::TakeBack { dossier: part.id }));
                }
            }
        }
        Ok(following)
    }

    /// Lets it happen.
    ///
    /// # Errors
    /// `procedures-moved` if something else happened meanwhile; those of the database.
    pub(super) fn take(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        self.steps.iter().try_for_each(|step| step.take(tx))?;
        for begun in &self.parts {
            begun.opening.take(tx)?;
            store::insert(tx, &begun.link)?;
            begun.orders.iter().try_for_each(|order| outbox::enqueue(tx, order))?;
        }
        if let Some(asking) = &self.asking {
            asking.take(tx)?;
        }
        self.orders.iter().try_for_each(|order| outbox::enqueue(tx, order))?;
        Ok(())
    }

    /// Steps of a dossier, with what follows from them and what else is ordered, as a unit of work of their own.
    async fn write(
        mut self,
        app: &App,
        steps: Vec<Step>,
        orders: impl IntoIterator<Item = Order>,
    ) -> Result<(), Problem> {
        self.orders.extend(orders);
        app.db
            .write(move |tx| {
                steps.iter().try_for_each(|step| step.take(tx))?;
                self.take(tx)
            })
            .await?;
        app.bell.ring();
        Ok(())
    }
}

/// The parts that come after another, or first, and apply to what was sent in.
fn next<'a>(app: &'a App, main: &Dossier, after: Option<&str>) -> Result<Vec<&'a Part>, Problem> {
    let says = |when: &When| when.is.iter().any(|word| word == main.filed.value(&when.field));
    let parts = main.version(app)?.part.iter();
    let parts = parts.filter(|part| part.after.as_deref() == after && part.when.as_ref().is_none_or(says));
    Ok(parts.collect())
}

fn begin(app: &App, main: &Dossier, part: &Part, facts: &[(String, String)]) -> Result<Begun, Problem> {
    let mut filed = main.filed.clone();
    filed.working_days = part.working_days;
    filed.fee = None;
    filed.values.extend(facts.iter().map(|(name, value)| Answered {
        name: name.replace('-', "_"),
        kind: Kind::Text,
        value: value.clone(),
        rows: Vec::new(),
        told: None,
        fact: None,
    }));
    let opening = Opening::of_part(app, main, part, filed)?;
    let dossier = &opening.dossier;
    let now = app.clock.now();
    let receipt = match part.cut_off {
        Some(cut_off) => app.calendar.receipt(now, cut_off),
        None => Ok(now),
    };
    let acknowledge_by = receipt.and_then(|receipt| app.calendar.after_working_time(receipt, ACKNOWLEDGES_IN));
    let mut orders = vec![jobs::Watch::order(
        app,
        dossier.id,
        jobs::What::Acknowledged,
        acknowledge_by.map_err(Problem::internal)?,
    )];
    if let Some(deadline) = dossier.clock.deadline_at {
        orders.push(jobs::Watch::order(app, dossier.id, jobs::What::Decided, deadline));
    }
    if part.receiver.source().is_some() {
        orders.push(Order::now(app, &jobs::HandOver { dossier: dossier.id }));
    }
    Ok(Begun {
        link: store::Link {
            person: main.person,
            main: main.id,
            dossier: dossier.id,
            code: part.code.clone(),
            reference: None,
        },
        opening,
        orders,
    })
}

/// The parts of a linked procedure, in the order in which they began; none for a dossier that stands alone.
pub(super) async fn parts(app: &App, main: &Dossier) -> Result<Vec<Dossier>, Problem> {
    let (vault, person, id) = (app.vault.clone(), main.person, main.id);
    let read = move |conn: &mut Conn<'_>| {
        let mut parts = Vec::new();
        for link in store::parts(conn, &person, &id)? {
            parts.extend(dossiers::find(conn, &vault, &link.dossier)?);
        }
        parts.sort_by(|one: &Dossier, other| one.number.cmp(&other.number));
        Ok::<_, Problem>(parts)
    };
    app.db.read(read).await
}

/// The dossier that a part belongs to.
pub(super) async fn main_of(app: &App, part: &Dossier) -> Result<Option<DossierId>, Problem> {
    let id = part.id;
    let link = app.db.read(move |conn| store::of_part(conn, &id)).await?;
    Ok(link.map(|link| link.main))
}

/// What a body is told: each field by its name.
fn content(filed: &Filed) -> BTreeMap<String, String> {
    let said = filed.values.iter().filter(|value| !value.value.is_empty());
    said.map(|value| (value.name.clone(), value.value.clone())).collect()
}

/// How the whole ends, once every part has: in favour if any part was, with the facts of all.
fn end(parts: &[Dossier]) -> Option<(Event, Decision)> {
    if parts.iter().any(|part| part.status.is_open()) {
        return None;
    }
    let decisions = parts.iter().filter_map(|part| part.decision.as_ref());
    let granted = decisions.clone().any(|decision| decision.granted);
    let refused = decisions
        .clone()
        .filter(|decision| !decision.granted && !decision.words.is_empty());
    let words: Vec<&str> = refused.map(|decision| decision.words.as_str()).collect();
    let mut bodies: Vec<&str> = decisions.clone().map(|decision| decision.by.as_str()).collect();
    bodies.dedup();
    let decision = Decision {
        granted,
        words: words.join("; "),
        facts: decisions.flat_map(|decision| decision.facts.clone()).collect(),
        link: None,
        by: bodies.join("; "),
    };
    Some((if granted { Event::Grant } else { Event::Refuse }, decision))
}

/// A part as the page of the whole shows it.
#[derive(Clone, Serialize)]
pub(super) struct Outline {
    pub(super) id: DossierId,
    pub(super) code: String,
    pub(super) number: String,
    pub(super) status: Status,
    pub(super) unit: String,
    pub(super) deadline_at: Option<jiff::Timestamp>,
}

impl Outline {
    pub(super) fn of(part: &Dossier) -> Self {
        Self {
            id: part.id,
            code: part.code.clone(),
            number: part.number.clone(),
            status: part.status,
            unit: dossiers::body(&part.unit),
            deadline_at: part.clock.deadline_at,
        }
    }
}
