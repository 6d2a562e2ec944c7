//! The people of the benchmark: opened through the doors that the capabilities use among themselves, not one by one over HTTP.

use jiff::SignedDuration;
use nation::{Nation, Person};
use platform::accounts::{self, Identity, Level, NewAccount};
use platform::app::App;
use platform::shell::ids::PersonId;
use platform::shell::problem::Problem;
use platform::shell::session::{Kind, Opening};
use platform::signin::{self, Password, PasswordHash};
use serde::{Deserialize, Serialize};

/// The password of all of them.
pub const PASSWORD: &str = "Ruong-bac-8-thang";

/// How many people sign in, however many have an account: spread evenly over them.
const ACTIVE: u64 = 1000;
/// How many accounts are opened in one unit of work.
const AT_ONCE: u64 = 500;

/// A person who signs in.
#[derive(Clone, Serialize, Deserialize)]
pub struct Visitor {
    /// The personal number.
    pub number: String,
    /// The cookie of a live session.
    pub cookie: String,
}

struct Opened {
    visitor: Visitor,
    account: NewAccount,
    session: Opening,
}

/// Opens so many accounts of level 2, each with a password and a session; answers those who sign in.
pub async fn open(app: &App, count: u64) -> Vec<Visitor> {
    let nation = Nation::new(1, count);
    let password = signin::hash(app, &Password::check(PASSWORD, &[]).unwrap())
        .await
        .unwrap();
    let step = (count / ACTIVE).max(1);
    let mut visitors = Vec::new();
    for first in (0..count).step_by(usize::try_from(AT_ONCE).unwrap()) {
        let opened: Vec<Opened> = (first..count.min(first + AT_ONCE))
            .map(|index| draw(app, &nation.person(index).unwrap()))
            .collect();
        let active = (first..).zip(&opened).filter(|(index, _)| index % step == 0);
        visitors.extend(active.map(|(_, opened)| opened.visitor.clone()));
        insert(app, opened, &password).await;
    }
    visitors
}

fn draw(app: &App, person: &Person) -> Opened {
    let id = PersonId::draw(&app.chance);
    let identity = Identity {
        number: person.number.clone(),
        full_name: person.full_name.clone(),
        date_of_birth: person.date_of_birth,
        sex: person.sex,
    };
    let phone = person.phone.clone();
    let phone = phone.unwrap_or_else(|| civil::Phone::parse("0912345678").unwrap());
    let session = Opening::draw(app, Kind::Citizen, *id.bytes(), 1, "pwd");
    let [(_, cookie)] = session.cookie(app);
    let cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
    Opened {
        visitor: Visitor {
            number: identity.number.as_str().to_owned(),
            cookie,
        },
        account: NewAccount::draw(app, id, &identity, &phone).unwrap(),
        session,
    }
}

async fn insert(app: &App, opened: Vec<Opened>, password: &PasswordHash) {
    let (now, vault, password) = (app.clock.now(), app.vault.clone(), password.clone());
    app.db
        .write(move |tx| -> Result<(), Problem> {
            for Opened { account, session, .. } in &opened {
                let person = account.person();
                accounts::open(tx, account)?;
                accounts::grant(tx, &person, Level::Two, now, now + SignedDuration::from_hours(1))?;
                accounts::activate(tx, &person, now)?;
                signin::set_password(tx, &vault, &person, &password, now)?;
                session.insert(tx)?;
            }
            Ok(())
        })
        .await
        .unwrap();
}
