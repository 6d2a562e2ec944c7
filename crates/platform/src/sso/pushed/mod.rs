//! Pushed authorization requests (RFC 9126): a relying party sends its request itself, and the browser carries only a name for it.

use oidc::authorize::Request;
use oidc::client::Client;
use oidc::error::Error;
use oidc::par::{self, Pushed, RequestUri};

use crate::app::App;
use crate::shell::problem::Problem;

pub(super) mod http;
mod store;

#[cfg(test)]
mod tests;

pub(super) use store::use_up;

/// The request of that name, as often as it is asked for before it is answered.
pub(super) async fn find(app: &App, name: RequestUri, client: &Client) -> Result<Result<Request, Error>, Problem> {
    let (digest, now) = (digest(app, &name), app.clock.now());
    let sealed = app.db.read(move |conn| store::find(conn, &digest, now)).await?;
    let Some(sealed) = sealed else {
        return Ok(Err(par::UNKNOWN));
    };
    let pushed: Pushed = app
        .vault
        .open_record("sso_pushed", "request_sealed", &digest, &sealed)?;
    Ok(pushed.open(name, client, now))
}

/// The digest under which a request of that name is kept.
pub(super) fn digest(app: &App, name: &RequestUri) -> [u8; 32] {
    app.vault.digest("sso-pushed", name.bytes())
}
