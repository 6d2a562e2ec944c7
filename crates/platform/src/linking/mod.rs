//! Linking (*liên kết tài khoản*): a portal's old account of a person becomes the person's here, at the first sign-in.
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /linking/proposals` | a portal proposes its accounts of the person who has just signed in: linked at once, to be chosen, to be confirmed, or refused |
//! | `GET`, `DELETE /linking/link` | a portal asks for the link of the person, or ends it |
//! | `GET`, `POST /linking/proposals/{id}` | the person chooses among accounts, or confirms one |
//! | `GET /account/links`, `POST /account/links/unlink` | the person's links, and ending one: `client_id` |
//!
//! A portal shows the person's access token. An account whose personal number is the person's, by the population database (the present number, or the old
//! one of nine digits), is linked at once; one without a number, whose name and date of birth agree, once the person confirms it; of several that fit, the
//! person chooses. What does not fit is refused, with the reason and without any of the person's data. The interface is described in `docs/linking.md`.
//!
//! **Invariant:** an account is linked to one person at most, and a person at one portal to one account at most, whoever asks at once.
//! **Invariant:** no account is linked whose data disagree with the population database, and none without a number without the person's word.
//! **Invariant:** a portal learns whether what it proposed agrees, a few times a day, and never the data it was compared with.

use axum::Router;
use axum::routing::{get, post};

use crate::app::{App, Capability};
use crate::shell::ids::id;
use crate::shell::texts;

mod citizen;
mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/linking/proposals", post(http::propose))
        .route("/linking/link", get(http::ask).delete(http::end))
        .route(
            "/linking/proposals/{id}",
            get(citizen::http::ask).post(citizen::http::answer),
        )
        .route("/account/links", get(citizen::http::list))
        .route("/account/links/unlink", post(citizen::http::unlink))
}

id! {
    /// What a portal proposed.
    ProposalId
}
