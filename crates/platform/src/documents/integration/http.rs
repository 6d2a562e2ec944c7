use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::rules::{self, DeclareForm, Declared, Line};
use super::{DeclarationId, store};
use crate::accounts::Account;
use crate::app::App;
use crate::documents::http::{kind_of, level_2, must_be_open};
use crate::documents::reports::{self, Content, Report};
use crate::documents::rules::Kind;
use crate::documents::source_name;
use crate::history::{self, Look, Purpose, Who};
use crate::registries::{self, Found, HealthInsurance, Licence, Silent, Vehicles};
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;

/// For what the sources are asked.
const PURPOSE: &str = "integration";

/// The form.
#[derive(Clone, Template, Serialize)]
#[template(path = "documents/integration/pages/declare.html")]
pub(super) struct Form {
    kind: String,
    number: String,
    second: String,
}

impl Form {
    fn chose(&self, word: &str) -> bool {
        self.kind == word
    }

    fn of(form: &DeclareForm) -> Self {
        Self {
            kind: form.kind.clone(),
            number: form.number.clone(),
            second: form.second.clone(),
        }
    }
}

/// How a paper matched.
#[derive(Clone, Template, Serialize)]
#[template(path = "documents/integration/pages/matched.html")]
pub(super) struct Matched {
    id: String,
    kind: Kind,
    number: String,
    /// `matched`, `differs` or `correcting`.
    matched: String,
    lines: Vec<Line>,
}

/// What is kept of a declaration.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    number: String,
    lines: Vec<Line>,
}

/// Asks what is printed on the paper.
pub(super) async fn ask(State(app): State<App>, citizen: Citizen) -> Result<Page<Form>, Problem> {
    level_2(&app, &citizen).await?;
    Ok(Page(Form::of(&DeclareForm::default())))
}

/// A paper that was found, with the names of its owners.
struct Hit {
    number: Option<String>,
    full_name: String,
    date_of_birth: jiff::civil::Date,
    owners: Vec<String>,
    /// Whether what else was declared stands on it.
    second_fits: bool,
}

fn hit<T>(found: Found<T>, second_fits: bool, owners: Vec<String>) -> Hit {
    Hit {
        number: found.number.map(|number| number.as_str().to_owned()),
        full_name: found.full_name,
        date_of_birth: found.date_of_birth,
        owners,
        second_fits,
    }
}

async fn look_up(app: &App, declared: &Declared) -> Result<Option<Hit>, Silent> {
    let (source, number, second) = (declared.kind.source(), &declared.number, &declared.second);
    Ok(match declared.kind {
        Kind::DrivingLicence => {
            let found = registries::search::<Licence>(app, source, number, PURPOSE).await?;
            found.map(|found| {
                let fits = found.record.classes.iter().any(|class| class.name == *second);
                hit(found, fits, Vec::new())
            })
        }
        Kind::Vehicles => {
            let found = registries::search::<Vehicles>(app, source, number, PURPOSE).await?;
            found.and_then(|found| {
                let bears = |plate: &str| rules::plate(plate).as_deref() == Some(number);
                let vehicle = found.record.vehicles.iter().find(|vehicle| bears(&vehicle.plate))?;
                let fits = vehicle.chassis_number == *second;
                let owners = vehicle.co_owner.iter().cloned().collect();
                Some(hit(found, fits, owners))
            })
        }
        _ => {
            let found = registries::search::<HealthInsurance>(app, source, number, PURPOSE).await?;
            found.map(|found| hit(found, true, Vec::new()))
        }
    })
}

/// Declares a paper: it is looked up, compared, and taken in where all agrees.
pub(super) async fn declare(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<DeclareForm>,
) -> Result<Next<Matched>, Problem> {
    let account = level_2(&app, &citizen).await?;
    must_be_open(&app, &citizen).await?;
    let declared = form
        .check()
        .map_err(|faults| Problem::invalid(faults).on(Form::of(&form)))?;

    let found = look_up(&app, &declared).await?.filter(|hit| hit.second_fits);
    let Some(hit) = found else {
        let fault = Fault::new("number", "documents-declare-not-found");
        return Err(Problem::invalid(vec![fault]).on(Form::of(&form)));
    };
    let view = compare(&app, &account, &declared, &hit).await?;
    take_in(&app, &citizen, &declared, &view).await?;
    Ok(Next {
        to: format!("/documents/integration/{}", view.id),
        view,
    })
}

/// Compares with what the population database says at this moment.
async fn compare(app: &App, account: &Account, declared: &Declared, hit: &Hit) -> Result<Matched, Problem> {
    let person = registries::person(app, &account.number, PURPOSE).await?;
    let person = person.ok_or_else(Problem::not_found)?.record;
    let owners: Vec<&str> = hit.owners.iter().map(String::as_str).collect();
    let own = (person.number.as_str(), person.full_name.as_str(), person.date_of_birth);
    let lines = rules::compare(own, (hit.number.as_deref(), &hit.full_name, hit.date_of_birth), &owners);
    let matched = if lines.iter().all(|line| line.agrees) {
        "matched"
    } else {
        "differs"
    };
    Ok(Matched {
        id: DeclarationId::draw(&app.chance).to_string(),
        kind: declared.kind,
        number: declared.number.clone(),
        matched: matched.to_owned(),
        lines,
    })
}

async fn take_in(app: &App, citizen: &Citizen, declared: &Declared, view: &Matched) -> Result<(), Problem> {
    let id: DeclarationId = view.id.parse().map_err(Problem::internal)?;
    let kept = Kept {
        number: view.number.clone(),
        lines: view.lines.clone(),
    };
    let sealed = app
        .vault
        .seal_record("document_declaration", "content", id.bytes(), &kept)?;
    let who = Who::Registry(source_name(app, declared.kind.source()));
    let look = Look::now(app, citizen.person, &who, Purpose::OwnData, declared.kind.what());
    let (person, kind, now, matched) = (citizen.person, declared.kind, app.clock.now(), view.matched.clone());
    app.db
        .write(move |tx| {
            store::insert(tx, (&person, &id), (kind, &matched), &sealed, now)?;
            if matched == "matched" {
                crate::documents::store::restore(tx, &person, kind)?;
            }
            history::record(tx, &look)
        })
        .await?;
    Ok(())
}

async fn load(app: &App, citizen: &Citizen, id: DeclarationId) -> Result<Matched, Problem> {
    let person = citizen.person;
    let found = app.db.read(move |conn| store::find(conn, &person, &id)).await?;
    let (kind, sealed, matched) = found.ok_or_else(Problem::not_found)?;
    let kept: Kept = app
        .vault
        .open_record("document_declaration", "content", id.bytes(), &sealed)?;
    Ok(Matched {
        id: id.to_string(),
        kind: kind_of(&kind)?,
        number: kept.number,
        matched,
        lines: kept.lines,
    })
}

/// Shows how a paper matched.
pub(super) async fn show(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<DeclarationId>,
) -> Result<Page<Matched>, Problem> {
    level_2(&app, &citizen).await?;
    must_be_open(&app, &citizen).await?;
    Ok(Page(load(&app, &citizen, id).await?))
}

/// Asks the source to mend what differs.
pub(super) async fn correct(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<DeclarationId>,
) -> Result<Next<Matched>, Problem> {
    level_2(&app, &citizen).await?;
    must_be_open(&app, &citizen).await?;
    let view = load(&app, &citizen, id).await?;
    if view.matched != "differs" {
        return Err(Problem::new("documents-correction-asked", StatusCode::CONFLICT));
    }
    let differing = view.lines.iter().filter(|line| !line.agrees);
    let reports = differing.map(|line| {
        let content = Content {
            document: view.number.clone(),
            proposed: line.own.clone(),
            note: String::new(),
        };
        Report::draw(&app, citizen.person, (view.kind, &line.field), &content)
    });
    let reports = reports.collect::<Result<Vec<_>, _>>()?;
    let person = citizen.person;
    app.db
        .write(move |tx| {
            if store::correcting(tx, &person, &id)? {
                reports.iter().try_for_each(|report| reports::keep(tx, report))?;
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    Ok(Next {
        to: "/documents/reports".to_owned(),
        view: load(&app, &citizen, id).await?,
    })
}
