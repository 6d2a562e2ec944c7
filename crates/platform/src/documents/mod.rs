//! The wallet of documents (*ví giấy tờ*): all papers of a person on one page, each with its provenance, its legal value and how it stands.
//!
//! Papers are fetched from their sources in parallel; what is down says so, and the rest shows at once.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /documents` | all papers; asks for the passcode unless it was given in the last minutes |
//! | `POST /documents` | opens for the passcode |
//! | `POST /documents/close` | closes |
//! | `GET`, `POST /documents/{kind}` | one paper, with the same passcode |
//! | `POST /documents/{kind}/removal`, `/return` | the holder takes a paper out, or in again |
//! | `/documents/dependants`, `/documents/integration`, `/documents/reports`, `/documents/{kind}/report` | `dependants`, `integration`, `reports` |
//! | `/documents/handovers`, `/counter/originals` | `handovers`, `originals` |
//!
//! **Invariant:** no paper is shown in a session in which the passcode was not given within `http::OPEN_FOR`.
//! **Invariant:** each opening, and each answer that a source gave for it, stands in the person's history.
//! **Invariant:** what a source did not say just now is shown with the instant from which it is.

use axum::Router;
use axum::routing::{get, post};
use db::Conn;

use crate::app::{App, Capability};
use crate::history::{self, Look, Purpose, Who};
use crate::notices::{self, Note, inform};
use crate::registries::{Change, Source, Subject};
use crate::shell::ids::PersonId;
use crate::shell::jobs::{JobId, Runner};
use crate::shell::problem::Problem;
use crate::shell::texts::{self, Lang};
use crate::{accounts, eid, issuance, locks};

mod dependants;
mod gathering;
pub(crate) mod handovers;
mod http;
mod integration;
pub(crate) mod originals;
mod papers;
mod reports;
mod rules;
mod showing;
mod store;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use dependants::acted_for;
pub(crate) use rules::{Kind, Value};
pub(crate) use showing::{Showing, Wanted, show};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/documents", get(http::overview).post(http::open))
        .route("/documents/close", post(http::close))
        .route("/documents/{kind}", get(http::paper).post(http::open_paper))
        .route("/documents/{kind}/removal", post(http::remove))
        .route("/documents/{kind}/return", post(http::restore))
        .merge(dependants::routes())
        .merge(handovers::routes())
        .merge(integration::routes())
        .merge(originals::routes())
        .merge(reports::routes())
}

fn learn(runner: &mut Runner) {
    reports::learn(runner);
    originals::learn(runner);
}

/// The Vietnamese name of a source, as the history tells it.
fn source_name(app: &App, source: Source) -> String {
    app.texts
        .say(Lang::Vi, &format!("documents-source-{}", source.text()), &[])
}

/// Lets a person's locks, credentials and messages follow a change that a source has told. Doing it twice is doing it once.
///
/// # Errors
/// The silence of a source; those of the database.
pub(crate) async fn take_up(app: &App, source: Source, change: &Change, id: JobId) -> Result<(), Problem> {
    let Some(account) = accounts::of_number(app, &change.number).await? else {
        return Ok(());
    };
    if matches!(source, Source::Population | Source::IdCard) {
        locks::review_person(app, account.person).await?;
    }
    if change.kind == "death" {
        return Ok(());
    }
    let renewal = match (source, change.kind.as_str()) {
        (Source::Population, "address" | "corrected") => eid::Renewal::ask(app, &account).await?,
        _ => None,
    };
    let name = source_name(app, source);
    let note = Note::new(
        notices::Kind::Document,
        "documents-told-changed",
        format!("documents changed {id}"),
    )
    .saying("source", format!("documents-source-{}", source.text()))
    .link("/documents");
    let look = Look::now(
        app,
        account.person,
        &Who::Registry(name),
        Purpose::OwnData,
        what(source),
    );
    let (at, person, now) = (app.clone(), account.person, app.clock.now());
    app.db
        .write(move |tx| {
            if !store::is_new(tx, &person, id.bytes(), now)? {
                return Ok(());
            }
            if let Some(renewal) = &renewal {
                renewal.write(tx)?;
            }
            issuance::revoke_of(tx, &person, source, now)?;
            if matches!(source, Source::DrivingLicence | Source::HealthInsurance) {
                notices::ask_about(tx, &person, now)?;
            }
            inform(&at, tx, &person, &note, now)?;
            Ok::<_, Problem>(history::record(tx, &look)?)
        })
        .await
}

/// What is seen of a person in a source, as the history names it.
pub(crate) fn what(source: Source) -> &'static str {
    let kind = match source {
        Source::FormerLicence => Some(Kind::DrivingLicence),
        source => Kind::ALL.into_iter().find(|kind| kind.source() == source),
    };
    kind.map_or("name", Kind::what)
}

/// The sources of papers that a person has removed from the wallet.
///
/// # Errors
/// Those of the database.
pub(crate) fn removed_sources(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<Source>, db::Error> {
    let removed = store::removed(conn, person)?;
    Ok(removed.into_iter().map(Kind::source).collect())
}

/// Removes the paper of a source from somebody's wallet.
#[cfg(test)]
pub(crate) fn remove_from_wallet(tx: &mut db::Tx<'_>, person: &PersonId, source: Source) -> Result<(), db::Error> {
    let kind = Kind::ALL.into_iter().find(|kind| kind.source() == source);
    kind.map_or(Ok(()), |kind| {
        store::remove(tx, person, kind, jiff::Timestamp::UNIX_EPOCH)
    })
}

/// Whom the sources are asked about, for an account.
pub(crate) fn subject(account: &accounts::Account) -> Subject {
    Subject {
        number: account.number.clone(),
        full_name: account.full_name.clone(),
        date_of_birth: account.date_of_birth,
    }
}
