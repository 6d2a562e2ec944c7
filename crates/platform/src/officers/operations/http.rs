use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Serialize;

use super::super::{Action, Officer, On};
use crate::app::App;
use crate::applications::law::terms;
use crate::applications::law::watch::{self, Reach};
use crate::shell::filters;
use crate::shell::jobs;
use crate::shell::page::Page;
use crate::shell::problem::Problem;

/// What operators have to do.
#[derive(Template, Serialize)]
#[template(path = "officers/operations/pages/operations.html")]
pub(in super::super) struct Operations {
    calendar: Reach,
    years: Vec<Year>,
    jobs_due: i64,
    jobs_dead: i64,
    terms: Vec<TermRow>,
}

/// A year of the calendar, and the decisions it rests on.
#[derive(Serialize)]
struct Year {
    year: i16,
    basis: Vec<String>,
}

/// A legal limit.
#[derive(Serialize)]
struct TermRow {
    basis: &'static str,
    law: &'static str,
    valid_from: Date,
    valid_to: Option<Date>,
}

/// Shows what operators have to do.
pub(in super::super) async fn show(State(app): State<App>, officer: Officer) -> Result<Page<Operations>, Problem> {
    officer.must(&app, Action::SeeOperations, &On::Platform)?;

    let (jobs_due, jobs_dead) = (jobs::count_due(&app).await?, jobs::count_dead(&app).await?);
    let year = |year| Year {
        year,
        basis: app
            .calendar
            .legal_basis(year)
            .map(<[String]>::to_vec)
            .unwrap_or_default(),
    };
    let terms = terms::all().iter().map(|term| {
        let (valid_from, valid_to) = term.validity();
        TermRow {
            basis: term.basis,
            law: term.law,
            valid_from,
            valid_to,
        }
    });
    Ok(Page(Operations {
        calendar: watch::reach(&app.calendar, app.clock.today()),
        years: app.calendar.years().map(year).collect(),
        jobs_due,
        jobs_dead,
        terms: terms.collect(),
    }))
}
