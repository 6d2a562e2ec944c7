use askama::Template;
use axum::extract::State as Of;
use serde::Serialize;

use super::super::super::evidence::{self, Kind};
use super::super::super::refusal::Refusal;
use super::PURPOSE;
use crate::app::App;
use crate::biometrics::quality::{self, Judgement};
use crate::shell::filters;
use crate::shell::input::Upload;
use crate::shell::page::Page;
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;

/// What is to be said of a portrait before it is sent.
#[derive(Template, Serialize)]
#[template(path = "applications/level_1/pages/judged.html")]
pub(in super::super) struct Judged {
    good: bool,
    #[serde(flatten)]
    judgement: Judgement,
}

/// Judges a portrait and keeps nothing.
pub(in super::super) async fn judge(Of(app): Of<App>, _: Citizen, mut upload: Upload) -> Result<Page<Judged>, Problem> {
    let Some(file) = upload.file("portrait") else {
        return Err(Refusal::PortraitMissing.into());
    };
    let piece = evidence::read_picture(&app, Kind::Portrait, "portrait", file).await?;
    let judgement = quality::judge(&app, &piece.content(), PURPOSE).await?;
    let judged = Judged {
        good: judgement.is_good(),
        judgement,
    };
    if judged.good {
        return Ok(Page(judged));
    }
    let advice = judged.judgement.advice.iter();
    let faults = advice.map(|advice| Fault::new("portrait", advice.text())).collect();
    Err(Problem::invalid(faults).on(judged))
}
