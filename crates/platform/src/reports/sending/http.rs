use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::{Choice, How, Sending, communes, provinces, report_of};
use crate::accounts::{self, Account};
use crate::app::App;
use crate::registries;
use crate::reports::attachments;
use crate::reports::form::{self, Checked, To, Typed};
use crate::reports::rules::{self, Kind, MOST_FILES, MOST_MATTERS};
use crate::reports::{LinkId, matter};
use crate::shell::filters;
use crate::shell::input::{LARGEST_FILE, Query, Upload};
use crate::shell::page::Page;
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;

/// The form.
#[derive(Clone, Template, Serialize)]
#[template(path = "reports/sending/pages/form.html")]
pub(in crate::reports) struct ReportForm {
    kind: Kind,
    /// What names this form: sent twice, it is one report.
    draft: String,
    matters: Vec<&'static str>,
    provinces: Vec<Choice>,
    communes: Vec<Choice>,
    typed: Typed,
    most_matters: usize,
    most_files: usize,
    /// Bytes of all files together.
    largest: usize,
}

impl ReportForm {
    fn of(kind: Kind, typed: Typed) -> Self {
        Self {
            kind,
            draft: typed.draft.clone(),
            matters: kind.matters(),
            provinces: provinces(),
            communes: communes(&typed.province),
            typed,
            most_matters: MOST_MATTERS,
            most_files: MOST_FILES,
            largest: LARGEST_FILE,
        }
    }

    fn chose(&self, word: &str) -> bool {
        self.typed.matters.iter().any(|chosen| chosen == word)
    }

    fn matter(&self, word: &str) -> String {
        matter(self.kind, word)
    }

    fn megabytes(&self) -> usize {
        self.largest / (1024 * 1024)
    }
}

/// That a report was sent.
#[derive(Template, Serialize)]
#[template(path = "reports/sending/pages/receipt.html")]
pub(in crate::reports) struct Receipt {
    number: String,
    kind: Kind,
    unit: String,
    anonymous: bool,
    urgent: bool,
    files: usize,
    /// Where the sender follows it, if the account keeps that.
    link: Option<LinkId>,
    /// The code of an anonymous report: shown now, and never again.
    code: Option<String>,
}

#[derive(Deserialize)]
pub(in crate::reports) struct Asked {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    province: String,
}

/// The account of somebody whose level is high enough for a kind.
async fn sender(app: &App, citizen: &Citizen, kind: Kind) -> Result<Account, Problem> {
    let (vault, person) = (app.vault.clone(), citizen.person);
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    if account.level >= kind.level() {
        return Ok(account);
    }
    Err(Problem::new("reports-level-needed", StatusCode::FORBIDDEN).with("level", kind.level()))
}

/// Shows the form.
pub(in crate::reports) async fn ask(
    State(app): State<App>,
    citizen: Citizen,
    Query(asked): Query<Asked>,
) -> Result<Page<ReportForm>, Problem> {
    let kind = Kind::of_word(&asked.kind).unwrap_or(Kind::Feedback);
    sender(&app, &citizen, kind).await?;
    let typed = Typed {
        province: asked.province,
        keep: true,
        draft: hex::encode(app.chance.bytes::<16>()),
        ..Typed::default()
    };
    Ok(Page(ReportForm::of(kind, typed)))
}

fn typed(upload: &Upload) -> Typed {
    let field = |name: &str| upload.field(name).to_owned();
    let ticked = |name: &str| !matches!(upload.field(name), "" | "no" | "off" | "false");
    let all = |name: &str| -> Vec<String> {
        let fields = upload.fields.iter().filter(|(field, _)| field == name);
        fields
            .flat_map(|(_, text)| text.split(','))
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect()
    };
    Typed {
        draft: field("draft"),
        province: field("province"),
        matters: all("matters"),
        commune: field("commune"),
        detail: field("detail"),
        happened: field("happened"),
        summary: field("summary"),
        involved: field("involved"),
        on_behalf: ticked("on_behalf"),
        organisation: field("organisation"),
        position: field("position"),
        to: field("to"),
        unit: field("unit"),
        anonymous: ticked("anonymous"),
        keep: ticked("keep"),
        urgent: ticked("urgent"),
        pledge: ticked("pledge"),
    }
}

/// Sends a report.
///
/// The receipt is the answer itself, not a page to be fetched: the code of an anonymous report is kept nowhere.
pub(in crate::reports) async fn send(
    State(app): State<App>,
    citizen: Citizen,
    upload: Upload,
) -> Result<Page<Receipt>, Problem> {
    let kind = Kind::of_word(upload.field("kind")).ok_or_else(Problem::not_found)?;
    let account = sender(&app, &citizen, kind).await?;
    let mut typed = typed(&upload);
    if typed.draft.is_empty() {
        typed.draft = hex::encode(app.chance.bytes::<16>());
    }
    let again = || ReportForm::of(kind, typed.clone());
    let files = upload.files.into_iter();
    let files = files.filter(|(field, bytes)| field.starts_with("attachments") && !bytes.is_empty());
    let files: Vec<Vec<u8>> = files.map(|(_, bytes)| bytes).collect();
    let checked = form::check(kind, &typed).map_err(|faults| Problem::invalid(faults).on(again()))?;

    let cleaned = attachments::clean(&app, files, typed.anonymous).await?;
    let cleaned = cleaned.map_err(|faults| Problem::invalid(faults).on(again()))?;
    let unit = unit(&app, &account, &checked)
        .await?
        .ok_or_else(|| Problem::invalid(vec![Fault::new("to", "reports-no-home-fault")]).on(again()))?;
    let how = How {
        anonymous: typed.anonymous,
        keep: typed.keep,
        urgent: typed.urgent,
    };
    let report = report_of(&app, &typed.draft);
    let sending = Sending::draw(&app, (&account, report, kind), &checked, (&unit, how), cleaned).await?;

    let kept = sending.clone();
    let written = app.db.write(move |tx| kept.keep(tx, &account)).await;
    written.map_err(|problem| problem.on(again()))?;

    Ok(Page(Receipt {
        number: sending.row.number,
        kind,
        unit: crate::officers::unit(&unit),
        anonymous: typed.anonymous,
        urgent: typed.urgent,
        files: sending.files.len(),
        link: sending.link.map(|(link, _)| link),
        code: sending.code.map(rules::code_text),
    }))
}

/// The code of the unit that receives it; none for a home that nobody knows.
async fn unit(app: &App, account: &Account, checked: &Checked) -> Result<Option<String>, Problem> {
    if let To::Unit(unit) = &checked.to {
        return Ok(Some(unit.clone()));
    }
    let answer = registries::person(app, &account.number, "report").await?;
    let home = answer.and_then(|answer| answer.record.permanent_residence);
    let commune = home.map(|home| home.commune_code);
    Ok(commune.filter(|code| civil::units::commune(code).is_some()))
}
