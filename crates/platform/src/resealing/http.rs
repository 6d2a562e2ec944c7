use askama::Template;
use axum::extract::State;
use serde::Serialize;

use super::jobs::{self, SealAnew};
use super::rules::Progress;
use crate::app::App;
use crate::officers::{Action, Officer, On};
use crate::shell::filters;
use crate::shell::jobs::{self as outbox, Order};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;

/// How far the sealing anew is.
#[derive(Template, Serialize)]
#[template(path = "resealing/pages/resealing.html")]
pub(super) struct Resealing {
    /// How many values are sealed under an earlier key than the newest.
    left: i64,
    /// Whether evidence may still be sealed under an earlier key.
    evidence_left: bool,
    /// How many values there are.
    values: i64,
    columns: Vec<Progress>,
    /// Whether this officer may let it be done.
    may_start: bool,
}

/// Shows how far it is.
pub(super) async fn show(State(app): State<App>, officer: Officer) -> Result<Page<Resealing>, Problem> {
    officer.must(&app, Action::SeeOperations, &On::Platform)?;

    Ok(Page(look(&app, &officer).await?))
}

/// Lets the outbox do it.
pub(super) async fn start(State(app): State<App>, officer: Officer) -> Result<Next<Resealing>, Problem> {
    officer.must(&app, Action::Reseal, &On::Platform)?;

    let order = Order::now(&app, &SealAnew {});
    jobs::begin_again(&app).await?;
    app.db.write(move |tx| outbox::enqueue(tx, &order)).await?;

    Ok(Next {
        to: "/resealing".to_owned(),
        view: look(&app, &officer).await?,
    })
}

async fn look(app: &App, officer: &Officer) -> Result<Resealing, Problem> {
    let columns = jobs::progress(app).await?;
    Ok(Resealing {
        evidence_left: jobs::evidence_is_left(app).await?,
        left: columns.iter().map(|column| column.left).sum(),
        values: columns.iter().map(|column| column.values).sum(),
        columns,
        may_start: officer.may(app, Action::Reseal, &On::Platform),
    })
}
