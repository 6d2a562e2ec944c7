use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use civil::{CardQr, PersonalNumber, Phone};
use serde::Serialize;

use super::taking::http::Taking;
use crate::accounts::{self, Level};
use crate::app::App;
use crate::applications::evidence;
use crate::applications::{self, Contents, Declared, Draft, Event, Kind, Piece, Refusal, Subject};
use crate::history::{self, Look, Purpose, Who};
use crate::officers::{Action, Officer};
use crate::registration::{parse_card, read_card};
use crate::registries;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::Upload;
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

/// The form to find a person, with what was typed.
#[derive(Clone, Default, Template, Serialize)]
#[template(path = "counter/pages/find.html")]
pub(super) struct Find {
    number: String,
    phone: String,
    email: String,
}

/// Shows the form to find a person.
pub(super) async fn ask(State(app): State<App>, officer: Officer) -> Result<Page<Find>, Problem> {
    officer.must_here(&app, Action::TakeApplication)?;
    Ok(Page(Find::default()))
}

/// What the form brings.
struct Found {
    declared: Declared,
    card: Option<CardQr>,
    phone: Phone,
    email: Option<String>,
}

/// Finds a person, and opens an application for level 2 or continues the one that is open.
pub(super) async fn find(
    State(app): State<App>,
    officer: Officer,
    mut upload: Upload,
) -> Result<Next<Taking>, Problem> {
    officer.must_here(&app, Action::TakeApplication)?;
    let typed = Find {
        number: upload.field("number").to_owned(),
        phone: upload.field("phone").to_owned(),
        email: upload.field("email").to_owned(),
    };
    let on_form = |problem: Problem| problem.on(typed.clone());
    let found = read(&app, &mut upload).await.map_err(on_form)?;
    let (findings, _) = evidence::examine(&app, Level::Two, &found.declared, None)
        .await
        .map_err(on_form)?;

    let subject = Subject {
        declared: found.declared,
        phone: found.phone,
        email: found.email,
    };
    let pieces: Vec<Piece> = found
        .card
        .iter()
        .map(|card| Piece::text(Kind::CardQr, &card.to_text()))
        .collect();
    let (person, open) = standing(&app, &subject.declared.number).await.map_err(on_form)?;
    let draft = match open {
        Some(_) => None,
        None => Some(Draft::draw(&app, person, Level::Two, &subject, Some(&officer))?),
    };
    let id = draft.as_ref().map(Draft::id).or(open).ok_or(Refusal::Changed)?;
    let contents = Contents::draw(&app, (person, id), &subject, &findings, &pieces).await?;
    let again = applications::event(&app, Event::Open, Some(officer.officer));
    let who = Who::Officer(officer.known_as());
    let what = "number name birth sex address phone email card";
    let look = Look::now(&app, person, &who, Purpose::Enrolment, what);
    let (vault, me) = (app.vault.clone(), officer.officer);
    let (application, kinds) = app
        .db
        .write(move |tx| {
            match &draft {
                Some(draft) => applications::open(tx, draft)?,
                None if !applications::was_taken_by(tx, &id, &me)? => applications::note(tx, (&person, &id), &again)?,
                None => {}
            }
            applications::put(tx, &contents)?;
            history::record(tx, &look)?;
            let application = applications::find(tx, &vault, &id)?.ok_or_else(Problem::not_found)?;
            Ok::<_, Problem>((application, applications::kinds_of(tx, (&person, &id))?))
        })
        .await?;

    Ok(Next {
        to: format!("/counter/{id}"),
        view: Taking::of(&application, &kinds, None),
    })
}

/// The person of a number, drawn anew for who has no account, and the application that is open for them.
async fn standing(
    app: &App,
    number: &PersonalNumber,
) -> Result<(PersonId, Option<applications::ApplicationId>), Problem> {
    let (vault, number, fresh) = (app.vault.clone(), number.clone(), PersonId::draw(&app.chance));
    app.db
        .read(move |conn| {
            let Some(person) = accounts::person_of(conn, &vault, &number)? else {
                return Ok((fresh, None));
            };
            let account = accounts::find(conn, &vault, &person)?;
            if account.is_some_and(|account| account.level == Level::Two) {
                return Err(Refusal::LevelHeld.into());
            }
            match applications::find_live(conn, &vault, &person, Level::Two)? {
                Some(live) if live.state.is_open() => Ok((person, Some(live.id))),
                Some(_) => Err(Refusal::OpenAlready.into()),
                None => Ok((person, None)),
            }
        })
        .await
}

async fn read(app: &App, upload: &mut Upload) -> Result<Found, Problem> {
    let card = match upload.file("picture") {
        Some(picture) => Some(read_card(app, picture).await?),
        None if !upload.field("qr").is_empty() => Some(parse_card(upload.field("qr"), "qr")?),
        None => None,
    };
    let (mut faults, email) = (Vec::new(), upload.field("email"));
    let phone = Phone::parse(upload.field("phone")).ok();
    if phone.is_none() {
        faults.push(Fault::new("phone", "applications-phone-form"));
    }
    if !email.is_empty() && !is_email(email) {
        faults.push(Fault::new("email", "counter-email-form"));
    }
    let number = match &card {
        Some(card) => Some(card.number.clone()),
        None => PersonalNumber::parse(upload.field("number")).ok(),
    };
    if number.is_none() {
        faults.push(Fault::new("number", "applications-number-form"));
    }
    let (Some(number), Some(phone), true) = (number, phone, faults.is_empty()) else {
        return Err(Problem::invalid(faults));
    };
    let email = (!email.is_empty()).then(|| email.to_owned());
    let declared = match &card {
        Some(card) => of_card(card),
        None => on_record(app, &number).await?,
    };
    Ok(Found {
        declared,
        card,
        phone,
        email,
    })
}

fn is_email(text: &str) -> bool {
    let sound = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control());
    text.len() <= 254
        && text
            .split_once('@')
            .is_some_and(|(name, host)| sound(name) && sound(host) && host.contains('.') && !host.contains('@'))
}

fn of_card(card: &CardQr) -> Declared {
    Declared {
        number: card.number.clone(),
        full_name: card.full_name.clone(),
        date_of_birth: card.date_of_birth,
        sex: card.sex,
        residence: Some(card.address.clone()),
        issued_on: Some(card.issued_on),
    }
}

/// Without a card at hand the person is taken for who the population database says; the officer compares the face.
async fn on_record(app: &App, number: &PersonalNumber) -> Result<Declared, Problem> {
    let answer = registries::person(app, number, "application-level-2").await?;
    let unknown = || Problem::new("applications-ineligible-unknown", StatusCode::FORBIDDEN);
    let person = answer.ok_or_else(unknown)?.record;
    Ok(Declared {
        number: person.number,
        full_name: person.full_name,
        date_of_birth: person.date_of_birth,
        sex: person.sex,
        residence: None,
        issued_on: None,
    })
}
