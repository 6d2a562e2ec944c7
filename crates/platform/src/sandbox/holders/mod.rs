//! Accounts made at once, without the way of law, for tests that begin behind it.
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /sandbox/people/{number}/account` | an activated account; `{"level":2}` |
//!
//! **Invariant:** asked again it resets the credentials of the same account, and never lowers its level.

use ::http::StatusCode;
use axum::Router;
use axum::routing::post;
use db::{Conn, Tx};
use jiff::SignedDuration;
use nation::{Person, picture};

use crate::accounts::{self, Account, Identity, Level, NewAccount};
use crate::app::App;
use crate::eid::{self, Content, NewEid};
use crate::registries;
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::shell::vault::Vault;
use crate::signin::{self, Answers, Passcode, Password};

use super::ground;

mod http;

/// The password of every account made here.
pub const PASSWORD: &str = "Thu#Nghiem81";
/// The passcode of every account made here.
pub const PASSCODE: &str = "281946";
/// The security questions and their answers.
pub const ANSWERS: [(&str, &str); 2] = [("first-school", "Trường Làng"), ("dish", "Canh Chua")];

pub(super) fn routes() -> Router<App> {
    Router::new().route("/sandbox/people/{number}/account", post(http::make))
}

/// The account of a person of the nation, where there is one.
///
/// # Errors
/// Those of the database and of the vault.
pub(super) fn account(conn: &mut Conn<'_>, vault: &Vault, citizen: &Person) -> Result<Option<Account>, Problem> {
    match accounts::person_of(conn, vault, &citizen.number)? {
        Some(person) => accounts::find(conn, vault, &person),
        None => Ok(None),
    }
}

/// Gives a person an account activated at a level, with the credentials known to everybody.
///
/// # Errors
/// `sandbox-no-phone` for somebody without a phone; those of the database, of the vault and, for level 2, of the population database.
pub async fn make(app: &App, citizen: &Person, level: Level) -> Result<Account, Problem> {
    let phone = citizen.phone.clone();
    let phone = phone.ok_or_else(|| Problem::new("sandbox-no-phone", StatusCode::CONFLICT))?;
    let (password, passcode, answers) = credentials()?;
    let _alone = ground(app)?.making.lock().await;
    let (vault, wanted) = (app.vault.clone(), citizen.clone());
    let known = app.db.read(move |conn| account(conn, &vault, &wanted)).await?;

    let now = app.clock.now();
    let person = known
        .as_ref()
        .map_or_else(|| PersonId::draw(&app.chance), |account| account.person);
    let opening = NewAccount::draw(app, person, &identity(citizen), &phone)?;
    let card = if level == Level::Two {
        Some(card(app, person, citizen).await?)
    } else {
        None
    };
    let password = signin::hash(app, &password).await?;
    let passcode = signin::hash_passcode(app, &passcode).await?;

    let (vault, is_new) = (app.vault.clone(), known.is_none());
    let province = citizen.permanent_residence.commune.province;
    let made = app
        .db
        .write(move |tx: &mut Tx<'_>| {
            if is_new {
                accounts::open(tx, &opening)?;
            }
            raise(tx, &vault, &person, level, now)?;
            if level > Level::Zero {
                accounts::live_in(tx, &person, province, now)?;
            }
            if let (Some(card), None) = (&card, eid::find(tx, &vault, &person)?) {
                eid::issue(tx, card)?;
            }
            signin::set_password(tx, &vault, &person, &password, now)?;
            if level > Level::Zero {
                signin::set_passcode(tx, &vault, &person, &passcode, now)?;
                signin::set_questions(tx, &vault, &person, &answers, now)?;
            }
            accounts::find(tx, &vault, &person)?.ok_or_else(Problem::not_found)
        })
        .await?;

    Ok(made)
}

fn raise(tx: &mut Tx<'_>, vault: &Vault, person: &PersonId, level: Level, now: jiff::Timestamp) -> Result<(), Problem> {
    let standing = accounts::find(tx, vault, person)?.ok_or_else(Problem::not_found)?;
    if standing.level >= level {
        return Ok(());
    }
    accounts::applied(tx, person)?;
    if standing.granted < level {
        accounts::grant(tx, person, level, now, now + SignedDuration::from_hours(1))?;
    }
    accounts::activate(tx, person, now)?;
    Ok(())
}

/// The electronic identity card, of what the population database says and a face of today.
async fn card(app: &App, person: PersonId, citizen: &Person) -> Result<NewEid, Problem> {
    let answer = registries::person(app, &citizen.number, "sandbox").await?;
    let answer = answer.ok_or_else(Problem::not_found)?;
    let (today, citizen) = (app.clock.today(), citizen.clone());
    let drawn = app
        .workshop
        .run(move || picture::portrait_jpeg(&citizen, today))
        .await?;
    NewEid::draw(app, person, &Content::of(&answer), &drawn.map_err(Problem::internal)?)
}

fn identity(citizen: &Person) -> Identity {
    Identity {
        number: citizen.number.clone(),
        full_name: citizen.full_name.clone(),
        date_of_birth: citizen.date_of_birth,
        sex: citizen.sex,
    }
}

fn credentials() -> Result<(Password, Passcode, Answers), Problem> {
    let [first, second] = ANSWERS;
    Ok((
        Password::check(PASSWORD, &[]).map_err(Problem::invalid)?,
        Passcode::check(PASSCODE, &[]).map_err(Problem::invalid)?,
        Answers::check(first, second).map_err(Problem::invalid)?,
    ))
}
