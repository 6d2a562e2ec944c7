//! Sending a report to its source, and asking for the answer until there is one.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{Content, ReportId, store};
use crate::app::App;
use crate::documents::rules::Kind;
use crate::notices::{Note, inform};
use crate::registries::{self, CorrectionState};
use crate::shell::ids::PersonId;
use crate::shell::jobs::{self as outbox, Failure, Job, JobId, Order};
use crate::shell::problem::Problem;
use crate::{accounts, notices};

/// How often the source is asked how it stands.
const ASK_EVERY: SignedDuration = SignedDuration::from_hours(2);

fn again(problem: &Problem) -> Failure {
    Failure::Again(problem.slug().to_owned())
}

/// Send a report to the source.
#[derive(Serialize, Deserialize)]
pub(super) struct SendReport {
    pub(super) person: PersonId,
    pub(super) report: ReportId,
}

impl Job for SendReport {
    const KIND: &'static str = "documents-send-report";
    const AT_ONCE: bool = true;

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        send(&app, self.person, self.report)
            .await
            .map_err(|problem| again(&problem))
    }
}

async fn send(app: &App, person: PersonId, id: ReportId) -> Result<(), Problem> {
    let vault = app.vault.clone();
    let (account, row) = app
        .db
        .read(move |conn| Ok::<_, Problem>((accounts::find(conn, &vault, &person)?, store::find(conn, &person, &id)?)))
        .await?;
    let (Some(account), Some(row)) = (account, row.filter(|row| row.state == "kept")) else {
        return Ok(());
    };
    let Some(kind) = Kind::from_word(&row.kind) else {
        return Ok(());
    };
    let content: Content = app
        .vault
        .open_record("document_report", "content", id.bytes(), &row.content_sealed)?;
    let wrong = (content.document.as_str(), content.changes.as_slice());
    let taken = registries::correct(app, kind.source(), &account.number, wrong).await?;

    let now = app.clock.now();
    let next = Order::at(app, &AskAnswer { person, report: id }, now + ASK_EVERY);
    app.db
        .write(move |tx| {
            if store::sent(tx, &person, &id, &taken.number, now)? {
                outbox::enqueue(tx, &next)?;
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    Ok(())
}

/// Ask the source how a report stands, and go on asking until it has decided.
#[derive(Serialize, Deserialize)]
pub(super) struct AskAnswer {
    person: PersonId,
    report: ReportId,
}

impl Job for AskAnswer {
    const KIND: &'static str = "documents-ask-answer";
    const AT_ONCE: bool = true;

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        ask(&app, &self).await.map_err(|problem| again(&problem))
    }
}

async fn ask(app: &App, asked: &AskAnswer) -> Result<(), Problem> {
    let (person, id, vault) = (asked.person, asked.report, app.vault.clone());
    let (account, row) = app
        .db
        .read(move |conn| Ok::<_, Problem>((accounts::find(conn, &vault, &person)?, store::find(conn, &person, &id)?)))
        .await?;
    let (Some(account), Some(row)) = (account, row.filter(|row| row.state == "sent")) else {
        return Ok(());
    };
    let (Some(kind), Some(reference)) = (Kind::from_word(&row.kind), row.reference) else {
        return Ok(());
    };
    // A source that is silent just now is asked again at the next turn, however long that lasts.
    let told = registries::correction(app, kind.source(), &reference).await.ok();
    let decided = told.filter(|told| told.state != CorrectionState::Received);
    let now = app.clock.now();
    let Some(decided) = decided else {
        let next = Order::at(app, &AskAnswer { person, report: id }, now + ASK_EVERY);
        return Ok(app.db.write(move |tx| outbox::enqueue(tx, &next)).await?);
    };

    let state = if decided.state == CorrectionState::Accepted {
        "accepted"
    } else {
        "refused"
    };
    let answer = app.vault.seal_text(
        "document_report",
        "answer",
        id.bytes(),
        decided.reason.as_deref().unwrap_or_default(),
    );
    let note = Note::new(
        notices::Kind::Legal,
        format!("documents-told-{state}"),
        format!("documents report {id}"),
    )
    .saying("source", format!("documents-source-{}", kind.source().text()))
    .link("/documents/reports");
    let at = app.clone();
    let digest = registries::digest_of(app, &account.number);
    app.db
        .write(move |tx| {
            if store::answered(tx, &person, &id, (state, &answer), now)? {
                registries::outdate(tx, &digest, kind.source(), now)?;
                inform(&at, tx, &person, &note, now)?;
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    Ok(())
}
