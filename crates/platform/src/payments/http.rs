use ::http::{HeaderMap, StatusCode};
use askama::Template;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Of;
use crypto::jwk::Jwk;
use crypto::message::{Callback, Headers};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{PaymentId, Purpose, State, store, trial};
use crate::app::App;
use crate::procedures::Settled;
use crate::shell::filters;
use crate::shell::input::Path;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

/// Where the provider calls back.
pub(super) const CALLBACK: &str = "/payments/callback";

/// An order.
#[derive(Template, Serialize)]
#[template(path = "payments/pages/order.html")]
pub(super) struct Order {
    id: PaymentId,
    purpose: Purpose,
    amount: i64,
    reference: String,
    state: State,
    opened_at: Timestamp,
    paid_at: Option<Timestamp>,
    settlement: Option<String>,
    /// Where it is paid.
    pay_at: Option<String>,
    /// Where what is paid for stands.
    back: String,
}

/// Shows an order of the asker's own.
pub(super) async fn show(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<PaymentId>,
) -> Result<Page<Order>, Problem> {
    let person = citizen.person;
    let row = app.db.read(move |conn| store::find(conn, &person, &id)).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    let pay_at = page(&app, &row).filter(|_| row.state == State::Open);
    Ok(Page(Order {
        id,
        purpose: row.purpose,
        amount: row.amount,
        reference: row.reference,
        state: row.state,
        opened_at: row.opened_at,
        paid_at: row.paid_at,
        settlement: row.settlement,
        pay_at,
        back: match row.purpose {
            Purpose::Procedure => format!("/procedures/dossiers/{}", hex::encode(row.subject)),
        },
    }))
}

/// The provider's page for an order.
fn page(app: &App, row: &store::Row) -> Option<String> {
    if app.sandbox.is_some() {
        return Some(format!("/sandbox/payments/{}", row.reference));
    }
    let page = app.config.payments.page.as_ref()?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("reference", &row.reference);
    query.append_pair("amount", &row.amount.to_string());
    query.append_pair("return", &format!("{}/payments/{}", app.config.public_url, row.id));
    Some(format!("{page}?{}", query.finish()))
}

/// What the provider says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Said {
    /// Our name for the order.
    pub(super) reference: String,
    /// In đồng.
    pub(super) amount: i64,
    /// `paid`; anything else changes nothing.
    pub(super) state: String,
    /// The provider's name for the payment.
    pub(super) settlement: String,
}

/// The key of the provider: the sandbox's, or the one that the operator has set.
async fn provider(app: &App) -> Result<Jwk, Problem> {
    if app.sandbox.is_some() {
        return trial::provider_key();
    }
    let unconnected = || Problem::new("payments-unconnected", StatusCode::SERVICE_UNAVAILABLE);
    let file = app.config.payments.provider.clone().ok_or_else(unconnected)?;
    let read = app.workshop.run(move || std::fs::read(file)).await?;
    let bytes = read.map_err(|error| unconnected().caused_by(error))?;
    Jwk::parse(&bytes).map_err(|error| unconnected().caused_by(error))
}

/// The provider calls back.
pub(super) async fn called_back(Of(app): Of<App>, headers: HeaderMap, body: Bytes) -> Result<Json<Value>, Problem> {
    let said = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let signed = Headers {
        content_digest: said("content-digest"),
        signature_input: said("signature-input"),
        signature: said("signature"),
    };
    let state = accept(&app, &signed, &body).await?;
    Ok(Json(json!({ "state": state })))
}

/// Believes what the provider has signed, and lets what was paid for move on.
pub(super) async fn accept(app: &App, signed: &Headers, body: &[u8]) -> Result<State, Problem> {
    let callback = Callback {
        method: "POST",
        path: CALLBACK,
        body,
    };
    callback
        .verify(&provider(app).await?, signed, app.clock.now())
        .map_err(|why| Problem::new("payments-forged", StatusCode::FORBIDDEN).caused_by(why))?;
    let said: Said = serde_json::from_slice(body)
        .map_err(|error| Problem::new("payments-malformed", StatusCode::BAD_REQUEST).caused_by(error))?;

    let reference = said.reference.clone();
    let row = app.db.read(move |conn| store::of_reference(conn, &reference)).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    if row.amount != said.amount {
        return Err(Problem::new("payments-amount", StatusCode::UNPROCESSABLE_ENTITY));
    }
    if said.state != "paid" {
        return Ok(row.state);
    }
    let settled = match row.purpose {
        Purpose::Procedure => Settled::draw(app, row.subject).await?,
    };
    let now = app.clock.now();
    let state = app
        .db
        .write(move |tx| {
            if !store::pay(tx, &row, &said.settlement, now)? {
                return Ok(row.state);
            }
            if settled.take(tx)? {
                return Ok(State::Paid);
            }
            store::owe_back(tx, &row)?;
            Ok::<_, Problem>(State::Refund)
        })
        .await?;
    app.bell.ring();
    Ok(state)
}
