use ::http::StatusCode;
use axum::extract::State;
use civil::CardQr;

use crate::accounts;
use crate::app::App;
use crate::history::Who;
use crate::inspection;
use crate::shell::ids::PersonId;
use crate::shell::input::{Path, Upload};
use crate::shell::page::Next;
use crate::shell::problem::{Fault, Problem};
use crate::shell::qr::{self, Unread as NoCode};
use crate::shell::session::Citizen;
use crate::stays::DraftId;
use crate::stays::drafts::Draft;
use crate::stays::drafts::http::{Shown, Words, change, next, view, with};
use crate::stays::guests::{Document, Guest, HOME, KnownBy, Typed};
use crate::stays::lists::{self, Unread};
use crate::stays::rules::MOST_GUESTS;

/// Puts guests into a draft, each once.
fn put(draft: &mut Draft, new: &[Guest]) -> Result<(), Problem> {
    for guest in new {
        if draft.guests.iter().any(|known| known.mark() == guest.mark()) {
            let fault = Fault::new("guests", "stays-fault-twice").with("name", &guest.full_name);
            return Err(Problem::invalid(vec![fault]));
        }
        draft.guests.push(guest.clone());
    }
    not_too_many(draft)
}

/// Puts the guests of a list into a draft; who is in it already is taken from the newer list.
fn put_list(draft: &mut Draft, list: &[Guest]) -> Result<(), Problem> {
    for guest in list {
        match draft.guests.iter_mut().find(|known| known.mark() == guest.mark()) {
            Some(known) => known.clone_from(guest),
            None => draft.guests.push(guest.clone()),
        }
    }
    not_too_many(draft)
}

fn not_too_many(draft: &Draft) -> Result<(), Problem> {
    if draft.guests.len() > MOST_GUESTS {
        return Err(Problem::new("stays-too-many", StatusCode::UNPROCESSABLE_ENTITY).with("most", MOST_GUESTS));
    }
    Ok(())
}

/// Adds a guest.
pub(in crate::stays::drafts) async fn add(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<DraftId>,
    mut upload: Upload,
) -> Result<Next<Shown>, Problem> {
    let person = citizen.person;
    let words = Words::of(&upload);
    let before = with(&app, (person, id), &words).await?;
    let guest = guest(&app, person, &before, &words.typed(), &mut upload).await;
    let added = match guest {
        Ok(guest) => {
            let put = move |draft: &mut Draft| {
                put(draft, std::slice::from_ref(&guest))?;
                if guest.known_by == KnownBy::Typed {
                    draft.typed = Typed::default();
                }
                Ok(())
            };
            change(&app, (person, id), put).await
        }
        Err(problem) => Err(problem),
    };
    match added {
        Ok(draft) => next(&app, id, draft).await,
        Err(problem) => Err(problem.on(view(&app, id, before).await?)),
    }
}

/// The guest that a form tells of: the citizen, the holder of a code, or who was typed.
async fn guest(
    app: &App,
    person: PersonId,
    draft: &Draft,
    typed: &Typed,
    upload: &mut Upload,
) -> Result<Guest, Problem> {
    if !upload.field("own").is_empty() {
        let vault = app.vault.clone();
        let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
        return Ok(Guest {
            full_name: account.full_name,
            document: Document::Personal(account.number),
            date_of_birth: account.date_of_birth,
            sex: account.sex,
            nationality: HOME.to_owned(),
            known_by: KnownBy::Own,
            from: None,
            to: None,
        });
    }
    let code = match upload.file("picture") {
        Some(picture) => on_picture(app, picture).await?,
        None => upload.field("code").to_owned(),
    };
    if code.is_empty() {
        return typed.read(KnownBy::Typed, app.clock.now()).map_err(Problem::invalid);
    }
    if let Ok(card) = CardQr::parse(&code) {
        return Guest::of_card(card).map_err(|fault| Problem::invalid(vec![fault]));
    }
    let who = match draft.place.facility {
        Some(_) => draft.place.name.clone(),
        None => {
            let vault = app.vault.clone();
            let own = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
            own.full_name
        }
    };
    let facts = inspection::guest(app, &code, &Who::Partner(who)).await?;
    Ok(Guest::of_facts(facts))
}

async fn on_picture(app: &App, picture: Vec<u8>) -> Result<String, Problem> {
    let read = app.workshop.run(move || qr::text_on(&picture)).await?;
    read.map_err(|unread| {
        let text = match unread {
            NoCode::NoCode => "stays-fault-no-code",
            NoCode::Picture(_) => "stays-fault-no-picture",
        };
        Problem::invalid(vec![Fault::new("picture", text)])
    })
}

/// Adds the guests of a file. What is wrong in it is kept beside, to be mended or dropped.
pub(in crate::stays::drafts) async fn add_list(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<DraftId>,
    mut upload: Upload,
) -> Result<Next<Shown>, Problem> {
    let person = citizen.person;
    let before = with(&app, (person, id), &Words::of(&upload)).await?;
    let now = app.clock.now();
    let file = upload.file("list").unwrap_or_default();
    let read = app.workshop.run(move || lists::read(&file, now)).await?;
    let (guests, refused) = match read {
        Ok(read) => read,
        Err(unread) => {
            let text = match unread {
                Unread::NoText => "stays-fault-list-text",
                Unread::NoColumns => "stays-fault-list-columns",
                Unread::TooMany => "stays-fault-list-many",
                Unread::Empty => "stays-fault-list-empty",
            };
            let fault = Fault::new("list", text).with("most", MOST_GUESTS);
            return Err(Problem::invalid(vec![fault]).on(view(&app, id, before).await?));
        }
    };
    let added = change(&app, (person, id), move |draft| {
        put_list(draft, &guests)?;
        draft.refused.clone_from(&refused);
        Ok(())
    });
    match added.await {
        Ok(draft) => next(&app, id, draft).await,
        Err(problem) => Err(problem.on(view(&app, id, before).await?)),
    }
}
