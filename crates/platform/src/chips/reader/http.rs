//! Bringing what was read to the invitation of a page.

use civil::chip::clones::Question;
use civil::chip::reader::{Password, Session};
use civil::chip::{Challenge, ChipFile};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Slot, dice};
use crate::shell::chance::Chance;
use crate::shell::server::Failure;

/// What the platform says of a reading.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    challenge: Option<ChipFile>,
    #[serde(default)]
    chip_authentication: Option<Question>,
    #[serde(default)]
    found: Option<String>,
}

/// Asks for the challenge, reads the card, brings it, and lets the chip answer what it is asked; says what was found.
pub(super) async fn bring(
    address: &str,
    slot: &mut Slot,
    password: &Password,
    chance: &Chance,
) -> Result<String, Failure> {
    let http = reqwest::Client::builder().build()?;
    let told = told(http.get(address)).await?;
    let challenge = told.challenge.as_ref().and_then(|drawn| drawn.as_array().copied());
    let challenge = challenge.map(Challenge).ok_or("this invitation has been used")?;

    let mut dice = dice(chance);
    let mut session = Session::open(slot, password, &mut dice)?;
    let reading = session.read(Some(challenge))?;
    let mut told = self::told(http.post(address).json(&reading)).await?;
    if let Some(question) = told.chip_authentication.take() {
        let response = ChipFile::from(session.answer(&question)?);
        let answer = http
            .post(format!("{address}/answer"))
            .json(&json!({ "response": response }));
        told = self::told(answer).await?;
    }
    Ok(told.found.unwrap_or_default())
}

async fn told(request: reqwest::RequestBuilder) -> Result<Told, Failure> {
    let answer = request.header("accept", "application/json").send().await?;
    let refused = !answer.status().is_success();
    let body: Value = answer.json().await?;
    if refused {
        let title = body
            .get("title")
            .and_then(Value::as_str)
            .unwrap_or("the platform refuses");
        return Err(title.to_owned().into());
    }
    Ok(serde_json::from_value(body)?)
}
