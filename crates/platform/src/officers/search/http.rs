use askama::Template;
use axum::extract::State;
use civil::PersonalNumber;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::{Action, CaseNumber, Occasion, Officer, On};
use super::Purpose;
use crate::accounts::{self, Level};
use crate::app::App;
use crate::applications::{self, ApplicationId, Outline};
use crate::history::{self, Look, Who};
use crate::shell::filters;
use crate::shell::input::Input;
use crate::shell::page::Page;
use crate::shell::problem::{Fault, Problem};

/// The form, and what was found.
#[derive(Clone, Default, Template, Serialize)]
#[template(path = "officers/search/pages/search.html")]
pub(super) struct Search {
    number: String,
    purpose: String,
    case_number: String,
    asked: bool,
    found: Option<Found>,
}

/// Where the account of a person and the applications stand.
#[derive(Clone, Serialize)]
struct Found {
    masked_number: String,
    level: Level,
    state: &'static str,
    activate_by: Option<Timestamp>,
    applications: Vec<Row>,
}

#[derive(Clone, Serialize)]
struct Row {
    id: ApplicationId,
    #[serde(flatten)]
    outline: Outline,
}

/// Shows the form.
pub(super) async fn ask(State(app): State<App>, officer: Officer) -> Result<Page<Search>, Problem> {
    // Whether the role may look anybody up at all, in the best of cases.
    let best = Occasion {
        purpose: Purpose::Investigation.word(),
        case_number: CaseNumber::parse("0/0"),
    };
    officer.must_for(&app, Action::SearchPerson, &On::Person, &best)?;
    Ok(Page(Search::default()))
}

#[derive(Debug, Deserialize)]
pub(super) struct SearchForm {
    #[serde(default)]
    number: String,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    case_number: String,
}

/// Looks a number up. Who has no account is told of like that: the number is not asked of any database.
pub(super) async fn find(
    State(app): State<App>,
    officer: Officer,
    Input(form): Input<SearchForm>,
) -> Result<Page<Search>, Problem> {
    let shown = Search {
        number: form.number.clone(),
        purpose: form.purpose.clone(),
        case_number: form.case_number.clone(),
        ..Search::default()
    };
    let (number, purpose, case) = form
        .check()
        .map_err(|faults| Problem::invalid(faults).on(shown.clone()))?;
    let occasion = Occasion {
        purpose: purpose.map(Purpose::word).unwrap_or_default(),
        case_number: case.clone(),
    };
    let allowed = officer.must_for(&app, Action::SearchPerson, &On::Person, &occasion);
    allowed.map_err(|problem| problem.on(shown.clone()))?;
    let Some(purpose) = purpose else {
        return Err(Problem::not_found());
    };

    let vault = app.vault.clone();
    let person = app
        .db
        .read(move |conn| accounts::person_of(conn, &vault, &number))
        .await?;
    let Some(person) = person else {
        return Ok(Page(Search { asked: true, ..shown }));
    };
    let who = Who::Officer(officer.known_as());
    let look = Look::now(&app, person, &who, purpose.in_history(), "account");
    let case = case.as_ref().map(CaseNumber::as_str).unwrap_or_default();
    let look = look.in_case(&app, case);
    let (parts, now) = (app.clone(), app.clock.now());
    let found = app
        .db
        .write(move |tx| {
            history::record(tx, &look)?;
            let Some(account) = accounts::find(tx, &parts.vault, &person)? else {
                return Ok(None);
            };
            let applications = applications::outlines(tx, &person)?;
            Ok::<_, Problem>(Some(Found {
                masked_number: account.number.masked(),
                level: account.level,
                state: account.standing(now).slug(),
                activate_by: account.activate_by,
                applications: applications
                    .into_iter()
                    .map(|(id, outline)| Row { id, outline })
                    .collect(),
            }))
        })
        .await?;

    Ok(Page(Search {
        asked: true,
        found,
        ..shown
    }))
}

impl SearchForm {
    fn check(&self) -> Result<(PersonalNumber, Option<Purpose>, Option<CaseNumber>), Vec<Fault>> {
        let mut faults = Vec::new();
        let number = PersonalNumber::parse(self.number.trim());
        if number.is_err() {
            faults.push(Fault::new("number", "officers-search-fault-number"));
        }
        let case = CaseNumber::parse(&self.case_number);
        if case.is_none() && !self.case_number.trim().is_empty() {
            faults.push(Fault::new("case_number", "officers-search-fault-case"));
        }
        match number {
            Ok(number) if faults.is_empty() => Ok((number, Purpose::of_word(&self.purpose), case)),
            _ => Err(faults),
        }
    }
}
