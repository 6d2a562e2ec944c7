use askama::Template;
use axum::extract::State as Of;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rules::{self, Kind, State, Word};
use super::{Facts, Link, LinkId, Report, ReportId, Step, entry, load, matter, open_link, said, store};
use crate::accounts::{self, Level};
use crate::app::App;
use crate::shell::clock::civil_date;
use crate::shell::filters;
use crate::shell::input::{Input, Path, Query};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;

/// How many of the own reports are shown.
const MOST_SHOWN: usize = 10;
/// How many of what a person keeps are looked through.
const MOST_KEPT: i64 = 1000;

/// The own reports.
#[derive(Template, Serialize)]
#[template(path = "reports/pages/reports.html")]
pub(super) struct Reports {
    level: Level,
    reports: Vec<Mine>,
    /// Whether there are more than are shown.
    more: bool,
    wanted: Wanted,
}

impl Reports {
    #[expect(clippy::unused_self, reason = "templates call methods of the view")]
    fn kinds(&self) -> &'static [Kind] {
        Kind::ALL
    }

    #[expect(clippy::unused_self, reason = "templates call methods of the view")]
    fn states(&self) -> &'static [State] {
        State::ALL
    }
}

/// One of the own reports.
#[derive(Serialize)]
struct Mine {
    link: LinkId,
    number: String,
    kind: Kind,
    state: State,
    anonymous: bool,
    unit: String,
    sent_at: Timestamp,
    matters: Vec<String>,
    /// Whether the last word is the unit's.
    answered: bool,
}

impl Mine {
    fn matter(&self, word: &str) -> String {
        matter(self.kind, word)
    }
}

/// Which of them.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Wanted {
    /// `2026-11`.
    #[serde(default)]
    month: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    q: String,
}

impl Wanted {
    fn is_month(&self, at: Timestamp) -> bool {
        let month = self.month.trim();
        month.is_empty() || civil_date(at).strftime("%Y-%m").to_string() == month
    }

    fn is(&self, report: &Report) -> bool {
        let (row, q) = (&report.row, self.q.trim());
        let texts = [&row.number, &report.content.summary, &report.content.involved];
        (self.state.is_empty() || row.state.word() == self.state)
            && (self.kind.is_empty() || row.kind.word() == self.kind)
            && (q.is_empty() || texts.iter().any(|text| rules::holds(text, q)))
    }
}

/// Shows the own reports, the newest first.
pub(super) async fn list(
    Of(app): Of<App>,
    citizen: Citizen,
    Query(wanted): Query<Wanted>,
) -> Result<Page<Reports>, Problem> {
    let (vault, person, asked) = (app.vault.clone(), citizen.person, wanted.clone());
    let (level, found) = app
        .db
        .read(move |conn| {
            let account = accounts::own(conn, &vault, &person)?;
            let mut kept: Vec<(LinkId, Link)> = Vec::new();
            for (link, sealed) in store::links(conn, &person, MOST_KEPT)? {
                kept.push((link, open_link(&vault, &person, (&link, &sealed))?));
            }
            kept.retain(|(_, link)| asked.is_month(link.at));
            kept.sort_by_key(|(_, link)| std::cmp::Reverse(link.at));
            let mut found = Vec::new();
            for (link, kept) in kept {
                if found.len() > MOST_SHOWN {
                    break;
                }
                if let Some(report) = load(conn, &vault, &kept.report)?.filter(|report| asked.is(report)) {
                    found.push((link, report));
                }
            }
            Ok::<_, Problem>((account.level, found))
        })
        .await?;
    Ok(Page(Reports {
        level,
        more: found.len() > MOST_SHOWN,
        reports: found.into_iter().take(MOST_SHOWN).map(mine).collect(),
        wanted,
    }))
}

fn mine((link, report): (LinkId, Report)) -> Mine {
    let facts = Facts::of(&report);
    Mine {
        link,
        number: facts.number,
        kind: facts.kind,
        state: facts.state,
        anonymous: facts.anonymous,
        unit: facts.unit,
        sent_at: facts.sent_at,
        matters: facts.matters,
        answered: report.steps.last().is_some_and(|step| !step.is_mine()),
    }
}

/// One of the own reports, or one that is followed by its code.
#[derive(Clone, Template, Serialize)]
#[template(path = "reports/pages/report.html")]
pub(super) struct Own {
    #[serde(flatten)]
    facts: Facts,
    steps: Vec<Step>,
    files: usize,
    /// Where the forms of the page send to.
    #[serde(skip)]
    to: String,
    /// The code by which it is followed; empty for one of the own.
    #[serde(skip)]
    code: String,
    /// What was typed.
    #[serde(skip)]
    text: String,
}

impl Own {
    pub(super) fn of(report: &Report, to: &str, code: &str) -> Self {
        Self {
            facts: Facts::of(report),
            steps: report.steps.clone(),
            files: report.files.len(),
            to: to.to_owned(),
            code: code.to_owned(),
            text: String::new(),
        }
    }

    /// The same page, with what was typed and why it was not taken.
    pub(super) fn with_fault(self, text: &str) -> Problem {
        Problem::invalid(vec![Fault::new("text", "reports-message-fault")]).on(Self {
            text: text.to_owned(),
            ..self
        })
    }
}

/// What the sender writes.
#[derive(Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    text: String,
}

fn address(link: &LinkId) -> String {
    format!("/reports/sent/{link}")
}

async fn own(app: &App, citizen: &Citizen, link: LinkId) -> Result<(ReportId, Own), Problem> {
    let (vault, person) = (app.vault.clone(), citizen.person);
    let report = app
        .db
        .read(move |conn| {
            let sealed = store::link(conn, &person, &link)?.ok_or_else(Problem::not_found)?;
            let kept = open_link(&vault, &person, (&link, &sealed))?;
            load(conn, &vault, &kept.report)?.ok_or_else(Problem::not_found)
        })
        .await?;
    Ok((report.row.report, Own::of(&report, &address(&link), "")))
}

/// Shows one of the own reports.
pub(super) async fn show(Of(app): Of<App>, citizen: Citizen, Path(link): Path<LinkId>) -> Result<Page<Own>, Problem> {
    Ok(Page(own(&app, &citizen, link).await?.1))
}

/// Writes to the unit.
pub(super) async fn say(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(link): Path<LinkId>,
    Input(form): Input<Said>,
) -> Result<Next<Own>, Problem> {
    let (report, page) = own(&app, &citizen, link).await?;
    let Some(text) = rules::message(&form.text) else {
        return Err(page.with_fault(&form.text));
    };
    let entry = entry(&app, Word::Said, "", "", &text);
    let written = app.db.write(move |tx| said(tx, &report, &entry)).await;
    written.map_err(|problem| problem.on(page))?;
    Ok(Next {
        to: address(&link),
        view: own(&app, &citizen, link).await?.1,
    })
}
