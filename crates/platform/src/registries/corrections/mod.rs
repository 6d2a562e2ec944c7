//! Asking a source to mend what it keeps, and how that stands.

use civil::PersonalNumber;
use serde::{Deserialize, Serialize};

use super::http::RequestId;
use super::rules::Source;
use super::{Silent, Why, lines};
use crate::app::App;

/// How a source's correction stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// The source's number of it.
    pub number: String,
    /// How it stands.
    pub state: CorrectionState,
    /// Why it is refused.
    pub reason: Option<String>,
}

/// How a correction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CorrectionState {
    /// The source has it.
    Received,
    /// The source has mended its record.
    Accepted,
    /// The source keeps its record as it is.
    Refused,
}

/// A field that is wrong, and what it should say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// Which.
    pub field: String,
    /// What it should say.
    pub proposed: String,
}

#[derive(Serialize)]
struct Asked<'a> {
    personal_number: &'a PersonalNumber,
    document: &'a str,
    changes: &'a [Proposed],
    request_id: String,
}

#[derive(Serialize)]
struct StatusAsked<'a> {
    correction: &'a str,
    request_id: String,
}

#[derive(Deserialize)]
struct Told {
    request_id: String,
    correction: String,
    state: CorrectionState,
    reason: Option<String>,
}

/// Asks a source to mend fields of one paper, which it decides on together.
///
/// # Errors
/// [`Silent`] if the source gives no answer.
pub async fn correct(
    app: &App,
    source: Source,
    number: &PersonalNumber,
    (document, changes): (&str, &[Proposed]),
) -> Result<Correction, Silent> {
    let asked = Asked {
        personal_number: number,
        document,
        changes,
        request_id: RequestId::draw(&app.chance).to_string(),
    };
    let path = format!("/{}/v1/corrections", source.text());
    let told: Told = lines::send(app, source, &path, &asked).await?;
    accept(source, told, &asked.request_id)
}

/// How a correction stands at its source.
///
/// # Errors
/// [`Silent`] if the source gives no answer.
pub async fn correction(app: &App, source: Source, number: &str) -> Result<Correction, Silent> {
    let asked = StatusAsked {
        correction: number,
        request_id: RequestId::draw(&app.chance).to_string(),
    };
    let path = format!("/{}/v1/corrections/status", source.text());
    let told: Told = lines::send(app, source, &path, &asked).await?;
    accept(source, told, &asked.request_id)
}

fn accept(source: Source, told: Told, request_id: &str) -> Result<Correction, Silent> {
    if told.request_id != request_id {
        return Err(Silent {
            source,
            why: Why::Other,
        });
    }
    Ok(Correction {
        number: told.correction,
        state: told.state,
        reason: told.reason,
    })
}
