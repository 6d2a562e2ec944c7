//! Whether a portrait is good enough to be compared, and what to do better: the server judges, the page only guides.
//!
//! Size, sharpness and light are measured here. Faces are found by the matcher: the one of the ID-card database in production, in the
//! sandbox the stand-in, which finds drawn faces only and says so.
//!
//! **Invariant:** a portrait without advice shows exactly one face, of the size and at the place that a comparison needs.

use serde::Serialize;

use super::http;
use super::rules::{FaceSample, Liveness};
use crate::app::App;
use crate::shell::picture;
use crate::shell::problem::Problem;

mod rules;

pub use rules::{Advice, FaceBox, Measured};

/// What is to be said of a portrait.
#[derive(Clone, Debug, Serialize)]
pub struct Judgement {
    /// What to do better, the most important first; nothing for a good portrait.
    pub advice: Vec<Advice>,
    /// What was measured.
    pub measured: Measured,
    /// Who found the faces.
    pub engine: String,
    /// The engine plays a matcher for synthetic people.
    pub stand_in: bool,
}

impl Judgement {
    /// Whether it can be compared.
    pub fn is_good(&self) -> bool {
        self.advice.is_empty()
    }
}

/// Judges a portrait, a JPEG as [`picture::renew`] makes it, for a purpose of `a`–`z`, `0`–`9` and `-`.
///
/// # Errors
/// `biometrics-silent` if the matcher gives no answer.
pub async fn judge(app: &App, jpeg: &[u8], purpose: &'static str) -> Result<Judgement, Problem> {
    let file = jpeg.to_vec();
    let light = app
        .workshop
        .run(move || picture::decode(&file).ok().map(|seen| rules::measure(&seen)));
    let light = light
        .await?
        .ok_or_else(|| Problem::internal("a renewed portrait cannot be read"))?;
    let size = light.size();
    let sample = FaceSample::of_picture(jpeg, size).map_err(Problem::internal)?;

    let found = http::find(app, sample.wire(), purpose).await?;

    let measured = light.with_faces(found.faces.as_deref().unwrap_or_default());
    let not_live = found.liveness == Liveness::NotLive;
    Ok(Judgement {
        advice: rules::advise(&measured, not_live),
        measured,
        engine: found.engine,
        stand_in: found.stand_in,
    })
}
