//! The change feeds of the sources: what changed there is known here within a minute, once, through restarts.
//!
//! A change outdates the copy of the record and orders [`TakeUp`], which tells the capabilities that depend on it; both stand in the unit of work
//! that moves the place in the feed.
//!
//! **Invariant:** a change is taken up if and only if the place in its feed has moved past it.

use civil::PersonalNumber;
use db::Tx;
use serde::{Deserialize, Serialize};

use super::http::RequestId;
use super::rules::Source;
use super::{Silent, Why, copies, lines};
use crate::app::App;
use crate::shell::jobs::{self as outbox, Order, Runner};

mod jobs;
mod store;

#[cfg(test)]
mod tests;

pub(crate) use jobs::work;

pub(super) fn learn(runner: &mut Runner) {
    runner.learn::<jobs::TakeUp>();
}

/// A record that changed at its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// Whose it is.
    #[serde(rename = "personal_number")]
    pub(crate) number: PersonalNumber,
    /// `death`, `card`, `licence`, `address`, `child`, `corrected`, or a word that this program does not know yet.
    pub(crate) kind: String,
    sequence: i64,
}

#[derive(Serialize)]
struct Asked {
    after: i64,
    request_id: String,
}

#[derive(Deserialize)]
struct Told {
    request_id: String,
    /// The newest place of the feed.
    last: i64,
    changes: Vec<Change>,
}

/// Reads the feeds of all sources on; answers how many changes were taken up. A source that is silent is asked again at the next turn.
pub(crate) async fn read_all(app: &App) -> usize {
    let mut taken = 0;
    for source in Source::ALL
        .into_iter()
        .filter(|source| app.registries.is_connected(*source))
    {
        match read_on(app, source).await {
            Ok(count) => taken += count,
            Err(failed) => tracing::info!(source = source.text(), %failed, "a feed was not read"),
        }
    }
    taken
}

/// Reads a feed on from where it was left, and takes up what it tells; answers how much that was.
async fn read_on(app: &App, source: Source) -> Result<usize, Failed> {
    let place = app.db.read(move |conn| store::place(conn, source)).await?;
    let asked = Asked {
        after: place,
        request_id: RequestId::draw(&app.chance).to_string(),
    };
    let path = format!("/{}/v1/changes", source.text());
    let told: Told = lines::send(app, source, &path, &asked).await?;
    if told.request_id != asked.request_id || !in_order(place, &told.changes) {
        let why = Why::Malformed("the feed has a gap".to_owned());
        return Err(Silent { source, why }.into());
    }
    let now = app.clock.now();
    // A source that began its feed anew is read from the beginning.
    let anew = told.last < place;
    let last = told
        .changes
        .last()
        .map_or(if anew { 0 } else { place }, |change| change.sequence);
    if last == place {
        return Ok(0);
    }
    let taken = told.changes.iter().map(|change| Taken {
        digest: copies::number_digest(app, &change.number),
        order: Order::now(
            app,
            &jobs::TakeUp {
                source,
                change: change.clone(),
            },
        ),
    });
    let taken: Vec<Taken> = taken.collect();
    let count = taken.len();
    app.db
        .write(move |tx| {
            // Another node may have read on meanwhile: then all of this is already done.
            if store::advance(tx, source, (place, last), now)? {
                taken.iter().try_for_each(|taken| take_up(tx, source, taken, now))?;
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    Ok(count)
}

#[derive(Clone)]
struct Taken {
    digest: [u8; 32],
    order: Order,
}

fn take_up(tx: &mut Tx<'_>, source: Source, taken: &Taken, now: jiff::Timestamp) -> Result<(), db::Error> {
    copies::outdate(tx, &taken.digest, source, now)?;
    outbox::enqueue(tx, &taken.order)
}

fn in_order(place: i64, changes: &[Change]) -> bool {
    changes
        .iter()
        .zip(place.saturating_add(1)..)
        .all(|(change, expected)| change.sequence == expected)
}

/// A feed was not read.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Silent(#[from] Silent),
    #[error(transparent)]
    Database(#[from] db::Error),
}
