//! Removing what is needed no more. The object goes first, then the row: so a row always names what is still there.

use serde::{Deserialize, Serialize};

use super::{PieceId, store};
use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{Failure, Job, JobId};

/// Remove what was uploaded for a unit of work that never was.
#[derive(Serialize, Deserialize)]
pub(super) struct Sweep {
    pub(super) person: PersonId,
    pub(super) piece: PieceId,
}

impl Job for Sweep {
    const KIND: &'static str = "evidence-sweep";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let Self { person, piece } = self;
        let now = app.clock.now();
        let untaken = app
            .db
            .write(move |tx| store::drop_untaken(tx, (&person, &piece), now))
            .await?;
        if untaken {
            remove(&app, person, piece).await?;
        }
        Ok(())
    }
}

/// Remove the pieces of a person whose need or time is over.
#[derive(Serialize, Deserialize)]
pub(super) struct Remove {
    pub(super) person: PersonId,
}

impl Job for Remove {
    const KIND: &'static str = "evidence-remove";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let (person, now) = (self.person, app.clock.now());
        let over = app.db.read(move |conn| store::list_over(conn, &person, now)).await?;
        for piece in over {
            remove(&app, person, piece).await?;
        }
        Ok(())
    }
}

async fn remove(app: &App, person: PersonId, piece: PieceId) -> Result<(), Failure> {
    let removed = app.evidence.remove(&piece).await;
    removed.map_err(|error| Failure::Again(format!("the store of evidence: {error}")))?;
    app.db.write(move |tx| store::delete(tx, (&person, &piece))).await?;
    Ok(())
}
