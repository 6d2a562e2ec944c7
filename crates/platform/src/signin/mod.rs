//! Signing in by personal number and password; passcode and security questions.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /signin?next=` | the form |
//! | `POST /signin` | opens a session: `number`, `password`, `next` |
//! | `POST /signout` | ends it |
//!
//! The citizen's own settings lie under `/account/security`: see the folders.
//!
//! **Invariant:** no answer, and no time to an answer, tells whether a number has an account.
//! **Invariant:** five wrong attempts in a row lock a number (passwords: for a time; passcodes: until the next day), also when they are made at once.
//! This security lock is not the legal lock of Decree 69/2024, article 15.
//! **Invariant:** an attempt that is refused at overload, before the secret was looked at, does not count.
//! **Invariant:** a session is new at each sign-in; the one before it in the same browser has ended.

use std::sync::Arc;

use ::http::StatusCode;
use axum::Router;
use axum::routing::{get, post};
use crypto::secret::Secret;
use db::{Conn, Tx};
use jiff::{SignedDuration, Timestamp};

use crate::app::{App, Capability};
use crate::shell::clock::civil_date;
use crate::shell::ids::PersonId;
use crate::shell::passkey;
use crate::shell::problem::Problem;
use crate::shell::session;
use crate::shell::texts;
use crate::shell::vault::Vault;

pub(crate) mod codes;
pub(crate) mod confirm;
pub(crate) mod events;
mod http;
pub(crate) mod means;
mod overview;
mod passkeys;
pub mod raise;
mod rules;
mod screen;
mod second;
mod secrets;
mod sessions;
mod store;

#[cfg(test)]
mod tests;

use events::{Event, Kind};
pub(crate) use rules::own_words;
pub use rules::{Answers, Passcode, Password, Question};
use store::Attempt;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/signin", get(http::ask).post(http::open))
        .route("/signout", post(http::close))
        .merge(events::routes())
        .merge(overview::routes())
        .merge(passkeys::routes())
        .merge(raise::routes())
        .merge(screen::routes())
        .merge(second::routes())
        .merge(secrets::routes())
        .merge(sessions::routes())
}

/// A password's hash, sealed when it is kept.
#[derive(Clone, Debug)]
pub struct PasswordHash(Secret<String>);

/// A passcode's hash, sealed when it is kept.
#[derive(Clone, Debug)]
pub struct PasscodeHash(Secret<String>);

/// Hashes a password, in the workshop.
///
/// # Errors
/// If the platform is stopping.
pub async fn hash(app: &App, password: &Password) -> Result<PasswordHash, Problem> {
    Ok(PasswordHash(hashed(app, password.expose()).await?))
}

/// Hashes a passcode, in the workshop.
///
/// # Errors
/// If the platform is stopping.
pub async fn hash_passcode(app: &App, passcode: &Passcode) -> Result<PasscodeHash, Problem> {
    Ok(PasscodeHash(hashed(app, passcode.expose()).await?))
}

async fn hashed(app: &App, text: &str) -> Result<Secret<String>, Problem> {
    let (hasher, text, salt) = (
        Arc::clone(&app.hasher),
        Secret::new(text.to_owned()),
        app.chance.bytes(),
    );
    let phc = app.workshop.run(move || hasher.hash(text.expose(), salt)).await?;
    phc.map(Secret::new).map_err(Problem::internal)
}

/// Compares a text with a sealed hash, in the workshop. Without a hash it takes the same time and says no.
async fn is_right(app: &App, text: &Secret<String>, phc: Option<Secret<String>>) -> Result<bool, Problem> {
    let (hasher, text) = (Arc::clone(&app.hasher), text.clone());
    let right = app
        .workshop
        .run(move || match phc {
            Some(phc) => hasher.verify(text.expose(), phc.expose()),
            None => hasher.hash(text.expose(), [0; 16]).map(|_| false),
        })
        .await?;
    // Longer than any password may be: not an error of ours, only wrong.
    Ok(right.unwrap_or(false))
}

/// Sets a person's password.
///
/// # Errors
/// Those of the database.
pub fn set_password(
    tx: &mut Tx<'_>,
    vault: &Vault,
    person: &PersonId,
    hash: &PasswordHash,
    now: Timestamp,
) -> Result<(), db::Error> {
    let sealed = vault.seal_text("signin_password", "phc", person.bytes(), hash.0.expose());
    store::set_password(tx, person, &sealed, now)
}

/// Sets a person's passcode, and opens its lock.
///
/// # Errors
/// Those of the database.
pub fn set_passcode(
    tx: &mut Tx<'_>,
    vault: &Vault,
    person: &PersonId,
    hash: &PasscodeHash,
    now: Timestamp,
) -> Result<(), db::Error> {
    let sealed = vault.seal_text("signin_passcode", "phc", person.bytes(), hash.0.expose());
    store::set_passcode(tx, person, &sealed, now)
}

/// Whether a person has a password; an account opened at a counter has none until it is activated.
///
/// # Errors
/// Those of the database.
pub fn has_password(conn: &mut Conn<'_>, person: &PersonId) -> Result<bool, db::Error> {
    store::has_password(conn, person)
}

/// Whether a person has set a passcode.
///
/// # Errors
/// Those of the database.
pub fn has_passcode(conn: &mut Conn<'_>, person: &PersonId) -> Result<bool, db::Error> {
    store::has_passcode(conn, person)
}

/// Replaces a person's security questions.
///
/// # Errors
/// Those of the database.
pub fn set_questions(
    tx: &mut Tx<'_>,
    vault: &Vault,
    person: &PersonId,
    answers: &Answers,
    now: Timestamp,
) -> Result<(), db::Error> {
    store::forget_questions(tx, person)?;
    for (question, answer) in &answers.0 {
        let digest = answer_digest(vault, person, *question, answer.expose());
        store::insert_question(tx, person, question.slug(), &digest, now)?;
    }
    Ok(())
}

/// The questions that a person chose.
///
/// # Errors
/// Those of the database.
pub(crate) fn questions(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<Question>, db::Error> {
    let slugs = store::questions(conn, person)?;
    Ok(slugs.iter().filter_map(|(slug, _)| Question::from_slug(slug)).collect())
}

/// Whether the answers to a person's questions are right, all of them.
///
/// # Errors
/// Those of the database.
pub(crate) fn answers_are_right(
    conn: &mut Conn<'_>,
    vault: &Vault,
    person: &PersonId,
    given: &[(Question, &str)],
) -> Result<bool, db::Error> {
    let kept = store::questions(conn, person)?;
    let right = given.iter().filter(|(question, answer)| {
        let digest = answer_digest(vault, person, *question, &rules::answer_key(answer));
        kept.iter()
            .any(|(slug, kept)| slug == question.slug() && crypto::equal(kept, &digest))
    });
    Ok(kept.len() >= 2 && right.count() == kept.len())
}

fn answer_digest(vault: &Vault, person: &PersonId, question: Question, answer: &str) -> [u8; 32] {
    vault.digest(
        "signin-answer",
        &[person.bytes(), question.slug().as_bytes(), answer.as_bytes()].concat(),
    )
}

/// Removes all that a person signs in with.
///
/// # Errors
/// Those of the database.
pub fn forget(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), db::Error> {
    let subject = passkey::Subject {
        kind: session::Kind::Citizen,
        id: *person.bytes(),
    };
    passkey::remove_all(tx, &subject)?;
    store::forget(tx, person)
}

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// The number has no account, or the password is another one; which, is not told.
    Wrong,
    /// Five wrong passwords in a row: until then.
    Locked(Timestamp),
    /// The person has not set a passcode.
    NoPasscode,
    /// It is not the person's passcode.
    WrongPasscode,
    /// Five wrong passcodes in a row: until the next day in Viet Nam.
    PasscodeLocked(Timestamp),
}

impl Refusal {
    fn problem(self, now: Timestamp) -> Problem {
        match self {
            Refusal::Wrong => Problem::new("signin-wrong", StatusCode::FORBIDDEN),
            Refusal::Locked(until) => locked("signin-locked", until, now),
            Refusal::NoPasscode => Problem::new("signin-no-passcode", StatusCode::CONFLICT),
            Refusal::WrongPasscode => Problem::new("signin-wrong-passcode", StatusCode::FORBIDDEN),
            Refusal::PasscodeLocked(until) => locked("signin-passcode-locked", until, now),
        }
    }
}

fn locked(slug: &'static str, until: Timestamp, now: Timestamp) -> Problem {
    let seconds = u64::try_from(until.duration_since(now).as_secs())
        .unwrap_or_default()
        .max(1);
    Problem::new(slug, StatusCode::TOO_MANY_REQUESTS)
        .retry_after(seconds)
        .with("minutes", seconds.div_ceil(60))
}

/// Checks the passcode with which a person confirms a sensitive act.
///
/// # Errors
/// `signin-wrong-passcode`; `signin-passcode-locked` after five wrong ones, until the next day; `signin-no-passcode`.
pub async fn check_passcode(app: &App, person: &PersonId, passcode: &str) -> Result<(), Problem> {
    let (now, vault, person) = (app.clock.now(), app.vault.clone(), *person);
    let text = Secret::new(passcode.trim().to_owned());

    let claimed = app
        .db
        .write(move |tx| store::claim_passcode(tx, &person, now, next_midnight(now)))
        .await?;
    let last = match claimed {
        None => return Err(Refusal::NoPasscode.problem(now)),
        Some((Attempt::Locked(until), _)) => return Err(Refusal::PasscodeLocked(until).problem(now)),
        Some((Attempt::May { last }, sealed)) => {
            let phc = vault.open_text("signin_passcode", "phc", person.bytes(), &sealed)?;
            let right = match is_right(app, &text, Some(Secret::new(phc))).await {
                Ok(right) => right,
                Err(untried) => {
                    app.db.write(move |tx| store::give_passcode_back(tx, &person)).await?;
                    return Err(untried);
                }
            };
            if right {
                app.db.write(move |tx| store::passcode_was_right(tx, &person)).await?;
                return Ok(());
            }
            let event = Event::now(app, person, Kind::WrongPasscode, "pin")?;
            app.db.write(move |tx| event.keep(tx)).await?;
            last
        }
    };
    Err(if last {
        Refusal::PasscodeLocked(next_midnight(now)).problem(now)
    } else {
        Refusal::WrongPasscode.problem(now)
    })
}

/// Checks the password of somebody who is signed in; a wrong one counts like one at the sign-in.
///
/// # Errors
/// `signin-wrong`; `signin-locked` after five wrong ones.
pub(crate) async fn check_password(app: &App, person: &PersonId, password: &Secret<String>) -> Result<(), Problem> {
    let (vault, person) = (app.vault.clone(), *person);
    let account = app
        .db
        .read(move |conn| crate::accounts::own(conn, &vault, &person))
        .await?;
    http::check(app, &account.number, password).await.map(drop)
}

/// The beginning of the next day in Viet Nam.
fn next_midnight(now: Timestamp) -> Timestamp {
    let tomorrow = civil_date(now).tomorrow().unwrap_or(civil_date(now));
    jiff::tz::Offset::constant(7)
        .to_timestamp(tomorrow.at(0, 0, 0, 0))
        .unwrap_or(now + SignedDuration::from_hours(24))
}
