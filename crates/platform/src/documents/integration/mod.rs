//! Adding a paper (*tích hợp thông tin*, F28) that its source does not know under the holder's number: by what is printed on it.
//!
//! A paper that the source knows is in the wallet by itself. A declared one is looked up by its number and compared with the population database,
//! field by field; what differs can be sent to the source to be mended, with one tap.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET`, `POST /documents/integration` | declares: licence number and class; plate and chassis; number of the insurance card |
//! | `GET /documents/integration/{id}` | how it matched, field by field |
//! | `POST /documents/integration/{id}/correction` | asks the source to mend what differs |
//!
//! **Invariant:** who does not hold the paper learns nothing of its owner: a wrong second number is answered like a paper that is not there, and what
//! a source says else is never shown.
//! **Invariant:** nothing that differs comes into the wallet; a correction is asked for once.

use axum::Router;
use axum::routing::{get, post};
use db::Tx;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rules::Kind;
use super::source_name;
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::shell::ids::{PersonId, id};
use crate::shell::problem::Problem;

mod http;
mod matching;
mod rules;
mod store;

pub(super) use matching::examine;
pub(super) use rules::{DeclareForm, Declared, Line};

#[cfg(test)]
mod tests;

id! {
    /// A declaration of a paper.
    DeclarationId
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/documents/integration", get(http::ask).post(http::declare))
        .route("/documents/integration/{id}", get(http::show))
        .route("/documents/integration/{id}/correction", post(http::correct))
}

/// What is kept of a declaration.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    number: String,
    lines: Vec<Line>,
}

/// A declaration with how it matched, ready to be kept.
#[derive(Clone)]
pub(super) struct Declaration {
    person: PersonId,
    id: DeclarationId,
    kind: Kind,
    /// `matched` or `differs`.
    matched: &'static str,
    content_sealed: Vec<u8>,
    look: Look,
    at: Timestamp,
}

impl Declaration {
    /// Prepares what was compared.
    ///
    /// # Errors
    /// If it cannot be sealed.
    pub(super) fn draw(
        app: &App,
        (person, id): (PersonId, DeclarationId),
        declared: &Declared,
        lines: &[Line],
    ) -> Result<Self, Problem> {
        let kept = Kept {
            number: declared.number.clone(),
            lines: lines.to_vec(),
        };
        let who = Who::Registry(source_name(app, declared.kind.source()));
        let agrees = !lines.is_empty() && lines.iter().all(|line| line.agrees);
        Ok(Self {
            person,
            id,
            kind: declared.kind,
            matched: if agrees { "matched" } else { "differs" },
            content_sealed: app
                .vault
                .seal_record("document_declaration", "content", id.bytes(), &kept)?,
            look: Look::now(app, person, &who, Purpose::OwnData, declared.kind.what()),
            at: app.clock.now(),
        })
    }

    /// `matched` or `differs`.
    pub(super) fn matched(&self) -> &'static str {
        self.matched
    }

    /// Keeps it, and where all agrees takes the paper in again; answers whether this is the first time.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn keep(&self, tx: &mut Tx<'_>) -> Result<bool, db::Error> {
        let what = (self.kind, self.matched);
        if !store::insert(tx, (&self.person, &self.id), what, &self.content_sealed, self.at)? {
            return Ok(false);
        }
        if self.matched == "matched" {
            super::store::restore(tx, &self.person, self.kind)?;
        }
        history::record(tx, &self.look)?;
        Ok(true)
    }

    /// Keeps that its correction was asked for.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn correcting(&self, tx: &mut Tx<'_>) -> Result<bool, db::Error> {
        store::correcting(tx, &self.person, &self.id)
    }
}
