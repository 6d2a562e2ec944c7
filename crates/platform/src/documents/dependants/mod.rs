//! Dependants and wards (*người phụ thuộc*, F22): for whom the holder acts, by the relations that the civil-status database has verified.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /documents/dependants` | the children and wards, what the holder may do, and until when |
//! | `GET /documents/dependants/{id}` | the papers of one of them |
//!
//! **Invariant:** who acts is asked of the source at that moment; on silence nothing is shown.
//! **Invariant:** from the fourteenth birthday the papers of a child are the child's alone; while custody is contested nobody sees them here.
//! **Invariant:** a guardian's look is in the history of the child or ward, or in the guardian's own where they have no account yet.

use axum::Router;
use axum::routing::get;

use crate::accounts::Account;
use crate::app::App;
use crate::registries::Subject;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

use super::rules::Kind;

pub(crate) use rules::Dependant;

mod http;
mod rules;

#[cfg(test)]
pub(super) mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/documents/dependants", get(http::list))
        .route("/documents/dependants/{id}", get(http::show))
}

/// Whether a guardian sees this kind of a child's or ward's papers.
pub(super) fn is_shown(kind: Kind) -> bool {
    http::SHOWN.contains(&kind)
}

/// Somebody for whom the holder acts just now, by the name without meaning that addresses use.
///
/// # Errors
/// Not found; `documents-not-acting`; the silence of the source; those of the database.
pub(super) async fn acting_for(app: &App, citizen: &Citizen, id: &str) -> Result<Subject, Problem> {
    http::represented(app, citizen, id).await
}

/// Those for whom the holder of an account acts, as the source says now.
///
/// # Errors
/// The silence of the source.
pub(crate) async fn acted_for(app: &App, account: &Account) -> Result<Vec<Dependant>, Problem> {
    let mut dependants = http::all_of(app, account).await?;
    dependants.retain(|dependant| dependant.standing.acts());
    Ok(dependants)
}
