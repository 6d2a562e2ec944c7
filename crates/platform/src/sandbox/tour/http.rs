use askama::Template;
use axum::extract::State;
use nation::Person;
use serde::{Deserialize, Serialize};

use super::super::holders::{self, PASSCODE, PASSWORD};
use super::super::http::{OfficerFacts, all_officers, received};
use super::super::people::{self, Resident};
use super::super::{Portal, ground};
use super::rules::{self, Standing, Step, steps};
use crate::accounts::{self, Level};
use crate::app::App;
use crate::applications;
use crate::notices::Message;
use crate::officers;
use crate::shell::filters;
use crate::shell::input::Query;
use crate::shell::page::Page;
use crate::shell::problem::Problem;

/// How many people are suggested.
const SUGGESTIONS: u64 = 12;
/// How many of the chosen person's messages are shown.
const MESSAGES: i64 = 3;

/// Who was picked.
#[derive(Debug, Deserialize)]
pub(super) struct Picked {
    #[serde(default)]
    person: String,
}

/// The tour.
#[derive(Template, Serialize)]
#[template(path = "sandbox/pages/tour.html")]
pub(super) struct Tour {
    chosen: Option<Chosen>,
    suggestions: Vec<Resident>,
    officers: Vec<OfficerFacts>,
    /// The address of the demo portal.
    portal: Option<String>,
    password: &'static str,
    passcode: &'static str,
}

/// The person of the tour and where they stand.
#[derive(Serialize)]
struct Chosen {
    person: Resident,
    steps: Vec<Step>,
    messages: Vec<Message>,
}

/// Shows the tour.
pub(super) async fn show(State(app): State<App>, Query(picked): Query<Picked>) -> Result<Page<Tour>, Problem> {
    let ground = ground(&app)?;
    let chosen = match picked.person.trim() {
        "" => None,
        number => Some(chosen(&app, &people::find(&app, number)?).await?),
    };
    // From all over the country, and so of different families.
    let apart = ground.nation.people() / SUGGESTIONS;
    let mut suggested: Vec<Person> = (0..SUGGESTIONS)
        .filter_map(|turn| people::suggested(&app, &ground.nation, turn * apart).next())
        .collect();
    suggested.dedup_by_key(|person| person.index);

    let suggestions = people::residents(&app, suggested).await?;
    Ok(Page(Tour {
        chosen,
        suggestions,
        officers: all_officers(),
        portal: ground.portal.as_ref().map(|portal: &Portal| portal.url.clone()),
        password: PASSWORD,
        passcode: PASSCODE,
    }))
}

async fn chosen(app: &App, citizen: &Person) -> Result<Chosen, Problem> {
    let messages = match &citizen.phone {
        Some(phone) => received(app, &phone.e164(), MESSAGES).await?,
        None => Vec::new(),
    };
    let (vault, wanted) = (app.vault.clone(), citizen.clone());
    let standing = app
        .db
        .read(move |conn| {
            let person = accounts::person_of(conn, &vault, &wanted.number)?;
            let account = holders::account(conn, &vault, &wanted)?;
            let mut asked = None;
            for level in [Level::One, Level::Two] {
                let Some(person) = &person else { continue };
                let application = applications::find_live(conn, &vault, person, level)?;
                if application.is_some_and(|application| application.state.waits()) {
                    asked = Some(level);
                }
            }
            Ok::<_, Problem>(Standing {
                levels: account.map(|account| (account.level, account.granted)),
                asked,
            })
        })
        .await?;
    let mut residents = people::residents(app, vec![citizen.clone()]).await?;
    Ok(Chosen {
        person: residents.pop().ok_or_else(Problem::not_found)?,
        steps: steps(standing),
        messages,
    })
}

impl Tour {
    /// Whom one signs in as for a step of the officers.
    fn officer(&self, step: &Step) -> Option<&OfficerFacts> {
        let wanted = match step.role {
            rules::Role::Citizen => return None,
            rules::Role::Counter => officers::Role::Counter,
            rules::Role::Reviewer => officers::Role::Reviewer,
        };
        self.officers.iter().find(|officer| officer.role == wanted)
    }

    /// Where a step is done; the last one is at the portal.
    fn address(&self, step: &Step) -> String {
        match (&self.portal, step.step) {
            (Some(portal), "portal") => format!("{portal}/"),
            _ => step.to.to_owned(),
        }
    }
}
