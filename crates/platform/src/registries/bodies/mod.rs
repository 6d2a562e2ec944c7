//! Handing a dossier of a linked procedure over to the body behind a source, and how it stands there.

use std::collections::BTreeMap;

use civil::PersonalNumber;
use serde::{Deserialize, Serialize};

use super::http::RequestId;
use super::rules::Source;
use super::{Silent, Why, lines};
use crate::app::App;

/// How a dossier stands at a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The body's number of it.
    pub dossier: String,
    /// How it stands.
    pub state: StandingState,
    /// Why it is refused, or has to be verified.
    pub reason: Option<String>,
    /// What was decided, by name.
    pub result: BTreeMap<String, String>,
}

/// How a dossier stands at a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StandingState {
    /// The body has it.
    Received,
    /// The body has to verify what was said, and says why.
    Verifying,
    /// Decided in favour.
    Done,
    /// Decided against.
    Refused,
    /// It was taken back.
    Withdrawn,
}

#[derive(Serialize)]
struct Handed<'a> {
    number: &'a str,
    procedure: &'a str,
    personal_number: &'a PersonalNumber,
    content: &'a BTreeMap<String, String>,
    request_id: String,
}

#[derive(Serialize)]
struct Withdrawn<'a> {
    number: &'a str,
    request_id: String,
}

#[derive(Serialize)]
struct Asked<'a> {
    dossier: &'a str,
    request_id: String,
}

#[derive(Deserialize)]
struct Told {
    request_id: String,
    dossier: String,
    state: StandingState,
    reason: Option<String>,
    result: BTreeMap<String, String>,
}

/// Hands a dossier over: our number, the procedure, who asks. The same number twice is one dossier there.
///
/// # Errors
/// [`Silent`] if the body gives no answer.
pub async fn hand_over(
    app: &App,
    source: Source,
    (number, procedure): (&str, &str),
    asker: &PersonalNumber,
    content: &BTreeMap<String, String>,
) -> Result<Standing, Silent> {
    let handed = Handed {
        number,
        procedure,
        personal_number: asker,
        content,
        request_id: RequestId::draw(&app.chance).to_string(),
    };
    let told: Told = lines::send(app, source, &format!("/{}/v1/dossiers", source.text()), &handed).await?;
    accept(source, told, &handed.request_id)
}

/// Tells a body that a dossier was taken back, by our number; one that it never got is answered alike.
///
/// # Errors
/// [`Silent`] if the body gives no answer.
pub async fn take_back(app: &App, source: Source, number: &str) -> Result<Standing, Silent> {
    let withdrawn = Withdrawn {
        number,
        request_id: RequestId::draw(&app.chance).to_string(),
    };
    let path = format!("/{}/v1/dossiers/withdrawal", source.text());
    let told: Told = lines::send(app, source, &path, &withdrawn).await?;
    accept(source, told, &withdrawn.request_id)
}

/// How a dossier stands at a body.
///
/// # Errors
/// [`Silent`] if the body gives no answer.
pub async fn standing(app: &App, source: Source, dossier: &str) -> Result<Standing, Silent> {
    let asked = Asked {
        dossier,
        request_id: RequestId::draw(&app.chance).to_string(),
    };
    let path = format!("/{}/v1/dossiers/status", source.text());
    let told: Told = lines::send(app, source, &path, &asked).await?;
    accept(source, told, &asked.request_id)
}

fn accept(source: Source, told: Told, request_id: &str) -> Result<Standing, Silent> {
    if told.request_id != request_id {
        let why = Why::Other;
        return Err(Silent { source, why });
    }
    Ok(Standing {
        dossier: told.dossier,
        state: told.state,
        reason: told.reason,
        result: told.result,
    })
}
