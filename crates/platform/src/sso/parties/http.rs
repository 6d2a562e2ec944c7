use std::sync::Arc;

use http::{HeaderMap, Method};
use oidc::client::Client;
use oidc::token::TokenType;
use oidc::{access_token, bearer};

use crate::app::App;
use crate::shell::keys;
use crate::sso::clients;
use crate::sso::proofs::{shown, use_once};
use crate::sso::tokens::http::{Challenged, Refused, authorization};

/// The relying party that calls a resource of ours for itself, by a signed access token for that resource (RFC 9068).
///
/// `resource` is the path of the resource, which follows the issuer in the token's audience.
///
/// # Errors
/// [`Challenged`]: 401 without a token that is good for this.
pub(crate) async fn caller(
    app: &App,
    resource: &str,
    (method, path): (&Method, &str),
    headers: &HeaderMap,
) -> Result<Arc<Client>, Challenged> {
    judge(app, resource, (method, path), headers)
        .await
        .map_err(|refused| Challenged::new(app, headers, refused, TokenType::Bearer))
}

async fn judge(
    app: &App,
    resource: &str,
    (method, path): (&Method, &str),
    headers: &HeaderMap,
) -> Result<Arc<Client>, Refused> {
    let presented = bearer::presented(authorization(headers), None)?;
    let (issuer, now) = (&app.sso.provider.issuer, app.clock.now());
    let keys = app.keys.jwks(keys::SSO, now);
    let resource = format!("{issuer}{resource}");
    let token = access_token::verify(presented.token.expose(), &keys, issuer, &resource, now)?;
    // A token about a person is not the client's own.
    if token.sub != token.client_id {
        return Err(bearer::INVALID.into());
    }
    let client = clients::find(app, &token.client_id).await?.ok_or(bearer::INVALID)?;
    let shown = shown(app, &client, headers, (method, path), &presented.token)?;
    shown.may_use(token.cnf.as_ref(), &presented)?;
    if shown.proof.is_some() {
        app.db.write(move |tx| use_once(tx, shown.proof.as_ref(), now)).await?;
    }
    Ok(client)
}
