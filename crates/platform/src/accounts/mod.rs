//! Accounts: who has one, at which level, in which state.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /account` | the citizen's page: level, next step, what the level may use |
//! | `GET /account/personal` | the citizen's own data from the population database |
//!
//! **Invariant:** a personal number leads to at most one account.
//! **Invariant:** the level in use is never above the level granted, and rises only by activation in time.
//! **Invariant:** an account of level 0 without an application is removed when its time is over, and its number is free again.

use axum::Router;
use axum::routing::get;
use civil::{PersonalNumber, Phone, Sex};
use db::{Conn, Tx};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::app::{App, Capability};
use crate::notices::{self, Occasion};
use crate::shell::clock::civil_date;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{self as outbox, Order, Runner};
use crate::shell::problem::Problem;
use crate::shell::texts;
use crate::shell::vault::Vault;
use crate::statistics::{self, Measure};

mod counting;
mod http;
mod jobs;
mod life;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(crate) use counting::{counted, live_in, province};
use counting::{lapse, spot, standing_spot};
pub use life::{Change, PASSAGES, Passage, Stage, diagram};
pub use rules::{Level, Standing};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/account", get(http::show))
        .route("/account/personal", get(http::personal))
}

fn learn(runner: &mut Runner) {
    runner.learn::<jobs::Lapse>();
}

/// Who an account is about, as the population database confirmed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// *Số định danh cá nhân*.
    pub number: PersonalNumber,
    /// *Họ, chữ đệm và tên khai sinh*.
    pub full_name: String,
    /// *Ngày sinh*.
    pub date_of_birth: Date,
    /// *Giới tính*.
    pub sex: Sex,
}

/// How the holder is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The holder's own phone.
    pub phone: Phone,
    /// The holder's e-mail address.
    pub email: Option<String>,
}

/// An account as it stands.
#[derive(Clone, Debug)]
pub struct Account {
    /// Whose it is.
    pub person: PersonId,
    /// The personal number now in force.
    pub number: PersonalNumber,
    /// The name of birth.
    pub full_name: String,
    /// The date of birth.
    pub date_of_birth: Date,
    /// The sex.
    pub sex: Sex,
    /// The holder's phone.
    pub phone: Phone,
    /// The phone's new owner has proved it: no code goes there any more.
    pub phone_lost: bool,
    /// The holder's e-mail address.
    pub email: Option<String>,
    /// The level that was approved.
    pub granted: Level,
    /// The level in use: activated, and what rights follow from.
    pub level: Level,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When the level was approved.
    pub granted_at: Option<Timestamp>,
    /// The last instant for activating the level granted.
    pub activate_by: Option<Timestamp>,
    /// When an account of level 0 is removed, unless level 1 is applied for.
    pub lapses_at: Option<Timestamp>,
}

impl Account {
    /// Where the account stands at an instant.
    pub fn standing(&self, now: Timestamp) -> Standing {
        rules::standing((self.granted, self.level), self.activate_by, self.lapses_at, now)
    }
}

/// When an account of level 0 will be removed, and the order to do it.
#[derive(Clone)]
pub struct Lapsing {
    person: PersonId,
    at: Timestamp,
    order: Order,
}

impl Lapsing {
    /// The usual time from now.
    pub fn draw(app: &App, person: PersonId) -> Self {
        let at = app.clock.now() + SignedDuration::from_hours(24 * app.config.lapse_days);
        let order = Order::at(app, &jobs::Lapse { person }, at);
        Self { person, at, order }
    }
}

/// An account about to be opened, at level 0.
#[derive(Clone)]
pub struct NewAccount {
    person: PersonId,
    number_digest: [u8; 32],
    identity_sealed: Vec<u8>,
    date_of_birth: Date,
    contact_sealed: Vec<u8>,
    phone_digest: [u8; 32],
    created_at: Timestamp,
    lapse: Lapsing,
}

impl NewAccount {
    /// Prepares an account for a person.
    ///
    /// # Errors
    /// None that depend on the data.
    pub fn draw(app: &App, person: PersonId, identity: &Identity, phone: &Phone) -> Result<Self, Problem> {
        let contact = Contact {
            phone: phone.clone(),
            email: None,
        };
        Ok(Self {
            person,
            number_digest: digest(&app.vault, &identity.number),
            identity_sealed: app.vault.seal_record("account", "identity", person.bytes(), identity)?,
            date_of_birth: identity.date_of_birth,
            contact_sealed: app.vault.seal_record("account", "contact", person.bytes(), &contact)?,
            phone_digest: digest_of_phone(&app.vault, phone),
            created_at: app.clock.now(),
            lapse: Lapsing::draw(app, person),
        })
    }

    /// Whose it will be.
    pub fn person(&self) -> PersonId {
        self.person
    }
}

fn digest(vault: &Vault, number: &PersonalNumber) -> [u8; 32] {
    vault.digest("account-number", number.as_str().as_bytes())
}

fn digest_of_phone(vault: &Vault, phone: &Phone) -> [u8; 32] {
    vault.digest("account-phone", phone.e164().as_bytes())
}

/// Opens an account.
///
/// # Errors
/// `Taken("account_number.number_digest")` if the number has an account.
pub fn open(tx: &mut Tx<'_>, account: &NewAccount) -> Result<(), db::Error> {
    store::insert(tx, account)?;
    notices::expect(tx, &account.person, Occasion::Birthday, Some(account.date_of_birth))?;
    let (person, registered) = (account.person.bytes(), spot(Level::Zero, None));
    statistics::moved(
        tx,
        Measure::Accounts,
        person,
        (None, Some(&registered)),
        account.created_at,
    )?;
    outbox::enqueue(tx, &account.lapse.order)
}

/// The account of a person.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
pub fn find(conn: &mut Conn<'_>, vault: &Vault, person: &PersonId) -> Result<Option<Account>, Problem> {
    let Some(row) = store::find(conn, person)? else {
        return Ok(None);
    };
    let identity: Identity = vault.open_record("account", "identity", person.bytes(), &row.identity_sealed)?;
    let contact: Contact = vault.open_record("account", "contact", person.bytes(), &row.contact_sealed)?;
    Ok(Some(Account {
        person: *person,
        number: identity.number,
        full_name: identity.full_name,
        date_of_birth: identity.date_of_birth,
        sex: identity.sex,
        phone: contact.phone,
        phone_lost: row.phone_lost_at.is_some(),
        email: contact.email,
        granted: row.granted,
        level: row.level,
        created_at: row.created_at,
        granted_at: row.granted_at,
        activate_by: row.activate_by,
        lapses_at: row.lapses_at,
    }))
}

/// The level of a person's account.
///
/// # Errors
/// Those of the database.
pub fn level(conn: &mut Conn<'_>, person: &PersonId) -> Result<Option<Level>, db::Error> {
    Ok(store::counted_as(conn, person)?.map(|(level, _)| level))
}

/// The account of a signed-in citizen, who is asked to sign in again if it has been removed meanwhile.
///
/// # Errors
/// `signin-needed`, those of the database, and sealed data that cannot be opened.
pub fn own(conn: &mut Conn<'_>, vault: &Vault, person: &PersonId) -> Result<Account, Problem> {
    find(conn, vault, person)?.ok_or_else(Problem::sign_in_needed)
}

/// The person who has, or had, a number.
///
/// # Errors
/// Those of the database.
pub fn person_of(conn: &mut Conn<'_>, vault: &Vault, number: &PersonalNumber) -> Result<Option<PersonId>, db::Error> {
    store::find_person(conn, &digest(vault, number))
}

/// The account of whoever has, or had, a number.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
pub async fn of_number(app: &App, number: &PersonalNumber) -> Result<Option<Account>, Problem> {
    let (vault, number) = (app.vault.clone(), number.clone());
    app.db
        .read(move |conn| match person_of(conn, &vault, &number)? {
            Some(person) => find(conn, &vault, &person),
            None => Ok(None),
        })
        .await
}

/// Some accounts that were granted a level, after a person, in the order of their identifiers.
///
/// # Errors
/// Those of the database.
pub fn list_after(conn: &mut Conn<'_>, after: Option<&PersonId>, most: i64) -> Result<Vec<PersonId>, db::Error> {
    store::list_after(conn, after.unwrap_or(&[0; 16].into()), most)
}

/// Gives a person a new number; the old one is cancelled, and still leads to the person.
///
/// # Errors
/// `Taken("account_number.number_digest")` if the number is known already; `NoRow` if there is no account.
pub fn renumber(
    tx: &mut Tx<'_>,
    vault: &Vault,
    person: &PersonId,
    identity: &Identity,
    now: Timestamp,
) -> Result<(), Problem> {
    store::cancel_numbers(tx, person, now)?;
    store::insert_number(tx, &digest(vault, &identity.number), person, now)?;
    let sealed = vault.seal_record("account", "identity", person.bytes(), identity)?;
    found(store::set_identity(tx, person, &sealed)?)?;
    notices::expect(tx, person, Occasion::Birthday, Some(identity.date_of_birth))?;
    Ok(())
}

/// Sets how the holder is reached.
///
/// # Errors
/// `NoRow` if there is no account; those of the database.
pub fn set_contact(tx: &mut Tx<'_>, vault: &Vault, person: &PersonId, contact: &Contact) -> Result<(), Problem> {
    let sealed = vault.seal_record("account", "contact", person.bytes(), contact)?;
    let phone_digest = digest_of_phone(vault, &contact.phone);
    found(store::set_contact(tx, person, &sealed, &phone_digest)?)?;
    Ok(())
}

/// Who is reached by a phone, and has not lost it to somebody else.
///
/// # Errors
/// Those of the database.
pub fn person_by_phone(conn: &mut Conn<'_>, vault: &Vault, phone: &Phone) -> Result<Option<PersonId>, db::Error> {
    store::find_by_phone(conn, &digest_of_phone(vault, phone))
}

/// Somebody else has proved the phone of a person: no code goes there any more.
///
/// # Errors
/// Those of the database.
pub fn phone_is_lost(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<(), db::Error> {
    store::lose_phone(tx, person, now)
}

/// The holder has applied for a level: the account does not lapse while the application is open.
///
/// # Errors
/// Those of the database.
pub fn applied(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), db::Error> {
    store::set_lapse(tx, person, None).map(drop)
}

/// The application was refused or withdrawn: an account of level 0 lapses again after the usual time.
///
/// # Errors
/// Those of the database.
pub fn refused(tx: &mut Tx<'_>, lapsing: &Lapsing) -> Result<(), db::Error> {
    if store::set_lapse(tx, &lapsing.person, Some(lapsing.at))? {
        outbox::enqueue(tx, &lapsing.order)?;
    }
    Ok(())
}

/// A level was approved. It counts from its activation, for which there is time until `activate_by`.
///
/// # Errors
/// `NoRow` if there is no account, or if it has this level or a higher one already.
pub fn grant(
    tx: &mut Tx<'_>,
    person: &PersonId,
    level: Level,
    now: Timestamp,
    activate_by: Timestamp,
) -> Result<(), db::Error> {
    found(store::grant(tx, person, level, now, activate_by)?)?;
    notices::expect(tx, person, Occasion::Activation, Some(civil_date(activate_by)))
}

/// Puts the level granted to use; false if there is nothing to activate or it is too late.
///
/// # Errors
/// Those of the database.
pub fn activate(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<bool, db::Error> {
    let before = standing_spot(tx, person)?;
    if !store::activate(tx, person, now)? {
        return Ok(false);
    }
    let after = standing_spot(tx, person)?;
    statistics::moved(tx, Measure::Activations, person.bytes(), (None, after.as_ref()), now)?;
    statistics::moved(
        tx,
        Measure::Accounts,
        person.bytes(),
        (before.as_ref(), after.as_ref()),
        now,
    )?;
    notices::expect(tx, person, Occasion::Activation, None)?;
    notices::ask_about(tx, person, now)?;
    Ok(true)
}

fn found(there: bool) -> Result<(), db::Error> {
    if there { Ok(()) } else { Err(db::Error::NoRow) }
}
