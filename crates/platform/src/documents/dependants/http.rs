use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::rules::{self, Dependant};
use crate::accounts;
use crate::app::App;
use crate::documents::gathering::gather;
use crate::documents::http::{closed, is_open, level_2};
use crate::documents::rules::{Content, Held, Kind, Provenance, Value};
use crate::documents::subject;
use crate::history::{self, Look, Purpose, Who};
use crate::registries::{self, CivilStatus, Subject};
use crate::shell::filters;
use crate::shell::input::Path;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

/// For what the sources are asked.
const PURPOSE: &str = "guardian";
/// What a guardian sees of a child or ward.
pub(super) const SHOWN: [Kind; 6] = [
    Kind::Personal,
    Kind::HealthInsurance,
    Kind::HealthBook,
    Kind::Residence,
    Kind::CivilStatus,
    Kind::Passport,
];

/// The dependants.
#[derive(Template, Serialize)]
#[template(path = "documents/dependants/pages/dependants.html")]
pub(super) struct Dependants {
    open: bool,
    dependants: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    /// A name without meaning, for addresses.
    id: String,
    #[serde(flatten)]
    dependant: Dependant,
}

/// The papers of one.
#[derive(Template, Serialize)]
#[template(path = "documents/dependants/pages/dependant.html")]
pub(super) struct Papers {
    open: bool,
    /// As in the list.
    id: String,
    dependant: Dependant,
    papers: Vec<PaperOf>,
}

#[derive(Serialize)]
struct PaperOf {
    kind: Kind,
    #[serde(flatten)]
    held: Held,
}

impl Papers {
    fn held(&self) -> impl Iterator<Item = (&Kind, &Content, &Provenance)> {
        self.papers.iter().filter_map(|paper| match &paper.held {
            Held::Here { content, provenance } => Some((&paper.kind, content.as_ref(), provenance)),
            _ => None,
        })
    }
}

fn id_of(app: &App, dependant: &Dependant) -> String {
    let digest = app
        .vault
        .digest("document-dependant", dependant.number.as_str().as_bytes());
    hex::encode(digest.get(..12).unwrap_or(&digest))
}

async fn of(app: &App, citizen: &Citizen) -> Result<(accounts::Account, Vec<Dependant>), Problem> {
    let account = level_2(app, citizen).await?;
    let dependants = all_of(app, &account).await?;
    Ok((account, dependants))
}

/// Everybody who depends on the holder of an account, as the source says now.
pub(in crate::documents) async fn all_of(app: &App, account: &accounts::Account) -> Result<Vec<Dependant>, Problem> {
    let known = registries::record::<CivilStatus>(app, &subject(account), PURPOSE).await?;
    let today = app.clock.today();
    let dependants = known.map(|answer| rules::dependants(&answer.record, today));
    Ok(dependants.unwrap_or_default())
}

/// Somebody for whom the holder acts just now, by the name without meaning.
///
/// # Errors
/// Not found; `documents-not-acting`; the silence of the source; those of the database.
async fn acting_for(app: &App, citizen: &Citizen, id: &str) -> Result<(accounts::Account, Dependant), Problem> {
    let (guardian, dependants) = of(app, citizen).await?;
    let dependant = dependants.into_iter().find(|dependant| id_of(app, dependant) == id);
    let dependant = dependant.ok_or_else(Problem::not_found)?;
    if !dependant.standing.acts() {
        let refusal = Problem::new("documents-not-acting", StatusCode::FORBIDDEN);
        return Err(refusal.with("standing", dependant.standing.word()));
    }
    Ok((guardian, dependant))
}

fn whom(dependant: &Dependant) -> Subject {
    Subject {
        number: dependant.number.clone(),
        full_name: dependant.full_name.clone(),
        date_of_birth: dependant.date_of_birth,
    }
}

/// As a question about them asks.
pub(super) async fn represented(app: &App, citizen: &Citizen, id: &str) -> Result<Subject, Problem> {
    let (_, dependant) = acting_for(app, citizen, id).await?;
    Ok(whom(&dependant))
}

/// Shows the dependants.
pub(super) async fn list(State(app): State<App>, citizen: Citizen) -> Result<Response, Problem> {
    if !is_open(&app, &citizen).await? {
        return Ok(closed("/documents"));
    }
    let (_, dependants) = of(&app, &citizen).await?;
    let look = Look::now(&app, citizen.person, &Who::Holder, Purpose::OwnData, "family");
    app.db.write(move |tx| history::record(tx, &look)).await?;
    let shown = dependants.into_iter().map(|dependant| Shown {
        id: id_of(&app, &dependant),
        dependant,
    });
    Ok(Page(Dependants {
        open: true,
        dependants: shown.collect(),
    })
    .into_response())
}

/// Shows the papers of a dependant.
pub(super) async fn show(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    if !is_open(&app, &citizen).await? {
        return Ok(closed("/documents"));
    }
    let (guardian, dependant) = acting_for(&app, &citizen, &id).await?;

    let gathered = gather(&app, &whom(&dependant), &SHOWN, PURPOSE).await;
    let papers: Vec<PaperOf> = gathered
        .into_iter()
        .map(|found| PaperOf {
            kind: found.kind,
            held: found.held,
        })
        .collect();

    let seen = papers.iter().filter(|paper| matches!(paper.held, Held::Here { .. }));
    let what: Vec<&str> = seen.map(|paper| paper.kind.what()).collect();
    let ward = accounts::of_number(&app, &dependant.number)
        .await?
        .map(|account| account.person);
    let (person, who) = match ward {
        Some(ward) => (ward, Who::Guardian(guardian.full_name)),
        None => (citizen.person, Who::Holder),
    };
    let look = Look::now(&app, person, &who, Purpose::OwnData, &what.join(" "));
    app.db.write(move |tx| history::record(tx, &look)).await?;
    Ok(Page(Papers {
        open: true,
        id,
        dependant,
        papers,
    })
    .into_response())
}
