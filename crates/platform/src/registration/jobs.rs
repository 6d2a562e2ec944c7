//! The end of registrations that were not finished in time.

use serde::{Deserialize, Serialize};

use super::{DraftId, store};
use crate::app::App;
use crate::shell::jobs::{Failure, Job, JobId};

/// Remove a registration whose hour is over.
#[derive(Serialize, Deserialize)]
pub(super) struct Forget {
    pub(super) draft: DraftId,
}

impl Job for Forget {
    const KIND: &'static str = "registration-forget";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let today = app.clock.today();
        app.db.write(move |tx| store::remove(tx, &self.draft, today)).await?;
        Ok(())
    }
}
