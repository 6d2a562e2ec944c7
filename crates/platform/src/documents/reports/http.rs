use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Content, Report, keep, rules, store};
use crate::app::App;
use crate::documents::http::{kind_of, level_2, must_be_open};
use crate::documents::rules::Kind;
use crate::registries::Proposed;
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;

/// The longest value or note that is taken, in characters.
const LONGEST: usize = 500;

/// The dossiers.
#[derive(Template, Serialize)]
#[template(path = "documents/reports/pages/reports.html")]
pub(in crate::documents) struct Reports {
    reports: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    kind: String,
    changes: Vec<Proposed>,
    note: String,
    /// `kept`, `sent`, `accepted` or `refused`.
    state: String,
    reported_at: Timestamp,
    due_at: Timestamp,
    /// The source has let the deadline pass.
    overdue: bool,
    answered_at: Option<Timestamp>,
    answer: Option<String>,
}

/// The form.
#[derive(Clone, Template, Serialize)]
#[template(path = "documents/reports/pages/report.html")]
pub(super) struct ReportForm {
    kind: Kind,
    fields: Vec<&'static str>,
    field: String,
    proposed: String,
    note: String,
}

impl ReportForm {
    fn chose(&self, name: &str) -> bool {
        self.field == name
    }
}

#[derive(Deserialize)]
pub(super) struct WrongForm {
    #[serde(default)]
    field: String,
    #[serde(default)]
    proposed: String,
    #[serde(default)]
    note: String,
}

fn form(kind: Kind, wrong: Option<&WrongForm>) -> ReportForm {
    let said = |text: fn(&WrongForm) -> &String| wrong.map(text).cloned().unwrap_or_default();
    ReportForm {
        kind,
        fields: rules::fields(kind).to_vec(),
        field: said(|wrong| &wrong.field),
        proposed: said(|wrong| &wrong.proposed),
        note: said(|wrong| &wrong.note),
    }
}

/// Asks what is wrong.
pub(super) async fn ask(
    State(app): State<App>,
    citizen: Citizen,
    Path(word): Path<String>,
) -> Result<Page<ReportForm>, Problem> {
    level_2(&app, &citizen).await?;
    Ok(Page(form(kind_of(&word)?, None)))
}

/// Takes a report up.
pub(super) async fn report(
    State(app): State<App>,
    citizen: Citizen,
    Path(word): Path<String>,
    Input(wrong): Input<WrongForm>,
) -> Result<Next<Reports>, Problem> {
    let kind = kind_of(&word)?;
    level_2(&app, &citizen).await?;
    must_be_open(&app, &citizen).await?;
    let mut faults = Vec::new();
    if !rules::fields(kind).contains(&wrong.field.as_str()) {
        faults.push(Fault::new("field", "documents-report-field-fault"));
    }
    let length = wrong.proposed.trim().chars().count();
    if !(1..=LONGEST).contains(&length) {
        faults.push(Fault::new("proposed", "documents-report-proposed-fault"));
    }
    if wrong.note.chars().count() > LONGEST {
        faults.push(Fault::new("note", "documents-report-note-fault"));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults).on(form(kind, Some(&wrong))));
    }

    let content = Content {
        document: String::new(),
        changes: vec![Proposed {
            field: wrong.field.clone(),
            proposed: wrong.proposed.trim().to_owned(),
        }],
        note: wrong.note.trim().to_owned(),
    };
    let report = Report::draw(&app, citizen.person, kind, &content)?;
    app.db.write(move |tx| keep(tx, &report)).await?;

    Ok(Next {
        to: "/documents/reports".to_owned(),
        view: view(&app, &citizen).await?,
    })
}

pub(in crate::documents) async fn view(app: &App, citizen: &Citizen) -> Result<Reports, Problem> {
    let (person, now) = (citizen.person, app.clock.now());
    let rows = app.db.read(move |conn| store::list(conn, &person)).await?;
    let shown = rows.into_iter().map(|row| {
        let content: Content =
            app.vault
                .open_record("document_report", "content", row.id.bytes(), &row.content_sealed)?;
        let answer = row
            .answer_sealed
            .as_ref()
            .map(|sealed| app.vault.open_text("document_report", "answer", row.id.bytes(), sealed));
        Ok::<_, Problem>(Shown {
            id: row.id.to_string(),
            kind: row.kind,
            changes: content.changes,
            note: content.note,
            overdue: row.answered_at.is_none() && now > row.due_at,
            state: row.state,
            reported_at: row.reported_at,
            due_at: row.due_at,
            answered_at: row.answered_at,
            answer: answer.transpose()?.filter(|answer| !answer.is_empty()),
        })
    });
    Ok(Reports {
        reports: shown.collect::<Result<_, _>>()?,
    })
}

/// Shows the dossiers.
pub(super) async fn list(State(app): State<App>, citizen: Citizen) -> Result<Page<Reports>, Problem> {
    level_2(&app, &citizen).await?;
    must_be_open(&app, &citizen).await?;
    Ok(Page(view(&app, &citizen).await?))
}
