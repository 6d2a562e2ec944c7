use serde::{Deserialize, Serialize};

use super::super::rules::PHONE_IS_FRESH;
use super::super::store as standing;
use super::{ChangeId, take_effect};
use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{Failure, Job, JobId};
use crate::signin::events::{Event, Kind};

/// Uses a new number, once the time for stopping it is over.
#[derive(Serialize, Deserialize)]
pub(in crate::recovery) struct TakeEffect {
    pub(super) person: PersonId,
    pub(super) change: ChangeId,
}

impl Job for TakeEffect {
    const KIND: &'static str = "recovery.phone";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let (now, vault) = (app.clock.now(), app.vault.clone());
        let failed = |error: String| Failure::Again(error);
        let event = Event::now(&app, self.person, Kind::PhoneChanged, "").map_err(|error| failed(error.to_string()))?;
        app.db
            .write(move |tx| {
                if take_effect(tx, &vault, (&self.person, &self.change), now)? {
                    standing::phone_is_fresh(tx, &self.person, now + PHONE_IS_FRESH)?;
                    event.keep(tx)?;
                }
                Ok::<_, crate::shell::problem::Problem>(())
            })
            .await
            .map_err(|problem| failed(problem.slug().to_owned()))
    }
}
