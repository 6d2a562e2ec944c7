//! When nobody answers.

use ::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{ConfirmationId, Onward, store};
use crate::app::App;
use crate::procedures::states::Event;
use crate::shell::jobs::{Failure, Job, JobId};
use crate::shell::problem::Problem;

/// The time for an answer is over: let the dossier go on with what there is.
#[derive(Serialize, Deserialize)]
pub(super) struct Lapse {
    pub(super) confirmation: ConfirmationId,
}

impl Job for Lapse {
    const KIND: &'static str = "procedures-confirmation-lapse";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        match lapse(&app, self.confirmation).await {
            // It was answered, or taken back, at this very moment.
            Err(problem) if problem.status() == StatusCode::CONFLICT => Ok(()),
            Err(problem) => Err(Failure::Again(problem.slug().to_owned())),
            Ok(()) => Ok(()),
        }
    }
}

async fn lapse(app: &App, id: ConfirmationId) -> Result<(), Problem> {
    let row = app.db.read(move |conn| store::find(conn, &id)).await?;
    let Some(row) = row.filter(|row| row.answered_at.is_none()) else {
        return Ok(());
    };
    if let Some(onward) = Onward::draw(app, &row, Event::Unanswered, "").await? {
        app.db.write(move |tx| onward.take(tx)).await?;
        app.bell.ring();
    }
    Ok(())
}
