//! What the police grant is told to the residence database, so that the wallet, the next form and every other procedure know of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::dossiers::{self, Dossier, DossierId};
use super::filling;
use crate::app::App;
use crate::registries::{self, Source, Standing, StandingState};
use crate::shell::jobs::{self as outbox, Failure, Job, JobId, Order, Runner};
use crate::shell::problem::Problem;

#[cfg(test)]
mod tests;

/// When a database that is silent is told again, however long that lasts: systems agree within ten minutes (Decree 63/2024/NĐ-CP).
const AGAIN: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

/// What the database records, by the names of fields.
const RECORDED: [&str; 6] = ["number", "full_name", "address", "begins", "ends", "destination"];

pub(super) fn learn(runner: &mut Runner) {
    runner.learn::<Record>();
}

/// Ready for the unit of work of the decision.
pub(super) fn order(app: &App, dossier: &Dossier) -> Order {
    Order::now(app, &Record(dossier.id))
}

/// Tell the residence database what was granted.
#[derive(Serialize, Deserialize)]
struct Record(DossierId);

impl Job for Record {
    const KIND: &'static str = "procedures-record";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let (vault, id) = (app.vault.clone(), self.0);
        let found = app.db.read(move |conn| dossiers::find(conn, &vault, &id)).await;
        let found = found.map_err(|problem: Problem| Failure::Again(problem.slug().to_owned()))?;
        let Some((subject, dossier)) = found.and_then(|found| Some((found.filed.subject.clone()?, found))) else {
            return Ok(());
        };
        let named = (dossier.number.as_str(), dossier.code.as_str());
        let told = registries::hand_over(&app, Source::Residence, named, &subject, &content(&dossier)).await;
        match told {
            Ok(standing) => accepted(standing),
            Err(_silent) => {
                let next = Order::at(&app, &self, app.clock.now() + AGAIN);
                Ok(app.db.write(move |tx| outbox::enqueue(tx, &next)).await?)
            }
        }
    }
}

/// What was refused is refused again however often it is told: operators see it among the jobs that were given up.
fn accepted(standing: Standing) -> Result<(), Failure> {
    match standing.state {
        StandingState::Received | StandingState::Verifying | StandingState::Done => Ok(()),
        StandingState::Refused | StandingState::Withdrawn => Err(Failure::Never(standing.reason.unwrap_or_default())),
    }
}

/// What is told: the commune by its code, and all who are registered with the applicant.
fn content(dossier: &Dossier) -> BTreeMap<String, String> {
    let filed = &dossier.filed;
    let said = RECORDED.map(|name| (name.to_owned(), filed.value(name).to_owned()));
    let commune = filling::commune(filed.value("commune")).map(|commune| commune.code.to_owned());
    let members = filed.rows("members").iter();
    let members: Vec<&str> = members
        .filter_map(|row| Some(row.get("member_number")?.as_str()))
        .collect();
    let more = [
        ("commune".to_owned(), commune.unwrap_or_default()),
        ("members".to_owned(), members.join(",")),
    ];
    let all = said.into_iter().chain(more);
    all.filter(|(_, value)| !value.is_empty()).collect()
}
