//! Printed copies (*bản giấy*): the unit that granted a certificate prints as many as were asked for, says that they are ready, and hands them over or
//! posts them.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/certificates/copies` | what the officer's unit has still to print and to hand over: numbers only |
//! | `GET /officers/certificates/copies/{certificate}` | for whom, how many, where to |
//! | `POST /officers/certificates/copies/{certificate}` | `what` = ready or handed |
//! | `POST /officers/certificates/copies/{certificate}/file` | the PDF, to print it |
//!
//! **Invariant:** copies are ordered in the unit of work that issues the certificate, and ready or handed over once.
//! **Invariant:** whoever looks up for whom they are, or opens the file, stands in the holder's history.

use axum::Router;
use axum::routing::{get, post};
use db::{Cell, Column, Conn, Tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::CertificateId;
use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::words::words;

mod http;
mod store;

const TABLE: &str = "certificate_copies";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/certificates/copies", get(http::list))
        .route(
            "/officers/certificates/copies/{certificate}",
            get(http::show).post(http::mark),
        )
        .route("/officers/certificates/copies/{certificate}/file", post(http::file))
}

words! {
    /// How printed copies come to whoever asked for them.
    Delivery {
        /// Collected at the unit.
        Desk = "desk",
        /// Posted.
        Post = "post",
    }
}

impl Column for Delivery {
    fn read(cell: Cell<'_>) -> Result<Self, db::Error> {
        let word = String::read(cell)?;
        Self::of_word(&word).ok_or_else(|| db::Error::Column {
            column: "delivery".to_owned(),
            why: format!("no such delivery: {word}"),
        })
    }
}

/// Printed copies that were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copies {
    /// How many.
    pub many: u32,
    /// How they come.
    pub delivery: Delivery,
    /// Where to, if they are posted.
    pub address: String,
    /// The unit that prints them.
    pub unit: String,
}

impl Copies {
    /// What is kept of them with a certificate.
    pub(super) fn row(&self, app: &App, person: PersonId, certificate: CertificateId) -> Ordered {
        let posted = self.delivery == Delivery::Post;
        let seal = || {
            app.vault
                .seal_text(TABLE, "address", certificate.bytes(), &self.address)
        };
        Ordered(store::NewRow {
            person,
            certificate,
            unit: self.unit.clone(),
            copies: self.many.into(),
            delivery: self.delivery,
            address_sealed: posted.then(seal),
            asked_at: app.clock.now(),
        })
    }
}

/// Copies about to be ordered.
#[derive(Clone)]
pub(super) struct Ordered(store::NewRow);

impl Ordered {
    /// Orders them.
    pub(super) fn take(&self, tx: &mut Tx<'_>) -> Result<(), db::Error> {
        store::insert(tx, &self.0)
    }
}

/// How copies stand, for whoever asked for them.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Standing {
    pub(super) copies: i64,
    pub(super) delivery: Delivery,
    /// The name of the unit that prints them.
    pub(super) unit: String,
    pub(super) ready_at: Option<Timestamp>,
    pub(super) handed_at: Option<Timestamp>,
}

impl Standing {
    fn of(row: &store::Row) -> Self {
        Self {
            copies: row.copies,
            delivery: row.delivery,
            unit: crate::officers::unit(&row.unit),
            ready_at: row.ready_at,
            handed_at: row.handed_at,
        }
    }

    /// The sentence that tells it.
    pub(super) fn sentence(&self) -> String {
        let state = match (self.handed_at, self.ready_at) {
            (Some(_), _) => "handed",
            (None, Some(_)) => "ready",
            (None, None) => "asked",
        };
        format!("certificates-copies-{state}-{}", self.delivery.word())
    }
}

/// How the copies of a certificate stand; none where none were asked for.
///
/// # Errors
/// Those of the database.
pub(super) fn standing(conn: &mut Conn<'_>, certificate: &CertificateId) -> Result<Option<Standing>, db::Error> {
    Ok(store::find(conn, certificate)?.as_ref().map(Standing::of))
}
