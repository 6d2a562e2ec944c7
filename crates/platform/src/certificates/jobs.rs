//! Issuing what was granted.

use ::http::StatusCode;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{Granted, issuing};
use crate::app::App;
use crate::shell::jobs::{self as outbox, Failure, Job, JobId, Order};

/// When a source or an authority that is silent is asked again, however long that lasts.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// Issue a certificate.
#[derive(Serialize, Deserialize)]
pub(super) struct Issue(pub(super) Granted);

impl Job for Issue {
    const KIND: &'static str = "certificates-issue";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        match issuing::issue(&app, &self.0).await {
            Ok(()) => Ok(()),
            Err(problem) if problem.status() == StatusCode::SERVICE_UNAVAILABLE => {
                let next = Order::at(&app, &self, app.clock.now() + AGAIN);
                Ok(app.db.write(move |tx| outbox::enqueue(tx, &next)).await?)
            }
            Err(problem) => Err(Failure::Again(problem.slug().to_owned())),
        }
    }
}
