//! Taking up what was noted at an application for level 2.

use serde::{Deserialize, Serialize};

use super::{Printed, Taken, name};
use crate::accounts;
use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{Failure, Job, JobId};
use crate::shell::problem::Problem;

/// Take up the originals that an officer has seen.
#[derive(Serialize, Deserialize)]
pub(super) struct TakeUpOriginals {
    pub(super) person: PersonId,
    pub(super) originals: Vec<Printed>,
    pub(super) by: String,
}

impl Job for TakeUpOriginals {
    const KIND: &'static str = "documents-take-up-originals";

    async fn run(self, app: App, id: JobId) -> Result<(), Failure> {
        take_up(&app, &self, id)
            .await
            .map_err(|problem| Failure::Again(problem.slug().to_owned()))
    }
}

async fn take_up(app: &App, seen: &TakeUpOriginals, id: JobId) -> Result<(), Problem> {
    let (vault, person) = (app.vault.clone(), seen.person);
    let account = app.db.read(move |conn| accounts::find(conn, &vault, &person)).await?;
    let Some(account) = account else {
        return Ok(());
    };
    for (at, printed) in seen.originals.iter().enumerate() {
        let Ok(declared) = printed.read() else {
            continue;
        };
        let taken = Taken::draw(app, &account, (&declared, &seen.by), name(id, at)).await?;
        app.db.write(move |tx| taken.keep(tx)).await?;
    }
    Ok(())
}
