use ::http::{StatusCode, header};
use askama::Template;
use axum::extract::State as Of;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

use super::rules::Act;
use crate::app::App;
use crate::evidence::{self, Outcome, Settlement};
use crate::history::{self, Look, Purpose, Who};
use crate::notices;
use crate::officers::{self, Action, Officer, On};
use crate::reports::attachments::{KIND, owner};
use crate::reports::rules;
use crate::reports::{Facts, Report, ReportId, Sender, Step, counting, entry, load, note, store};
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

/// What of a sender an officer is shown, as the history names it.
const SEEN: &str = "name number phone";

/// A report, as its unit sees it.
#[derive(Clone, Template, Serialize)]
#[template(path = "reports/desk/pages/report.html")]
pub(super) struct Open {
    report: ReportId,
    #[serde(flatten)]
    facts: Facts,
    /// Nobody, where it is anonymous.
    sender: Option<Whom>,
    steps: Vec<Step>,
    files: Vec<File>,
    /// What can be done about it now.
    acts: Vec<Act>,
    #[serde(skip)]
    typed: Typed,
}

/// Who sent it, as the unit is shown.
#[derive(Clone, Serialize)]
struct Whom {
    full_name: String,
    number: String,
    phone: String,
}

#[derive(Clone, Serialize)]
struct File {
    place: i64,
    media_type: String,
    kilobytes: i64,
}

/// What the officer typed.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    text: String,
    #[serde(default)]
    unit: String,
}

impl Open {
    fn of(app: &App, officer: &Officer, report: Report) -> Self {
        let handles = officer.may(app, Action::HandleReport, &On::Unit(&report.row.unit));
        let possible = |act: &Act| handles && report.row.state.after(act.entry()).is_some();
        let from = |sender: &Sender| Whom {
            full_name: sender.full_name.clone(),
            number: sender.number.clone(),
            phone: sender.phone.clone(),
        };
        Self {
            report: report.row.report,
            acts: Act::ALL.iter().copied().filter(possible).collect(),
            facts: Facts::of(&report),
            sender: report.sender.as_ref().map(from),
            files: report
                .files
                .iter()
                .map(|file| File {
                    place: file.place + 1,
                    media_type: file.media_type.clone(),
                    kilobytes: file.size.div_euclid(1024) + 1,
                })
                .collect(),
            steps: report.steps,
            typed: Typed::default(),
        }
    }

    fn can(&self, word: &str) -> bool {
        self.acts.iter().any(|act| act.word() == word)
    }
}

impl File {
    fn is_picture(&self) -> bool {
        self.media_type.starts_with("image/")
    }

    fn is_paper(&self) -> bool {
        self.media_type == "application/pdf"
    }
}

/// A report that the officer may see. Of a named one it is written down, before anything is shown, that this officer sees who sent it.
async fn opened(app: &App, officer: &Officer, id: ReportId, action: Action) -> Result<Report, Problem> {
    let vault = app.vault.clone();
    let report = app.db.read(move |conn| load(conn, &vault, &id)).await?;
    let report = report.ok_or_else(Problem::not_found)?;
    officer.must(app, action, &On::Unit(&report.row.unit))?;
    if let Some(sender) = &report.sender {
        let who = Who::Officer(officer.known_as());
        let look = Look::now(app, sender.person, &who, Purpose::Report, SEEN);
        app.db.write(move |tx| history::record(tx, &look)).await?;
    }
    Ok(report)
}

/// Shows a report.
pub(super) async fn show(Of(app): Of<App>, officer: Officer, Path(id): Path<ReportId>) -> Result<Page<Open>, Problem> {
    let report = opened(&app, &officer, id, Action::SeeReports).await?;
    Ok(Page(Open::of(&app, &officer, report)))
}

/// Shows a file of a report.
pub(super) async fn attachment(
    Of(app): Of<App>,
    officer: Officer,
    Path((id, place)): Path<(ReportId, i64)>,
) -> Result<Response, Problem> {
    let report = opened(&app, &officer, id, Action::SeeReports).await?;
    let file = report.files.iter().find(|file| file.place + 1 == place);
    let file = file.ok_or_else(Problem::not_found)?;
    let content = evidence::read(&app, &owner(&id), &file.piece).await?;
    let content = content.ok_or_else(Problem::not_found)?;
    // What is not a picture is saved and never opened inside a page of ours.
    let how = if file.media_type.starts_with("image/") {
        "inline".to_owned()
    } else {
        let ending = if file.media_type == "video/mp4" { "mp4" } else { "pdf" };
        format!("attachment; filename=\"{}-{place}.{ending}\"", report.row.number)
    };
    let headers = [
        (header::CONTENT_TYPE, file.media_type.clone()),
        (header::CONTENT_DISPOSITION, how),
    ];
    Ok((headers, content).into_response())
}

/// What the form says: the text, and the unit that has the report afterwards.
fn read(act: Act, form: &Typed, report: &Report) -> Result<(String, String), Fault> {
    let text = act.text(&form.text)?;
    if act != Act::Forward {
        return Ok((text, report.row.unit.clone()));
    }
    let unit = form.unit.trim();
    if !rules::is_unit(unit) || unit == report.row.unit {
        return Err(Fault::new("unit", "reports-unit-fault"));
    }
    Ok((text, unit.to_owned()))
}

/// Does something about a report.
pub(super) async fn act(
    Of(app): Of<App>,
    officer: Officer,
    Path((id, act)): Path<(ReportId, String)>,
    Input(form): Input<Typed>,
) -> Result<Next<Open>, Problem> {
    let act = Act::of_word(&act).ok_or_else(Problem::not_found)?;
    let report = opened(&app, &officer, id, Action::HandleReport).await?;
    let again = Open {
        typed: form.clone(),
        ..Open::of(&app, &officer, report.clone())
    };
    let (text, unit) = match read(act, &form, &report) {
        Ok(read) => read,
        Err(fault) => return Err(Problem::invalid(vec![fault]).on(again)),
    };

    let entry = entry(&app, act.entry(), &unit, &officer.known_as(), &text);
    let written = write_down(&app, &report, act, entry).await;
    written.map_err(|problem| problem.on(again))?;
    app.bell.ring();

    // Whoever has passed a report on may see it no more.
    let vault = app.vault.clone();
    let report = app.db.read(move |conn| load(conn, &vault, &id)).await?;
    let report = report.ok_or_else(Problem::not_found)?;
    let sees = officer.may(&app, Action::SeeReports, &On::Unit(&report.row.unit));
    let to = if sees {
        format!("/officers/reports/{id}")
    } else {
        "/officers/reports".to_owned()
    };
    Ok(Next {
        to,
        view: Open::of(&app, &officer, report),
    })
}

/// Moves the report on, with its trace, the notice to a named sender, and, once it is over, the time until which its files are kept.
async fn write_down(app: &App, report: &Report, act: Act, entry: store::Entry) -> Result<(), Problem> {
    let (id, now) = (report.row.report, app.clock.now());
    // Who is competent was asked of the unit that had it then.
    let unit = report.row.unit.clone();
    let note = note(report, &entry);
    let told = report.sender.as_ref().map(|sender| sender.person);
    let at = app.clone();
    let files = report.files.iter();
    let settlements: Vec<Settlement> = files
        .map(|file| Settlement::draw(app, (owner(&id), file.piece), KIND, Outcome::Ended))
        .collect();
    app.db
        .write(move |tx| {
            let changed = || Problem::new("reports-changed", StatusCode::CONFLICT);
            let from = store::find(tx, &id)?.ok_or_else(Problem::not_found)?.state;
            let to = from.after(act.entry()).ok_or_else(changed)?;
            let settled_at = to.is_over().then_some(now);
            counting(tx, &id, now, |tx| {
                if !store::step(tx, (&id, &unit), (from, to), settled_at)? {
                    return Err(changed());
                }
                if act == Act::Forward {
                    store::forward(tx, &id, &entry.unit, &officers::province(&entry.unit))?;
                }
                Ok(())
            })?;
            store::add_entry(tx, &id, &entry)?;
            if to.is_over() {
                settlements.iter().try_for_each(|one| evidence::settle(tx, one))?;
            }
            if let Some(person) = &told {
                notices::inform(&at, tx, person, &note, now)?;
            }
            Ok(())
        })
        .await
}
