//! The end of accounts that were never applied for.

use serde::{Deserialize, Serialize};

use super::lapse;
use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{Failure, Job, JobId};
use crate::shell::session;
use crate::{notices, signin};

/// Remove an account of level 0 whose time is over.
///
/// It looks again whether that is so: an application since then has put the end off.
#[derive(Serialize, Deserialize)]
pub(super) struct Lapse {
    pub(super) person: PersonId,
}

impl Job for Lapse {
    const KIND: &'static str = "accounts-lapse";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let (now, person) = (app.clock.now(), self.person);
        let removed = app
            .db
            .write(move |tx| {
                let removed = lapse(tx, &person, now)?;
                if removed {
                    signin::forget(tx, &person)?;
                    notices::forget(tx, &person)?;
                    session::end_all(tx, person.bytes(), now)?;
                }
                Ok::<_, db::Error>(removed)
            })
            .await?;
        if removed {
            metrics::counter!("vneid_accounts_lapsed_total").increment(1);
        }
        Ok(())
    }
}
