//! The end of requests.

use serde::{Deserialize, Serialize};

use super::{RequestId, store};
use crate::app::App;
use crate::shell::jobs::{Failure, Job, JobId};

/// Remove a request, and what was answered, when its hour is over.
#[derive(Serialize, Deserialize)]
pub(super) struct Forget {
    pub(super) request: RequestId,
}

impl Job for Forget {
    const KIND: &'static str = "presentation-forget";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        app.db.write(move |tx| store::remove(tx, &self.request)).await?;
        Ok(())
    }
}
