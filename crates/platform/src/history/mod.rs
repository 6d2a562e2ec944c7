//! The history of every look at a person's data: who, when, for what purpose.
//!
//! A capability that shows a person's data to anybody but that person records a [`Look`] in the same unit of work, or before it answers.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /account/history` | the citizen's own history, newest first |
//!
//! **Invariant:** no officer, partner or job sees a person's data without a look in that person's history.
//! **Invariant:** every look is committed to in the ledger, in the same unit of work.

use axum::Router;
use axum::routing::get;
use db::Tx;
use jiff::Timestamp;

use crate::app::{App, Capability};
use crate::ledger::{self, Commitment};
use crate::shell::ids::{PersonId, id};
use crate::shell::problem::Problem;
use crate::shell::texts;
use crate::shell::vault::Vault;

mod http;
mod store;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use store::tampered;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new().route("/account/history", get(http::show))
}

id! {
    /// One entry of a history.
    LookId
}

/// Who looked at, or used, a person's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The person.
    Holder,
    /// A police officer: name and unit, as the citizen is told.
    Officer(String),
    /// A relying party: its registered name.
    Partner(String),
    /// The platform itself, in a job or a check of its own.
    Platform,
}

/// What it was for. Each purpose has its sentence `history-purpose-…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Registration checked the card's data against the population database.
    Registration,
    /// An officer enrolled the person at the counter.
    Enrolment,
    /// An application was compared with the databases.
    Application,
    /// An officer reviewed an application.
    Review,
    /// The person signed in here.
    SignIn,
    /// The person signed in to a relying party, which received the data named.
    SignInElsewhere,
    /// The person looked at the own data, fetched from a source.
    OwnData,
    /// An officer locked or unlocked at a counter.
    Lock,
    /// A credential was issued to a wallet of the person's.
    Issuance,
    /// An officer helped the person to recover access.
    Recovery,
    /// The person presented data from the wallet to a verifier.
    Presentation,
    /// An inspector of the police checked who the person is.
    InspectionPolice,
    /// The traffic police checked the person as a driver.
    InspectionTraffic,
    /// An airport checked the person as a passenger.
    InspectionAirport,
    /// A hospital admitted the person.
    InspectionHospital,
    /// A hotel took what a stay notification needs.
    InspectionHotel,
}

impl Purpose {
    /// The last part of the purpose's sentence.
    pub fn slug(self) -> &'static str {
        match self {
            Purpose::Registration => "registration",
            Purpose::Enrolment => "enrolment",
            Purpose::Application => "application",
            Purpose::Review => "review",
            Purpose::SignIn => "sign-in",
            Purpose::SignInElsewhere => "sign-in-elsewhere",
            Purpose::OwnData => "own-data",
            Purpose::Lock => "lock",
            Purpose::Issuance => "issuance",
            Purpose::Recovery => "recovery",
            Purpose::Presentation => "presentation",
            Purpose::InspectionPolice => "inspection-police",
            Purpose::InspectionTraffic => "inspection-traffic",
            Purpose::InspectionAirport => "inspection-airport",
            Purpose::InspectionHospital => "inspection-hospital",
            Purpose::InspectionHotel => "inspection-hotel",
        }
    }
}

/// One look at a person's data, ready to be recorded.
#[derive(Clone, Debug)]
pub struct Look {
    id: LookId,
    person: PersonId,
    at: Timestamp,
    who_kind: &'static str,
    who_sealed: Vec<u8>,
    purpose: Purpose,
    what: String,
    commitment: Commitment,
}

/// What is committed to of a look: all that its holder is shown.
#[derive(serde::Serialize)]
struct Statement<'a> {
    look: &'a LookId,
    person: &'a PersonId,
    who: &'a str,
    name: &'a str,
    purpose: &'a str,
    what: &'a str,
}

impl Statement<'_> {
    fn commitment(&self, vault: &Vault, at: Timestamp) -> Commitment {
        Commitment::to(vault, ledger::Kind::Look, at, self)
    }
}

impl Look {
    /// A look that takes place now. `what` names the kinds of data seen, as codes separated by spaces (`portrait card address`): never the data.
    pub fn now(app: &App, person: PersonId, who: &Who, purpose: Purpose, what: &str) -> Self {
        let id = LookId::draw(&app.chance);
        let (who_kind, name) = match who {
            Who::Holder => ("holder", ""),
            Who::Officer(name) => ("officer", name.as_str()),
            Who::Partner(name) => ("partner", name.as_str()),
            Who::Platform => ("platform", ""),
        };
        let who_sealed = app.vault.seal_text("history_look", "who", id.bytes(), name);
        let at = app.clock.now();
        let statement = Statement {
            look: &id,
            person: &person,
            who: who_kind,
            name,
            purpose: purpose.slug(),
            what,
        };
        Self {
            id,
            person,
            at,
            who_kind,
            who_sealed,
            purpose,
            what: what.to_owned(),
            commitment: statement.commitment(&app.vault, at),
        }
    }
}

/// Records a look in the unit of work that depends on it.
///
/// # Errors
/// Those of the database.
pub fn record(tx: &mut Tx<'_>, look: &Look) -> Result<(), db::Error> {
    store::insert(tx, look)?;
    ledger::commit(tx, &look.commitment)
}

/// Where a look stands among all looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    person: PersonId,
    at: Timestamp,
    look: LookId,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "look {} of {}", self.look, self.at)
    }
}

/// Some looks of all persons after a place, each with the commitment that follows from it as it is now; none after the last.
///
/// A look that cannot be opened has no commitment that anybody made.
///
/// # Errors
/// Those of the database.
pub(crate) async fn committed(app: &App, after: Option<Place>) -> Result<Vec<(Place, Commitment)>, Problem> {
    const PIECE: i64 = 1000;
    let rows = app
        .db
        .read(move |conn| match &after {
            Some(after) => store::list_after(conn, after, PIECE),
            None => store::list_first(conn, PIECE),
        })
        .await?;
    let committed = rows.into_iter().map(|(person, row)| {
        let name = row.name(&app.vault).unwrap_or_default();
        let commitment = row.commitment(&app.vault, &person, &name);
        let place = Place {
            person,
            at: row.at,
            look: row.id,
        };
        (place, commitment)
    });
    Ok(committed.collect())
}
