use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use oidc::client::GrantType;
use oidc::par::{self, PushedResponse, RequestUri};
use oidc::params::Params;

use super::store;
use crate::app::App;
use crate::shell::problem::Problem;
use crate::sso::proofs::{self, Proven};
use crate::sso::tokens::http::Refused;

/// A relying party pushes its request.
pub(in crate::sso) async fn push(State(app): State<App>, headers: HeaderMap, body: String) -> Response {
    proofs::answered(&app, &headers, pushed(&app, &headers, &body).await)
}

async fn pushed(app: &App, headers: &HeaderMap, body: &str) -> Result<Response, Refused> {
    let params = Params::parse(body)?;
    let credentials = par::credentials(&params, proofs::headers(headers))?;
    let path = app.sso.provider.pushed.unwrap_or_default();
    let proven = Proven::judge(app, &credentials, headers, path).await?;
    proven.client.may_use(GrantType::AuthorizationCode)?;
    let issuer = &app.sso.provider.issuer;
    let pushed = par::accept(params, &proven.client, issuer, proven.shown.proof.as_ref(), proven.now)?;

    let name = RequestUri::new(app.chance.bytes());
    let digest = super::digest(app, &name);
    let sealed = app
        .vault
        .seal_record("sso_pushed", "request_sealed", &digest, &pushed)
        .map_err(Problem::from)?;
    app.db
        .write(move |tx| -> Result<(), Refused> {
            proven.use_up(tx)?;
            Ok(store::insert(tx, &digest, &sealed, pushed.expires_at, proven.now)?)
        })
        .await?;

    let answer = Json(PushedResponse::new(&name));
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], answer).into_response())
}
