use ::http::StatusCode;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use civil::PersonalNumber;
use credentials::verify::{Outcome, Session, Verifier, addresses_in_text};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::rules::{MOST_REPORTED, OLDEST_REPORT};
use super::super::{Attribute, Inspector, Purpose, store};
use crate::app::App;
use crate::history::{self, Look};
use crate::shell::input::Input;
use crate::shell::problem::Problem;
use crate::{accounts, issuance};

/// What an inspector's device kept.
#[derive(Deserialize)]
pub(in super::super) struct Reports {
    inspections: Vec<Report>,
}

#[derive(Deserialize)]
struct Report {
    code: String,
    purpose: String,
    #[serde(default)]
    challenge: String,
    /// When the code was judged, in seconds since 1970.
    at: i64,
}

/// How many were believed and are in the histories.
#[derive(Serialize)]
struct Taken {
    recorded: usize,
}

/// Records inspections that were made without network in the histories of those who were inspected.
///
/// What a device says is believed as far as the codes themselves prove it: somebody's device has shown this code then.
pub(in super::super) async fn take(
    State(app): State<App>,
    inspector: Inspector,
    Input(reports): Input<Reports>,
) -> Result<Response, Problem> {
    if reports.inspections.len() > MOST_REPORTED {
        return Err(Problem::new(
            "inspection-too-many-reports",
            StatusCode::PAYLOAD_TOO_LARGE,
        ));
    }
    let addresses: Vec<String> = reports
        .inspections
        .iter()
        .flat_map(|report| addresses_in_text(&report.code))
        .collect();
    let verifier = issuance::verifier(&app, &addresses).await?;
    let mut recorded = 0;
    for report in &reports.inspections {
        let purpose = inspector.purpose(&report.purpose)?;
        if let Some((number, at)) = shown(&verifier, report, app.clock.now())
            && record(&app, &inspector, (number, purpose, at), report).await?
        {
            recorded += 1;
        }
    }
    Ok(axum::Json(Taken { recorded }).into_response())
}

/// Who was shown, if the code proves that it was shown at that time.
fn shown(verifier: &Verifier, report: &Report, now: Timestamp) -> Option<(PersonalNumber, Timestamp)> {
    let at = Timestamp::from_second(report.at).ok()?;
    let oldest = now - SignedDuration::from_hours(24 * OLDEST_REPORT);
    if at < oldest || at > now + credentials::verify::SKEW {
        return None;
    }
    let challenge = report.challenge.as_bytes();
    let session = Session {
        challenge: (!challenge.is_empty()).then_some(challenge),
        ..Session::at(at)
    };
    let verdict = verifier.text(&report.code, &session);
    if verdict.outcome == Outcome::Reject {
        return None;
    }
    let number = verdict.claims.get("number")?.as_str()?;
    Some((PersonalNumber::parse(number).ok()?, at))
}

/// Answers whether it is new.
async fn record(
    app: &App,
    inspector: &Inspector,
    (number, purpose, at): (PersonalNumber, Purpose, Timestamp),
    report: &Report,
) -> Result<bool, Problem> {
    let vault = app.vault.clone();
    let person = app
        .db
        .read(move |conn| accounts::person_of(conn, &vault, &number))
        .await?;
    let Some(person) = person else {
        return Ok(false);
    };
    // Without network an inspector sees what the code itself says: no portrait, and no paper of a source.
    let in_the_code = |attribute: &&Attribute| {
        !matches!(attribute, Attribute::Portrait | Attribute::Licence) && attribute.paper().is_none()
    };
    let seen = purpose.attributes().iter().filter(in_the_code);
    let words: Vec<_> = seen.map(|attribute| attribute.word()).chain(["offline"]).collect();
    let look = Look::now(app, person, &inspector.who(), purpose.of_history(), &words.join(" "));
    let digest = app.vault.digest("inspection_report", report.code.as_bytes());
    let is_new = app
        .db
        .write(move |tx| {
            let is_new = store::report(tx, &digest, at)?;
            if is_new {
                history::record(tx, &look)?;
            }
            Ok::<_, db::Error>(is_new)
        })
        .await?;
    Ok(is_new)
}
