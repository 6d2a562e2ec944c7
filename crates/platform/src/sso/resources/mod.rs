//! Endpoints of ours that take access tokens: who presents one is admitted if it is known, in time, and bound to the key that is shown.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method};
use jiff::Timestamp;
use oidc::bearer::{self, Presented};
use oidc::claims::Scopes;
use oidc::client::Client;
use oidc::token::TokenType;

use super::clients;
use super::proofs::{shown, use_once};
use super::rules::{Ticket, Use, open_wanted};
use super::tokens::http::{Challenged, Refused, authorization};
use super::tokens::store::{self as tokens, Kept};
use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;

/// What an access token lets its bearer do.
pub struct Granted {
    /// The person that it is about.
    pub person: PersonId,
    /// The client that it was given to.
    pub client: Arc<Client>,
    /// What it was given for.
    pub scopes: Scopes,
    /// The credentials among them that were asked for as authorization details.
    pub by_details: Scopes,
    /// How the person signed in, where that is known.
    pub sign_in: Option<SignIn>,
}

/// How a person signed in.
pub struct SignIn {
    /// When.
    pub at: Timestamp,
    /// The level of the authentication, 1 to 4.
    pub assurance: i64,
    /// The means, as RFC 8176 names them, separated by spaces.
    pub methods: String,
}

/// The answer of an endpoint of ours that takes access tokens, where it has nothing good to answer.
pub struct Refusal(Box<Response>);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl From<Box<Response>> for Refusal {
    fn from(refused: Box<Response>) -> Self {
        Self(refused)
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem.into_response()))
    }
}

impl From<db::Error> for Refusal {
    fn from(error: db::Error) -> Self {
        Problem::from(error).into()
    }
}

/// Admits the bearer of an access token in the `Authorization` header to an endpoint of ours. A proof of its key is used up.
///
/// # Errors
/// The refusal as RFC 6750 and RFC 9449 ask.
pub async fn granted(app: &App, method: &Method, headers: &HeaderMap, path: &str) -> Result<Granted, Box<Response>> {
    read(app, method, headers, path).await.map_err(|refused| {
        let challenged = Challenged::new(app, headers, refused, TokenType::Dpop);
        Box::new(challenged.into_response())
    })
}

async fn read(app: &App, method: &Method, headers: &HeaderMap, path: &str) -> Result<Granted, Refused> {
    let presented = bearer::presented(authorization(headers), None)?;
    let (ticket, kept, client) = admit(app, (method, path), headers, &presented).await?;
    let wanted = open_wanted(&app.vault, "sso_token", &ticket.digest, kept.wanted_sealed.as_ref())?;
    Ok(Granted {
        person: ticket.person,
        client,
        scopes: Scopes::parse(&kept.scopes)?,
        sign_in: kept.sign_in,
        by_details: wanted.credentials(),
    })
}

/// Admits who presents an access token of ours for our own endpoints: the token, what it was kept with, and whom it was given to.
pub(super) async fn admit(
    app: &App,
    (method, path): (&Method, &str),
    headers: &HeaderMap,
    presented: &Presented,
) -> Result<(Ticket, Kept, Arc<Client>), Refused> {
    let ticket = Ticket::read(&app.vault, Use::Token, presented.token.expose()).ok_or(bearer::INVALID)?;
    let now = app.clock.now();
    if ticket.expires_at <= now {
        return Err(bearer::INVALID.into());
    }
    let wanted = ticket.clone();
    let found = app.db.read(move |conn| tokens::find(conn, &wanted)).await?;
    let kept = found.filter(|kept| kept.audience.is_none()).ok_or(bearer::INVALID)?;
    let client = clients::find(app, &kept.client_id).await?.ok_or(bearer::INVALID)?;
    let shown = shown(app, &client, headers, (method, path), &presented.token)?;
    shown.may_use(kept.holder.as_ref(), presented)?;
    if shown.proof.is_some() {
        app.db.write(move |tx| use_once(tx, shown.proof.as_ref(), now)).await?;
    }
    Ok((ticket, kept, client))
}
