use askama::Template;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::super::means;
use super::store;
use crate::app::App;
use crate::shell::filters;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;
use crate::shell::whence::Whence;

/// How far back the list goes: a little more than a year of 366 days.
const SHOWN: SignedDuration = SignedDuration::from_hours(24 * 370);
const MOST_SHOWN: i64 = 200;

/// The citizen's sign-ins and changes of means.
#[derive(Template, Serialize)]
#[template(path = "signin/events/pages/events.html")]
pub(super) struct Events {
    events: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    at: Timestamp,
    kind: String,
    failed: bool,
    means: Vec<String>,
    /// How strong the authentication was, by the means that were really used (Decree 69/2024, article 20.1); for what was one.
    assurance: Option<i64>,
    address: String,
    browser: String,
}

/// Shows them, newest first.
pub(super) async fn list(State(app): State<App>, citizen: Citizen) -> Result<Page<Events>, Problem> {
    let (person, since) = (citizen.person, app.clock.now() - SHOWN);
    let rows = app
        .db
        .read(move |conn| store::list(conn, &person, since, MOST_SHOWN))
        .await?;

    let shown = |row: store::Row| {
        let place = *row.event.bytes();
        let whence: Whence = app
            .vault
            .open_record("signin_event", "whence", &place, &row.whence_sealed)?;
        Ok::<_, Problem>(Shown {
            at: row.at,
            failed: matches!(
                row.kind.as_str(),
                "wrong-password" | "wrong-passcode" | "password-locked"
            ),
            assurance: matches!(row.kind.as_str(), "signed-in" | "raised")
                .then(|| means::level(&means::read(&row.means))),
            kind: row.kind,
            means: row
                .means
                .split(' ')
                .filter(|means| !matches!(*means, "" | "mfa"))
                .map(str::to_owned)
                .collect(),
            browser: whence.browser(),
            address: whence.address,
        })
    };
    let events = rows.into_iter().map(shown).collect::<Result<_, _>>()?;
    Ok(Page(Events { events }))
}
