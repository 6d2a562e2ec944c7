//! Facilities (*cơ sở lưu trú*): hotels, hospitals, rooming houses and dormitories, which a unit registers with their address and their people,
//! and the desk from which those people tell stays.
//!
//! **Invariant:** a facility is registered, and its people are named, by an officer in whose jurisdiction it lies.
//! **Invariant:** who is taken away from a facility, or whose facility is closed, tells nothing for it from then on.

use ::http::StatusCode;
use axum::Router;
use axum::routing::{get, post};
use db::Conn;
use jiff::Timestamp;
use serde::Serialize;

use super::FacilityId;
use super::rules::{Kind, Place};
use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;

mod desk;
mod http;
mod store;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/stays/facilities/{id}", get(desk::http::show))
        .route("/officers/stays/facilities", get(http::list).post(http::register))
        .route("/officers/stays/facilities/{id}/people", post(http::change))
        .route("/officers/stays/facilities/{id}/closing", post(http::close))
}

/// A facility as it stands.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Facility {
    pub(super) facility: FacilityId,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) commune: String,
    pub(super) phone: String,
    pub(super) registered_at: Timestamp,
    pub(super) closed_at: Option<Timestamp>,
}

impl Facility {
    /// The place that it is.
    pub(super) fn place(&self) -> Place {
        Place {
            kind: Kind::of_word(&self.kind).unwrap_or(Kind::Other),
            facility: Some(self.facility),
            name: self.name.clone(),
            address: self.address.clone(),
            commune: self.commune.clone(),
        }
    }

    /// Its whole address in one line.
    pub(super) fn line(&self) -> String {
        self.place().line()
    }
}

/// The facilities that somebody tells for.
pub(super) fn of_clerk(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<Facility>, db::Error> {
    store::of_clerk(conn, person)
}

/// A facility, whoever asks.
pub(super) fn find(conn: &mut Conn<'_>, id: &FacilityId) -> Result<Option<Facility>, db::Error> {
    store::find(conn, id)
}

/// A facility that somebody tells for.
///
/// # Errors
/// `stays-not-authorised` for everybody else, and where it is closed.
pub(super) fn told_by(conn: &mut Conn<'_>, person: &PersonId, id: &FacilityId) -> Result<Facility, Problem> {
    let theirs = store::of_clerk(conn, person)?;
    let found = theirs.into_iter().find(|facility| facility.facility == *id);
    found.ok_or_else(|| Problem::new("stays-not-authorised", StatusCode::FORBIDDEN))
}
