//! The agent of a counter: a small server on the officer's own computer, through which a page of the counter reaches the
//! card reader and the finger scanner (`docs/counter-agent.md` is its protocol).
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /` | what is connected |
//! | `POST /cards` | reads the card on the reader, lets its chip sign a challenge |
//! | `POST /cards/answer` | lets the chip answer what the platform asks (chip authentication) |
//! | `POST /prints` | takes the print of a finger |
//!
//! `vneid agent` is this server with the card readers of the machine (PC/SC); with `--simulate` cards and fingers are those
//! of the synthetic nation. The driver of a real finger scanner answers the same requests.
//!
//! **Invariant:** only pages of the one platform it was started for are answered, and only on this machine
//! (`a_page_of_another_site_is_refused`).
//! **Invariant:** the agent keeps nothing: what it read is in its answer alone.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::chips::reader::Readers;
use crate::shell::chance::Chance;
use crate::shell::clock::Clock;
use crate::shell::server::{self, Failure};
use crate::shell::workshop::Workshop;

pub mod command;
mod http;
mod rules;

#[cfg(test)]
mod tests;

/// The port that a counter's page looks for the agent at, unless the operator says otherwise.
pub const PORT: u16 = 17_800;

/// What the agent stands on.
#[derive(Clone)]
pub(crate) struct Agent {
    /// The origin of the platform's pages.
    pub(crate) origin: Arc<str>,
    /// Where cards come from.
    pub(crate) readers: Readers,
    /// The only source of time.
    pub(crate) clock: Clock,
    /// The only source of randomness.
    pub(crate) chance: Chance,
    /// Where cards are spoken with: that takes time.
    pub(crate) workshop: Workshop,
}

/// The agent as a service.
pub(crate) fn router(agent: Agent) -> Router {
    Router::new()
        .route("/", get(http::tell))
        .route("/cards", post(http::read_card))
        .route("/cards/answer", post(http::answer))
        .route("/prints", post(http::take_print))
        .layer(middleware::from_fn_with_state(agent.clone(), http::guard))
        .with_state(agent)
}

/// Serves on this machine alone until told to stop.
///
/// # Errors
/// If the listener fails.
pub(crate) async fn serve(agent: Agent, listener: TcpListener, stop: watch::Receiver<bool>) -> Result<(), Failure> {
    let served = axum::serve(listener, router(agent)).with_graceful_shutdown(server::told(stop));
    Ok(served.await?)
}

/// The address on this machine.
pub(crate) fn at(port: u16) -> SocketAddr {
    SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port)
}
