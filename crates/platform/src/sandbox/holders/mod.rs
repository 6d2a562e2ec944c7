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
use nation::Person;

use crate::accounts::{self, Account, Identity, Level, NewAccount};
use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::shell::vault::Vault;
use crate::signin::{self, Answers, Passcode, Password};

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
/// `sandbox-no-phone` for somebody without a phone; those of the database and of the vault.
pub async fn make(app: &App, citizen: &Person, level: Level) -> Result<Account, Problem> {
    let phone = citizen.phone.clone();
    let phone = phone.ok_or_else(|| Problem::new("sandbox-no-phone", StatusCode::CONFLICT))?;
    let (password, passcode, answers) = credentials()?;

    let now = app.clock.now();
    let fresh = PersonId::draw(&app.chance);
    let opening = NewAccount::draw(app, fresh, &identity(citizen), &phone)?;
    let password = signin::hash(app, &password).await?;
    let passcode = signin::hash_passcode(app, &passcode).await?;

    let (vault, citizen) = (app.vault.clone(), citizen.clone());
    let made = app
        .db
        .write(move |tx: &mut Tx<'_>| {
            let person = match account(tx, &vault, &citizen)? {
                Some(account) => account.person,
                None => {
                    accounts::open(tx, &opening)?;
                    fresh
                }
            };
            raise(tx, &vault, &person, level, now)?;
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
