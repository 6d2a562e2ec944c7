use ::http::request::Parts;
use ::http::{StatusCode, header};
use axum::extract::{FromRequestParts, State};
use axum::response::{IntoResponse, Response};
use credentials::openid4vp::dcql::Query as Dcql;
use credentials::openid4vp::{Mode, TransactionData};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::{
    Outcome, RequestId, Verifier, VerifierId, Wanted, object, open as open_request, outcome as outcome_of, store,
};
use crate::app::App;
use crate::shell::input::{Input, Path, Query};
use crate::shell::problem::{Fault, Problem};

/// A verifier's program that has proved itself.
pub(in super::super) struct Program(Verifier);

impl FromRequestParts<App> for Program {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let unknown = || Problem::new("presentation-verifier-unknown", StatusCode::UNAUTHORIZED);
        let said = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let (id, secret) = said
            .and_then(|said| said.strip_prefix("Bearer ")?.split_once('.'))
            .ok_or_else(unknown)?;
        let id: VerifierId = id.parse().map_err(|_not_an_id| unknown())?;
        let secret = crypto::base64url::decode(secret).map_err(|_not_a_secret| unknown())?;
        let digest = app.vault.digest("presentation_verifier", &secret);
        let found = app.db.read(move |conn| store::proven(conn, &id, &digest)).await?;
        found.map(Self).ok_or_else(unknown)
    }
}

/// What a verifier asks for.
#[derive(Deserialize)]
pub(in super::super) struct OpenForm {
    dcql_query: Value,
    #[serde(default)]
    response_mode: Option<String>,
    #[serde(default)]
    client_id_prefix: Option<String>,
    #[serde(default)]
    transaction_data: Vec<Map<String, Value>>,
    #[serde(default)]
    origin: Option<String>,
    #[serde(default)]
    redirect_uri: Option<String>,
}

impl OpenForm {
    fn check(self) -> Result<Wanted, Problem> {
        let mut faults = Vec::new();
        let query = Dcql::parse(&self.dcql_query);
        if let Err(refusal) = &query {
            faults.push(Fault::new("dcql_query", "presentation-fault-query").with("why", refusal));
        }
        let mode = Mode::from_name(self.response_mode.as_deref().unwrap_or("direct_post.jwt"));
        if mode.is_none() {
            faults.push(Fault::new("response_mode", "presentation-fault-mode"));
        }
        let by_name = match self.client_id_prefix.as_deref() {
            None | Some("x509_hash") => false,
            Some("x509_san_dns") => true,
            Some(_) => {
                faults.push(Fault::new("client_id_prefix", "presentation-fault-prefix"));
                false
            }
        };
        if mode.is_some_and(Mode::is_dc_api) && self.origin.is_none() {
            faults.push(Fault::new("origin", "presentation-fault-origin"));
        }
        let (Ok(query), Some(mode), true) = (query, mode, faults.is_empty()) else {
            return Err(Problem::invalid(faults));
        };
        Ok(Wanted {
            transaction_data: agreed(self.transaction_data, &query),
            query,
            mode,
            by_name,
            origin: self.origin,
            redirect_uri: self.redirect_uri,
        })
    }
}

/// Transaction data, bound to all credentials of the query where they name none.
fn agreed(data: Vec<Map<String, Value>>, query: &Dcql) -> Vec<TransactionData> {
    let all: Vec<&str> = query
        .credentials
        .iter()
        .map(|credential| credential.id.as_str())
        .collect();
    let one = |members: Map<String, Value>| {
        let kind = members
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        TransactionData::new(&kind, &all, members)
    };
    data.into_iter().map(one).collect()
}

/// Opens a request.
pub(in super::super) async fn open(
    State(app): State<App>,
    Program(verifier): Program,
    Input(form): Input<OpenForm>,
) -> Result<Response, Problem> {
    let wanted = form.check()?;

    let mode = wanted.mode;
    let opened = open_request(&app, &verifier, wanted).await?;

    let mut told = json!({
        "id": opened.request,
        "client_id": opened.client_id,
        "request_uri": opened.request_uri,
        "link": opened.link("openid4vp://authorize"),
        "wallet": opened.link(&format!("{}/wallet", app.config.public_url)),
        "expires_at": opened.expires_at,
    });
    if let (true, Some(members)) = (mode.is_dc_api(), told.as_object_mut()) {
        let signed = object(&app, &opened.request, None).await?;
        let asked = credentials::openid4vp::Request::digital_credentials(&signed);
        members.insert("digital_credentials".to_owned(), asked);
    }
    Ok((StatusCode::CREATED, axum::Json(told)).into_response())
}

/// The code that a browser brought back.
#[derive(Deserialize)]
pub(in super::super) struct Code {
    response_code: Option<String>,
}

/// Tells the outcome.
pub(in super::super) async fn outcome(
    State(app): State<App>,
    Program(verifier): Program,
    Path(id): Path<RequestId>,
    Query(code): Query<Code>,
) -> Result<Response, Problem> {
    let outcome = outcome_of(&app, verifier.verifier, id, code.response_code.as_deref()).await?;
    let told = match outcome {
        Outcome::Waiting => json!({"state": "waiting"}),
        Outcome::Expired => json!({"state": "expired"}),
        Outcome::Refused => json!({"state": "refused"}),
        Outcome::Answered(shown) => json!({"state": "answered", "presentations": shown}),
    };
    Ok(axum::Json(told).into_response())
}
