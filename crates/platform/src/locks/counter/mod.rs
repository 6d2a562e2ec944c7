//! Locking and unlocking for somebody who has come to a counter (form TK03): any commune's police, wherever the person lives.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /counter/locks` | the form to find the person: number and name |
//! | `POST /counter/locks` | finds the person, shows what is locked |
//! | `POST /counter/locks/lock` | locks at once, at the holder's request: `subject`, `reason` |
//! | `POST /counter/locks/unlock` | takes the holder's request back: `subject`, `reason` |
//! | `POST /counter/locks/undo` | undoes a lock of the wrong person: `subject`, `reason` |
//!
//! **Invariant:** nobody is locked whose number and name the officer did not both give.
//! **Invariant:** the officer's look at the person is in the person's history before it is answered.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

mod http;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/counter/locks", get(http::ask).post(http::find))
        .route("/counter/locks/lock", post(http::lock))
        .route("/counter/locks/unlock", post(http::unlock))
        .route("/counter/locks/undo", post(http::undo))
}
