use askama::Template;
use axum::extract::State;
use crypto::secret::Secret;
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

async fn standing(app: &App, person: PersonId) -> Result<Standing, Problem> {
    let vault = app.vault.clone();
    let subject = Subject {
        kind: session::Kind::Citizen,
        id: *person.bytes(),
    };
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
    let event = Event::now(&app, citizen.person, Kind::PasswordChanged, &citizen.session.methods)?;
    let alarm = Alarm::draw(&app, &standing.account, What::Password);
    app.db
        .write(move |tx| {
            signin::set_password(tx, &vault, &citizen.person, &hash, now)?;
            session::end_others(tx, &citizen.session, now)?;
            event.keep(tx)?;
            alarm.raise(tx)
        })
        .await?;
    app.bell.ring();

    Ok(Next {
        to: "/account/security".to_owned(),
        view: AskPassword {
            has_password: true,
            changed: true,
            ..shown
        },
    })
}

impl PasswordForm {
    fn check(&self, account: &Account) -> Result<Password, Problem> {
        let own = own_words(account);
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let repeated = self
            .repeat
            .as_ref()
            .is_none_or(|repeat| repeat.expose() == self.password.expose());
        match Password::check(self.password.expose(), &own) {
            Ok(_) if self.password.expose() == self.secret.expose() => {
                Err(Problem::invalid(vec![Fault::new("password", "signin-password-same")]))
            }
            Ok(password) if repeated => Ok(password),
            Ok(_) => Err(Problem::invalid(vec![Fault::new("repeat", "signin-repeat-differs")])),
            Err(faults) => Err(Problem::invalid(faults)),
        }
    }
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
    let event = Event::now(&app, person, Kind::PasswordRemoved, &citizen.session.methods)?;
    let alarm = Alarm::draw(&app, &standing.account, What::NoPassword);
    app.db
        .write(move |tx| {
            let subject = Subject {
                kind: session::Kind::Citizen,
                id: *person.bytes(),
            };
            if passkey::list(tx, &vault, &subject)?.is_empty() {
                return Err(Problem::new("signin-passkey-first", StatusCode::CONFLICT));
            }
            store::remove_password(tx, &person)?;
            event.keep(tx)?;
            Ok(alarm.raise(tx)?)
        })
        .await?;
    app.bell.ring();

    Ok(Next {
        to: "/account/security".to_owned(),
        view: AskPassword {
            has_password: false,
            may_remove: false,
            changed: true,
            ..shown
        },
    })
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
    let event = Event::now(&app, citizen.person, Kind::PasscodeChanged, &citizen.session.methods)?;
    let alarm = Alarm::draw(&app, &standing.account, What::Passcode);
    app.db
        .write(move |tx| {
            signin::set_passcode(tx, &vault, &citizen.person, &hash, now)?;
            event.keep(tx)?;
            alarm.raise(tx)
        })
        .await?;
    app.bell.ring();

    Ok(Next {
        to: "/account/security".to_owned(),
        view: AskPasscode { changed: true, ..shown },
    })
}

impl PasscodeForm {
    fn check(&self, account: &Account) -> Result<Passcode, Problem> {
        let own = own_words(account);
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let passcode = Passcode::check(self.passcode.trim(), &own).map_err(Problem::invalid)?;
        let repeated = self
            .repeat
            .as_ref()
            .is_none_or(|repeat| repeat.trim() == self.passcode.trim());
        let fault = |field, text| Err(Problem::invalid(vec![Fault::new(field, text)]));
        if !repeated {
            fault("repeat", "signin-repeat-differs")
        } else if self.current.trim() == self.passcode.trim() {
            fault("passcode", "signin-passcode-same")
        } else {
            Ok(passcode)
        }
    }
}
