//! Looking a declared paper up at its source, and comparing whom it is kept under with its declarer.

use super::rules::{self, Declared, Line};
use crate::accounts::Account;
use crate::app::App;
use crate::documents::rules::Kind;
use crate::registries::{self, Found, HealthInsurance, Licence, Silent, Vehicles};
use crate::shell::problem::Problem;

/// For what the sources are asked.
const PURPOSE: &str = "integration";

/// What agrees and what differs; `None`: no paper bears what was declared.
///
/// # Errors
/// The silence of a source; those of the database.
pub(in crate::documents) async fn examine(
    app: &App,
    account: &Account,
    declared: &Declared,
) -> Result<Option<Vec<Line>>, Problem> {
    let found = look_up(app, declared).await?.filter(|hit| hit.second_fits);
    let Some(hit) = found else {
        return Ok(None);
    };
    let person = registries::person(app, &account.number, PURPOSE).await?;
    let person = person.ok_or_else(Problem::not_found)?.record;
    let owners: Vec<&str> = hit.owners.iter().map(String::as_str).collect();
    let own = (person.number.as_str(), person.full_name.as_str(), person.date_of_birth);
    let kept = (hit.number.as_deref(), hit.full_name.as_str(), hit.date_of_birth);
    Ok(Some(rules::compare(own, kept, &owners)))
}

/// A paper that was found, with the names of its owners.
struct Hit {
    number: Option<String>,
    full_name: String,
    date_of_birth: jiff::civil::Date,
    owners: Vec<String>,
    /// Whether what else was declared stands on it.
    second_fits: bool,
}

fn hit<T>(found: Found<T>, second_fits: bool, owners: Vec<String>) -> Hit {
    Hit {
        number: found.number.map(|number| number.as_str().to_owned()),
        full_name: found.full_name,
        date_of_birth: found.date_of_birth,
        owners,
        second_fits,
    }
}

async fn look_up(app: &App, declared: &Declared) -> Result<Option<Hit>, Silent> {
    let (source, number, second) = (declared.kind.source(), &declared.number, &declared.second);
    Ok(match declared.kind {
        Kind::DrivingLicence => {
            let found = registries::search::<Licence>(app, source, number, PURPOSE).await?;
            found.map(|found| {
                let fits = found.record.classes.iter().any(|class| class.name == *second);
                hit(found, fits, Vec::new())
            })
        }
        Kind::Vehicles => {
            let found = registries::search::<Vehicles>(app, source, number, PURPOSE).await?;
            found.and_then(|found| {
                let bears = |plate: &str| rules::plate(plate).as_deref() == Some(number);
                let vehicle = found.record.vehicles.iter().find(|vehicle| bears(&vehicle.plate))?;
                let fits = vehicle.chassis_number == *second;
                let owners = vehicle.co_owner.iter().cloned().collect();
                Some(hit(found, fits, owners))
            })
        }
        _ => {
            let found = registries::search::<HealthInsurance>(app, source, number, PURPOSE).await?;
            found.map(|found| hit(found, true, Vec::new()))
        }
    })
}
