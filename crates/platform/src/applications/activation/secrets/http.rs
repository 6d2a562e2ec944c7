use ::http::StatusCode;
use axum::extract::State as Of;
use jiff::Timestamp;

use super::super::super::refusal::Refusal;
use super::super::super::rules::{Event, State};
use super::super::super::{NewEvent, event, guardians, store as dossiers};
use super::super::ActivationId;
use super::super::http::{Activation, Stand, Step, check_due, load, view};
use super::super::rules::{CONFIRMED_FOR, Secrets, SecretsForm};
use super::super::store;
use crate::accounts;
use crate::app::App;
use crate::notices::{self, Note, inform};
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path};
use crate::shell::page::Next;
use crate::shell::problem::Problem;
use crate::shell::session::Visitor;
use crate::signin;

/// Sets the secrets, or confirms the passcode, and activates the level.
pub(in super::super) async fn finish(
    Of(app): Of<App>,
    visitor: Visitor,
    Path(id): Path<ActivationId>,
    Input(form): Input<SecretsForm>,
) -> Result<Next<Activation>, Problem> {
    let (row, stand) = load(&app, id).await?;
    let now = app.clock.now();
    let fresh = row
        .confirmed_at
        .is_some_and(|confirmed| confirmed > now - CONFIRMED_FOR);
    let Some(stand) = stand.filter(|_| fresh) else {
        return Err(Refusal::CodeFirst.into());
    };
    check_due(&stand.account, now)?;
    let shown = Activation {
        question_1: form.question_1.clone(),
        question_2: form.question_2.clone(),
        ..view(id, &row, Some(&stand), &visitor)
    };
    if shown.step == Step::Signin {
        return Err(Problem::new("signin-needed", StatusCode::UNAUTHORIZED));
    }

    let secrets = if stand.has_passcode {
        let checked = signin::check_passcode(&app, &stand.person, form.passcode.trim()).await;
        checked.map_err(|problem| problem.on(shown.clone()))?;
        None
    } else {
        let secrets = form.check(&stand.account, shown.sets_password);
        let secrets = secrets.map_err(|faults| Problem::invalid(faults).on(shown.clone()))?;
        Some(Hashed::of(&app, secrets).await?)
    };

    let done = Done {
        id,
        secrets,
        activated: event(&app, Event::Activate, None),
        stand,
    };
    let parts = app.clone();
    app.db.write(move |tx| done.carry_out(tx, &parts, now)).await?;
    app.bell.ring();

    Ok(Next {
        to: format!("/activation/{id}"),
        view: Activation {
            step: Step::Done,
            ..shown
        },
    })
}

/// An activation with all that follows from it, ready to be written.
struct Done {
    id: ActivationId,
    stand: Stand,
    secrets: Option<Hashed>,
    activated: NewEvent,
}

impl Done {
    fn carry_out(&self, tx: &mut db::Tx<'_>, app: &App, now: Timestamp) -> Result<(), Problem> {
        let (person, application) = (&self.stand.person, &self.stand.application);
        guardians::must_be_confirmed(tx, application)?;
        if !store::spend(tx, &self.id, now, now - CONFIRMED_FOR)? {
            return Err(Refusal::CodeFirst.into());
        }
        if let Some(secrets) = &self.secrets {
            secrets.keep(tx, app, person, now)?;
        }
        let in_use = accounts::activate(tx, person, now)?;
        if !in_use || !dossiers::end(tx, application, (State::Approved, State::Activated), now)? {
            return Err(Refusal::ActivationLate.into());
        }
        guardians::adopt(tx, &app.vault, person, &self.stand.account.number)?;
        dossiers::add_event(tx, (person, application), &self.activated)?;
        let once = format!("application {application} activated");
        let note = Note::new(notices::Kind::Security, "applications-told-activated", once)
            .with("level", self.stand.account.granted)
            .link("/account");
        Ok(inform(app, tx, person, &note, now)?)
    }
}

/// Secrets ready to be kept.
#[derive(Clone)]
struct Hashed {
    password: Option<signin::PasswordHash>,
    passcode: signin::PasscodeHash,
    answers: signin::Answers,
}

impl Hashed {
    async fn of(app: &App, secrets: Secrets) -> Result<Self, Problem> {
        let password = match &secrets.password {
            Some(password) => Some(signin::hash(app, password).await?),
            None => None,
        };
        Ok(Self {
            password,
            passcode: signin::hash_passcode(app, &secrets.passcode).await?,
            answers: secrets.answers,
        })
    }

    fn keep(&self, tx: &mut db::Tx<'_>, app: &App, person: &PersonId, now: Timestamp) -> Result<(), db::Error> {
        if let Some(password) = &self.password {
            signin::set_password(tx, &app.vault, person, password, now)?;
        }
        signin::set_passcode(tx, &app.vault, person, &self.passcode, now)?;
        signin::set_questions(tx, &app.vault, person, &self.answers, now)
    }
}
