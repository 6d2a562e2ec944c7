use askama::Template;
use axum::extract::State as Of;
use civil::{PersonalNumber, Phone};
use db::Conn;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::refusal::Refusal;
use super::super::{ApplicationId, sentence, store as dossiers};
use super::ActivationId;
use super::rules::{CODE_LASTS, CODES_IN, MOST_CODES};
use super::store::{self, NewRow, Row};
use crate::accounts::{self, Account, Level};
use crate::app::App;
use crate::notices;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path};
use crate::shell::jobs::{self as outbox, Order};
use crate::shell::page::{Next, Page};
use crate::shell::pause::evened;
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Visitor;
use crate::shell::toll::{self, Payment};
use crate::signin::{self, Question};

/// The beginning: who activates.
#[derive(Clone, Template, Serialize)]
#[template(path = "applications/activation/pages/start.html")]
pub(super) struct Start {
    number: String,
    phone: String,
    /// The level to activate, for a citizen who is signed in.
    level: Option<Level>,
    activate_by: Option<Timestamp>,
}

#[derive(Deserialize, Default)]
pub(super) struct StartForm {
    #[serde(default)]
    number: String,
    #[serde(default)]
    phone: String,
    #[serde(flatten)]
    payment: Payment,
}

/// The step that comes now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Step {
    Code,
    Signin,
    Secrets,
    Passcode,
    Done,
}

/// An activation under way.
#[derive(Clone, Template, Serialize)]
#[template(path = "applications/activation/pages/activation.html")]
pub(super) struct Activation {
    pub(super) id: ActivationId,
    pub(super) step: Step,
    pub(super) sets_password: bool,
    pub(super) questions: Vec<&'static str>,
    pub(super) level: Option<Level>,
    pub(super) signed_in: bool,
    pub(super) question_1: String,
    pub(super) question_2: String,
}

impl Activation {
    fn at(id: ActivationId, step: Step) -> Self {
        Self {
            id,
            step,
            sets_password: false,
            questions: Question::ALL.iter().map(|question| question.slug()).collect(),
            level: None,
            signed_in: false,
            question_1: String::new(),
            question_2: String::new(),
        }
    }

    /// The question that was chosen before the form came back.
    fn chosen(&self, field: &str) -> &str {
        if field == "question_1" {
            &self.question_1
        } else {
            &self.question_2
        }
    }
}

/// Asks who activates.
pub(super) async fn ask(Of(app): Of<App>, visitor: Visitor) -> Result<Page<Start>, Problem> {
    let account = signed_in(&app, &visitor).await?;
    if let Some(account) = &account {
        check_due(account, app.clock.now())?;
    }
    Ok(Page(Start {
        number: String::new(),
        phone: String::new(),
        level: account.as_ref().map(|account| account.granted),
        activate_by: account.and_then(|account| account.activate_by),
    }))
}

async fn signed_in(app: &App, visitor: &Visitor) -> Result<Option<Account>, Problem> {
    let Some(session) = &visitor.citizen else {
        return Ok(None);
    };
    let (vault, person) = (app.vault.clone(), PersonId::from(session.subject));
    app.db.read(move |conn| accounts::find(conn, &vault, &person)).await
}

/// Whether the account has a level to activate, and time for it.
pub(super) fn check_due(account: &Account, now: Timestamp) -> Result<(), Refusal> {
    match account.activate_by {
        _ if account.granted <= account.level => Err(Refusal::NothingToActivate),
        Some(by) if now <= by => Ok(()),
        _ => Err(Refusal::ActivationLate),
    }
}

/// Sends a code to the phone of whoever has something to activate.
///
/// The answer is the same for everybody else who is not signed in, and counts alike.
pub(super) async fn start(
    Of(app): Of<App>,
    visitor: Visitor,
    Input(form): Input<StartForm>,
) -> Result<Next<Activation>, Problem> {
    evened(app.config.limits.evenly(), started(&app, &visitor, form)).await
}

async fn started(app: &App, visitor: &Visitor, form: StartForm) -> Result<Next<Activation>, Problem> {
    let account = signed_in(app, visitor).await?;
    let (number, phone) = match &account {
        Some(account) => {
            check_due(account, app.clock.now())?;
            (account.number.clone(), account.phone.clone())
        }
        None => read_start(&form)?,
    };

    let shown = Start {
        number: form.number.clone(),
        phone: form.phone.clone(),
        level: account.as_ref().map(|account| account.granted),
        activate_by: account.as_ref().and_then(|account| account.activate_by),
    };
    let paid = toll::take(app, &form.payment).map_err(|problem| problem.on(shown.clone()))?;
    let now = app.clock.now();
    let (id, code) = (ActivationId::draw(&app.chance), app.chance.code());
    let number_digest = app.vault.digest("application-activation", number.as_str().as_bytes());
    let subject = subject(app, number, phone.clone()).await?;
    let row = NewRow {
        activation: id,
        number_digest,
        subject,
        code_digest: code_digest(app, &id, &code),
        code_expires_at: now + CODE_LASTS,
        started_at: now,
    };
    let sending = subject.is_some().then(|| code_to(app, &phone, &code));
    app.db
        .write(move |tx| {
            if store::count_codes(tx, &row.number_digest, now - CODES_IN)? >= MOST_CODES {
                return Err(Refusal::TooManyCodes.into());
            }
            paid.spend(tx, now)?;
            store::insert(tx, &row)?;
            if let Some(order) = &sending {
                outbox::enqueue(tx, order)?;
            }
            Ok::<_, Problem>(())
        })
        .await
        .map_err(|problem| problem.on(shown))?;
    app.bell.ring();

    Ok(Next {
        to: format!("/activation/{id}"),
        view: Activation::at(id, Step::Code),
    })
}

fn read_start(form: &StartForm) -> Result<(PersonalNumber, Phone), Problem> {
    let number = PersonalNumber::parse(form.number.trim());
    let phone = Phone::parse(form.phone.trim());
    match (number, phone) {
        (Ok(number), Ok(phone)) => Ok((number, phone)),
        (number, phone) => {
            let mut faults = Vec::new();
            if number.is_err() {
                faults.push(Fault::new("number", "applications-number-form"));
            }
            if phone.is_err() {
                faults.push(Fault::new("phone", "applications-phone-form"));
            }
            Err(Problem::invalid(faults).on(Start {
                number: form.number.clone(),
                phone: form.phone.clone(),
                level: None,
                activate_by: None,
            }))
        }
    }
}

/// Whose level it is and by which application, if number and phone belong together and a level waits, be it too late.
async fn subject(
    app: &App,
    number: PersonalNumber,
    phone: Phone,
) -> Result<Option<(PersonId, ApplicationId)>, Problem> {
    let vault = app.vault.clone();
    app.db
        .read(move |conn| {
            let Some(person) = accounts::person_of(conn, &vault, &number)? else {
                return Ok(None);
            };
            let account = accounts::find(conn, &vault, &person)?;
            let account = account.filter(|account| account.phone == phone && account.granted > account.level);
            match account {
                Some(account) => Ok(dossiers::newest_approved(conn, &person, account.granted)?.map(|id| (person, id))),
                None => Ok::<_, Problem>(None),
            }
        })
        .await
}

fn code_digest(app: &App, id: &ActivationId, code: &str) -> [u8; 32] {
    let bound = [id.bytes(), code.as_bytes()].concat();
    app.vault.digest("application-activation-code", &bound)
}

fn code_to(app: &App, phone: &Phone, code: &str) -> Order {
    let text = sentence(app, "applications-sms-code", &[("code", code.to_owned())]);
    notices::code(app, &phone.e164(), text, app.clock.now() + CODE_LASTS)
}

/// Shows the step that comes now.
pub(super) async fn show(
    Of(app): Of<App>,
    visitor: Visitor,
    Path(id): Path<ActivationId>,
) -> Result<Page<Activation>, Problem> {
    let (row, stand) = load(&app, id).await?;
    Ok(Page(view(id, &row, stand.as_ref(), &visitor)))
}

/// Where the person stands.
#[derive(Clone)]
pub(super) struct Stand {
    pub(super) person: PersonId,
    pub(super) application: ApplicationId,
    pub(super) account: Account,
    has_password: bool,
    pub(super) has_passcode: bool,
}

pub(super) async fn load(app: &App, id: ActivationId) -> Result<(Row, Option<Stand>), Problem> {
    let vault = app.vault.clone();
    app.db
        .read(move |conn: &mut Conn<'_>| {
            let row = store::find(conn, &id)?.ok_or_else(Problem::not_found)?;
            let Some((person, application)) = row.subject else {
                return Ok((row, None));
            };
            let stand = accounts::find(conn, &vault, &person)?
                .map(|account| {
                    Ok::<_, Problem>(Stand {
                        person,
                        application,
                        account,
                        has_password: signin::has_password(conn, &person)?,
                        has_passcode: signin::has_passcode(conn, &person)?,
                    })
                })
                .transpose()?;
            Ok((row, stand))
        })
        .await
}

pub(super) fn view(id: ActivationId, row: &Row, stand: Option<&Stand>, visitor: &Visitor) -> Activation {
    let (Some(stand), Some(_)) = (stand, row.confirmed_at) else {
        return Activation::at(id, Step::Code);
    };
    let signed_in = is(visitor, stand.person);
    let step = match () {
        () if row.used_at.is_some() => Step::Done,
        () if stand.has_password && !signed_in => Step::Signin,
        () if stand.has_passcode => Step::Passcode,
        () => Step::Secrets,
    };
    Activation {
        sets_password: !stand.has_password,
        level: Some(stand.account.granted),
        signed_in,
        ..Activation::at(id, step)
    }
}

fn is(visitor: &Visitor, person: PersonId) -> bool {
    visitor
        .citizen
        .as_ref()
        .is_some_and(|session| PersonId::from(session.subject) == person)
}

/// Sends another code.
pub(super) async fn resend(Of(app): Of<App>, Path(id): Path<ActivationId>) -> Result<Next<Activation>, Problem> {
    let (row, stand) = load(&app, id).await?;

    let (now, code) = (app.clock.now(), app.chance.code());
    let digest = code_digest(&app, &id, &code);
    let sending = stand.map(|stand| code_to(&app, &stand.account.phone, &code));
    app.db
        .write(move |tx| {
            if store::count_codes(tx, &row.number_digest, now - CODES_IN)? >= MOST_CODES {
                return Err(Problem::from(Refusal::TooManyCodes).on(Activation::at(id, Step::Code)));
            }
            if store::renew(tx, &id, &digest, now + CODE_LASTS)?
                && let Some(order) = &sending
            {
                outbox::enqueue(tx, order)?;
            }
            Ok(())
        })
        .await?;
    app.bell.ring();

    Ok(Next {
        to: format!("/activation/{id}"),
        view: Activation::at(id, Step::Code),
    })
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    code: String,
}

/// Confirms the code. The try is counted before the code is looked at.
pub(super) async fn confirm(
    Of(app): Of<App>,
    visitor: Visitor,
    Path(id): Path<ActivationId>,
    Input(form): Input<CodeForm>,
) -> Result<Next<Activation>, Problem> {
    let now = app.clock.now();
    let digest = code_digest(&app, &id, form.code.trim());
    let right = app
        .db
        .write(move |tx| {
            let right = store::count_try(tx, &id, now)?.is_some_and(|kept| crypto::equal(&kept, &digest));
            if right {
                store::confirm(tx, &id, now)?;
            }
            Ok::<_, db::Error>(right)
        })
        .await?;
    let (row, stand) = load(&app, id).await?;
    let Some(stand) = stand.filter(|_| right) else {
        return Err(Problem::from(Refusal::WrongCode).on(Activation::at(id, Step::Code)));
    };
    check_due(&stand.account, now)?;

    Ok(Next {
        to: format!("/activation/{id}"),
        view: view(id, &row, Some(&stand), &visitor),
    })
}
