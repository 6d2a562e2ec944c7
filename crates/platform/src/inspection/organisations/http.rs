use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use civil::PersonalNumber;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::store::{self, Organisation};
use super::super::{OrganisationId, Purpose};
use crate::accounts::{self, Level};
use crate::app::App;
use crate::officers::{Action, Officer, On};
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

const PAGE: &str = "/inspection/organisations";

/// All organisations.
#[derive(Template, Serialize)]
#[template(path = "inspection/pages/organisations.html")]
pub(super) struct Organisations {
    organisations: Vec<Row>,
    /// What an organisation can be registered for.
    purposes: [Purpose; 4],
    name: String,
}

#[derive(Serialize)]
struct Row {
    id: OrganisationId,
    name: String,
    purpose: Purpose,
    since: Timestamp,
    inspectors: i64,
}

impl Organisations {
    async fn now(app: &App) -> Result<Self, Problem> {
        let rows = app.db.read(store::list).await?;
        let row = |(organisation, inspectors): (Organisation, i64)| Row {
            id: organisation.organisation,
            name: organisation.name,
            purpose: organisation.purpose,
            since: organisation.since_at,
            inspectors,
        };
        Ok(Self {
            organisations: rows.into_iter().map(row).collect(),
            purposes: Purpose::OF_ORGANISATIONS,
            name: String::new(),
        })
    }
}

/// An organisation to be registered.
#[derive(Deserialize)]
pub(super) struct NewOrganisation {
    #[serde(default)]
    name: String,
    #[serde(default)]
    purpose: String,
}

/// An inspector to be named or taken away.
#[derive(Deserialize)]
pub(super) struct Change {
    #[serde(default)]
    number: String,
    #[serde(default)]
    remove: String,
}

/// Shows all organisations.
pub(super) async fn list(State(app): State<App>, officer: Officer) -> Result<Page<Organisations>, Problem> {
    officer.must(&app, Action::SeeOfficers, &On::Platform)?;
    Ok(Page(Organisations::now(&app).await?))
}

/// Registers an organisation.
pub(super) async fn register(
    State(app): State<App>,
    officer: Officer,
    Input(form): Input<NewOrganisation>,
) -> Result<Next<Organisations>, Problem> {
    officer.must(&app, Action::Appoint, &On::Platform)?;
    let name = form.name.trim().to_owned();
    let purpose = Purpose::from_word(&form.purpose).filter(|purpose| Purpose::OF_ORGANISATIONS.contains(purpose));
    let mut faults = Vec::new();
    if !(3..=120).contains(&name.chars().count()) {
        faults.push(Fault::new("name", "inspection-organisation-fault-name"));
    }
    let Some(purpose) = purpose.filter(|_| faults.is_empty()) else {
        if purpose.is_none() {
            faults.push(Fault::new("purpose", "inspection-organisation-fault-purpose"));
        }
        let again = Organisations {
            name,
            ..Organisations::now(&app).await?
        };
        return Err(Problem::invalid(faults).on(again));
    };

    let new = Organisation {
        organisation: OrganisationId::draw(&app.chance),
        name,
        purpose,
        since_at: app.clock.now(),
    };
    let written = app.db.write(move |tx| store::insert(tx, &new)).await;
    let view = Organisations::now(&app).await?;
    match written {
        Err(db::Error::Taken(_)) => Err(Problem::new("inspection-name-taken", StatusCode::CONFLICT).on(view)),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(Next {
            to: PAGE.to_owned(),
            view,
        }),
    }
}

/// Names an inspector, or takes one away.
pub(super) async fn change(
    State(app): State<App>,
    officer: Officer,
    Path(id): Path<OrganisationId>,
    Input(form): Input<Change>,
) -> Result<Next<Organisations>, Problem> {
    officer.must(&app, Action::Appoint, &On::Platform)?;
    let Ok(number) = PersonalNumber::parse(form.number.trim()) else {
        let fault = Fault::new("number", "inspection-inspector-fault-number");
        return Err(Problem::invalid(vec![fault]).on(Organisations::now(&app).await?));
    };
    let (vault, now, remove) = (app.vault.clone(), app.clock.now(), !form.remove.is_empty());
    app.db
        .write(move |tx| {
            store::find(tx, &id)?.ok_or_else(Problem::not_found)?;
            let nobody = || Problem::new("inspection-no-account", StatusCode::UNPROCESSABLE_ENTITY);
            let person = accounts::person_of(tx, &vault, &number)?.ok_or_else(nobody)?;
            if remove {
                store::take_away(tx, &person, &id)?;
                return Ok::<_, Problem>(());
            }
            let account = accounts::own(tx, &vault, &person)?;
            if account.level != Level::Two {
                return Err(nobody());
            }
            Ok(store::name(tx, &person, &id, now)?)
        })
        .await?;
    Ok(Next {
        to: PAGE.to_owned(),
        view: Organisations::now(&app).await?,
    })
}
