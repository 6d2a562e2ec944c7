//! The stand-in matcher: plays the biometric matcher of the ID-card database for the people of this nation.
//!
//! | request | question | answer |
//! | --- | --- | --- |
//! | `POST /biometrics/v1/faces/query` | [`wire::FaceQuery`] | [`wire::FacesFound`] |
//! | `POST /biometrics/v1/faces/compare` | [`wire::CompareQuery`] | [`wire::Compared`] |
//! | `POST /biometrics/v1/fingers/compare` | [`wire::CompareQuery`] | [`wire::Compared`] |
//!
//! The transport, `purpose`, `request_id` and refusals are those of the other sources.
//!
//! # What it is
//!
//! No biometrics. It finds the faces that this nation draws, and knows whose they are by the woven mark on
//! the clothes (prints: below the ridges). Whether two samples are of one person is therefore known exactly, and the score is drawn
//! by a model: different people reach a score of `100 · k` once in `10^k` comparisons, which are the thresholds it tells; one
//! person reaches 720 to 880. [`Model`] adds false matches, false non-matches, poor quality and lack of liveness at rates that testers
//! set. Draws follow from the seed of the nation and the samples: the same question has the same answer. Photographs of
//! real people it cannot read. Liveness it does not assess unless the model says so.

mod faces;
mod model;
pub mod wire;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use civil::PersonalNumber;
use civil::chip::Portrait;
use civil::finger::FingerImage;

use super::{Refusal, Source, Sources, check, read};
use crate::picture::mark::Mark;
use faces::Scene;
pub use model::Model;
use model::{Draw, THRESHOLDS};
use wire::{CompareQuery, Compared, Engine, FaceQuery, FacesFound, Liveness, Outcome, Reference, Sample};

/// Longest question: two records of a megabyte in base64.
const MAX_QUESTION: usize = 3 * 1024 * 1024;
/// The formats that are read.
const FACE: &str = "iso-19794-5:2005";
const FINGER: &str = "iso-19794-4:2005";

pub(super) fn routes() -> Router<Sources> {
    Router::new()
        .route("/biometrics/v1/faces/query", post(find_faces))
        .route("/biometrics/v1/faces/compare", post(compare_faces))
        .route("/biometrics/v1/fingers/compare", post(compare_fingers))
        .layer(DefaultBodyLimit::max(MAX_QUESTION))
}

fn engine() -> Engine {
    Engine {
        name: "VNeID stand-in matcher".to_owned(),
        version: "1".to_owned(),
        stand_in: true,
    }
}

async fn find_faces(State(sources): State<Sources>, body: Bytes) -> Result<Json<FacesFound>, Refusal> {
    let query: FaceQuery = read(&body)?;
    check(&query.purpose, &query.request_id)?;

    sources.suffer(Source::Matcher, &query.request_id).await?;

    let scene = face_of(&query.sample).and_then(|portrait| Scene::read(&portrait.image));
    let model = sources.faults.matcher_model();
    let draw = Draw {
        seed: sources.nation.seed(),
        probe: query.sample.base64.as_bytes(),
        reference: b"",
    };
    Ok(Json(FacesFound {
        request_id: query.request_id,
        engine: engine(),
        unreadable: scene.is_none(),
        size: scene.as_ref().map_or([0, 0], |scene| scene.size),
        faces: scene
            .iter()
            .flat_map(|scene| scene.faces().into_iter().map(|face| scene.box_of(&face)))
            .collect(),
        liveness: liveness(&draw, model),
    }))
}

async fn compare_faces(State(sources): State<Sources>, body: Bytes) -> Result<Json<Compared>, Refusal> {
    let query: CompareQuery = read(&body)?;
    check(&query.purpose, &query.request_id)?;
    sources.suffer(Source::Matcher, &query.request_id).await?;

    let probe = one_face(&query.probe);
    let reference = match &query.reference {
        Reference::Sample(sample) => one_face(sample).map_err(|_none| Outcome::Unreadable),
        Reference::PersonalNumber(number) => on_record(&sources, number, 0),
    };
    Ok(Json(sources.compared(query, probe, reference)))
}

async fn compare_fingers(State(sources): State<Sources>, body: Bytes) -> Result<Json<Compared>, Refusal> {
    let query: CompareQuery = read(&body)?;
    check(&query.purpose, &query.request_id)?;
    sources.suffer(Source::Matcher, &query.request_id).await?;

    let probe = one_finger(&query.probe);
    let reference = match (&query.reference, &probe) {
        (Reference::Sample(sample), _) => one_finger(sample),
        (Reference::PersonalNumber(number), Ok(probe)) => on_record(&sources, number, probe.part),
        (Reference::PersonalNumber(_), Err(outcome)) => Err(*outcome),
    };
    Ok(Json(sources.compared(query, probe, reference)))
}

impl Sources {
    fn compared(
        &self,
        query: CompareQuery,
        probe: Result<Mark, Outcome>,
        reference: Result<Mark, Outcome>,
    ) -> Compared {
        let model = self.faults.matcher_model();
        let with = match &query.reference {
            Reference::PersonalNumber(number) => number.as_bytes(),
            Reference::Sample(sample) => sample.base64.as_bytes(),
        };
        let draw = Draw {
            seed: self.nation.seed(),
            probe: query.probe.base64.as_bytes(),
            reference: with,
        };
        let liveness = liveness(&draw, model);
        let settled = if liveness == Liveness::NotLive {
            Err(Outcome::NotLive)
        } else if probe.is_ok() && draw.strikes("quality", model.poor_quality_per_mille) {
            Err(Outcome::PoorQuality)
        } else {
            probe.and_then(|probe| Ok(draw.score(probe == reference?, model)))
        };
        Compared {
            request_id: query.request_id,
            engine: engine(),
            outcome: settled.err().unwrap_or(Outcome::Compared),
            score: settled.ok(),
            thresholds: THRESHOLDS.to_vec(),
            quality: None,
            liveness,
        }
    }
}

fn liveness(draw: &Draw<'_>, model: Model) -> Liveness {
    if draw.strikes("liveness", model.not_live_per_mille) {
        Liveness::NotLive
    } else {
        Liveness::NotAssessed
    }
}

fn face_of(sample: &Sample) -> Option<Portrait> {
    let record = STANDARD.decode(&sample.base64).ok().filter(|_| sample.format == FACE)?;
    Portrait::of_record(&record).ok()
}

/// Whose face a sample shows.
fn one_face(sample: &Sample) -> Result<Mark, Outcome> {
    let scene = face_of(sample)
        .and_then(|portrait| Scene::read(&portrait.image))
        .ok_or(Outcome::Unreadable)?;
    match scene.faces().as_slice() {
        [] => Err(Outcome::NoFace),
        [face] => scene
            .mark_of(face)
            .filter(|mark| mark.part == 0)
            .ok_or(Outcome::PoorQuality),
        _ => Err(Outcome::TwoFaces),
    }
}

/// Whose finger a sample shows.
fn one_finger(sample: &Sample) -> Result<Mark, Outcome> {
    let record = STANDARD.decode(&sample.base64).ok().filter(|_| sample.format == FINGER);
    let image = record.and_then(|record| FingerImage::of_record(&record).ok());
    let scene = image
        .and_then(|image| Scene::read(&image.image))
        .ok_or(Outcome::Unreadable)?;
    let mark = scene.mark_of_print().ok_or(Outcome::PoorQuality)?;
    Some(mark).filter(|mark| mark.part > 0).ok_or(Outcome::PoorQuality)
}

fn on_record(sources: &Sources, number: &str, part: u8) -> Result<Mark, Outcome> {
    let number = PersonalNumber::parse(number).ok();
    let person = number.and_then(|number| sources.nation.person_with(&number));
    let day = sources.today();
    let person = person.filter(|person| person.newest_card(day).is_some());
    person
        .map(|person| Mark {
            person: person.index,
            part,
        })
        .ok_or(Outcome::NothingOnRecord)
}

#[cfg(test)]
mod tests;
