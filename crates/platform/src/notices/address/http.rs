use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::rules::{LASTS, address, masked};
use super::store;
use crate::accounts::{self, Account, Contact};
use crate::app::App;
use crate::notices::jobs::Send;
use crate::notices::{Channel, Kind, Note, choices, inform};
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::Input;
use crate::shell::jobs::{self as outbox, Order};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;

/// The citizen's e-mail address.
#[derive(Template, Serialize)]
#[template(path = "notices/address/pages/address.html")]
pub(super) struct Address {
    /// The address in use, masked.
    address: Option<String>,
    /// One that waits for its code, masked.
    waits: Option<String>,
}

async fn view(app: &App, person: PersonId) -> Result<Address, Problem> {
    let (vault, now) = (app.vault.clone(), app.clock.now());
    app.db
        .read(move |conn| {
            let account = accounts::own(conn, &vault, &person)?;
            let waits = store::find(conn, &person, now)?;
            let waits = waits.map(|sealed| vault.open_text("notice_address", "address", person.bytes(), &sealed));
            Ok(Address {
                address: account.email.as_deref().map(masked),
                waits: waits.transpose()?.as_deref().map(masked),
            })
        })
        .await
}

/// Shows it.
pub(super) async fn show(State(app): State<App>, citizen: Citizen) -> Result<Page<Address>, Problem> {
    Ok(Page(view(&app, citizen.person).await?))
}

/// An address.
#[derive(Deserialize)]
pub(super) struct AddressForm {
    #[serde(default)]
    email: String,
}

/// Sends a code to an address.
pub(super) async fn give(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<AddressForm>,
) -> Result<Next<Address>, Problem> {
    let person = citizen.person;
    let Some(address) = address(&form.email) else {
        let fault = Fault::new("email", "notices-email-fault");
        return Err(Problem::invalid(vec![fault]).on(view(&app, person).await?));
    };

    let (code, now) = (app.chance.code(), app.clock.now());
    let digest = digest(&app, &person, &code);
    let sealed = app
        .vault
        .seal_text("notice_address", "address", person.bytes(), &address);
    let wishes = app.db.read(move |conn| choices::find(conn, &person)).await?;
    let text = app
        .texts
        .say(wishes.lang, "notices-email-code", &[("code", code.as_str().into())]);
    let send = Send {
        until: Some(now + LASTS),
        lang: wishes.lang,
        ..Send::new(Channel::Email, &address, text)
    };
    let order = Order::now(&app, &send).urgent();
    let asked = app
        .db
        .write(move |tx| {
            let asked = store::ask(tx, &person, &sealed, &digest, now)?;
            if asked {
                outbox::enqueue(tx, &order)?;
            }
            Ok::<_, db::Error>(asked)
        })
        .await?;
    app.bell.ring();
    if !asked {
        let problem = Problem::new("notices-email-too-many", StatusCode::TOO_MANY_REQUESTS);
        return Err(problem.on(view(&app, person).await?));
    }
    next(&app, person).await
}

fn digest(app: &App, person: &PersonId, code: &str) -> [u8; 32] {
    let named = [person.bytes().as_slice(), code.trim().as_bytes()].concat();
    app.vault.digest("notice-address", &named)
}

/// The code that came to it.
#[derive(Deserialize)]
pub(super) struct ProofForm {
    #[serde(default)]
    code: String,
}

/// Takes a proved address into use.
pub(super) async fn prove(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<ProofForm>,
) -> Result<Next<Address>, Problem> {
    let (person, now) = (citizen.person, app.clock.now());
    let (digest, at) = (digest(&app, &person, &form.code), app.clone());
    let proved = app
        .db
        .write(move |tx| {
            let Some(sealed) = store::prove(tx, &person, &digest, now)? else {
                return Ok(false);
            };
            let address = at
                .vault
                .open_text("notice_address", "address", person.bytes(), &sealed)?;
            let account = accounts::own(tx, &at.vault, &person)?;
            keep(tx, &at, &account, Some(address))?;
            Ok::<_, Problem>(true)
        })
        .await?;
    app.bell.ring();
    if !proved {
        let problem = Problem::new("notices-email-wrong-code", StatusCode::FORBIDDEN);
        return Err(problem.on(view(&app, person).await?));
    }
    next(&app, person).await
}

/// Sets the address, and tells the holder.
fn keep(tx: &mut db::Tx<'_>, app: &App, account: &Account, email: Option<String>) -> Result<(), Problem> {
    let now = app.clock.now();
    let once = format!("e-mail {now}");
    let note = match &email {
        Some(email) => Note::new(Kind::Security, "notices-email-told", once).with("address", masked(email)),
        None => Note::new(Kind::Security, "notices-email-told-gone", once),
    };
    let contact = Contact {
        phone: account.phone.clone(),
        email,
    };
    accounts::set_contact(tx, &app.vault, &account.person, &contact)?;
    Ok(inform(app, tx, &account.person, &note.link("/notices/email"), now)?)
}

/// Takes the address out.
pub(super) async fn remove(State(app): State<App>, citizen: Citizen) -> Result<Next<Address>, Problem> {
    let (person, at) = (citizen.person, app.clone());
    app.db
        .write(move |tx| {
            store::remove(tx, &person)?;
            let account = accounts::own(tx, &at.vault, &person)?;
            match account.email {
                Some(_) => keep(tx, &at, &account, None),
                None => Ok(()),
            }
        })
        .await?;
    app.bell.ring();
    next(&app, person).await
}

async fn next(app: &App, person: PersonId) -> Result<Next<Address>, Problem> {
    Ok(Next {
        to: "/notices/email".to_owned(),
        view: view(app, person).await?,
    })
}
