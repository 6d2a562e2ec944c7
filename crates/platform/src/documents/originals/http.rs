use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use civil::{PersonalNumber, names};
use serde::{Deserialize, Serialize};

use super::{Printed, Taken};
use crate::accounts::{self, Account, Level};
use crate::app::App;
use crate::documents::integration::{DeclarationId, Line};
use crate::history::{self, Look, Purpose, Who};
use crate::officers::{Action, Officer};
use crate::shell::filters;
use crate::shell::input::Input;
use crate::shell::page::Page;
use crate::shell::problem::{Fault, Problem};

/// The form, and what became of the last original.
#[derive(Clone, Default, Template, Serialize)]
#[template(path = "documents/originals/pages/original.html")]
pub(super) struct Original {
    person: String,
    full_name: String,
    kind: String,
    number: String,
    second: String,
    /// `matched` or `correcting`; empty before.
    outcome: &'static str,
    lines: Vec<Line>,
}

impl Original {
    fn chose(&self, word: &str) -> bool {
        self.kind == word
    }
}

/// Whose paper, and what is printed on it.
#[derive(Deserialize)]
pub(super) struct OriginalForm {
    #[serde(default)]
    person: String,
    #[serde(default)]
    full_name: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    second: String,
    #[serde(default)]
    seen: String,
}

/// Shows the form.
pub(super) async fn ask(State(app): State<App>, officer: Officer) -> Result<Page<Original>, Problem> {
    officer.must_here(&app, Action::TakeApplication)?;
    Ok(Page(Original::default()))
}

/// Takes an original up for somebody who is present.
pub(super) async fn take_up(
    State(app): State<App>,
    officer: Officer,
    Input(form): Input<OriginalForm>,
) -> Result<Page<Original>, Problem> {
    officer.must_here(&app, Action::TakeApplication)?;
    let typed = Original {
        person: form.person.trim().to_owned(),
        full_name: form.full_name.trim().to_owned(),
        kind: form.kind.clone(),
        number: form.number.trim().to_owned(),
        second: form.second.trim().to_owned(),
        ..Original::default()
    };
    let printed = Printed {
        kind: typed.kind.clone(),
        number: typed.number.clone(),
        second: typed.second.clone(),
    };
    let mut faults = printed.read().err().unwrap_or_default();
    if form.seen.is_empty() {
        faults.push(Fault::new("seen", "documents-original-seen-fault"));
    }
    let number = PersonalNumber::parse(&typed.person).ok();
    if number.is_none() {
        faults.push(Fault::new("person", "documents-original-person-fault"));
    }
    let (Some(number), Ok(declared), true) = (number, printed.read(), faults.is_empty()) else {
        return Err(Problem::invalid(faults).on(typed));
    };
    let account = holder(&app, &number, &typed).await?;

    let by = officer.known_as();
    let id = DeclarationId::draw(&app.chance);
    let taken = Taken::draw(&app, &account, (&declared, &by), id)
        .await
        .map_err(|problem| problem.on(typed.clone()))?;
    let look = Look::now(
        &app,
        account.person,
        &Who::Officer(by),
        Purpose::Support,
        declared.kind.what(),
    );
    let shown = Original {
        outcome: if taken.report.is_some() {
            "correcting"
        } else {
            "matched"
        },
        lines: taken.lines.clone(),
        ..typed
    };
    app.db
        .write(move |tx| {
            taken.keep(tx)?;
            history::record(tx, &look)
        })
        .await?;
    Ok(Page(shown))
}

/// The account of level 2 whose number and name agree; else one answer, whichever of them is wrong.
async fn holder(app: &App, number: &PersonalNumber, typed: &Original) -> Result<Account, Problem> {
    let account = accounts::of_number(app, number).await?;
    let fits = |account: &Account| account.level == Level::Two && names::same(&account.full_name, &typed.full_name);
    account
        .filter(fits)
        .ok_or_else(|| Problem::new("documents-original-nobody", StatusCode::NOT_FOUND).on(typed.clone()))
}
