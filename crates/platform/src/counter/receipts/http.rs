use askama::Template;
use axum::extract::State as Of;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fast_qr::QRBuilder;
use fast_qr::convert::svg::SvgBuilder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::rules::{Guardian, Originals};
use super::rules;
use crate::app::App;
use crate::applications::{Application, ApplicationId, State, law_of};
use crate::officers::{self, Officer};
use crate::shell::filters;
use crate::shell::input::Query;
use crate::shell::page::Page;
use crate::shell::problem::Problem;

/// The receipt of an application (form TK01), to be printed.
#[derive(Template, Serialize)]
#[template(path = "counter/pages/receipt.html")]
pub(in super::super) struct Receipt {
    id: ApplicationId,
    number: String,
    state: State,
    personal_number: String,
    full_name: String,
    phone: String,
    email: Option<String>,
    guardian: Option<Guardian>,
    originals: Vec<String>,
    checked_by: String,
    checked_at: Option<Timestamp>,
    card_request: Option<String>,
    submitted_at: Option<Timestamp>,
    deadline_at: Option<Timestamp>,
    basis: Option<String>,
    law: &'static str,
    unit: String,
    officer: String,
    code: String,
    check: String,
    check_picture: String,
}

impl Receipt {
    pub(in super::super) fn of(
        app: &App,
        officer: &Officer,
        application: Application,
        originals: Option<Originals>,
    ) -> Self {
        let originals = originals.unwrap_or_default();
        let code = rules::code(&app.vault, &application.number);
        let check = format!(
            "{}/receipts?number={}&code={code}",
            app.config.public_url, application.number
        );
        Self {
            id: application.id,
            state: application.state,
            personal_number: application.subject.declared.number.as_str().to_owned(),
            full_name: application.subject.declared.full_name,
            phone: application.subject.phone.national(),
            email: application.subject.email,
            guardian: originals.guardian,
            originals: originals.papers,
            checked_by: originals.checked_by,
            checked_at: originals.checked_at,
            card_request: originals.card_request,
            submitted_at: application.submitted_at,
            deadline_at: application.deadline_at,
            law: application.basis.as_deref().map_or("", law_of),
            basis: application.basis,
            unit: application.commune.as_deref().map(officers::unit).unwrap_or_default(),
            officer: officer.full_name.clone(),
            number: application.number,
            code,
            check_picture: picture(&check),
            check,
        }
    }
}

/// An address as a QR code in the page.
fn picture(address: &str) -> String {
    let drawn = QRBuilder::new(address).build();
    let svg = drawn
        .map(|code| SvgBuilder::default().to_str(&code))
        .unwrap_or_default();
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg))
}

/// What stands on a receipt that somebody shows.
#[derive(Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    number: String,
    #[serde(default)]
    code: String,
}

/// The form, and the answer.
#[derive(Template, Serialize)]
#[template(path = "counter/pages/check.html")]
pub(super) struct Check {
    number: String,
    code: String,
    genuine: Option<bool>,
}

/// Says whether a receipt is genuine.
pub(super) async fn check(Of(app): Of<App>, Query(shown): Query<Shown>) -> Result<Page<Check>, Problem> {
    let asked = !shown.number.is_empty() && shown.number.len() <= 40 && shown.code.len() <= 40;
    let genuine = asked.then(|| rules::is_genuine(&app.vault, &shown.number, &shown.code));
    Ok(Page(Check {
        genuine,
        number: shown.number,
        code: shown.code,
    }))
}
