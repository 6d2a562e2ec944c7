use askama::Template;
use axum::extract::State;
use civil::{PersonalNumber, Phone, names};
use crypto::secret::Secret;
use http::StatusCode;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::super::alarm::{Alarm, What};
use super::super::rules::{PHONE_IS_FRESH, ResetShown, may_reset};
use super::super::store as standing;
use super::store::{self, NewRow, Row};
use super::{COUNTED_IN, LASTS, MOST, ResetId};
use crate::accounts::{self, Account};
use crate::app::App;
use crate::notices;
use crate::registries;
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::jobs as outbox;
use crate::shell::page::{Next, Page};
use crate::shell::pause::evened;
use crate::shell::problem::{Fault, Problem};
use crate::shell::session;
use crate::shell::texts::Lang;
use crate::shell::toll::{self, Payment};
use crate::signin::events::{Event, Kind};
use crate::signin::{self, Password, own_words};

/// The form of who has forgotten the password.
#[derive(Clone, Default, Template, Serialize)]
#[template(path = "recovery/password/pages/ask.html")]
pub(super) struct Ask {
    number: String,
    phone: String,
    full_name: String,
    date_of_birth: String,
    card_issued_on: String,
}

/// The step that comes now: `code`, `password` or `done`.
#[derive(Clone, Template, Serialize)]
#[template(path = "recovery/password/pages/reset.html")]
pub(super) struct Reset {
    reset: ResetId,
    step: &'static str,
}

#[derive(Deserialize)]
pub(super) struct AskForm {
    #[serde(default)]
    number: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    full_name: String,
    #[serde(default)]
    date_of_birth: String,
    #[serde(default)]
    card_issued_on: String,
    #[serde(flatten)]
    payment: Payment,
}

struct Facts {
    number: PersonalNumber,
    phone: Phone,
    full_name: String,
    date_of_birth: Date,
    card_issued_on: Date,
}

impl AskForm {
    fn shown(&self) -> Ask {
        Ask {
            number: self.number.clone(),
            phone: self.phone.clone(),
            full_name: self.full_name.clone(),
            date_of_birth: self.date_of_birth.clone(),
            card_issued_on: self.card_issued_on.clone(),
        }
    }

    fn read(self) -> Result<Facts, Problem> {
        let parsed = (
            PersonalNumber::parse(self.number.trim()),
            Phone::parse(self.phone.trim()),
            day(&self.date_of_birth),
            day(&self.card_issued_on),
        );
        let plausible = names::is_plausible(&self.full_name);
        match parsed {
            (Ok(number), Ok(phone), Some(date_of_birth), Some(card_issued_on)) if plausible => Ok(Facts {
                number,
                phone,
                full_name: self.full_name,
                date_of_birth,
                card_issued_on,
            }),
            (number, phone, born, issued) => {
                let wrong = [
                    (number.is_err(), "number", "signin-number-form"),
                    (phone.is_err(), "phone", "recovery-phone-form"),
                    (!plausible, "full_name", "recovery-name-form"),
                    (born.is_none(), "date_of_birth", "recovery-date-form"),
                    (issued.is_none(), "card_issued_on", "recovery-date-form"),
                ];
                let faults = wrong.iter().filter(|(wrong, ..)| *wrong);
                let faults = faults.map(|(_, field, text)| Fault::new(*field, text)).collect();
                Err(Problem::invalid(faults).on(self.shown()))
            }
        }
    }
}

/// A date as a form brings it (`2001-02-03`) or as people in Viet Nam write it (`03/02/2001`).
pub(in crate::recovery) fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    text.parse().ok().or_else(|| Date::strptime("%d/%m/%Y", text).ok())
}

/// Shows the form.
pub(super) async fn ask() -> Page<Ask> {
    Page(Ask::default())
}

/// Takes the facts, and sends a code if they are all right.
pub(super) async fn begin(State(app): State<App>, Input(form): Input<AskForm>) -> Result<Next<Reset>, Problem> {
    evened(app.config.limits.evenly(), begun(&app, form)).await
}

async fn begun(app: &App, form: AskForm) -> Result<Next<Reset>, Problem> {
    let shown = form.shown();
    let payment = form.payment.clone();
    let facts = form.read()?;
    let paid = toll::take(app, &payment).map_err(|problem| problem.on(shown.clone()))?;

    // The sources are asked whether or not there is an account, so that time tells nothing either.
    let cards = registries::cards(app, &facts.number, "recovery").await?;
    let issued = cards.is_some_and(|answer| {
        registries::valid(&answer.record).is_some_and(|card| card.issued_on == facts.card_issued_on)
    });
    let (vault, number) = (app.vault.clone(), facts.number.clone());
    let account = app
        .db
        .read(move |conn| {
            let person = accounts::person_of(conn, &vault, &number)?;
            person
                .map(|person| accounts::find(conn, &vault, &person))
                .transpose()
                .map(Option::flatten)
        })
        .await?;
    let known = |account: &Account| ResetShown {
        phone: account.phone == facts.phone && !account.phone_lost,
        facts: issued
            && names::same(&account.full_name, &facts.full_name)
            && account.date_of_birth == facts.date_of_birth,
        code: true,
    };
    let account = account.filter(|account| may_reset(known(account)));

    let (now, code, reset) = (app.clock.now(), app.chance.code(), ResetId::draw(&app.chance));
    let row = NewRow {
        reset,
        number_digest: app.vault.digest("recovery-reset", facts.number.as_str().as_bytes()),
        person: account.as_ref().map(|account| account.person),
        code_digest: digest(app, &reset, &code),
        started_at: now,
    };
    let text = app
        .texts
        .say(Lang::Vi, "signin-sms-code-recovery", &[("code", code.as_str().into())]);
    let sending = account.map(|account| notices::code(app, &account.phone.e164(), text, now + LASTS));
    app.db
        .write(move |tx| {
            if store::count(tx, &row.number_digest, now - COUNTED_IN)? >= MOST {
                return Err(Problem::new("recovery-too-many", StatusCode::TOO_MANY_REQUESTS).retry_after(3600));
            }
            paid.spend(tx, now)?;
            store::insert(tx, &row)?;
            if let Some(order) = &sending {
                outbox::enqueue(tx, order)?;
            }
            Ok(())
        })
        .await
        .map_err(|problem| problem.on(shown))?;
    app.bell.ring();

    Ok(next(reset, "code"))
}

fn next(reset: ResetId, step: &'static str) -> Next<Reset> {
    Next {
        to: format!("/recovery/password/{reset}"),
        view: Reset { reset, step },
    }
}

fn digest(app: &App, reset: &ResetId, code: &str) -> [u8; 32] {
    let bound = [reset.bytes().as_slice(), code.as_bytes()].concat();
    app.vault.digest("recovery-reset-code", &bound)
}

async fn load(app: &App, reset: ResetId) -> Result<Row, Problem> {
    let now = app.clock.now();
    let row = app.db.read(move |conn| store::find(conn, &reset, now)).await?;
    row.ok_or_else(|| Problem::new("recovery-over", StatusCode::GONE))
}

fn step(row: &Row) -> &'static str {
    match (row.used, row.confirmed) {
        (true, _) => "done",
        (false, true) => "password",
        (false, false) => "code",
    }
}

/// Shows the step that comes now.
pub(super) async fn show(State(app): State<App>, Path(reset): Path<ResetId>) -> Result<Page<Reset>, Problem> {
    let row = load(&app, reset).await?;
    Ok(Page(Reset {
        reset,
        step: step(&row),
    }))
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    code: String,
}

/// Confirms the code. The try is counted before the code is compared.
pub(super) async fn confirm(
    State(app): State<App>,
    Path(reset): Path<ResetId>,
    Input(form): Input<CodeForm>,
) -> Result<Next<Reset>, Problem> {
    let (digest, now) = (digest(&app, &reset, form.code.trim()), app.clock.now());
    let right = app
        .db
        .write(move |tx| {
            let right = store::count_try(tx, &reset, now)?.is_some_and(|kept| crypto::equal(&kept, &digest));
            Ok::<_, db::Error>(right && store::confirm(tx, &reset, now)?)
        })
        .await?;
    if !right {
        return Err(Problem::new("recovery-wrong-code", StatusCode::FORBIDDEN).on(Reset { reset, step: "code" }));
    }
    Ok(next(reset, "password"))
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    password: Secret<String>,
    repeat: Option<Secret<String>>,
}

/// Sets the new password. Every session ends, and for a time the phone proves little.
pub(super) async fn set(
    State(app): State<App>,
    Path(reset): Path<ResetId>,
    Input(form): Input<PasswordForm>,
) -> Result<Next<Reset>, Problem> {
    let row = load(&app, reset).await?;
    let unconfirmed = || Problem::new("recovery-code-first", StatusCode::FORBIDDEN);
    let person = row.person.filter(|_| row.confirmed).ok_or_else(unconfirmed)?;
    let vault = app.vault.clone();
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    let password = read_password(&account, &form.password, form.repeat.as_ref()).map_err(|problem| {
        problem.on(Reset {
            reset,
            step: "password",
        })
    })?;

    let hash = signin::hash(&app, &password).await?;
    let (now, vault) = (app.clock.now(), app.vault.clone());
    let event = Event::now(&app, person, Kind::PasswordChanged, "sms")?;
    let alarm = Alarm::draw(&app, &account, What::Password);
    app.db
        .write(move |tx| {
            if !store::spend(tx, &reset, now)? {
                return Err(unconfirmed());
            }
            signin::set_password(tx, &vault, &person, &hash, now)?;
            standing::phone_is_fresh(tx, &person, now + PHONE_IS_FRESH)?;
            session::end_all(tx, person.bytes(), now)?;
            notices::forget_browsers(tx, &person)?;
            event.keep(tx)?;
            Ok(alarm.raise(tx)?)
        })
        .await?;
    app.bell.ring();

    Ok(next(reset, "done"))
}

/// A new password that keeps the rules.
pub(in crate::recovery) fn read_password(
    account: &Account,
    password: &Secret<String>,
    repeat: Option<&Secret<String>>,
) -> Result<Password, Problem> {
    let own = own_words(account);
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let password_checked = Password::check(password.expose(), &own).map_err(Problem::invalid)?;
    if repeat.is_some_and(|repeat| repeat.expose() != password.expose()) {
        return Err(Problem::invalid(vec![Fault::new("repeat", "signin-repeat-differs")]));
    }
    Ok(password_checked)
}
