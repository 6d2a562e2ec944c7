//! Keeps what was counted in memory, and takes changes into the counts.

use std::future::Future;
use std::time::Duration;

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

/// Keeps what was counted in memory, and takes every change that waits into the counts.
///
/// # Errors
/// Those of the database: what was not kept is kept the next time.
pub async fn turn(app: &App) -> Result<(), db::Error> {
    flush(app).await?;
    while app.db.write(|tx| store::roll_up(tx, BATCH)).await? > 0 {}
    Ok(())
}
