use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use civil::Sex;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Eid;
use crate::accounts::{self, Level};
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::recovery::{self, Right};
use crate::shell::filters;
use crate::shell::input::Input;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;
use crate::signin;

/// The card, still closed.
#[derive(Template, Serialize)]
#[template(path = "eid/pages/ask.html")]
pub(super) struct Closed {
    open: bool,
    issued_at: Timestamp,
}

#[derive(Deserialize)]
pub(super) struct PasscodeForm {
    #[serde(default)]
    passcode: String,
}

/// The card, opened.
#[derive(Template, Serialize)]
#[template(path = "eid/pages/card.html")]
pub(super) struct Card {
    open: bool,
    number: String,
    full_name: String,
    date_of_birth: Date,
    sex: Sex,
    nationality: String,
    origin: String,
    residence: Option<String>,
    level: Level,
    issued_at: Timestamp,
    /// The population database said so at this instant.
    as_of: Timestamp,
    source: &'static str,
    /// A `data:` address, so that the picture is not fetched and kept apart from the page.
    portrait: String,
}

impl Card {
    fn of(eid: Eid) -> Self {
        let facts = eid.content.facts;
        Self {
            open: true,
            number: facts.number.as_str().to_owned(),
            full_name: facts.full_name,
            date_of_birth: facts.date_of_birth,
            sex: facts.sex,
            nationality: facts.nationality,
            origin: facts.origin,
            residence: facts.residence,
            level: Level::Two,
            issued_at: eid.issued_at,
            as_of: eid.content.as_of,
            source: "population",
            portrait: format!("data:image/jpeg;base64,{}", STANDARD.encode(&eid.portrait)),
        }
    }

    /// In groups of three digits, as it is read out.
    fn grouped(&self) -> String {
        let digits: Vec<char> = self.number.chars().collect();
        let groups: Vec<String> = digits.chunks(3).map(|group| group.iter().collect()).collect();
        groups.join(" ")
    }
}

async fn own(app: &App, citizen: &Citizen) -> Result<Eid, Problem> {
    let (vault, person, now) = (app.vault.clone(), citizen.person, app.clock.now());
    let (account, eid) = app
        .db
        .read(move |conn| {
            let account = accounts::own(conn, &vault, &person)?;
            recovery::must_have(conn, &person, Right::Present, now)?;
            Ok::<_, Problem>((account, super::find(conn, &vault, &person)?))
        })
        .await?;
    let needed = || Problem::new("eid-level-needed", StatusCode::FORBIDDEN);
    eid.filter(|_| account.level == Level::Two).ok_or_else(needed)
}

/// Asks for the passcode.
pub(super) async fn ask(State(app): State<App>, citizen: Citizen) -> Result<Page<Closed>, Problem> {
    let eid = own(&app, &citizen).await?;
    Ok(Page(Closed {
        open: false,
        issued_at: eid.issued_at,
    }))
}

/// Shows the card for the passcode.
pub(super) async fn show(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<PasscodeForm>,
) -> Result<Page<Card>, Problem> {
    let eid = own(&app, &citizen).await?;
    let closed = Closed {
        open: false,
        issued_at: eid.issued_at,
    };
    signin::check_passcode(&app, &citizen.person, form.passcode.trim())
        .await
        .map_err(|problem| problem.on(closed))?;

    let what = "number name birth sex address portrait";
    let look = Look::now(&app, citizen.person, &Who::Holder, Purpose::OwnData, what);
    app.db.write(move |tx| history::record(tx, &look)).await?;

    Ok(Page(Card::of(eid)))
}
