//! The messages of the matcher, as they travel.

use serde::{Deserialize, Serialize};

/// One biometric sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// `iso-19794-5:2005` and `iso-39794-5:2019` for a face, `iso-19794-4:2005` for a finger.
    pub format: String,
    /// The biometric data block, standard base64.
    pub base64: String,
}

/// Asks which faces a picture shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaceQuery {
    /// Why it is asked: 1 to 64 of `a`–`z`, `0`–`9`, `-`.
    pub purpose: String,
    /// The asker's name for this request: 1 to 64 visible ASCII characters.
    pub request_id: String,
    /// The picture.
    pub sample: Sample,
}

/// Which faces a picture shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacesFound {
    /// The `request_id` of the question.
    pub request_id: String,
    /// Who answers.
    pub engine: Engine,
    /// The picture could not be read.
    pub unreadable: bool,
    /// Width and height of the picture, in pixels.
    pub size: [u32; 2],
    /// The faces, from left to right.
    pub faces: Vec<FaceBox>,
    /// Whether the picture is of somebody who is there.
    pub liveness: Liveness,
}

/// Where a face is: forehead to chin and cheek to cheek, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaceBox {
    /// Left edge.
    pub left: i32,
    /// Upper edge.
    pub top: i32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// How far the head leans to its left, in degrees.
    pub roll: i32,
}

/// Asks whether two samples are of one person.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompareQuery {
    /// As in [`FaceQuery`].
    pub purpose: String,
    /// As in [`FaceQuery`].
    pub request_id: String,
    /// The sample that was taken now.
    pub probe: Sample,
    /// What it is compared with.
    pub reference: Reference,
}

/// What a sample is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// What the ID-card database has of the person with this number.
    PersonalNumber(String),
    /// Another sample.
    Sample(Sample),
}

/// The answer to [`CompareQuery`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// The `request_id` of the question.
    pub request_id: String,
    /// Who answers.
    pub engine: Engine,
    /// What became of it.
    pub outcome: Outcome,
    /// How alike they are; only with [`Outcome::Compared`].
    pub score: Option<u32>,
    /// The scores that different people reach once in so many comparisons.
    pub thresholds: Vec<Threshold>,
    /// Quality of the probe (ISO/IEC 29794): 0 to 100, higher is better.
    pub quality: Option<u8>,
    /// Whether the probe is of somebody who is there.
    pub liveness: Liveness,
}

/// Who compares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// It plays a matcher for synthetic people, and compares nobody.
    pub stand_in: bool,
}

/// A score that different people reach once in `one_in` comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// One false match in so many.
    pub one_in: u64,
    /// At this score or above.
    pub score: u32,
}

/// What became of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// There is a score.
    Compared,
    /// The probe shows no face.
    NoFace,
    /// The probe shows more than one face.
    TwoFaces,
    /// The probe is too poor to compare.
    PoorQuality,
    /// The probe is not of somebody who is there.
    NotLive,
    /// The database has nothing of the person to compare with.
    NothingOnRecord,
    /// One of the samples is of a format, or of somebody, that this engine cannot read.
    Unreadable,
}

/// Whether a picture is of somebody who is there (ISO/IEC 30107).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Liveness {
    /// It is.
    Live,
    /// It is a picture of a picture, or the like.
    NotLive,
    /// The engine does not say.
    NotAssessed,
}
