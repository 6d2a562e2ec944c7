//! Asking, a few people at a time.

use db::{Conn, Tx};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::store;
use crate::accounts::{self, Account, Level};
use crate::app::App;
use crate::documents;
use crate::history::{self, Look, Purpose, Who};
use crate::locks::{self, Ground};
use crate::notices::daily::{self, Occasion};
use crate::registries::{self, HealthInsurance, Source};
use crate::shell::clock::civil_date;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{self as outbox, Failure, Job, JobId, Order};
use crate::shell::problem::Problem;
use crate::shell::vault::Vault;

/// Whose papers end and are not learned elsewhere.
const SOURCES: [Source; 2] = [Source::DrivingLicence, Source::HealthInsurance];
/// How many people are asked about in one go, at the same time.
const PIECE: i64 = 10;
/// How many accounts the walk passes in one unit of work, so that nobody who writes waits long.
const STEP: i64 = 1000;
/// How long all but one wait when a source is being left alone.
const BREATH: SignedDuration = SignedDuration::from_mins(15);
/// After how long somebody about whom a source was silent is asked about again.
const NEXT: SignedDuration = SignedDuration::from_hours(24);

/// Learn the next piece of a day, and order the one after it.
#[derive(Serialize, Deserialize)]
pub(super) struct Learn {
    day: String,
}

impl Job for Learn {
    const KIND: &'static str = "notices-learn-ends";
    const AT_ONCE: bool = true;

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let Some(due) = piece(&app, &self.day)
            .await
            .map_err(|problem| Failure::Again(problem.slug().to_owned()))?
        else {
            return Ok(());
        };
        let next = Order::at(&app, &self, due).at_leisure();
        app.db.write(move |tx| outbox::enqueue(tx, &next)).await?;
        Ok(())
    }
}

/// Begins the learning of a day, once; what was begun the day before ends.
///
/// # Errors
/// Those of the database.
pub(in crate::notices) fn begin(app: &App, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), db::Error> {
    let day = civil_date(now).to_string();
    store::begin_walk(tx, now)?;
    if store::begin_day(tx, &day)? {
        outbox::enqueue(tx, &Order::now(app, &Learn { day }).at_leisure())?;
    }
    Ok(())
}

/// Does one piece; answers when there is more to do on this day.
async fn piece(app: &App, day: &str) -> Result<Option<Timestamp>, Problem> {
    let begun = app.clock.now();
    if app.db.read(store::last_day).await?.is_some_and(|last| last != day) {
        return Ok(None);
    }
    let walks = walk_on(app, STEP).await?;
    let rate = app.config.notices.learn_per_second;
    let fails = SOURCES.iter().any(|source| app.registries.leaves_alone(*source));
    let asked = match (rate > 0, fails) {
        (false, _) => 0,
        (true, false) => ask(app, (day, PIECE)).await?,
        // One tries whether the source is back.
        (true, true) => ask(app, (day, 1)).await?,
    };
    let pause = SignedDuration::from_millis(asked.saturating_mul(1000) / rate.max(1));
    let pause = if fails { BREATH } else { pause };
    Ok((walks || asked > 0).then_some(begun + pause))
}

/// Passes some accounts that are older than the queue; answers whether there may be more.
pub(super) async fn walk_on(app: &App, most: i64) -> Result<bool, Problem> {
    let (vault, now) = (app.vault.clone(), app.clock.now());
    app.db
        .write(move |tx| {
            let Some(walk) = store::walk(tx)?.filter(|walk| walk.finished_at.is_none()) else {
                return Ok(false);
            };
            let people = accounts::list_after(tx, Some(&walk.after), most)?;
            for person in &people {
                let Some(account) = living(tx, &vault, person)? else {
                    continue;
                };
                daily::expect_new(tx, person, Occasion::Birthday, account.date_of_birth)?;
                if account.level == Level::Two {
                    store::put_new(tx, person, now)?;
                }
            }
            let passed = i64::try_from(people.len()).unwrap_or_default();
            let more = passed == most;
            store::walk_on(tx, people.last(), passed, (!more).then_some(now))?;
            Ok::<_, Problem>(more)
        })
        .await
}

/// The account of somebody who lives.
fn living(conn: &mut Conn<'_>, vault: &Vault, person: &PersonId) -> Result<Option<Account>, Problem> {
    if locks::standing(conn, person)?.has(Ground::Death) {
        return Ok(None);
    }
    accounts::find(conn, vault, person)
}

/// Asks about the next in the queue; answers about how many.
async fn ask(app: &App, (day, most): (&str, i64)) -> Result<i64, Problem> {
    let now = app.clock.now();
    let people = app
        .db
        .write(move |tx| store::claim(tx, (now, now + NEXT), most))
        .await?;
    let answers = join_all(people.iter().map(|person| about(app, *person))).await;
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    let silent = answers.iter().filter(|silent| **silent).count();
    let (asked, day) = (people.len(), day.to_owned());
    if asked > 0 {
        app.db.write(move |tx| store::count(tx, &day, (asked, silent))).await?;
    }
    metrics::counter!("vneid_notices_learned_total").increment(u64::try_from(asked).unwrap_or_default());
    Ok(i64::try_from(asked).unwrap_or_default())
}

/// Asks the sources about one person; answers whether one of them was silent.
async fn about(app: &App, person: PersonId) -> Result<bool, Problem> {
    let vault = app.vault.clone();
    let found = app
        .db
        .read(move |conn| {
            let account = living(conn, &vault, &person)?.filter(|account| account.level == Level::Two);
            let removed = documents::removed_sources(conn, &person)?;
            Ok::<_, Problem>(account.map(|account| (account, removed)))
        })
        .await?;
    let Some((account, removed)) = found else {
        app.db.write(move |tx| store::remove(tx, &person)).await?;
        return Ok(false);
    };
    let wanted = |source: &Source| app.registries.is_connected(*source) && !removed.contains(source);
    let (mut silent, mut seen) = (false, Vec::new());
    for source in SOURCES.into_iter().filter(wanted) {
        if answers(app, source, &account).await {
            seen.push(documents::what(source));
        } else {
            silent = true;
        }
    }
    let look = Look::now(app, person, &Who::Platform, Purpose::Reminder, &seen.join(" "));
    let again = app.clock.now() + SignedDuration::from_hours(24 * app.config.notices.learn_again_days.max(1));
    app.db
        .write(move |tx| {
            if !seen.is_empty() {
                history::record(tx, &look)?;
            }
            if !silent {
                store::put(tx, &person, again)?;
            }
            Ok::<_, Problem>(())
        })
        .await?;
    Ok(silent)
}

/// Whether a source answers about somebody; what it says is taken up with its copy.
async fn answers(app: &App, source: Source, account: &Account) -> bool {
    const PURPOSE: &str = "reminder";
    let answered = match source {
        Source::DrivingLicence => registries::licence(app, &account.number, PURPOSE).await.map(drop),
        _ => registries::record::<HealthInsurance>(app, &documents::subject(account), PURPOSE)
            .await
            .map(drop),
    };
    answered.is_ok()
}
