//! Odd patterns of looks: an officer who looks at kin, neighbours or a former spouse, at very many people, or again and again at one; a person at
//! whom many officers look.
//!
//! **Invariant:** a look that makes a pattern and the alert about it are one unit of work.

use axum::Router;
use axum::routing::{get, post};
use db::Tx;

use super::{Look, Who};
use crate::app::App;
use crate::shell::ids::id;

mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/alerts", get(http::list))
        .route("/officers/alerts/ties", post(http::tie))
        .route("/officers/alerts/{id}", get(http::show).post(http::settle))
}

id! {
    /// An alert.
    AlertId
}

/// Raises the alerts that a look makes.
pub(super) fn watch(tx: &mut Tx<'_>, look: &Look) -> Result<(), db::Error> {
    if !matches!(look.who, Who::Officer(_) | Who::Inspector(_)) {
        return Ok(());
    }
    let counts = store::count(tx, look)?;
    for (pattern, looks) in rules::patterns(&counts, &look.odd) {
        store::raise(tx, look, pattern, looks)?;
    }
    Ok(())
}
