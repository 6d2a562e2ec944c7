//! What follows when the fee of a dossier is paid.
//!
//! **Invariant:** a paid order moves its dossier on in the unit of work that marks it as paid; one whose dossier does not wait for it is paid back.

use ::http::StatusCode;
use db::Tx;

use super::dossiers::{self, Acting, DossierId, Step};
use super::linked::Following;
use super::states::{Event, Status};
use crate::app::App;
use crate::shell::problem::Problem;

/// What follows, ready for the unit of work of the payment.
#[derive(Clone)]
pub(crate) struct Settled(Option<(Step, Following)>);

impl Settled {
    /// Prepares what follows from the payment for a dossier.
    ///
    /// # Errors
    /// Those of the database; if the calendar does not reach so far.
    pub(crate) async fn draw(app: &App, dossier: [u8; 16]) -> Result<Self, Problem> {
        let (vault, id) = (app.vault.clone(), DossierId::from(dossier));
        let found = app.db.read(move |conn| dossiers::find(conn, &vault, &id)).await?;
        let Some(dossier) = found.filter(|dossier| dossier.status == Status::Payment) else {
            return Ok(Self(None));
        };
        let event = match dossier.clock.submitted_at {
            None => Event::Pay,
            Some(_) => Event::Settle,
        };
        let step = Step::draw(app, &dossier, event, Acting::nobody(""))?;
        let following = match event {
            Event::Pay => Following::of_sending(app, &dossier.after(&step)).await?,
            _ => Following::default(),
        };
        Ok(Self(Some((step, following))))
    }

    /// Moves the dossier on; false if it does not wait for a payment any more.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn take(&self, tx: &mut Tx<'_>) -> Result<bool, Problem> {
        let Some((step, following)) = &self.0 else {
            return Ok(false);
        };
        match step.take(tx) {
            Ok(()) => following.take(tx).map(|()| true),
            Err(problem) if problem.status() == StatusCode::CONFLICT => Ok(false),
            Err(problem) => Err(problem),
        }
    }
}
