//! Sealing anew what is at rest, after a new sealing key took over: piece by piece, while everything else goes on.
//!
//! `vneid keys rotate --purpose sealing` lets a new key seal from then on; what was sealed before still opens, and is sealed anew by
//! `vneid keys reseal`, or by the outbox when an administrator asks for it on the page. Each piece is one unit of work that moves a mark on, so that
//! whoever is killed goes on where it was.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /resealing` | how far it is, column by column, for an administrator |
//! | `POST /resealing` | lets the outbox do it |
//!
//! Evidence, whose content is outside the database, comes last, by the function of its owner.
//!
//! **Invariant:** every sealed column of the schema is in the inventory of `rules.rs`.
//! **Invariant:** a value is replaced only by the same value under the newest key, at the same place; what does not open is left as it is, and counted.
//! **Invariant:** a killed piece has happened wholly or not at all, and is done again.

use std::time::Duration;

use axum::Router;
use axum::routing::get;

use crate::app::{App, Capability};
use crate::shell::pause::pause;
use crate::shell::server::Failure;
use crate::shell::texts;

mod http;
mod inventory;
mod jobs;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |runner| runner.learn::<jobs::SealAnew>(),
    only_in_sandbox: false,
};

/// Nodes look once a second whether the keys were changed.
const EVERY_NODE_KNOWS: Duration = Duration::from_secs(2);

fn routes() -> Router<App> {
    Router::new().route("/resealing", get(http::show).post(http::start))
}

/// Seals everything under the newest key; answers what was done, for the terminal.
///
/// # Errors
/// Those of the database.
pub async fn run_to_the_end(app: &App) -> Result<String, Failure> {
    // By now every node seals with the newest key.
    pause(EVERY_NODE_KNOWS).await;
    loop {
        while jobs::piece(app).await? {}
        if jobs::left(app).await? == 0 {
            break;
        }
        // Somebody sealed under the old key behind the mark, before it took over the new one.
        jobs::begin_again(app).await?;
    }
    while jobs::objects(app).await.map_err(|problem| problem.slug())? {}
    let columns = jobs::progress(app).await?;
    let sum = |of: fn(&rules::Progress) -> i64| columns.iter().map(of).sum::<i64>();
    let (seen, resealed, unreadable) = (sum(|c| c.seen), sum(|c| c.resealed), sum(|c| c.unreadable));
    let told = format!(
        "{} columns: {seen} values looked at, {resealed} sealed anew.",
        columns.len()
    );
    if unreadable == 0 {
        return Ok(format!("{told} Everything opens."));
    }
    let closed = columns.iter().filter(|column| column.unreadable > 0);
    Ok(closed.fold(told, |told, column| {
        let (place, values) = (&column.place, column.unreadable);
        format!("{told}\n{place}: {values} values do not open with any key that is here")
    }))
}

/// Refuses while anything is sealed under another key than the newest.
///
/// # Errors
/// Says how much is left; those of the database.
pub async fn nothing_is_left(app: &App) -> Result<(), Failure> {
    // What does not open counts, too: a key is not forgotten while there is anything that it might open.
    let left: i64 = jobs::progress(app).await?.iter().map(|column| column.left).sum();
    match left {
        0 if jobs::evidence_is_left(app).await? => {
            Err("evidence is still sealed under an earlier key: run `vneid keys reseal` first".into())
        }
        0 => Ok(()),
        left => {
            Err(format!("{left} values are still sealed under an earlier key: run `vneid keys reseal` first").into())
        }
    }
}
