use askama::Template;
use axum::extract::State as Of;
use civil::PersonalNumber;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::description::{Document, Fee, Receiver, Whom};
use super::drafts::http::in_force;
use super::{dossiers, drafts, known};
use crate::accounts::Level;
use crate::app::App;
use crate::documents;
use crate::shell::filters;
use crate::shell::input::{Path, Query};
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

/// All procedures, and the visitor's own requests.
#[derive(Clone, Template, Serialize)]
#[template(path = "procedures/pages/procedures.html")]
pub(super) struct Procedures {
    level: Level,
    procedures: Vec<Listed>,
    drafts: Vec<drafts::Outline>,
    dossiers: Vec<dossiers::Outline>,
    /// Where older requests begin.
    older: Option<Timestamp>,
}

#[derive(Clone, Serialize)]
struct Listed {
    code: String,
    level: i64,
    working_days: u16,
    free: bool,
}

impl Procedures {
    pub(super) async fn load(app: &App, citizen: &Citizen, before: Option<Timestamp>) -> Result<Self, Problem> {
        let account = known::applicant(app, citizen.person, 1).await?;
        let (at, person, today) = (app.clone(), citizen.person, app.clock.today());
        let before = before.unwrap_or(Timestamp::MAX);
        let (drafts, (dossiers, older)) = app
            .db
            .read(move |conn| {
                Ok::<_, db::Error>((
                    drafts::outlines(conn, &at, &person)?,
                    dossiers::outlines(conn, &person, before)?,
                ))
            })
            .await?;
        let listed = app.procedures.all().filter_map(|procedure| {
            let version = procedure.on(today)?;
            Some(Listed {
                code: procedure.code.clone(),
                level: version.level,
                working_days: version.working_days,
                free: version.fee.is_empty(),
            })
        });
        Ok(Self {
            level: account.level,
            procedures: listed.collect(),
            drafts,
            dossiers,
            older,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct Earlier {
    before: Option<Timestamp>,
}

/// Shows all procedures.
pub(super) async fn list(
    Of(app): Of<App>,
    citizen: Citizen,
    Query(earlier): Query<Earlier>,
) -> Result<Page<Procedures>, Problem> {
    Ok(Page(Procedures::load(&app, &citizen, earlier.before).await?))
}

/// A procedure before it is asked for.
#[derive(Clone, Template, Serialize)]
#[template(path = "procedures/pages/overview.html")]
pub(super) struct Overview {
    code: String,
    from: Date,
    until: Option<Date>,
    level: i64,
    /// The level is high enough.
    allowed: bool,
    /// The passcode is asked for before the form is opened.
    passcode: bool,
    whom: Vec<Whom>,
    basis: Vec<String>,
    receiver: Receiver,
    working_days: u16,
    cut_off: Option<String>,
    fees: Vec<Fee>,
    documents: Vec<Document>,
    children: Vec<Child>,
}

/// Somebody for whom the visitor acts.
#[derive(Clone, Serialize)]
struct Child {
    #[serde(rename = "personal_number")]
    number: PersonalNumber,
    full_name: String,
}

impl Overview {
    pub(super) async fn load(app: &App, citizen: &Citizen, code: &str) -> Result<Self, Problem> {
        let (procedure, version) = in_force(app, code)?;
        let account = known::applicant(app, citizen.person, 1).await?;
        let allowed = account.level.number() >= version.level;
        let mut children = Vec::new();
        if allowed && account.level == Level::Two && version.whom.contains(&Whom::Child) {
            let found = documents::acted_for(app, &account).await?;
            children.extend(found.into_iter().map(|dependant| Child {
                number: dependant.number,
                full_name: dependant.full_name,
            }));
        }
        let mut whom = version.whom.clone();
        whom.retain(|whom| *whom != Whom::Child || !children.is_empty());
        Ok(Self {
            code: procedure.code.clone(),
            from: version.from,
            until: version.until,
            level: version.level,
            allowed,
            passcode: version.passcode,
            whom,
            basis: version.basis.clone(),
            receiver: version.receiver,
            working_days: version.working_days,
            cut_off: version.cut_off.map(|time| time.strftime("%H:%M").to_string()),
            fees: version.fee.clone(),
            documents: version.document.clone(),
            children,
        })
    }
}

/// Shows a procedure.
pub(super) async fn show(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(code): Path<String>,
) -> Result<Page<Overview>, Problem> {
    Ok(Page(Overview::load(&app, &citizen, &code).await?))
}
