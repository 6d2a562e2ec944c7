//! The sandbox's payment provider: its page, and its signed callback. Its key is public, like everything here.

use axum::Router;
use axum::routing::get;
use crypto::jwk::Jwk;
use crypto::sign::{Algorithm, Signer as _, SoftKey};

use crate::app::App;
use crate::shell::problem::Problem;

pub(super) mod http;

/// The seed of the provider's key.
const SEED: [u8; 32] = *b"sandbox payments, known to all..";

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/sandbox/payments/{reference}", get(http::show).post(http::pay))
}

fn key() -> Result<SoftKey, Problem> {
    SoftKey::from_seed(Algorithm::Es256, &SEED).map_err(Problem::internal)
}

/// The key by which the sandbox's provider is believed.
pub(super) fn provider_key() -> Result<Jwk, Problem> {
    Ok(key()?.public().clone())
}
