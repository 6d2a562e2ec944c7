//! The electronic identity card (*căn cước điện tử*, Luật Căn cước 26/2023/QH15, article 31).
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /eid` | asks for the passcode |
//! | `POST /eid` | shows the card, once, for the passcode |
//!
//! **Invariant:** a card is issued in the unit of work that approves level 2, and only there.
//! **Invariant:** what the population database has changed the card says as soon as the change is taken up; wallets fetch it anew.
//! **Invariant:** the card is shown only while level 2 is in use, and for each showing the passcode is asked.

use axum::Router;
use axum::routing::get;
use db::{Conn, Tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::accounts::Account;
use crate::app::{App, Capability};
use crate::applications::Findings;
use crate::applications::evidence::Facts;
use crate::issuance;
use crate::registries::{self, Answer, Person};
use crate::shell::ids::{PersonId, id};
use crate::shell::problem::Problem;
use crate::shell::texts;
use crate::shell::vault::Vault;

mod http;
mod store;

#[cfg(test)]
mod tests;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new().route("/eid", get(http::ask).post(http::show))
}

id! {
    /// An electronic identity card.
    EidId
}

/// What a card says, and where it is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The holder's identity.
    pub facts: Facts,
    /// The population database's record is as it was at this instant.
    pub as_of: Timestamp,
}

impl Content {
    /// What an application found.
    pub fn found(findings: &Findings) -> Self {
        Self {
            facts: findings.facts.clone(),
            as_of: findings.population_as_of,
        }
    }

    /// What the population database says.
    pub fn of(person: &Answer<Person>) -> Self {
        Self {
            facts: Facts::of(&person.record),
            as_of: person.as_of,
        }
    }
}

/// An electronic identity card.
#[derive(Clone, Debug)]
pub struct Eid {
    /// Whose it is.
    pub person: PersonId,
    /// Its identifier.
    pub id: EidId,
    /// What it says.
    pub content: Content,
    /// The portrait, JPEG.
    pub portrait: Vec<u8>,
    /// When it was issued.
    pub issued_at: Timestamp,
}

/// A card about to be issued.
#[derive(Clone)]
pub struct NewEid {
    person: PersonId,
    id: EidId,
    content_sealed: Vec<u8>,
    portrait_sealed: Vec<u8>,
    issued_at: Timestamp,
}

impl NewEid {
    /// Prepares the card of a person, with the portrait as JPEG.
    ///
    /// # Errors
    /// If it cannot be sealed.
    pub fn draw(app: &App, person: PersonId, content: &Content, portrait: &[u8]) -> Result<Self, Problem> {
        Ok(Self {
            person,
            id: EidId::draw(&app.chance),
            content_sealed: app.vault.seal_record("eid", "content", person.bytes(), content)?,
            portrait_sealed: app.vault.seal("eid", "portrait", person.bytes(), portrait),
            issued_at: app.clock.now(),
        })
    }
}

/// Issues a card in the place of the one before; what was issued to wallets over that one is revoked.
///
/// # Errors
/// Those of the database.
pub fn issue(tx: &mut Tx<'_>, card: &NewEid) -> Result<(), db::Error> {
    store::put(tx, card)?;
    issuance::revoke_issued(tx, &card.person, card.issued_at)
}

/// What a card is to say since its source has changed.
#[derive(Clone)]
pub struct Renewal {
    person: PersonId,
    content_sealed: Vec<u8>,
    at: Timestamp,
}

impl Renewal {
    /// Asks the population database what the card of a person has to say.
    ///
    /// # Errors
    /// The silence of the source; if it cannot be sealed.
    pub async fn ask(app: &App, account: &Account) -> Result<Option<Self>, Problem> {
        let person = registries::person(app, &account.number, "renewal").await?;
        let Some(person) = person else {
            return Ok(None);
        };
        let row = account.person.bytes();
        Ok(Some(Self {
            person: account.person,
            content_sealed: app.vault.seal_record("eid", "content", row, &Content::of(&person))?,
            at: app.clock.now(),
        }))
    }

    /// Lets the card say it, where there is one; what wallets hold is revoked, so that they fetch it anew.
    ///
    /// # Errors
    /// Those of the database.
    pub fn write(&self, tx: &mut Tx<'_>) -> Result<(), db::Error> {
        if store::say(tx, &self.person, &self.content_sealed)? {
            issuance::revoke_issued(tx, &self.person, self.at)?;
        }
        Ok(())
    }
}

/// Whether a person has been issued a card.
///
/// # Errors
/// Those of the database.
pub fn is_issued(conn: &mut Conn<'_>, person: &PersonId) -> Result<bool, db::Error> {
    store::is_issued(conn, person)
}

/// The card of a person, in use or not yet.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
pub fn find(conn: &mut Conn<'_>, vault: &Vault, person: &PersonId) -> Result<Option<Eid>, Problem> {
    let Some(row) = store::find(conn, person)? else {
        return Ok(None);
    };
    let portrait = vault.open("eid", "portrait", person.bytes(), &row.portrait_sealed)?;
    Ok(Some(Eid {
        person: *person,
        id: row.id,
        content: vault.open_record("eid", "content", person.bytes(), &row.content_sealed)?,
        portrait: portrait.to_vec(),
        issued_at: row.issued_at,
    }))
}
