use ::http::{StatusCode, header};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rules::{Kind, Standing};
use super::{CertificateId, Held, copies, store, verification};
use crate::accounts::{self, Level};
use crate::app::App;
use crate::evidence;
use crate::history::{self, Look, Purpose, Who};
use crate::recovery::{self, Right};
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;
use crate::signin;

/// The holder's certificates.
#[derive(Template, Serialize)]
#[template(path = "certificates/pages/list.html")]
pub(super) struct List {
    certificates: Vec<Shown>,
}

/// A certificate, without what it says.
#[derive(Clone, Serialize)]
struct Shown {
    certificate: CertificateId,
    number: String,
    kind: Kind,
    purpose: String,
    issued_by: String,
    issued_at: Timestamp,
    valid_until: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    standing: Standing,
}

impl Shown {
    fn of(held: &Held, now: Timestamp) -> Self {
        Self {
            certificate: held.id,
            number: held.row.number.clone(),
            kind: held.row.kind,
            purpose: held.content.purpose.clone(),
            issued_by: held.content.issued_by.clone(),
            issued_at: held.row.issued_at,
            valid_until: held.row.valid_until,
            revoked_at: held.row.revoked_at,
            standing: held.standing(now),
        }
    }
}

/// One certificate.
#[derive(Clone, Template, Serialize)]
#[template(path = "certificates/pages/certificate.html")]
pub(super) struct Certificate {
    #[serde(flatten)]
    shown: Shown,
    /// Where anybody who holds it checks it.
    verification: String,
    /// Why it was taken back.
    reason: Option<String>,
    /// How the printed copies stand.
    copies: Option<copies::Standing>,
}

/// Somebody of level 2 who may show papers.
async fn must_hold(app: &App, citizen: &Citizen) -> Result<(), Problem> {
    let (vault, person, now) = (app.vault.clone(), citizen.person, app.clock.now());
    let account = app
        .db
        .read(move |conn| {
            recovery::must_have(conn, &person, Right::Present, now)?;
            accounts::own(conn, &vault, &person)
        })
        .await?;
    if account.level < Level::Two {
        return Err(Problem::new("certificates-level-needed", StatusCode::FORBIDDEN));
    }
    Ok(())
}

/// Shows the holder's certificates.
pub(super) async fn list(State(app): State<App>, citizen: Citizen) -> Result<Page<List>, Problem> {
    must_hold(&app, &citizen).await?;
    let (person, now) = (citizen.person, app.clock.now());
    let rows = app.db.read(move |conn| store::list(conn, &person)).await?;
    let shown = rows.into_iter().map(|row| Ok(Shown::of(&Held::open(&app, row)?, now)));
    let certificates = shown.collect::<Result<_, Problem>>()?;
    Ok(Page(List { certificates }))
}

async fn own(app: &App, citizen: &Citizen, id: CertificateId) -> Result<Held, Problem> {
    must_hold(app, citizen).await?;
    let person = citizen.person;
    let row = app.db.read(move |conn| store::find(conn, &person, &id)).await?;
    Held::open(app, row.ok_or_else(Problem::not_found)?)
}

async fn view(app: &App, held: &Held) -> Result<Certificate, Problem> {
    let id = held.id;
    let reason = held.row.reason_sealed.as_ref();
    let opened = reason.map(|sealed| app.vault.open_text("certificate", "reason", held.id.bytes(), sealed));
    Ok(Certificate {
        shown: Shown::of(held, app.clock.now()),
        verification: verification::place(app),
        reason: opened.transpose()?,
        copies: app.db.read(move |conn| copies::standing(conn, &id)).await?,
    })
}

/// Shows one certificate.
pub(super) async fn show(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<CertificateId>,
) -> Result<Page<Certificate>, Problem> {
    let held = own(&app, &citizen, id).await?;
    Ok(Page(view(&app, &held).await?))
}

#[derive(Deserialize)]
pub(super) struct PasscodeForm {
    #[serde(default)]
    passcode: String,
}

/// Gives the sealed PDF for the passcode.
pub(super) async fn file(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<CertificateId>,
    Input(form): Input<PasscodeForm>,
) -> Result<Response, Problem> {
    let held = own(&app, &citizen, id).await?;
    let page = view(&app, &held).await?;
    signin::check_passcode(&app, &citizen.person, form.passcode.trim())
        .await
        .map_err(|problem| problem.on(page))?;
    let file = evidence::read(&app, &citizen.person, &held.row.file).await?;
    let file = file.ok_or_else(Problem::not_found)?;

    let look = Look::now(&app, citizen.person, &Who::Holder, Purpose::OwnData, "judicial-record");
    app.db.write(move |tx| history::record(tx, &look)).await?;

    let name = format!("attachment; filename=\"{}.pdf\"", held.row.number);
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, file).into_response())
}
