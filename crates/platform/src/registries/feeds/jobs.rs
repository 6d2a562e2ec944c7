//! Following the feeds, and telling those who depend on a record.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Change, read_all};
use crate::app::App;
use crate::documents;
use crate::registries::Source;
use crate::shell::jobs::{Failure, Job, JobId};
use crate::shell::pause::pause;

/// How often the feeds are read, in real time.
const EVERY: Duration = Duration::from_secs(10);

/// Follows the feeds until `stop`.
pub(crate) async fn work(app: App, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    loop {
        if read_all(&app).await > 0 {
            app.bell.ring();
        }
        tokio::select! {
            () = &mut stop => return,
            () = pause(EVERY) => {}
        }
    }
}

/// Let everything that depends on a record follow its change.
#[derive(Serialize, Deserialize)]
pub(super) struct TakeUp {
    pub(super) source: Source,
    pub(super) change: Change,
}

impl Job for TakeUp {
    const KIND: &'static str = "registries-take-up";

    async fn run(self, app: App, id: JobId) -> Result<(), Failure> {
        documents::take_up(&app, self.source, &self.change, id)
            .await
            .map_err(|problem| Failure::Again(problem.slug().to_owned()))
    }
}
