//! The worker of urgent jobs: somebody waits for a code now, whatever hangs elsewhere.
//!
//! It claims the next as soon as there is room, and waits for none to end: those that hang take places, not time.

use std::future::Future;

use tokio::task::JoinSet;

use super::{LOOK_EVERY, Which, claim, run_one};
use crate::app::App;
use crate::shell::pause::pause;

/// How many may be under way: twice what a line to an SMS centre takes at once.
const PLACES: usize = 64;

/// Does urgent jobs as they fall due, until `stop`; then ends what is under way.
pub(super) async fn work(app: App, mut stop: impl Future<Output = ()> + Unpin) {
    let mut under_way = JoinSet::new();
    loop {
        while let Some(ended) = under_way.try_join_next() {
            note(&ended);
        }
        begin(&app, &mut under_way).await;
        let is_full = under_way.len() >= PLACES;
        tokio::select! {
            () = &mut stop => break,
            Some(ended) = under_way.join_next(), if is_full => note(&ended),
            () = app.bell.for_urgent.notified(), if !is_full => {}
            () = pause(LOOK_EVERY) => {}
        }
    }
    while let Some(ended) = under_way.join_next().await {
        note(&ended);
    }
}

type Ended = Result<Result<(), db::Error>, tokio::task::JoinError>;

/// Begins as many as there are places.
async fn begin(app: &App, under_way: &mut JoinSet<Result<(), db::Error>>) {
    let places = PLACES.saturating_sub(under_way.len());
    if places == 0 {
        return;
    }
    match claim(app, Which::Urgent, i64::try_from(places).unwrap_or_default()).await {
        Ok(claimed) => {
            for job in claimed {
                let app = app.clone();
                under_way.spawn(async move { run_one(&app, job).await });
            }
        }
        Err(error) => tracing::error!(%error, "the outbox cannot be read"),
    }
}

/// A job that failed is none of its errors: that is written down with the job.
fn note(ended: &Ended) {
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "what became of a job was not written down"),
        Err(error) => tracing::error!(%error, "an urgent job broke off"),
    }
}
