use ::http::header;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use civil::chip::{ActiveAnswer, Challenge, ChipFile, Reading};
use civil::{PersonalNumber, Sex};
use jiff::civil::Date;
use nation::card::{Card, CardState, Layout};
use nation::people::Life;
use nation::{Nation, Person, chip, picture};
use serde::{Deserialize, Serialize};

use super::super::{ground, holders};
use super::rules::{self, can_register, shown_card};
use crate::accounts::{Account, Level};
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::{Path, Query};
use crate::shell::page::Page;
use crate::shell::problem::Problem;

/// How many people a page shows when nothing is said, and at most.
const PAGE: usize = 20;
const LARGEST_PAGE: usize = 100;
/// How many people are looked at in search of suggestions.
const SEARCHED: u64 = 10_000;

/// Which people to show.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    from: u64,
    count: Option<usize>,
    #[serde(default)]
    only: Only,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Only {
    /// Everybody: dead, children and emigrants, too.
    #[default]
    Everybody,
    /// Those who can register.
    Suggested,
}

/// Some of the people.
#[derive(Template, Serialize)]
#[template(path = "sandbox/pages/people.html")]
pub(super) struct People {
    /// How many there are.
    total: u64,
    people: Vec<Resident>,
    only: Only,
    /// Where the next page begins.
    next: Option<u64>,
}

/// A person as testers see them.
#[derive(Clone, Serialize)]
pub(in crate::sandbox) struct Resident {
    pub(in crate::sandbox) index: u64,
    #[serde(rename = "personal_number")]
    pub(in crate::sandbox) number: PersonalNumber,
    pub(in crate::sandbox) full_name: String,
    pub(in crate::sandbox) date_of_birth: Date,
    pub(in crate::sandbox) sex: Sex,
    pub(in crate::sandbox) life: Life,
    /// E.164; `null` for who has none.
    pub(in crate::sandbox) phone: Option<String>,
    pub(in crate::sandbox) email: Option<String>,
    pub(in crate::sandbox) address: String,
    /// The newest card with a QR code.
    pub(in crate::sandbox) card: Option<CardFacts>,
    pub(in crate::sandbox) account: Option<AccountFacts>,
    pub(in crate::sandbox) can_register: bool,
    /// The address under which the files of this person are.
    pub(in crate::sandbox) files: String,
}

#[derive(Clone, Serialize)]
pub(in crate::sandbox) struct AccountFacts {
    /// In use.
    pub(in crate::sandbox) level: Level,
    /// Approved.
    pub(in crate::sandbox) granted: Level,
}

#[derive(Clone, Serialize)]
pub(in crate::sandbox) struct CardFacts {
    pub(in crate::sandbox) kind: Layout,
    pub(in crate::sandbox) state: CardState,
    pub(in crate::sandbox) issued_on: Date,
    pub(in crate::sandbox) expires_on: Option<Date>,
}

impl People {
    fn is_suggested(&self) -> bool {
        self.only == Only::Suggested
    }
}

impl Resident {
    pub(in crate::sandbox) fn life_id(&self) -> &'static str {
        match self.life {
            Life::Alive => "sandbox-life-alive",
            Life::Emigrated => "sandbox-life-emigrated",
            Life::Missing => "sandbox-life-missing",
            Life::Dead => "sandbox-life-dead",
        }
    }
}

impl CardFacts {
    pub(in crate::sandbox) fn kind_id(&self) -> &'static str {
        match self.kind {
            Layout::Cmnd => "sandbox-card-cmnd",
            Layout::Cccd2021 => "sandbox-card-2021",
            Layout::CanCuoc2024 => "sandbox-card-2024",
        }
    }

    pub(in crate::sandbox) fn state_id(&self) -> &'static str {
        match self.state {
            CardState::Valid => "sandbox-card-valid",
            CardState::Expired => "sandbox-card-expired",
            CardState::Lost => "sandbox-card-lost",
            CardState::Held => "sandbox-card-held",
            CardState::Replaced => "sandbox-card-replaced",
            CardState::Revoked => "sandbox-card-revoked",
        }
    }

    /// The colour of its badge.
    pub(in crate::sandbox) fn tone(&self) -> &'static str {
        if self.state == CardState::Valid { "good" } else { "bad" }
    }
}

/// People as testers see them.
pub(in crate::sandbox) async fn residents(app: &App, people: Vec<Person>) -> Result<Vec<Resident>, Problem> {
    let (vault, asked) = (app.vault.clone(), people.clone());
    let accounts: Vec<Option<Account>> = app
        .db
        .read(move |conn| {
            asked
                .iter()
                .map(|person| holders::account(conn, &vault, person))
                .collect::<Result<_, Problem>>()
        })
        .await?;
    let today = app.clock.today();
    let pairs = people.into_iter().zip(accounts);
    Ok(pairs
        .map(|(person, account)| resident(person, account, today))
        .collect())
}

fn resident(person: Person, account: Option<Account>, today: Date) -> Resident {
    Resident {
        life: person.life(today),
        phone: person.phone.as_ref().map(civil::Phone::e164),
        address: person.permanent_residence.text(),
        card: shown_card(&person, today).map(|card| CardFacts {
            kind: card.layout,
            state: card.state(today),
            issued_on: card.issued_on,
            expires_on: card.expires_on,
        }),
        account: account.map(|account| AccountFacts {
            level: account.level,
            granted: account.granted,
        }),
        can_register: can_register(&person, today),
        files: format!("/sandbox/people/{}", person.number.as_str()),
        index: person.index,
        number: person.number,
        full_name: person.full_name,
        date_of_birth: person.date_of_birth,
        sex: person.sex,
        email: person.email,
    }
}

/// People from an index on who can register.
pub(in crate::sandbox) fn suggested(app: &App, nation: &Nation, from: u64) -> impl Iterator<Item = Person> {
    let today = app.clock.today();
    let end = from.saturating_add(SEARCHED).min(nation.people());
    let people = (from..end).filter_map(|index| nation.person(index));
    people.filter(move |person| can_register(person, today))
}

/// The person who has a number.
pub(in crate::sandbox) fn find(app: &App, number: &str) -> Result<Person, Problem> {
    let number = PersonalNumber::parse(number).map_err(|cause| Problem::not_found().caused_by(cause))?;
    ground(app)?.nation.person_with(&number).ok_or_else(Problem::not_found)
}

/// Shows people.
pub(super) async fn list(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Page<People>, Problem> {
    let nation = &ground(&app)?.nation;
    let count = wanted.count.unwrap_or(PAGE).min(LARGEST_PAGE);
    let people: Vec<Person> = match wanted.only {
        Only::Suggested => suggested(&app, nation, wanted.from).take(count).collect(),
        Only::Everybody => (wanted.from..nation.people())
            .take(count)
            .filter_map(|index| nation.person(index))
            .collect(),
    };

    let after = people.last().map(|person| person.index + 1);
    Ok(Page(People {
        total: nation.people(),
        people: residents(&app, people).await?,
        only: wanted.only,
        next: after.filter(|next| *next < nation.people()),
    }))
}

/// Which side of the card to show.
#[derive(Debug, Deserialize)]
pub(super) struct Side {
    #[serde(default)]
    side: CardSide,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CardSide {
    /// Where the QR code is.
    #[default]
    Code,
    Front,
    Back,
}

/// A picture of the card.
pub(super) async fn card(
    State(app): State<App>,
    Path(number): Path<String>,
    Query(side): Query<Side>,
) -> Result<Response, Problem> {
    let (person, card) = with_card(&app, &number)?;
    let draw = match side.side {
        CardSide::Code => picture::code_side,
        CardSide::Front => picture::front,
        CardSide::Back => picture::back,
    };
    let drawn = app.workshop.run(move || draw(&person, &card)).await?;
    Ok(file("image/png", drawn.map_err(Problem::internal)?))
}

/// The QR code of the card alone.
pub(super) async fn qr_picture(State(app): State<App>, Path(number): Path<String>) -> Result<Response, Problem> {
    let text = qr(&app, &number)?;
    let drawn = app.workshop.run(move || picture::qr_png(&text)).await?;
    Ok(file("image/png", drawn.map_err(Problem::internal)?))
}

/// What the QR code of the card says.
pub(super) async fn qr_text(State(app): State<App>, Path(number): Path<String>) -> Result<Response, Problem> {
    Ok(file("text/plain; charset=utf-8", qr(&app, &number)?))
}

/// A challenge of active authentication: eight bytes in hexadecimal digits.
#[derive(Debug, Deserialize)]
pub(super) struct Challenged {
    challenge: Option<String>,
}

/// The files of the chip, with its answer to a challenge where one is given.
pub(super) async fn chip(
    State(app): State<App>,
    Path(number): Path<String>,
    Query(challenged): Query<Challenged>,
) -> Result<Response, Problem> {
    let ground = ground(&app)?;
    let (nation, issuer) = (ground.nation.clone(), ground.issuer.clone());
    let (person, card) = with_card(&app, &number)?;
    let challenge = match challenged.challenge.as_deref() {
        Some(digits) => Some(rules::challenge(digits).ok_or_else(Problem::not_found)?),
        None => None,
    };
    let read = move || {
        let files = chip::files(&nation, &person, &card, &issuer)?;
        let answer = |challenge: Challenge| {
            let response = chip::answer(&person, &card, &issuer, challenge)?;
            Ok::<_, chip::ChipError>(ActiveAnswer {
                challenge: ChipFile::from(challenge.0.to_vec()),
                response: ChipFile::from(response),
            })
        };
        let active = challenge.map(answer).transpose()?;
        Ok::<_, chip::ChipError>(Reading {
            files,
            active,
            card_access: None,
        })
    };
    let reading = app.workshop.run(read).await?.map_err(Problem::internal)?;
    Ok(axum::Json(reading).into_response())
}

/// The face of the person, as a camera would see it today.
pub(super) async fn portrait(State(app): State<App>, Path(number): Path<String>) -> Result<Response, Problem> {
    let person = find(&app, &number)?;
    let today = app.clock.today();
    let drawn = app.workshop.run(move || picture::portrait_jpeg(&person, today)).await?;
    Ok(file("image/jpeg", drawn.map_err(Problem::internal)?))
}

fn with_card(app: &App, number: &str) -> Result<(Person, Card), Problem> {
    let person = find(app, number)?;
    let card = shown_card(&person, app.clock.today()).cloned();
    Ok((person, card.ok_or_else(Problem::not_found)?))
}

fn qr(app: &App, number: &str) -> Result<String, Problem> {
    let (person, card) = with_card(app, number)?;
    let qr = card.qr(&person).ok_or_else(Problem::not_found)?;
    Ok(qr.to_text())
}

fn file(kind: &'static str, bytes: impl IntoResponse) -> Response {
    let mut response = bytes.into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, ::http::HeaderValue::from_static(kind));
    response
}
