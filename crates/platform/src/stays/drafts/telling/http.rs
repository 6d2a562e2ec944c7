use ::http::StatusCode;
use axum::extract::State;
use db::Conn;
use serde::Deserialize;

use super::rules::{self, Times};
use crate::accounts::{self, Account};
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::notices::{Kind, Note, inform};
use crate::officers;
use crate::registries::{self, CardState};
use crate::shell::clock::civil_date;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path};
use crate::shell::page::Next;
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::stays::drafts::http::{Shown, Words, view, with};
use crate::stays::drafts::{Draft, store as drafts};
use crate::stays::guests::{Document, Guest, alone_under_age};
use crate::stays::http::{Receipt, Told, receipt};
use crate::stays::rules::Reason;
use crate::stays::store::{self, NewGuest, NewNotification};
use crate::stays::{
    DraftId, NotificationId, StayId, digest_of_guest, digest_of_place, facilities, moved, spot, teller,
};

/// What the citizen says at the end.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::stays::drafts) struct LastWords {
    #[serde(flatten)]
    words: Words,
    /// The citizen knows that guests under age come alone.
    alone: String,
}

/// Tells: the draft becomes a notification with a number, or the page says what is wrong.
pub(in crate::stays::drafts) async fn tell(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<DraftId>,
    Input(last): Input<LastWords>,
) -> Result<Next<Receipt>, Problem> {
    let person = citizen.person;
    let account = teller(&app, person).await?;
    let draft = with(&app, (person, id), &last.words).await?;
    let told = match prepared(&app, &account, &draft, &last).await {
        Ok(prepared) => write(&app, (person, id), prepared).await,
        Err(problem) => Err(problem),
    };
    match told {
        Ok(told) => {
            let stands = app.db.read(move |conn| store::find(conn, &told)).await?;
            let stands = stands.ok_or_else(Problem::not_found)?;
            Ok(Next {
                to: format!("/stays/{told}"),
                view: receipt(&app, person, &stands).await?,
            })
        }
        Err(problem) => {
            let mut again: Shown = view(&app, id, draft).await?;
            again.asks_alone = problem.slug() == "stays-alone";
            Err(problem.on(again))
        }
    }
}

/// A notification ready to be written, and what is recorded of it.
struct Prepared {
    new: NewNotification,
    names: Vec<String>,
    looks: Vec<Look>,
    /// The guests with accounts, but for who tells.
    people: Vec<PersonId>,
    note: Note,
    told_once: bool,
}

async fn prepared(app: &App, account: &Account, draft: &Draft, last: &LastWords) -> Result<Prepared, Problem> {
    let now = app.clock.now();
    if !draft.refused.is_empty() {
        let fault = Fault::new("list", "stays-fault-lines-left").with("count", draft.refused.len());
        return Err(Problem::invalid(vec![fault]));
    }
    if last.words.typed().is_begun() {
        return Err(Problem::invalid(vec![Fault::new("full_name", "stays-fault-not-added")]));
    }
    let kind = draft.place.kind;
    let reason = Reason::of_word(&draft.reason).filter(|reason| kind.reasons().contains(reason));
    let (times, reason) =
        rules::read((&draft.from, &draft.to), reason, &draft.guests, now).map_err(Problem::invalid)?;
    let alone = alone_under_age(&draft.guests, civil_date(now), app.config.stays.of_age);
    if alone && last.alone.is_empty() {
        let problem = Problem::new("stays-alone", StatusCode::UNPROCESSABLE_ENTITY);
        return Err(problem.with("age", app.config.stays.of_age));
    }
    let unchecked_at = (!card_stands(app, account).await?).then_some(now);

    let people = persons(app, &draft.guests).await?;
    let id = NotificationId::draw(&app.chance);
    let told = Told {
        place: draft.place.clone(),
        teller: account.full_name.clone(),
        phone: account.phone.national(),
    };
    let who = Who::Partner(told.known_as().to_owned());
    let others = people.iter().flatten().copied();
    let others: Vec<PersonId> = others.filter(|guest| *guest != account.person).collect();
    let looks = others.iter();
    let looks = looks.map(|guest| Look::now(app, *guest, &who, Purpose::Stay, "name number birth sex stay"));
    let note = Note::new(Kind::Progress, "stays-note-told", format!("stay-{id}")).with("who", told.known_as());
    Ok(Prepared {
        looks: looks.collect(),
        people: others,
        note: note.link("/stays?side=guest"),
        names: draft.guests.iter().map(|guest| guest.full_name.clone()).collect(),
        told_once: reason == Reason::CloseRelative,
        new: NewNotification {
            person: account.person,
            id,
            number: rules::number(&draft.place.commune, civil_date(now), app.chance.bytes()),
            facility: draft.place.facility,
            kind,
            reason: reason.word(),
            province: officers::province(&draft.place.commune),
            commune: draft.place.commune.clone(),
            place_digest: digest_of_place(&app.vault, &draft.place),
            content_sealed: app
                .vault
                .seal_record("stay_notification", "content", id.bytes(), &told)?,
            told_at: now,
            late_since: times.late_since,
            alone_at: alone.then_some(now),
            unchecked_at,
            guests: new_guests(app, &draft.guests, people, &times)?,
        },
    })
}

/// Whether the card of who tells is known to be good; false where its database is silent.
///
/// A notification is due at an hour: a silence of ours must not make anybody late.
async fn card_stands(app: &App, account: &Account) -> Result<bool, Problem> {
    let Ok(answer) = registries::cards(app, &account.number, "stay").await else {
        return Ok(false);
    };
    let cards = answer.map(|answer| answer.record).unwrap_or_default();
    if registries::valid(&cards).is_some() {
        return Ok(true);
    }
    let expired = cards.iter().any(|card| card.state == CardState::Expired);
    let slug = if expired {
        "stays-card-expired"
    } else {
        "stays-card-unusable"
    };
    Err(Problem::new(slug, StatusCode::FORBIDDEN))
}

/// The persons of the guests who have accounts.
async fn persons(app: &App, guests: &[Guest]) -> Result<Vec<Option<PersonId>>, Problem> {
    let documents: Vec<Document> = guests.iter().map(|guest| guest.document.clone()).collect();
    let vault = app.vault.clone();
    let found = app.db.read(move |conn: &mut Conn<'_>| {
        let each = documents.iter().map(|document| match document {
            Document::Personal(number) => accounts::person_of(conn, &vault, number),
            Document::Passport(_) => Ok(None),
        });
        each.collect::<Result<Vec<_>, db::Error>>()
    });
    Ok(found.await?)
}

fn new_guests(
    app: &App,
    guests: &[Guest],
    people: Vec<Option<PersonId>>,
    times: &Times,
) -> Result<Vec<NewGuest>, Problem> {
    let each = guests.iter().zip(people).zip(&times.stays);
    let new = each.map(|((guest, person), (from, to))| {
        let stay = StayId::draw(&app.chance);
        Ok(NewGuest {
            stay,
            guest: person,
            digest: digest_of_guest(&app.vault, &guest.mark()),
            content_sealed: app.vault.seal_record("stay_guest", "content", stay.bytes(), guest)?,
            from: *from,
            to: *to,
        })
    });
    new.collect()
}

/// Writes the notification in place of the draft: whole, or not at all.
async fn write(app: &App, (person, draft): (PersonId, DraftId), prepared: Prepared) -> Result<NotificationId, Problem> {
    let at = app.clone();
    app.db
        .write(move |tx| {
            let new = &prepared.new;
            if let Some(facility) = &new.facility {
                facilities::told_by(tx, &person, facility)?;
            }
            if !drafts::delete(tx, &person, &draft)? {
                return Err(Problem::not_found());
            }
            let faults = clashes(tx, &prepared)?;
            if !faults.is_empty() {
                return Err(Problem::invalid(faults));
            }
            store::insert(tx, new)?;
            let counted = spot(new.kind.word(), &new.commune);
            moved(tx, new.id, (None, Some(&counted)), new.told_at)?;
            prepared.looks.iter().try_for_each(|look| history::record(tx, look))?;
            for guest in &prepared.people {
                inform(&at, tx, guest, &prepared.note, new.told_at)?;
            }
            Ok(new.id)
        })
        .await
}

/// The guests who are told of already: here, or by the same person, for the same time.
fn clashes(conn: &mut Conn<'_>, prepared: &Prepared) -> Result<Vec<Fault>, Problem> {
    let new = &prepared.new;
    let mut faults = Vec::new();
    for (guest, name) in new.guests.iter().zip(&prepared.names) {
        let before = if prepared.told_once {
            store::told_once(conn, &new.person, &guest.digest, &new.place_digest)?
        } else {
            None
        };
        if let Some(number) = before {
            let fault = Fault::new("guests", "stays-fault-told-once").with("name", name);
            faults.push(fault.with("number", number));
            continue;
        }
        let clashes = store::clashes(conn, &guest.digest, (guest.from, guest.to))?;
        let known = |clash: &store::Clash| clash.person == new.person || clash.place_digest == new.place_digest;
        if let Some(clash) = clashes.into_iter().find(known) {
            let fault = Fault::new("guests", "stays-fault-overlapping").with("name", name);
            faults.push(fault.with("number", clash.number));
        }
    }
    Ok(faults)
}
