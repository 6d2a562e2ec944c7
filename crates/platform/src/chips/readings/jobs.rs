//! Forgetting what was brought.

use serde::{Deserialize, Serialize};

use super::store;
use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{Failure, Job, JobId};

/// Remove a reading that nobody needs any more.
#[derive(Serialize, Deserialize)]
pub(in super::super) struct Discard {
    pub(super) person: PersonId,
    pub(super) secret_digest: [u8; 32],
}

impl Job for Discard {
    const KIND: &'static str = "chips-discard";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        app.db
            .write(move |tx| store::discard(tx, &self.person, &self.secret_digest))
            .await?;
        Ok(())
    }
}
