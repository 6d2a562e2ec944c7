//! `vneid statistics`: counts anew what there is, and says where the counts differed.

use clap::Subcommand;

use super::rules::{Measure, STOCK, Spot};
use super::store;
use crate::app::App;
use crate::{accounts, applications, procedures, reports, stays};

/// What the command line can do with the statistics.
#[derive(Subcommand)]
pub enum Command {
    /// Count accounts, applications, dossiers, stays and reports, whatever that takes, and put right the counts that differ. The platform may be open meanwhile.
    Recount,
}

impl Command {
    /// Does it; answers what to print.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn run(&self, app: &App) -> Result<String, db::Error> {
        let Self::Recount = self;
        let found = recount(app).await?;
        if found.is_empty() {
            return Ok("Every count was right.".to_owned());
        }
        Ok(found.join("\n"))
    }
}

/// Counts, and answers a line for each count that differed. Changes that are made meanwhile are not lost: each unit of work sees all rows and all
/// changes of the same moment.
///
/// # Errors
/// Those of the database.
pub async fn recount(app: &App) -> Result<Vec<String>, db::Error> {
    app.db
        .write(|tx| {
            applications::count_as_they_are(tx)?;
            let [dossiers, decisions] = procedures::counted(tx)?;
            let measures = [
                (Measure::Accounts, accounts::counted(tx)?),
                (Measure::Applications, applications::counted(tx)?),
                (Measure::Dossiers, dossiers),
                (Measure::Decisions, decisions),
                (Measure::Stays, stays::counted(tx)?),
                (Measure::Reports, reports::counted(tx)?),
            ];
            let mut differences = Vec::new();
            for (measure, counted) in measures {
                let before = store::list(tx, measure, (STOCK, STOCK))?;
                let said = |spot: &Spot| {
                    before
                        .iter()
                        .find(|count| count.spot == *spot)
                        .map_or(0, |count| count.amount)
                };
                let real = |spot: &Spot| {
                    counted
                        .iter()
                        .find(|(known, _)| known == spot)
                        .map_or(0, |(_, amount)| *amount)
                };
                let spots = before
                    .iter()
                    .map(|count| &count.spot)
                    .chain(counted.iter().map(|(spot, _)| spot));
                let mut spots: Vec<&Spot> = spots.filter(|spot| said(spot) != real(spot)).collect();
                spots.sort();
                spots.dedup();
                differences.extend(spots.into_iter().map(|spot| {
                    let Spot { kind, place } = spot;
                    format!(
                        "{} {kind} {place}: kept {}, counted {}",
                        measure.word(),
                        said(spot),
                        real(spot)
                    )
                }));
                store::replace(tx, measure, &counted)?;
            }
            Ok(differences)
        })
        .await
}
