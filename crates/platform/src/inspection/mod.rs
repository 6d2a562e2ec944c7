//! Inspection (*kiểm tra*): whoever may check people reads an identity QR from their screen, with or without network.
//!
//! Inspectors are officers whose policy lets them inspect, and people whom a registered organisation has named; the latter sign in with
//! their own account. The page judges a code by itself (`assets/verifier`), from a trust list and status lists that it keeps; with
//! network the platform adds the portrait and what the purpose may see.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /inspection` | the inspector's page; it opens without network and shows nothing of anybody |
//! | `POST /inspection` | judges a code (text, or a picture of it) and shows what the purpose may see |
//! | `GET`, `POST /inspection/papers/{id}` | `papers`: what somebody has chosen to show |
//! | `POST /inspection/reports` | inspections that were made without network |
//! | `GET /inspection/worker.js`, `/inspection/manifest.webmanifest` | keep and install the page |
//! | `GET`, `POST /inspection/organisations` | for administrators: which organisations check people, and for what |
//! | `POST /inspection/organisations/{id}/inspectors` | names an inspector by personal number, or takes one away |
//!
//! **Invariant:** every inspection that showed who somebody is stands in that person's history, also one made without network, once.
//! **Invariant:** an inspector sees what the purpose may see and nothing else; of what is refused nothing is shown.

use ::http::StatusCode;
use ::http::request::Parts;
use axum::Router;
use axum::extract::FromRequestParts;
use axum::routing::{get, post};

use crate::app::{App, Capability};
use crate::applications::evidence::Facts;
use crate::history::Who;
use crate::officers::{Action, Officer, On};
use crate::shell::ids::{PersonId, id};
use crate::shell::input::Upload;
use crate::shell::problem::Problem;
use crate::shell::session::Visitor;
use crate::shell::texts;

pub mod command;
mod http;
mod organisations;
mod papers;
mod reports;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub use rules::{Attribute, Purpose};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/inspection", get(http::page).post(http::inspect))
        .route("/inspection/worker.js", get(http::worker))
        .route("/inspection/manifest.webmanifest", get(http::manifest))
        .route("/inspection/reports", post(reports::http::take))
        .merge(organisations::routes())
        .merge(papers::routes())
}

id! {
    /// An organisation whose people check people.
    OrganisationId
}

/// The code that a form brings: on its `picture`, or as the text `code`; empty where it brings none.
///
/// # Errors
/// A picture that cannot be read, or without a code.
pub(crate) async fn code_of(app: &App, upload: &mut Upload) -> Result<String, Problem> {
    http::code_of(app, upload).await
}

/// Who shows an identity QR, to somebody who tells the police of a guest.
///
/// # Errors
/// The fault of the field `code` for one that is not accepted; those of the database.
pub(crate) async fn guest(app: &App, code: &str, who: &Who) -> Result<Facts, Problem> {
    http::guest(app, code, who).await
}

/// Somebody who may check people.
pub(crate) enum Inspector {
    /// A police officer.
    Officer(Box<Officer>),
    /// Somebody whom an organisation has named.
    Member {
        /// The organisation's name.
        organisation: String,
        /// What it checks people for.
        purpose: Purpose,
    },
}

impl Inspector {
    /// What this inspector may check people for.
    fn purposes(&self) -> Vec<Purpose> {
        match self {
            Self::Officer(_) => Purpose::OF_OFFICERS.to_vec(),
            Self::Member { purpose, .. } => vec![*purpose],
        }
    }

    /// The purpose of this word, if it is one of this inspector's.
    fn purpose(&self, word: &str) -> Result<Purpose, Problem> {
        let purposes = self.purposes();
        match (word, purposes.as_slice()) {
            ("", [only, ..]) => Ok(*only),
            _ => Purpose::from_word(word)
                .filter(|purpose| purposes.contains(purpose))
                .ok_or_else(|| Problem::new("inspection-other-purpose", StatusCode::FORBIDDEN)),
        }
    }

    /// Who looked, as the history tells it.
    fn who(&self) -> Who {
        match self {
            Self::Officer(officer) => Who::Inspector(officer.known_as()),
            Self::Member { organisation, .. } => Who::Inspector(organisation.clone()),
        }
    }

    /// Who asks, if it is an inspector.
    async fn asking(parts: &mut Parts, app: &App) -> Result<Option<Self>, Problem> {
        let visitor = parts.extensions.get::<Visitor>().cloned().unwrap_or_default();
        if visitor.officer.is_some() {
            let officer = Officer::from_request_parts(parts, app).await?;
            let may = officer.may(app, Action::Inspect, &On::Unit(&officer.unit_code));
            return Ok(may.then(|| Self::Officer(Box::new(officer))));
        }
        let Some(session) = visitor.citizen else {
            return Ok(None);
        };
        let person = PersonId::from(session.subject);
        let member = app.db.read(move |conn| store::membership(conn, &person)).await?;
        Ok(member.map(|(organisation, purpose)| Self::Member { organisation, purpose }))
    }
}

impl FromRequestParts<App> for Inspector {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let visitor = parts.extensions.get::<Visitor>().cloned().unwrap_or_default();
        if visitor.citizen.is_none() && visitor.officer.is_none() {
            return Err(Problem::sign_in_needed());
        }
        let inspector = Self::asking(parts, app).await?;
        inspector.ok_or_else(|| Problem::new("inspection-not-an-inspector", StatusCode::FORBIDDEN))
    }
}

/// What the asker may check people for: nothing for who is no inspector.
pub(crate) struct Purposes(Vec<Purpose>);

impl FromRequestParts<App> for Purposes {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let inspector = Inspector::asking(parts, app).await?;
        Ok(Self(
            inspector.map(|inspector| inspector.purposes()).unwrap_or_default(),
        ))
    }
}
