//! Issuing what was granted.

use serde::{Deserialize, Serialize};

use super::{Granted, issuing};
use crate::app::App;
use crate::shell::jobs::{Failure, Job, JobId};

/// Issue a certificate.
#[derive(Serialize, Deserialize)]
pub(super) struct Issue(pub(super) Granted);

impl Job for Issue {
    const KIND: &'static str = "certificates-issue";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        issuing::issue(&app, &self.0)
            .await
            .map_err(|problem| Failure::Again(problem.slug().to_owned()))
    }
}
