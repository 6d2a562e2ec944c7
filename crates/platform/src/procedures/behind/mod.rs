//! Bodies that are behind (*cơ quan chậm trễ*): what another body has not acknowledged within two working hours, or not decided within its limit.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/procedures/behind` | the open dossiers of linked procedures that are behind: for operators all, for chiefs those of the jurisdiction |
//!
//! What is listed names no person: a number, a procedure, a body, since when.
//!
//! **Invariant:** what a body did not acknowledge is listed until it has; what it was late with, until it has decided.

use axum::Router;
use axum::routing::get;

use crate::app::App;

mod http;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/officers/procedures/behind", get(http::show))
}
