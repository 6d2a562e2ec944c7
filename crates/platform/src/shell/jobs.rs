//! The outbox: what has to be done later, kept in the unit of work that decided it.
//!
//! **Invariant:** a job exists if and only if the unit of work that enqueued it was committed.
//! **Invariant:** a job is run at least once, until it succeeds or has failed too often (then it is dead, and counted).
//! A job must therefore have the same effect when it is run twice: it knows its own id for that.
//! **Invariant:** an urgent job waits for no other: neither for those that can wait nor for an urgent one that is under way.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crypto::digest::sha256;
use db::{Conn, Tx};
use futures_util::FutureExt as _;
use futures_util::future::{join, join_all};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Notify;

use super::clock::civil_date;
use super::ids::id;
use super::pause::pause;
use crate::app::App;

mod store;
mod urgent;

#[cfg(test)]
mod tests;

id! {
    /// A job.
    JobId
}

/// Something to be done later. The type is an order, like `SendCode`.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// Its name in the table; never changed once used.
    const KIND: &'static str;
    /// Whether it mostly waits for others, so that many are done at once; one that counts on another's being done before is not.
    /// Urgent ones are all done at once.
    const AT_ONCE: bool = false;

    /// Does it. Must have the same effect when done twice with the same id.
    fn run(self, app: App, id: JobId) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// A job was not done.
#[derive(Debug)]
pub enum Failure {
    /// Worth another try later.
    Again(String),
    /// No later try can succeed.
    Never(String),
}

impl From<db::Error> for Failure {
    fn from(error: db::Error) -> Self {
        Failure::Again(error.to_string())
    }
}

/// A job ready to be put into a unit of work.
#[derive(Clone)]
pub struct Order {
    id: JobId,
    kind: &'static str,
    payload_sealed: Vec<u8>,
    created_at: Timestamp,
    due_at: Timestamp,
    rank: i64,
}

impl Order {
    /// Prepares a job to be done as soon as its unit of work is committed.
    pub fn now<J: Job>(app: &App, job: &J) -> Self {
        Self::at(app, job, app.clock.now())
    }

    /// Prepares a job to be done at an instant.
    pub fn at<J: Job>(app: &App, job: &J, due_at: Timestamp) -> Self {
        let id = JobId::draw(&app.chance);
        let payload = serde_json::to_vec(job).unwrap_or_default();
        let payload_sealed = app.vault.seal("job", "payload", id.bytes(), &payload);
        Self {
            id,
            kind: J::KIND,
            payload_sealed,
            created_at: app.clock.now(),
            due_at,
            rank: CAN_WAIT,
        }
    }

    /// The same, ahead of all that can wait.
    #[must_use]
    pub fn urgent(self) -> Self {
        Self { rank: URGENT, ..self }
    }

    /// The same, behind all the rest.
    #[must_use]
    pub fn at_leisure(self) -> Self {
        Self {
            rank: AT_LEISURE,
            ..self
        }
    }
}

/// Puts a job into a unit of work.
///
/// # Errors
/// Those of the database.
pub fn enqueue(tx: &mut Tx<'_>, order: &Order) -> Result<(), db::Error> {
    store::insert(tx, order)
}

/// Puts a job that needs to know nothing but its own id into a unit of work; one that is there already is done once more.
///
/// # Errors
/// Those of the database.
pub fn enqueue_bare<J: Job>(tx: &mut Tx<'_>, id: JobId, due_at: Timestamp) -> Result<(), db::Error> {
    store::put_bare(tx, &id, J::KIND, due_at)
}

/// Puts a job without a payload into a unit of work for a day of Viet Nam: one of its kind for each day, however often and by how many nodes
/// it is ordered.
///
/// # Errors
/// Those of the database.
pub fn enqueue_daily<J: Job>(tx: &mut Tx<'_>, due_at: Timestamp) -> Result<(), db::Error> {
    let name = format!("{} {}", J::KIND, civil_date(due_at));
    let id = sha256(name.as_bytes()).as_chunks::<16>().0.first().copied();
    store::put_once(tx, &id.unwrap_or_default().into(), J::KIND, due_at)
}

type Run = Box<dyn Fn(App, JobId, Vec<u8>) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>> + Send + Sync>;

/// All kinds of jobs, by name.
#[derive(Default)]
pub struct Runner {
    kinds: BTreeMap<&'static str, Run>,
    at_once: BTreeSet<&'static str>,
}

impl Runner {
    /// Learns a kind of job.
    pub fn learn<J: Job>(&mut self) {
        let run: Run = Box::new(|app, id, payload| {
            Box::pin(async move {
                let job: J = serde_json::from_slice(&payload).map_err(|error| Failure::Never(error.to_string()))?;
                job.run(app, id).await
            })
        });
        self.kinds.insert(J::KIND, run);
        if J::AT_ONCE {
            self.at_once.insert(J::KIND);
        }
    }
}

/// Wakes the worker when a unit of work may have left a job behind.
#[derive(Clone, Default)]
pub struct Bell {
    for_all: Arc<Notify>,
    for_urgent: Arc<Notify>,
}

impl Bell {
    /// Tells the worker to look now.
    pub fn ring(&self) {
        self.for_all.notify_one();
        self.for_urgent.notify_one();
    }
}

/// Which jobs are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    All,
    Urgent,
    OthersThanUrgent,
}

/// A job claimed by this worker.
struct Claimed {
    id: JobId,
    kind: String,
    payload_sealed: Vec<u8>,
    attempts: i64,
}

/// The ranks of jobs: those of a lower rank that are due come first. The table names each of them.
const URGENT: i64 = 0;
const CAN_WAIT: i64 = 1;
const AT_LEISURE: i64 = 2;
/// What a job without a payload reads.
const BARE: &[u8] = b"null";
/// How often a job is tried before it is dead.
const MOST_ATTEMPTS: i64 = 12;
/// How long a claim lasts: a worker that died gives its jobs back after this.
const CLAIM: SignedDuration = SignedDuration::from_mins(2);
/// How many jobs are claimed at once.
const BATCH: i64 = 32;
/// How often the worker looks without being woken, in real time.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Does jobs as they fall due, until the platform stops: the urgent ones beside the others.
pub async fn work(app: App, stop: impl Future<Output = ()> + Send + 'static) {
    let stop = stop.shared();
    let urgent = tokio::spawn(urgent::work(app.clone(), stop.clone()));
    work_in_batches(app, stop).await;
    if urgent.await.is_err() {
        tracing::error!("the worker of urgent jobs did not end in order");
    }
}

/// Does those that can wait.
async fn work_in_batches(app: App, mut stop: impl Future<Output = ()> + Unpin) {
    loop {
        match run_batch(&app, Which::OthersThanUrgent).await {
            Ok(done) if done > 0 => continue,
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "the outbox cannot be read"),
        }
        tokio::select! {
            () = &mut stop => return,
            () = app.bell.for_all.notified() => {}
            () = pause(LOOK_EVERY) => {}
        }
    }
}

/// Does one batch of the jobs that are due; answers how many were tried.
///
/// # Errors
/// Those of the database; a job that fails is not an error here.
pub async fn run_due(app: &App) -> Result<usize, db::Error> {
    run_batch(app, Which::All).await
}

async fn claim(app: &App, which: Which, most: i64) -> Result<Vec<Claimed>, db::Error> {
    let now = app.clock.now();
    app.db
        .write(move |tx| store::claim(tx, which, (now, now + CLAIM), most))
        .await
}

async fn run_batch(app: &App, which: Which) -> Result<usize, db::Error> {
    let claimed = claim(app, which, BATCH).await?;
    let tried = claimed.len();
    let (at_once, in_turn): (Vec<_>, Vec<_>) = claimed
        .into_iter()
        .partition(|job| app.runner.at_once.contains(job.kind.as_str()));
    let in_turn = async {
        for job in in_turn {
            run_one(app, job).await?;
        }
        Ok::<_, db::Error>(())
    };
    // Each is finished, whatever becomes of the others: who waits for a centre must not be cut off.
    let at_once = join_all(at_once.into_iter().map(|job| run_one(app, job)));
    let (turned, done) = join(in_turn, at_once).await;
    turned?;
    done.into_iter().collect::<Result<(), _>>()?;
    Ok(tried)
}

async fn run_one(app: &App, job: Claimed) -> Result<(), db::Error> {
    let payload = match job.payload_sealed.as_slice() {
        [] => Ok(BARE.to_vec()),
        sealed => app
            .vault
            .open("job", "payload", job.id.bytes(), sealed)
            .map(|payload| payload.to_vec()),
    };
    let outcome = match (app.runner.kinds.get(job.kind.as_str()), payload) {
        (Some(run), Ok(payload)) => run(app.clone(), job.id, payload).await,
        (None, _) => Err(Failure::Never("no such kind of job".to_owned())),
        (_, Err(error)) => Err(Failure::Never(error.to_string())),
    };
    let (id, now) = (job.id, app.clock.now());
    match outcome {
        Ok(()) => {
            metrics::counter!("vneid_jobs_done_total", "kind" => job.kind).increment(1);
            app.db.write(move |tx| store::done(tx, &id, now)).await
        }
        Err(Failure::Again(error)) if job.attempts < MOST_ATTEMPTS => {
            tracing::warn!(kind = job.kind, job = %id, attempts = job.attempts, error, "a job will be tried again");
            let due = now + backoff(job.attempts);
            app.db.write(move |tx| store::postpone(tx, &id, due, &error)).await
        }
        Err(Failure::Again(error) | Failure::Never(error)) => {
            tracing::error!(kind = job.kind, job = %id, attempts = job.attempts, error, "a job is dead");
            metrics::counter!("vneid_jobs_dead_total", "kind" => job.kind).increment(1);
            app.db.write(move |tx| store::bury(tx, &id, now, &error)).await
        }
    }
}

/// 2 s, 4 s, 8 s … up to an hour.
fn backoff(attempts: i64) -> SignedDuration {
    let doublings = u32::try_from(attempts.clamp(1, 12)).unwrap_or(12);
    SignedDuration::from_secs(2_i64.saturating_pow(doublings).min(3600))
}

/// Jobs that are due and not done: what a test must not forget.
///
/// # Errors
/// Those of the database.
pub async fn count_due(app: &App) -> Result<i64, db::Error> {
    let now = app.clock.now();
    app.db.read(move |conn| store::count_due(conn, now)).await
}

/// Jobs that are dead, for the operator's metrics.
///
/// # Errors
/// Those of the database.
pub async fn count_dead(app: &App) -> Result<i64, db::Error> {
    app.db.read(store::count_dead).await
}

/// A job that was given up.
#[derive(Clone, Debug, Serialize)]
pub struct Dead {
    /// Its name.
    pub job: JobId,
    /// Its kind.
    pub kind: String,
    /// What the last try answered.
    pub why: String,
    /// When it was given up.
    pub dead_at: Timestamp,
}

/// The jobs that were given up, of the kinds that begin so, newest first.
///
/// # Errors
/// Those of the database.
pub fn list_dead(conn: &mut Conn<'_>, kinds: &str, most: i64) -> Result<Vec<Dead>, db::Error> {
    store::list_dead(conn, &format!("{kinds}%"), most)
}

/// Tries all of them once more; answers how many there are.
///
/// # Errors
/// Those of the database.
pub fn revive(tx: &mut Tx<'_>, kinds: &str, now: Timestamp) -> Result<u64, db::Error> {
    store::revive(tx, &format!("{kinds}%"), now)
}

/// Removes the traces of some jobs that were done before an instant; answers how many. What was ordered by a name of its own before then can be
/// ordered again.
///
/// # Errors
/// Those of the database.
pub fn remove_done(tx: &mut Tx<'_>, before: Timestamp, most: i64) -> Result<u64, db::Error> {
    store::remove_done(tx, before, most)
}

/// How many jobs of a kind there are, done or not.
#[cfg(test)]
pub(crate) async fn count_of(app: &App, kind: &'static str) -> Result<i64, db::Error> {
    app.db.read(move |conn| store::count_of(conn, kind)).await
}

/// Gives up every job that is due, as after many tries.
#[cfg(test)]
pub(crate) async fn give_up_all(app: &App, why: &'static str) -> Result<(), db::Error> {
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            let claimed = store::claim(tx, Which::All, (now, now), BATCH)?;
            claimed.iter().try_for_each(|job| store::bury(tx, &job.id, now, why))
        })
        .await
}
