//! Throwing away what was never told.

use serde::{Deserialize, Serialize};

use super::store;
use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{Failure, Job, JobId};
use crate::stays::DraftId;

/// Throw a draft away.
#[derive(Serialize, Deserialize)]
pub(in crate::stays) struct Lapse {
    pub(super) person: PersonId,
    pub(super) draft: DraftId,
}

impl Job for Lapse {
    const KIND: &'static str = "stays-lapse-draft";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        app.db
            .write(move |tx| store::delete(tx, &self.person, &self.draft))
            .await?;
        Ok(())
    }
}
