use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use civil::{PersonalNumber, Phone};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::super::alarm::{Alarm, What};
use super::super::restoration::{NewSecrets, Restoration};
use super::super::rules::Way;
use super::super::stop_all;
use super::store::{self, NewVoucher};
use crate::accounts::{self, Account, Contact};
use crate::app::App;
use crate::devices::proofs;
use crate::history::{self, Look, Purpose, Who};
use crate::notices;
use crate::officers::{Action, Officer};
use crate::shell::filters;
use crate::shell::input::Input;
use crate::shell::jobs;
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::texts::Lang;
use crate::signin::events::{Event, Kind};

/// The officer's form.
#[derive(Clone, Default, Template, Serialize)]
#[template(path = "recovery/counter/pages/officer.html")]
pub(super) struct Help {
    number: String,
    phone: String,
    full_name: Option<String>,
    /// The code, where it does not go to the new phone.
    voucher: Option<String>,
    given: bool,
}

/// Shows the officer's form.
pub(super) async fn ask_officer(State(app): State<App>, officer: Officer) -> Result<Page<Help>, Problem> {
    officer.must_here(&app, Action::HelpRecovery)?;
    Ok(Page(Help::default()))
}

#[derive(Deserialize)]
pub(super) struct HelpForm {
    #[serde(default)]
    number: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    card_seen: String,
}

impl HelpForm {
    fn read(&self) -> Result<(PersonalNumber, Option<Phone>), Problem> {
        let number = PersonalNumber::parse(self.number.trim());
        let phone = match self.phone.trim() {
            "" => Ok(None),
            text => Phone::parse(text).map(Some),
        };
        match (number, phone, self.card_seen.as_str()) {
            (Ok(number), Ok(phone), "yes") => Ok((number, phone)),
            (number, phone, seen) => {
                let wrong = [
                    (number.is_err(), "number", "signin-number-form"),
                    (phone.is_err(), "phone", "recovery-phone-form"),
                    (seen != "yes", "card_seen", "recovery-card-seen-needed"),
                ];
                let faults = wrong.iter().filter(|(wrong, ..)| *wrong);
                let faults = faults.map(|(_, field, text)| Fault::new(*field, text)).collect();
                Err(Problem::invalid(faults))
            }
        }
    }
}

/// Gives a code to somebody whom the officer sees. With a new phone it goes there, which proves that phone.
pub(super) async fn give(
    State(app): State<App>,
    officer: Officer,
    Input(form): Input<HelpForm>,
) -> Result<Page<Help>, Problem> {
    officer.must_here(&app, Action::HelpRecovery)?;
    let shown = Help {
        number: form.number.clone(),
        phone: form.phone.clone(),
        ..Help::default()
    };
    let (number, phone) = form.read().map_err(|problem| problem.on(shown.clone()))?;

    let account = find(&app, &number).await?;
    let account =
        account.ok_or_else(|| Problem::new("recovery-no-account", StatusCode::NOT_FOUND).on(shown.clone()))?;
    let text = format!("{}{}", app.chance.code(), app.chance.code());
    let voucher_digest = digest(&app, &number, &text);
    let sealed = phone.as_ref().map(|phone| {
        app.vault
            .seal_text("recovery_voucher", "phone", &voucher_digest, &phone.e164())
    });
    let voucher = NewVoucher {
        voucher_digest,
        person: account.person,
        officer: officer.officer,
        phone_sealed: sealed,
        given_at: app.clock.now(),
    };
    let look = Look::now(
        &app,
        account.person,
        &Who::Officer(officer.known_as()),
        Purpose::Recovery,
        "name number",
    );
    let event = Event::now(&app, account.person, Kind::RecoveryBegun, "")?;
    let alarm = Alarm::draw(&app, &account, What::Recovery);
    let by_sms = phone.as_ref().map(|phone| {
        let sentence = app
            .texts
            .say(Lang::Vi, "recovery-sms-voucher", &[("voucher", text.as_str().into())]);
        notices::sms(&app, &phone.e164(), sentence)
    });
    let sent = by_sms.is_some();
    app.db
        .write(move |tx| {
            store::insert(tx, &voucher)?;
            history::record(tx, &look)?;
            event.keep(tx)?;
            alarm.raise(tx)?;
            by_sms.iter().try_for_each(|order| jobs::enqueue(tx, order))
        })
        .await?;
    app.bell.ring();

    Ok(Page(Help {
        full_name: Some(account.full_name),
        voucher: (!sent).then_some(text),
        given: true,
        ..shown
    }))
}

async fn find(app: &App, number: &PersonalNumber) -> Result<Option<Account>, Problem> {
    let (vault, number) = (app.vault.clone(), number.clone());
    app.db
        .read(move |conn| match accounts::person_of(conn, &vault, &number)? {
            Some(person) => accounts::find(conn, &vault, &person),
            None => Ok(None),
        })
        .await
}

fn digest(app: &App, number: &PersonalNumber, voucher: &str) -> [u8; 32] {
    let bound = [number.as_str().as_bytes(), voucher.as_bytes()].concat();
    app.vault.digest("recovery-voucher", &bound)
}

/// Where the person types the code of the counter.
#[derive(Clone, Template, Serialize)]
#[template(path = "recovery/counter/pages/person.html")]
pub(super) struct Person {
    number: String,
    challenge: String,
    done: bool,
}

/// Shows the person's form.
pub(super) async fn ask(State(app): State<App>) -> Result<Page<Person>, Problem> {
    Ok(Page(Person {
        number: String::new(),
        challenge: proofs::challenge(&app)?,
        done: false,
    }))
}

#[derive(Deserialize)]
pub(super) struct FinishForm {
    #[serde(default)]
    number: String,
    #[serde(default)]
    voucher: String,
    #[serde(flatten)]
    secrets: NewSecrets,
}

/// Sets new secrets and makes this browser the device. All rights are there at once: an officer saw the person.
pub(super) async fn finish(State(app): State<App>, Input(form): Input<FinishForm>) -> Result<Response, Problem> {
    let shown = Person {
        number: form.number.clone(),
        challenge: proofs::challenge(&app)?,
        done: false,
    };
    let wrong = || Problem::new("recovery-wrong-voucher", StatusCode::FORBIDDEN);
    let Ok(number) = PersonalNumber::parse(form.number.trim()) else {
        return Err(Problem::invalid(vec![Fault::new("number", "signin-number-form")]).on(shown));
    };
    let digits: String = form.voucher.chars().filter(char::is_ascii_digit).collect();
    let (voucher, now, vault) = (digest(&app, &number, &digits), app.clock.now(), app.vault.clone());
    let account = app
        .db
        .read(move |conn| match store::find(conn, &voucher, now)? {
            Some(person) => accounts::find(conn, &vault, &person),
            None => Ok(None),
        })
        .await?;
    let account = account.ok_or_else(|| wrong().on(shown.clone()))?;
    let restoration = Restoration::draw(&app, &account, Way::Counter, &form.secrets)
        .await
        .map_err(|problem| problem.on(shown.clone()))?;

    let (cookie, parts) = (restoration.cookie(&app), app.clone());
    app.db
        .write(move |tx| {
            let used = store::spend(tx, &voucher, now)?.ok_or_else(wrong)?;
            if let Some(sealed) = used.phone_sealed {
                let text = parts.vault.open_text("recovery_voucher", "phone", &voucher, &sealed)?;
                let contact = Contact {
                    phone: Phone::parse(&text).map_err(Problem::internal)?,
                    email: account.email.clone(),
                };
                accounts::set_contact(tx, &parts.vault, &account.person, &contact)?;
            }
            stop_all(tx, &account.person, "counter", now)?;
            restoration.carry_out(tx, &parts, now)
        })
        .await
        .map_err(|problem| problem.on(shown.clone()))?;
    app.bell.ring();

    let next = Next {
        to: "/account/security".to_owned(),
        view: Person { done: true, ..shown },
    };
    Ok((cookie, next).into_response())
}
