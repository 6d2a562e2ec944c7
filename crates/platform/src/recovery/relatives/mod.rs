//! Trusted relatives: named by the holder, each agrees in the own account, and two of them confirm a recovery.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /account/security/relatives` | whom I trust, who trusts me, what waits for my word |
//! | `POST /account/security/relatives` | names one: `number`, `label`, `secret` |
//! | `POST /account/security/relatives/{relation}/remove` | names one no more: `secret` |
//! | `POST /account/security/relatives/{relation}/agree` | agrees to be one |
//! | `POST /account/security/relatives/{relation}/confirm` | confirms that it is the relative who recovers: `passcode` |
//!
//! **Invariant:** naming somebody tells nobody whether the number has an account.
//! **Invariant:** only a relative of account level 2 who agreed a week before counts, and only once in a recovery.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::shell::ids::id;

mod http;
pub(super) mod store;

id! {
    /// A relation of trust between two persons.
    RelationId
}

/// How many relatives a person can name.
const MOST: usize = 5;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account/security/relatives", get(http::list).post(http::name))
        .route("/account/security/relatives/{relation}/remove", post(http::remove))
        .route("/account/security/relatives/{relation}/agree", post(http::agree))
        .route("/account/security/relatives/{relation}/confirm", post(http::confirm))
}
