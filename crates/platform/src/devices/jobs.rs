use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::issuance;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{Failure, Job, JobId};

/// Makes a change of device final: nobody has undone it in time.
#[derive(Serialize, Deserialize)]
pub(super) struct MakeFinal {
    pub(super) person: PersonId,
    /// When the old device had to go.
    pub(super) at: jiff::Timestamp,
}

impl Job for MakeFinal {
    const KIND: &'static str = "devices.make-final";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let now = app.clock.now();
        app.db
            .write(move |tx| issuance::revoke_suspended(tx, &self.person, self.at, now))
            .await
            .map_err(|error| Failure::Again(error.to_string()))
    }
}
