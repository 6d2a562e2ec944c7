//! Handing parts over to their bodies, asking how they stand, watching what is due, and ending the whole.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::dossiers::{self, Acting, Dossier, DossierId, Step};
use super::super::states::{Event, Status};
use super::{Decision, Following, content, end, parts, store};
use crate::accounts;
use crate::app::App;
use crate::registries::{self, Source, Standing, StandingState};
use crate::shell::jobs::{self as outbox, Failure, Job, JobId, Order};
use crate::shell::problem::Problem;

/// How often a body is asked how a part stands: systems agree within ten minutes (Decree 63/2024/NĐ-CP).
const ASK_EVERY: SignedDuration = SignedDuration::from_mins(5);

fn again(problem: &Problem) -> Failure {
    Failure::Again(problem.slug().to_owned())
}

async fn load(app: &App, id: DossierId) -> Result<Option<Dossier>, Problem> {
    let vault = app.vault.clone();
    app.db.read(move |conn| dossiers::find(conn, &vault, &id)).await
}

/// The source behind which the body of a part is.
fn source_of(app: &App, part: &Dossier) -> Result<Option<Source>, Problem> {
    Ok(part.version(app)?.receiver.source())
}

/// Steps of a part with what follows from the first of them, and what else is ordered, in one unit of work.
async fn happen(app: &App, part: &Dossier, happens: Vec<(Event, Acting)>, order: Option<Order>) -> Result<(), Problem> {
    let steps = dossiers::steps(app, part, &happens)?;
    let following = match (happens.first(), steps.first()) {
        (Some((event, _)), Some(first)) => Following::of(app, &part.after(first), *event).await?,
        _ => Following::default(),
    };
    following.write(app, steps, order).await
}

/// A decision that something ends with; the result is in the applicant's hands at once.
async fn ended(app: &App, dossier: &Dossier, (event, decision): (Event, Decision)) -> Result<(), Problem> {
    let acting = Acting {
        words: decision.words.clone(),
        decision: Some(decision),
        ..Acting::default()
    };
    let happens = vec![(event, acting), (Event::Return, Acting::nobody(""))];
    happen(app, dossier, happens, None).await
}

/// Hand a part over to its body.
#[derive(Serialize, Deserialize)]
pub(super) struct HandOver {
    pub(super) dossier: DossierId,
}

impl Job for HandOver {
    const KIND: &'static str = "procedures-hand-over";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        hand_over(&app, self.dossier).await.map_err(|problem| again(&problem))
    }
}

/// A body that is silent just now is tried again at the next turn, however long that lasts; the limits are watched apart.
async fn next_turn<J: Job>(app: &App, job: &J) -> Result<(), Problem> {
    let next = Order::at(app, job, app.clock.now() + ASK_EVERY);
    Following::default().write(app, Vec::new(), [next]).await
}

async fn hand_over(app: &App, id: DossierId) -> Result<(), Problem> {
    let Some(part) = load(app, id).await?.filter(|part| part.status == Status::New) else {
        return Ok(());
    };
    let (vault, person) = (app.vault.clone(), part.person);
    let asker = app.db.read(move |conn| accounts::find(conn, &vault, &person)).await?;
    let (Some(source), Some(asker)) = (source_of(app, &part)?, asker) else {
        return Ok(());
    };
    let named = (part.number.as_str(), part.code.as_str());
    let handed = registries::hand_over(app, source, named, &asker.number, &content(&part.filed)).await;
    let Ok(standing) = handed else {
        return next_turn(app, &HandOver { dossier: id }).await;
    };
    let (reference, back) = (standing.dossier, Order::now(app, &TakeBack { dossier: id }));
    app.db
        .write(move |tx| {
            store::refer(tx, &id, &reference)?;
            match dossiers::store::find(tx, &id)? {
                // Taken back while it was on the way.
                Some(row) if row.status == Status::Withdrawn => outbox::enqueue(tx, &back),
                _ => Ok(()),
            }
        })
        .await?;
    let happens = [Event::Receive, Event::Begin].map(|event| (event, Acting::nobody("")));
    let poll = Order::at(app, &Poll { dossier: id }, app.clock.now() + ASK_EVERY);
    happen(app, &part, happens.into(), Some(poll)).await
}

/// Tell its body that a part was taken back.
#[derive(Serialize, Deserialize)]
pub(super) struct TakeBack {
    pub(super) dossier: DossierId,
}

impl Job for TakeBack {
    const KIND: &'static str = "procedures-take-back";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        take_back(&app, self).await.map_err(|problem| again(&problem))
    }
}

async fn take_back(app: &App, order: TakeBack) -> Result<(), Problem> {
    let Some(part) = load(app, order.dossier).await? else {
        return Ok(());
    };
    let Some(source) = source_of(app, &part)? else {
        return Ok(());
    };
    if registries::take_back(app, source, &part.number).await.is_err() {
        return next_turn(app, &order).await;
    }
    Ok(())
}

/// Ask how a part stands, until it is decided.
#[derive(Serialize, Deserialize)]
pub(super) struct Poll {
    dossier: DossierId,
}

impl Job for Poll {
    const KIND: &'static str = "procedures-poll";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        poll(&app, self.dossier).await.map_err(|problem| again(&problem))
    }
}

async fn poll(app: &App, id: DossierId) -> Result<(), Problem> {
    let Some(part) = load(app, id).await?.filter(|part| part.status == Status::Processing) else {
        return Ok(());
    };
    let link = app.db.read(move |conn| store::of_part(conn, &id)).await?;
    let reference = link.and_then(|link| link.reference);
    let (Some(source), Some(reference)) = (source_of(app, &part)?, reference) else {
        return Ok(());
    };
    let told = registries::standing(app, source, &reference).await.ok();
    match told {
        Some(told) if matches!(told.state, StandingState::Done | StandingState::Refused) => {
            ended(app, &part, decision(&part, told)).await
        }
        Some(told) if told.state == StandingState::Verifying && part.may_verify(app)? => {
            let verify = Acting::nobody(&told.reason.unwrap_or_default());
            let next = Order::at(app, &Poll { dossier: id }, app.clock.now() + ASK_EVERY);
            happen(app, &part, vec![(Event::Verify, verify)], Some(next)).await
        }
        _ => next_turn(app, &Poll { dossier: id }).await,
    }
}

/// A value as people read it: a day in their order.
fn read(value: String) -> String {
    match value.parse::<Date>() {
        Ok(day) => day.strftime("%d/%m/%Y").to_string(),
        Err(_) => value,
    }
}

fn decision(part: &Dossier, told: Standing) -> (Event, Decision) {
    let granted = told.state == StandingState::Done;
    let facts = told
        .result
        .into_iter()
        .map(|(name, value)| (name.replace('_', "-"), read(value)));
    let decision = Decision {
        granted,
        words: told.reason.unwrap_or_default(),
        facts: facts.collect(),
        link: None,
        by: dossiers::body(&part.unit),
    };
    (if granted { Event::Grant } else { Event::Refuse }, decision)
}

/// What is due at a body.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum What {
    /// That it has the part.
    Acknowledged,
    /// Its decision.
    Decided,
}

/// Look whether what was due at a body has happened; else note it and tell the applicant.
#[derive(Serialize, Deserialize)]
pub(super) struct Watch {
    dossier: DossierId,
    what: What,
    due: Timestamp,
}

impl Watch {
    /// The order to look just after it was due.
    pub(super) fn order(app: &App, dossier: DossierId, what: What, due: Timestamp) -> Order {
        Order::at(app, &Self { dossier, what, due }, due + SignedDuration::from_micros(1))
    }
}

impl Job for Watch {
    const KIND: &'static str = "procedures-watch";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        watch(&app, &self).await.map_err(|problem| again(&problem))
    }
}

async fn watch(app: &App, watched: &Watch) -> Result<(), Problem> {
    let Some(part) = load(app, watched.dossier).await? else {
        return Ok(());
    };
    let event = match watched.what {
        What::Acknowledged if part.status == Status::New => Event::Unacknowledged,
        What::Decided if part.status.is_open() => Event::Late,
        _ => return Ok(()),
    };
    let (person, id) = (part.person, part.id);
    let before = app
        .db
        .read(move |conn| dossiers::store::steps(conn, &person, &id))
        .await?;
    if watched.what == What::Acknowledged && before.iter().any(|step| step.event == event) {
        return Ok(());
    }
    if watched.what == What::Decided {
        // The limit was moved on by a pause or an apology: that one is watched.
        let deadline = part.clock.deadline_at.filter(|deadline| *deadline > watched.due);
        let again = deadline.or_else(|| {
            part.status
                .is_paused()
                .then(|| app.clock.now() + SignedDuration::from_hours(24))
        });
        if let Some(due) = again {
            let next = Watch::order(app, id, What::Decided, due);
            return Following::default().write(app, Vec::new(), [next]).await;
        }
    }
    metrics::counter!("vneid_procedures_overdue_total", "what" => event.word()).increment(1);
    tracing::warn!(
        number = part.number,
        what = event.word(),
        "a body is behind with a linked procedure"
    );
    let step = Step::draw(app, &part, event, Acting::nobody(""))?;
    let after = part.after(&step);
    let next = after.clock.deadline_at.filter(|_| event == Event::Late);
    let next = next.map(|due| Watch::order(app, id, What::Decided, due));
    let following = Following::of(app, &after, event).await?;
    following.write(app, vec![step], next).await
}

/// End the whole, if every part has ended.
#[derive(Serialize, Deserialize)]
pub(super) struct Close {
    pub(super) main: DossierId,
}

impl Job for Close {
    const KIND: &'static str = "procedures-close";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        close(&app, self.main).await.map_err(|problem| again(&problem))
    }
}

async fn close(app: &App, id: DossierId) -> Result<(), Problem> {
    let Some(main) = load(app, id).await?.filter(|main| main.status == Status::Processing) else {
        return Ok(());
    };
    match end(&parts(app, &main).await?) {
        Some(end) => ended(app, &main, end).await,
        None => Ok(()),
    }
}
