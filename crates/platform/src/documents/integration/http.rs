use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use serde::Serialize;

use super::matching::examine;
use super::rules::{DeclareForm, Line};
use super::{Declaration, DeclarationId, Kept, store};
use crate::app::App;
use crate::documents::http::{kind_of, level_2, must_be_open};
use crate::documents::reports::{self, Content, Report};
use crate::documents::rules::Kind;
use crate::registries::Proposed;
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;

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

/// Asks what is printed on the paper.
pub(super) async fn ask(State(app): State<App>, citizen: Citizen) -> Result<Page<Form>, Problem> {
    level_2(&app, &citizen).await?;
    Ok(Page(Form::of(&DeclareForm::default())))
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

    let Some(lines) = examine(&app, &account, &declared).await? else {
        let fault = Fault::new("number", "documents-declare-not-found");
        return Err(Problem::invalid(vec![fault]).on(Form::of(&form)));
    };
    let id = DeclarationId::draw(&app.chance);
    let declaration = Declaration::draw(&app, (citizen.person, id), &declared, &lines)?;
    let matched = declaration.matched().to_owned();
    app.db.write(move |tx| declaration.keep(tx)).await?;
    let view = Matched {
        id: id.to_string(),
        kind: declared.kind,
        number: declared.number,
        matched,
        lines,
    };
    Ok(Next {
        to: format!("/documents/integration/{}", view.id),
        view,
    })
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
    let content = Content {
        document: view.number.clone(),
        changes: differing
            .map(|line| Proposed {
                field: line.field.clone(),
                proposed: line.own.clone(),
            })
            .collect(),
        note: String::new(),
    };
    let report = Report::draw(&app, citizen.person, view.kind, &content)?;
    let person = citizen.person;
    app.db
        .write(move |tx| {
            if store::correcting(tx, &person, &id)? {
                reports::keep(tx, &report)?;
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    Ok(Next {
        to: "/documents/reports".to_owned(),
        view: load(&app, &citizen, id).await?,
    })
}
