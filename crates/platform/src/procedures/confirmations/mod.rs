//! Confirmations: before any body begins, somebody whom the applicant names says whether it is so. Relatives confirm a death (Decree 63/2024/NĐ-CP).
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /procedures/confirmations` | what the citizen is asked to confirm, and what was answered |
//! | `POST /procedures/confirmations/{id}/answer` | `answer` = confirm or dispute, `words`, `passcode` |
//!
//! **Invariant:** while a confirmation is awaited the legal time stands still; it is awaited no longer than its description says, and then the bodies
//! begin with what there is.
//! **Invariant:** who asks does not learn whether the number that was typed has an account.

use axum::Router;
use axum::routing::{get, post};
use civil::PersonalNumber;
use db::{Conn, Tx};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::description::Kind;
use super::dossiers::{self, Acting, Dossier, DossierId, Refiling, Step};
use super::filling::Answered;
use super::linked::Following;
use super::states::{Event, Status};
use crate::accounts;
use crate::app::App;
use crate::notices::{self, Note};
use crate::shell::ids::{PersonId, id};
use crate::shell::jobs::{self as outbox, Order, Runner};
use crate::shell::problem::Problem;

mod http;
mod jobs;
mod store;

#[cfg(test)]
mod tests;

pub(super) use store::lapse as cancel;

const TABLE: &str = "procedure_confirmation";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/procedures/confirmations", get(http::list))
        .route("/procedures/confirmations/{id}/answer", post(http::answer))
}

pub(super) fn learn(runner: &mut Runner) {
    runner.learn::<jobs::Lapse>();
}

id! {
    /// What somebody is asked to confirm.
    ConfirmationId
}

/// What of a confirmation is sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Content {
    /// The procedure.
    code: String,
    /// The name of who asks.
    asker: String,
    /// What is to be confirmed.
    about: Vec<Answered>,
}

/// A confirmation about to be asked for, ready for the unit of work that sends a dossier in.
#[derive(Clone)]
pub(super) struct Asking {
    row: store::NewRow,
    asked: Option<(PersonId, Note)>,
    lapse: Order,
    app: App,
}

impl Asking {
    /// What has to be asked about a dossier that is sent in; none where its description asks nobody, or nobody was named.
    ///
    /// # Errors
    /// If the calendar does not reach so far; those of the database.
    pub(super) async fn draw(app: &App, dossier: &Dossier) -> Result<Option<Self>, Problem> {
        let Some(asks) = dossier.version(app)?.confirmation.as_ref() else {
            return Ok(None);
        };
        let Ok(number) = PersonalNumber::parse(dossier.filed.value(&asks.by)) else {
            return Ok(None);
        };
        let asked = accounts::of_number(app, &number).await?.map(|account| account.person);
        let (vault, person) = (app.vault.clone(), dossier.person);
        let holder = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
        let (id, now) = (ConfirmationId::draw(&app.chance), app.clock.now());
        let about = dossier.filed.values.iter();
        let content = Content {
            code: dossier.code.clone(),
            asker: holder.full_name,
            about: about
                .filter(|value| asks.about.contains(&value.name))
                .cloned()
                .collect(),
        };
        let ends_at = app.calendar.add_working_days(now, asks.working_days);
        let ends_at = ends_at.map_err(Problem::internal)?;
        let note = Note::new(
            notices::Kind::Legal,
            "procedures-told-confirmation",
            format!("procedure-confirmation-{id}"),
        )
        .with("who", &content.asker)
        .with("until", civil::calendar::day_of(ends_at).strftime("%d/%m/%Y"))
        .saying("what", format!("procedure-{}-confirmation", dossier.code))
        .link("/procedures/confirmations");
        Ok(Some(Self {
            row: store::NewRow {
                person,
                dossier: dossier.id,
                id,
                // Whoever has no account is nobody who could answer.
                answerer: asked.unwrap_or_else(|| PersonId::draw(&app.chance)),
                content_sealed: app.vault.seal_record(TABLE, "content", id.bytes(), &content)?,
                basis: asks.basis.join("; "),
                asked_at: now,
                ends_at,
            },
            asked: asked.map(|asked| (asked, note)),
            lapse: Order::at(
                app,
                &jobs::Lapse { confirmation: id },
                ends_at + SignedDuration::from_micros(1),
            ),
            app: app.clone(),
        }))
    }

    /// Asks.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn take(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        store::insert(tx, &self.row)?;
        if let Some((asked, note)) = &self.asked {
            notices::inform(&self.app, tx, asked, note, self.row.asked_at)?;
        }
        Ok(outbox::enqueue(tx, &self.lapse)?)
    }
}

/// Until when a dossier waits for a confirmation, and on what that rests; none where it waits for none.
///
/// # Errors
/// Those of the database.
pub(super) fn awaited(
    conn: &mut Conn<'_>,
    person: &PersonId,
    dossier: &DossierId,
    now: Timestamp,
) -> Result<Option<(Timestamp, String)>, db::Error> {
    let row = store::of_dossier(conn, person, dossier)?;
    let open = row.filter(|row| row.answered_at.is_none() && row.ends_at > now);
    Ok(open.map(|row| (row.ends_at, row.basis)))
}

/// What follows from an answer, or from none: the dossier goes on, and the bodies get it with what there is.
#[derive(Clone)]
struct Onward {
    step: Step,
    filed: Refiling,
    following: Following,
}

impl Onward {
    /// None if the dossier waits for no confirmation any more.
    async fn draw(app: &App, row: &store::Row, event: Event, words: &str) -> Result<Option<Self>, Problem> {
        let (vault, id) = (app.vault.clone(), row.dossier);
        let found = app.db.read(move |conn| dossiers::find(conn, &vault, &id)).await?;
        let Some(mut dossier) = found.filter(|dossier| dossier.status == Status::Stopped) else {
            return Ok(None);
        };
        let said = |name: &str, kind: Kind, value: &str| Answered {
            name: name.to_owned(),
            kind,
            value: value.to_owned(),
            rows: Vec::new(),
            told: None,
            fact: None,
        };
        let values = &mut dossier.filed.values;
        values.push(said("relative_answer", Kind::Choice, event.word()));
        if !words.is_empty() {
            values.push(said("relative_words", Kind::Long, words));
        }
        let step = Step::draw(app, &dossier, event, Acting::nobody(words))?;
        Ok(Some(Self {
            following: Following::of_confirmation(app, &dossier.after(&step))?,
            filed: Refiling::draw(app, &dossier)?,
            step,
        }))
    }

    fn take(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        self.filed.take(tx)?;
        self.step.take(tx)?;
        self.following.take(tx)
    }
}
