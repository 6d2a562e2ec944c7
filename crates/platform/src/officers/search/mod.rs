//! Looking a person up: the state of the account and its applications, for a stated purpose.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/search` | the form |
//! | `POST /officers/search` | looks a personal number up: purpose, and in an investigation the case |
//!
//! **Invariant:** no number is looked up without a purpose, nor for an investigation without a case; both stand in the person's history before
//! anything is shown.
//! **Invariant:** what is shown tells where the account and its applications stand, and nothing of their contents.

use axum::Router;
use axum::routing::get;

use crate::app::App;
use crate::history;
use crate::shell::words::words;

mod http;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/officers/search", get(http::ask).post(http::find))
}

words! {
    /// For what an officer looks a person up.
    Purpose {
        /// The person asked for help, by the hotline or at a counter.
        Support = "support",
        /// The person complains.
        Complaint = "complaint",
        /// A case is investigated.
        Investigation = "investigation",
    }
}

impl Purpose {
    fn in_history(self) -> history::Purpose {
        match self {
            Purpose::Support => history::Purpose::Support,
            Purpose::Complaint => history::Purpose::Complaint,
            Purpose::Investigation => history::Purpose::Investigation,
        }
    }
}
