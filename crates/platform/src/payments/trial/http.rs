use askama::Template;
use axum::extract::State as Of;
use crypto::message::{Callback, Headers};
use serde::Serialize;

use super::super::http::{CALLBACK, Said, accept};
use super::super::{State, store};
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::Path;
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;

/// The provider's page.
#[derive(Template, Serialize)]
#[template(path = "payments/pages/trial.html")]
pub(in crate::payments) struct Trial {
    reference: String,
    amount: i64,
    state: State,
    /// Where the payer goes back to.
    back: String,
}

async fn find(app: &App, reference: String) -> Result<store::Row, Problem> {
    let row = app.db.read(move |conn| store::of_reference(conn, &reference)).await?;
    row.ok_or_else(Problem::not_found)
}

fn view(row: &store::Row) -> Trial {
    Trial {
        reference: row.reference.clone(),
        amount: row.amount,
        state: row.state,
        back: format!("/payments/{}", row.id),
    }
}

/// Shows what is to be paid.
pub(in crate::payments) async fn show(Of(app): Of<App>, Path(reference): Path<String>) -> Result<Page<Trial>, Problem> {
    Ok(Page(view(&find(&app, reference).await?)))
}

/// The callback of the sandbox's provider for an order.
pub(in crate::payments) fn callback(app: &App, row: &store::Row) -> Result<(Headers, Vec<u8>), Problem> {
    let said = Said {
        reference: row.reference.clone(),
        amount: row.amount,
        state: "paid".to_owned(),
        settlement: format!("TRIAL-{}", row.reference),
    };
    let body = serde_json::to_vec(&said).map_err(Problem::internal)?;
    let callback = Callback {
        method: "POST",
        path: CALLBACK,
        body: &body,
    };
    let headers = callback.sign(&super::key()?, app.clock.now())?;
    Ok((headers, body))
}

/// Pays: the provider calls back, and the payer goes back.
pub(in crate::payments) async fn pay(Of(app): Of<App>, Path(reference): Path<String>) -> Result<Next<Trial>, Problem> {
    let row = find(&app, reference.clone()).await?;
    let (headers, body) = callback(&app, &row)?;
    accept(&app, &headers, &body).await?;
    let view = view(&find(&app, reference).await?);
    Ok(Next {
        to: view.back.clone(),
        view,
    })
}
