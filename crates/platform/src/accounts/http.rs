use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::{Level, Standing, own};
use crate::app::App;
use crate::shell::filters;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

/// The citizen's page.
#[derive(Template, Serialize)]
#[template(path = "accounts/pages/account.html")]
pub(super) struct Overview {
    full_name: String,
    masked_number: String,
    date_of_birth: Date,
    masked_phone: String,
    level: Level,
    granted: Level,
    #[serde(flatten)]
    standing: Standing,
    created_at: Timestamp,
    /// Where the next step is taken.
    next: &'static str,
}

/// Shows where the citizen's account stands and what comes next.
pub(super) async fn show(State(app): State<App>, citizen: Citizen) -> Result<Page<Overview>, Problem> {
    let (vault, now) = (app.vault.clone(), app.clock.now());
    let account = app.db.read(move |conn| own(conn, &vault, &citizen.person)).await?;

    let standing = account.standing(now);
    Ok(Page(Overview {
        full_name: account.full_name.clone(),
        masked_number: account.number.masked(),
        date_of_birth: account.date_of_birth,
        masked_phone: account.phone.masked(),
        level: account.level,
        granted: account.granted,
        standing,
        created_at: account.created_at,
        next: next_step(standing, account.level),
    }))
}

fn next_step(standing: Standing, level: Level) -> &'static str {
    match (standing, level) {
        (Standing::New { .. }, _) => "/applications/level-1",
        (Standing::Active, Level::Two) => "/eid",
        _ => "/applications",
    }
}
