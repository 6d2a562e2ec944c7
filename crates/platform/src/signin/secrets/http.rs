use askama::Template;
use axum::extract::State;
use crypto::secret::Secret;
use db::Tx;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::super::events::{Event, Kind};
use super::super::{check_passcode, check_password, confirm, own_words, store};
use crate::accounts::{self, Account};
use crate::app::App;
use crate::recovery::alarm::{Alarm, What};
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::Input;
use crate::shell::page::{Next, Page};
use crate::shell::passkey::{self, Subject};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::{self, Citizen};
use crate::signin::{self, Passcode, Password};

/// The form of a new password.
#[expect(clippy::struct_excessive_bools, reason = "what the page shows or does not")]
#[derive(Clone, Template, Serialize)]
#[template(path = "signin/secrets/pages/password.html")]
pub(super) struct AskPassword {
    /// There is one already, which is asked for.
    has_password: bool,
    /// There is a passcode, which is asked for where there is no password.
    has_passcode: bool,
    /// A passkey makes the password dispensable.
    may_remove: bool,
    changed: bool,
}

/// The form of a new passcode.
#[derive(Clone, Template, Serialize)]
#[template(path = "signin/secrets/pages/passcode.html")]
pub(super) struct AskPasscode {
    has_passcode: bool,
    changed: bool,
}

struct Standing {
    account: Account,
    has_password: bool,
    has_passcode: bool,
    has_passkey: bool,
}

impl Standing {
    fn password_form(&self) -> AskPassword {
        AskPassword {
            has_password: self.has_password,
            has_passcode: self.has_passcode,
            may_remove: self.has_password && self.has_passkey,
            changed: false,
        }
    }
}

fn subject(person: PersonId) -> Subject {
    Subject {
        kind: session::Kind::Citizen,
        id: *person.bytes(),
    }
}

async fn standing(app: &App, person: PersonId) -> Result<Standing, Problem> {
    let (vault, subject) = (app.vault.clone(), subject(person));
    app.db
        .read(move |conn| {
            Ok(Standing {
                account: accounts::own(conn, &vault, &person)?,
                has_password: signin::has_password(conn, &person)?,
                has_passcode: signin::has_passcode(conn, &person)?,
                has_passkey: !passkey::list(conn, &vault, &subject)?.is_empty(),
            })
        })
        .await
}

/// Shows the form of a new password.
pub(super) async fn ask_password(State(app): State<App>, citizen: Citizen) -> Result<Page<AskPassword>, Problem> {
    Ok(Page(standing(&app, citizen.person).await?.password_form()))
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    #[serde(default = "nothing")]
    secret: Secret<String>,
    password: Secret<String>,
    repeat: Option<Secret<String>>,
}

fn nothing() -> Secret<String> {
    Secret::new(String::new())
}

/// Sets a new password.
pub(super) async fn set_password(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<PasswordForm>,
) -> Result<Next<AskPassword>, Problem> {
    let standing = standing(&app, citizen.person).await?;
    let shown = standing.password_form();
    let password = form
        .check(&standing.account)
        .map_err(|problem| problem.on(shown.clone()))?;
    let confirmed = if standing.has_password {
        check_password(&app, &citizen.person, &form.secret).await
    } else {
        confirm::confirm(&app, &citizen, &form.secret).await
    };
    confirmed.map_err(|problem| problem.on(shown.clone()))?;

    let hash = signin::hash(&app, &password).await?;
    let (now, vault) = (app.clock.now(), app.vault.clone());
    let told = Told::draw(&app, &citizen, &standing, (Kind::PasswordChanged, What::Password))?;
    let make = move |tx: &mut Tx<'_>| {
        signin::set_password(tx, &vault, &citizen.person, &hash, now)?;
        Ok(session::end_others(tx, &citizen.session, now)?)
    };
    change(&app, told, make).await?;

    Ok(done(AskPassword {
        has_password: true,
        changed: true,
        ..shown
    }))
}

/// What is kept and told of a change, in the unit of work that makes it.
struct Told {
    event: Event,
    alarm: Alarm,
}

impl Told {
    fn draw(app: &App, citizen: &Citizen, standing: &Standing, (kind, what): (Kind, What)) -> Result<Self, Problem> {
        Ok(Self {
            event: Event::now(app, citizen.person, kind, &citizen.session.methods)?,
            alarm: Alarm::draw(app, &standing.account, what),
        })
    }
}

async fn change(
    app: &App,
    told: Told,
    make: impl Fn(&mut Tx<'_>) -> Result<(), Problem> + Send + Sync + 'static,
) -> Result<(), Problem> {
    app.db
        .write(move |tx| {
            make(tx)?;
            told.event.keep(tx)?;
            Ok::<_, Problem>(told.alarm.raise(tx)?)
        })
        .await?;
    app.bell.ring();
    Ok(())
}

fn done<V>(view: V) -> Next<V> {
    Next {
        to: "/account/security".to_owned(),
        view,
    }
}

impl PasswordForm {
    fn check(&self, account: &Account) -> Result<Password, Problem> {
        let text = self.password.expose();
        let password = fits(account, |own| Password::check(text, own))?;
        let repeated = self.repeat.as_ref().map(|repeat| repeat.expose().as_str());
        is_new(
            text,
            (self.secret.expose(), repeated),
            ("password", "signin-password-same"),
        )?;
        Ok(password)
    }
}

/// A secret that keeps the rules, with nothing of its holder's in it.
fn fits<S>(account: &Account, check: impl Fn(&[&str]) -> Result<S, Vec<Fault>>) -> Result<S, Problem> {
    let own = own_words(account);
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    check(&own).map_err(Problem::invalid)
}

/// Whether a secret was repeated rightly, and is another than the present one.
fn is_new(
    text: &str,
    (present, repeated): (&str, Option<&str>),
    (field, same): (&'static str, &'static str),
) -> Result<(), Problem> {
    let wrong = match repeated {
        Some(repeated) if repeated != text => ("repeat", "signin-repeat-differs"),
        _ if present == text => (field, same),
        _ => return Ok(()),
    };
    Err(Problem::invalid(vec![Fault::new(wrong.0, wrong.1)]))
}

#[derive(Deserialize)]
pub(super) struct RemoveForm {
    secret: Secret<String>,
}

/// Removes the password of somebody who has a passkey.
pub(super) async fn remove_password(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<RemoveForm>,
) -> Result<Next<AskPassword>, Problem> {
    let standing = standing(&app, citizen.person).await?;
    let shown = standing.password_form();
    if !standing.has_passkey {
        return Err(Problem::new("signin-passkey-first", StatusCode::CONFLICT).on(shown));
    }
    confirm::confirm(&app, &citizen, &form.secret)
        .await
        .map_err(|problem| problem.on(shown.clone()))?;

    let (person, vault) = (citizen.person, app.vault.clone());
    let told = Told::draw(&app, &citizen, &standing, (Kind::PasswordRemoved, What::NoPassword))?;
    let make = move |tx: &mut Tx<'_>| {
        if passkey::list(tx, &vault, &subject(person))?.is_empty() {
            return Err(Problem::new("signin-passkey-first", StatusCode::CONFLICT));
        }
        Ok(store::remove_password(tx, &person)?)
    };
    change(&app, told, make).await?;

    Ok(done(AskPassword {
        has_password: false,
        may_remove: false,
        changed: true,
        ..shown
    }))
}

/// Shows the form of a new passcode.
pub(super) async fn ask_passcode(State(app): State<App>, citizen: Citizen) -> Result<Page<AskPasscode>, Problem> {
    let standing = standing(&app, citizen.person).await?;
    Ok(Page(AskPasscode {
        has_passcode: standing.has_passcode,
        changed: false,
    }))
}

#[derive(Deserialize)]
pub(super) struct PasscodeForm {
    #[serde(default)]
    current: String,
    #[serde(default)]
    passcode: String,
    repeat: Option<String>,
}

/// Sets a new passcode in the place of the present one.
pub(super) async fn set_passcode(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<PasscodeForm>,
) -> Result<Next<AskPasscode>, Problem> {
    let standing = standing(&app, citizen.person).await?;
    let shown = AskPasscode {
        has_passcode: standing.has_passcode,
        changed: false,
    };
    let passcode = form
        .check(&standing.account)
        .map_err(|problem| problem.on(shown.clone()))?;
    check_passcode(&app, &citizen.person, &form.current)
        .await
        .map_err(|problem| problem.on(shown.clone()))?;

    let hash = signin::hash_passcode(&app, &passcode).await?;
    let (now, vault) = (app.clock.now(), app.vault.clone());
    let told = Told::draw(&app, &citizen, &standing, (Kind::PasscodeChanged, What::Passcode))?;
    let make = move |tx: &mut Tx<'_>| Ok(signin::set_passcode(tx, &vault, &citizen.person, &hash, now)?);
    change(&app, told, make).await?;

    Ok(done(AskPasscode { changed: true, ..shown }))
}

impl PasscodeForm {
    fn check(&self, account: &Account) -> Result<Passcode, Problem> {
        let text = self.passcode.trim();
        let passcode = fits(account, |own| Passcode::check(text, own))?;
        let repeated = self.repeat.as_deref().map(str::trim);
        is_new(
            text,
            (self.current.trim(), repeated),
            ("passcode", "signin-passcode-same"),
        )?;
        Ok(passcode)
    }
}
