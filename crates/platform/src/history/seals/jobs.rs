//! What time does to seals: when the order lapses, its looks are open.

use serde::{Deserialize, Serialize};

use super::store;
use crate::app::App;
use crate::history::SealId;
use crate::shell::jobs::{Failure, Job, JobId};

/// Mark a seal as lapsed. An order that was extended since has ordered another of these.
#[derive(Serialize, Deserialize)]
pub(crate) struct Lapse {
    pub(super) seal: SealId,
}

impl Job for Lapse {
    const KIND: &'static str = "history-lapse";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let now = app.clock.now();
        let lapsed = app.db.write(move |tx| store::lapse(tx, &self.seal, now)).await?;
        metrics::counter!("vneid_history_seals_lapsed_total").increment(u64::from(lapsed));
        Ok(())
    }
}
