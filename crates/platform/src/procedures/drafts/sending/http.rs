use std::collections::BTreeMap;

use ::http::StatusCode;
use askama::Template;
use axum::extract::State as Of;
use jiff::civil::Date;
use serde::Serialize;

use super::super::http::Opened;
use super::super::{DraftId, store};
use crate::app::App;
use crate::payments::{self, Purpose};
use crate::procedures::description::Fee;
use crate::procedures::dossiers::http::Tracked;
use crate::procedures::dossiers::{self, Opening};
use crate::procedures::filling::{self, Shown};
use crate::procedures::known::For;
use crate::procedures::linked::Following;
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;

/// Everything once more.
#[derive(Clone, Template, Serialize)]
#[template(path = "procedures/pages/check.html")]
pub(in crate::procedures) struct Checking {
    id: DraftId,
    code: String,
    /// The first day of the description in force.
    version: Date,
    fields: Vec<Shown>,
    /// The sentences that have to be agreed to.
    consents: Vec<String>,
    agreed: Vec<String>,
    fees: Vec<Fee>,
    fee: String,
    /// The body that will receive it.
    unit: String,
    working_days: u16,
    basis: Vec<String>,
    /// It changed while this page was open.
    changed: Option<Date>,
}

impl Checking {
    pub(in crate::procedures) fn of(opened: &Opened<'_>) -> Self {
        let (form, version) = (opened.form(), opened.version);
        let unit = form.place().map(|commune| dossiers::unit(version.receiver, commune));
        let with_extra = |fee: &Fee| Fee {
            group: fee.group.clone(),
            amount: fee.amount.saturating_add(form.extra()),
        };
        Self {
            id: opened.draft.id,
            code: opened.draft.code.clone(),
            version: version.from,
            fields: filling::shown(&form),
            consents: version.consents.clone(),
            agreed: opened.draft.content.consents.clone(),
            fees: version.fee.iter().map(with_extra).collect(),
            fee: form.fee().map_or(String::new(), |(group, _)| group.to_owned()),
            unit: unit.as_deref().map(dossiers::body).unwrap_or_default(),
            working_days: form.working_days(),
            basis: version.basis.clone(),
            changed: opened.changed(),
        }
    }

    fn agreed_to(&self, name: &str) -> bool {
        self.agreed.iter().any(|agreed| agreed == name)
    }
}

/// Shows everything once more.
pub(in crate::procedures::drafts) async fn check(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<DraftId>,
) -> Result<Page<Checking>, Problem> {
    let opened = Opened::load(&app, &citizen, id, For::Showing).await?;
    let faults = filling::check(&opened.form());
    let view = Checking::of(&opened);
    if faults.is_empty() {
        return Ok(Page(view));
    }
    Err(Problem::invalid(faults).on(view))
}

/// Everything that keeps a request from being sent in.
async fn wrong(app: &App, opened: &Opened<'_>) -> Result<Vec<Fault>, Problem> {
    let mut faults = filling::check(&opened.form());
    let missing = opened.version.consents.iter();
    let missing = missing.filter(|name| !opened.draft.content.consents.contains(name));
    faults.extend(missing.map(|name| Fault::new(format!("consent-{name}"), "procedures-fault-consent")));
    faults.extend(opened.ready(app).await?);
    if !opened.version.fee.is_empty() && opened.form().fee().is_none() {
        faults.push(Fault::new("fee", "procedures-fault-fee"));
    }
    Ok(faults)
}

/// Sends it in.
pub(in crate::procedures::drafts) async fn send(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<DraftId>,
    Input(typed): Input<BTreeMap<String, String>>,
) -> Result<Next<Tracked>, Problem> {
    let mut opened = Opened::load(&app, &citizen, id, For::Sending).await?;
    let version = opened.version;
    opened.draft.content.agree(version, &typed);
    opened.keep(&app).await?;
    let seen: Option<Date> = typed.get("version").and_then(|day| day.parse().ok());
    if seen != Some(version.from) {
        let mut view = Checking::of(&opened);
        view.changed = Some(version.from);
        let mut problem = Problem::new("procedures-changed", StatusCode::CONFLICT);
        for fault in filling::check(&opened.form()) {
            problem = problem.fault(fault);
        }
        return Err(problem.on(view));
    }
    let faults = wrong(&app, &opened).await?;
    if !faults.is_empty() {
        return Err(Problem::invalid(faults).on(Checking::of(&opened)));
    }

    let opening = Opening::draw(&app, &opened.form())?;
    let dossier = opening.dossier.clone();
    let following = Following::of_sending(&app, &dossier).await?;
    let due = dossier.filed.fee.clone().filter(|(_, amount)| *amount > 0);
    let order = due.map(|(_, amount)| {
        let what = (Purpose::Procedure, *dossier.id.bytes());
        payments::Opening::draw(&app, dossier.person, what, amount)
    });
    let (person, draft) = (citizen.person, id);
    let pay = order.clone();
    app.db
        .write(move |tx| {
            if !store::remove(tx, &person, &draft)? {
                return Err(Problem::not_found());
            }
            opening.take(tx)?;
            following.take(tx)?;
            match &pay {
                Some(order) => Ok(order.take(tx)?),
                None => Ok(()),
            }
        })
        .await?;
    app.bell.ring();

    let to = order.map_or_else(
        || format!("/procedures/dossiers/{}", dossier.id),
        |order| format!("/payments/{}", order.id()),
    );
    Ok(Next {
        to,
        view: Tracked::load(&app, &dossiers::http::own(&app, &citizen, dossier.id).await?).await?,
    })
}
