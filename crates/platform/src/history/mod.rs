//! The history of every look at a person's data: who, when, for what purpose.
//!
//! A capability that shows a person's data to anybody but that person records a [`Look`] in the same unit of work, or before it answers.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /account/history` | the citizen's own history, newest first; `who`, `purpose`, `from`, `to`, `q` choose |
//! | `GET /account/history/export` | the same as a file: `as=json` or `as=csv` |
//! | `GET`, `POST /account/history/{look}/contest` | the citizen contests a look: `reason` |
//! | `GET /officers/contests`, `GET`, `POST /officers/contests/{id}` | an inspector answers |
//! | `GET`, `POST /officers/lookups` | an investigator looks somebody up for a case, under a court's order or not |
//! | `GET`, `POST /officers/seals`, `POST /officers/seals/{id}` | courts' orders: entered, extended |
//! | `GET /officers/alerts`, `GET`, `POST /officers/alerts/{id}`, `POST /officers/alerts/ties` | odd patterns, worked through by an inspector |
//!
//! A look is kept for five years from its day, exactly; what the electronic identity card says is kept for ever, elsewhere.
//!
//! **Invariant:** no officer, partner or job sees a person's data without a look in that person's history.
//! **Invariant:** every look is committed to in the ledger, in the same unit of work, also one that a court's order keeps from its holder.
//! **Invariant:** a look under a court's order is shown to its holder from the instant at which the order lapses, and never hidden again.
//! **Invariant:** a look is there for five years from its instant, and neither shown nor kept after; the ledger's checker knows that.
//! **Invariant:** a look that its holder contests is answered by an inspector who did not make it.

use axum::Router;
use axum::routing::get;
use db::Tx;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::{App, Capability};
use crate::ledger::{self, Commitment};
use crate::shell::config::Odd;
use crate::shell::ids::{PersonId, id};
use crate::shell::jobs::Runner;
use crate::shell::problem::Problem;
use crate::shell::texts;
use crate::shell::vault::Vault;
use crate::shell::whence::Whence;

mod alerts;
mod contests;
mod export;
mod http;
mod jobs;
mod rules;
mod seals;
mod store;

#[cfg(test)]
mod tests;

pub(crate) use jobs::begin;
pub use rules::Purpose;
#[cfg(test)]
pub(crate) use store::tampered;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/account/history", get(http::show))
        .route("/account/history/export", get(export::http::export))
        .merge(contests::routes())
        .merge(seals::routes())
        .merge(alerts::routes())
}

fn learn(runner: &mut Runner) {
    runner.learn::<jobs::Retain>();
    runner.learn::<seals::Lapse>();
}

id! {
    /// One entry of a history.
    LookId
}

id! {
    /// A court's order that keeps looks from their holder, with those that extend it.
    SealId
}

/// Who looked at, or used, a person's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The person.
    Holder,
    /// The guardian of a child or a ward: the name.
    Guardian(String),
    /// A police officer: name and unit, as the citizen is told.
    Officer(String),
    /// Somebody who checks people or documents outside: name and unit.
    Inspector(String),
    /// A relying party: its registered name.
    Partner(String),
    /// A source database, or a body that answers through it: its name.
    Registry(String),
    /// The platform itself, in a job or a check of its own.
    Platform,
}

impl Who {
    /// All kinds.
    const KINDS: [&str; 7] = [
        "holder",
        "guardian",
        "officer",
        "inspector",
        "partner",
        "registry",
        "platform",
    ];

    fn parts(&self) -> (&'static str, &str) {
        match self {
            Who::Holder => ("holder", ""),
            Who::Guardian(name) => ("guardian", name),
            Who::Officer(name) => ("officer", name),
            Who::Inspector(name) => ("inspector", name),
            Who::Partner(name) => ("partner", name),
            Who::Registry(name) => ("registry", name),
            Who::Platform => ("platform", ""),
        }
    }
}

/// What else is told of a look: sealed together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Details {
    /// The number of the case that it was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    case: Option<String>,
    /// The network address that it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
}

/// One look at a person's data, ready to be recorded.
#[derive(Clone, Debug)]
pub struct Look {
    id: LookId,
    person: PersonId,
    at: Timestamp,
    who: Who,
    purpose: Purpose,
    what: String,
    details: Details,
    seal: Option<SealId>,
    sealed: Sealed,
    /// From which counts on it is odd.
    odd: Odd,
}

/// The parts of a look that are kept sealed, its digests and its commitment.
#[derive(Clone, Debug)]
struct Sealed {
    who: Vec<u8>,
    who_digest: [u8; 32],
    details: Vec<u8>,
    commitment: Commitment,
}

/// What is committed to of a look: all that its holder is shown.
#[derive(Serialize)]
struct Statement<'a> {
    look: &'a LookId,
    person: &'a PersonId,
    who: &'a str,
    name: &'a str,
    purpose: &'a str,
    what: &'a str,
    #[serde(flatten)]
    details: &'a Details,
    #[serde(skip_serializing_if = "Option::is_none")]
    seal: Option<&'a SealId>,
}

impl Statement<'_> {
    fn commitment(&self, vault: &Vault, at: Timestamp) -> Commitment {
        Commitment::to(vault, ledger::Kind::Look, at, self)
    }

    fn details_sealed(&self, vault: &Vault) -> Vec<u8> {
        // Two optional texts: they are always written.
        let details = serde_json::to_vec(self.details).unwrap_or_default();
        vault.seal("history_look", "details", self.look.bytes(), &details)
    }
}

impl Look {
    /// A look that takes place now. `what` names the kinds of data seen, as codes separated by spaces (`portrait card address`): never the data.
    ///
    /// Where it is made from is known to the request.
    pub fn now(app: &App, person: PersonId, who: &Who, purpose: Purpose, what: &str) -> Self {
        Self::made_from(app, &Whence::here().address, person, (who, purpose, what))
    }

    /// A look that takes place now, for somebody who came from another address than the request.
    pub(crate) fn made_from(
        app: &App,
        address: &str,
        person: PersonId,
        (who, purpose, what): (&Who, Purpose, &str),
    ) -> Self {
        let details = Details {
            case: None,
            from: Some(address.to_owned()).filter(|address| !address.is_empty()),
        };
        let (id, at, vault) = (LookId::draw(&app.chance), app.clock.now(), &app.vault);
        let (kind, name) = who.parts();
        let statement = Statement {
            look: &id,
            person: &person,
            who: kind,
            name,
            purpose: purpose.slug(),
            what,
            details: &details,
            seal: None,
        };
        let sealed = Sealed {
            who: vault.seal_text("history_look", "who", id.bytes(), name),
            who_digest: who_digest(vault, who),
            details: statement.details_sealed(vault),
            commitment: statement.commitment(vault, at),
        };
        Self {
            id,
            person,
            at,
            who: who.clone(),
            purpose,
            what: what.to_owned(),
            details,
            seal: None,
            sealed,
            odd: app.config.history.odd,
        }
    }

    /// The same look, for a case with this number.
    #[must_use]
    pub fn in_case(mut self, app: &App, case: &str) -> Self {
        self.details.case = Some(case.trim().to_owned()).filter(|case| !case.is_empty());
        self.settle(&app.vault);
        self
    }

    /// The same look, kept from its holder until the order lapses.
    #[must_use]
    fn under(mut self, app: &App, seal: SealId) -> Self {
        self.seal = Some(seal);
        self.settle(&app.vault);
        self
    }

    fn settle(&mut self, vault: &Vault) {
        let (kind, name) = self.who.parts();
        let statement = Statement {
            look: &self.id,
            person: &self.person,
            who: kind,
            name,
            purpose: self.purpose.slug(),
            what: &self.what,
            details: &self.details,
            seal: self.seal.as_ref(),
        };
        (self.sealed.commitment, self.sealed.details) =
            (statement.commitment(vault, self.at), statement.details_sealed(vault));
    }
}

/// The digest by which all looks of one officer or partner are found.
fn who_digest(vault: &Vault, who: &Who) -> [u8; 32] {
    let (kind, name) = who.parts();
    vault.digest("history-who", format!("{kind} {name}").as_bytes())
}

/// Records a look in the unit of work that depends on it, and raises an alert where it makes an odd pattern.
///
/// # Errors
/// Those of the database.
pub fn record(tx: &mut Tx<'_>, look: &Look) -> Result<(), db::Error> {
    store::insert(tx, look)?;
    ledger::commit(tx, &look.sealed.commitment)?;
    alerts::watch(tx, look)
}

/// The instant before which looks are gone: five years ago (Decree 69/2024, article 28.4).
pub(crate) fn kept_since(now: Timestamp) -> Timestamp {
    rules::kept_since(now)
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
        let opened = row.open(&app.vault).unwrap_or_default();
        let commitment = row.commitment(&app.vault, &person, &opened);
        let place = Place {
            person,
            at: row.at,
            look: row.id,
        };
        (place, commitment)
    });
    Ok(committed.collect())
}
