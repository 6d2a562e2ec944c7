//! Keeps what was counted in memory, and takes changes into the counts.

use std::future::Future;
use std::time::Duration;

use super::rules::Measure;
use super::store;
use super::tallies::flush;
use crate::app::App;
use crate::shell::pause::pause;

/// How often, in real time.
const EVERY: Duration = Duration::from_secs(10);
/// How many changes are taken in one unit of work, so that nobody who writes waits long.
const BATCH: i64 = 500;

/// Works until `stop`; what was counted in memory is kept at the end.
pub async fn work(app: App, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    loop {
        let stopped = tokio::select! {
            () = &mut stop => true,
            () = pause(EVERY) => false,
        };
        if let Err(error) = turn(&app).await {
            tracing::warn!(%error, "the statistics are kept later");
        }
        if stopped {
            return;
        }
    }
}

/// Keeps what was counted in memory, takes every change that waits into the counts, and removes what has passed.
///
/// # Errors
/// Those of the database: what was not kept is kept the next time.
pub async fn turn(app: &App) -> Result<(), db::Error> {
    flush(app).await?;
    while app.db.write(|tx| store::roll_up(tx, BATCH)).await? > 0 {}
    remove_passed(app).await
}

/// Removes the days that served to tell everybody the stock of last midnight. Yesterday's stay: another node's clock may be a little behind.
async fn remove_passed(app: &App) -> Result<(), db::Error> {
    let today = app.clock.today();
    let yesterday = today.yesterday().unwrap_or(today).to_string();
    for measure in Measure::PASSING {
        let day = yesterday.clone();
        let found = app.db.read(move |conn| store::has_passed(conn, measure, &day)).await?;
        if found {
            let day = yesterday.clone();
            app.db.write(move |tx| store::remove_passed(tx, measure, &day)).await?;
        }
    }
    Ok(())
}
