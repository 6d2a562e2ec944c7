//! Samples, what the matcher says of them, and what that means.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use civil::PersonalNumber;
use civil::chip::{FaceBlock, Portrait, PortraitFormat, face_block};
use civil::finger::{Finger, FingerFormat, FingerImage};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Bytes are no sample that can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a picture that can be compared")]
pub struct Unusable;

/// A face, as it travels.
#[derive(Clone)]
pub struct FaceSample {
    format: &'static str,
    block: Vec<u8>,
}

impl FaceSample {
    /// The face on a JPEG or JPEG 2000 picture of so many pixels, as an ISO/IEC 19794-5 record.
    ///
    /// # Errors
    /// [`Unusable`] for pictures of other formats.
    pub fn of_picture(image: &[u8], (width, height): (u32, u32)) -> Result<Self, Unusable> {
        let portrait = Portrait {
            format: PortraitFormat::of(image).ok_or(Unusable)?,
            width: u16::try_from(width).unwrap_or(u16::MAX),
            height: u16::try_from(height).unwrap_or(u16::MAX),
            image: image.to_vec(),
        };
        Ok(Self {
            format: ISO_19794_5,
            block: portrait.to_record(),
        })
    }

    /// The face of a chip: the data block of DG2 as it stands there.
    ///
    /// # Errors
    /// [`Unusable`] if the file is not DG2.
    pub fn of_dg2(file: &[u8]) -> Result<Self, Unusable> {
        let (kind, block) = face_block(file).map_err(|_structure| Unusable)?;
        Ok(Self {
            format: match kind {
                FaceBlock::Iso19794 => ISO_19794_5,
                FaceBlock::Iso39794 => "iso-39794-5:2019",
            },
            block: block.to_vec(),
        })
    }

    pub(super) fn wire(&self) -> WireSample {
        WireSample {
            format: self.format,
            base64: BASE64.encode(&self.block),
        }
    }
}

const ISO_19794_5: &str = "iso-19794-5:2005";
const ISO_19794_4: &str = "iso-19794-4:2005";

/// A print of one finger, as it travels.
#[derive(Clone)]
pub struct FingerSample {
    finger: Finger,
    record: Vec<u8>,
}

impl FingerSample {
    /// The print of a finger on a JPEG, PNG or WSQ picture of so many pixels, as an ISO/IEC 19794-4 record.
    ///
    /// # Errors
    /// [`Unusable`] for pictures of other formats.
    pub fn of_picture(finger: Finger, image: &[u8], (width, height): (u32, u32)) -> Result<Self, Unusable> {
        let image = FingerImage {
            finger,
            format: FingerFormat::of(image).ok_or(Unusable)?,
            width: u16::try_from(width).unwrap_or(u16::MAX),
            height: u16::try_from(height).unwrap_or(u16::MAX),
            image: image.to_vec(),
        };
        Ok(Self {
            finger,
            record: image.to_record(),
        })
    }

    pub(super) fn finger(&self) -> u8 {
        self.finger.code()
    }

    pub(super) fn wire(&self) -> WireSample {
        WireSample {
            format: ISO_19794_4,
            base64: BASE64.encode(&self.record),
        }
    }
}

/// A sample in a question.
#[derive(Serialize)]
pub(super) struct WireSample {
    format: &'static str,
    base64: String,
}

/// What a face is compared with.
#[derive(Clone, Copy)]
pub enum FaceReference<'a> {
    /// The face that the ID-card database has of a person.
    OnRecord(&'a PersonalNumber),
    /// The face on a chip.
    Chip(&'a FaceSample),
}

/// What part of the body is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Modality {
    /// The face.
    Face,
    /// A finger, by its code in ISO/IEC 19794-4: 1 to 5 the right hand from the thumb on, 6 to 10 the left.
    Finger(u8),
}

/// What a sample was compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Against {
    /// The portrait on the chip.
    Chip,
    /// The ID-card database.
    Record,
}

/// What became of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// There is a score.
    Compared,
    /// The sample shows no face.
    NoFace,
    /// It shows more than one face.
    TwoFaces,
    /// It is too poor to compare.
    PoorQuality,
    /// It is not of somebody who is there.
    NotLive,
    /// There is nothing on record to compare with.
    NothingOnRecord,
    /// One of the samples is of a format that the engine does not read.
    Unreadable,
}

/// Whether a sample is of somebody who is there (ISO/IEC 30107).
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

/// What a comparison means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// One person.
    Match,
    /// Two people.
    Differs,
    /// A person has to look.
    Undecided,
}

/// A comparison with all that its decision rests on, to be kept with the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// What was compared.
    pub modality: Modality,
    /// With what.
    pub against: Against,
    /// When.
    pub at: Timestamp,
    /// The name of the question, in both sides' logs.
    pub request: String,
    /// Who compared: name and version.
    pub engine: String,
    /// The engine plays a matcher for synthetic people.
    pub stand_in: bool,
    /// What became of it.
    pub outcome: Outcome,
    /// How alike the samples are, in the engine's own scale.
    pub score: Option<u32>,
    /// From which score on they count as of one person.
    pub threshold: Option<u32>,
    /// Different people reach the threshold once in so many comparisons, as the operator set.
    pub one_in: u64,
    /// Whether the sample is of somebody who is there.
    pub liveness: Liveness,
    /// Quality of the sample, 0 to 100, where the engine says.
    pub quality: Option<u8>,
    /// What it means.
    pub decision: Decision,
}

impl Comparison {
    /// The last part of the sentence about it.
    pub fn word(&self) -> &'static str {
        match (self.decision, self.outcome) {
            (Decision::Match, _) => "match",
            (Decision::Differs, _) => "differs",
            (Decision::Undecided, Outcome::NoFace) => "no-face",
            (Decision::Undecided, Outcome::TwoFaces) => "two-faces",
            (Decision::Undecided, Outcome::PoorQuality) => "poor-quality",
            (Decision::Undecided, Outcome::NotLive) => "not-live",
            (Decision::Undecided, Outcome::NothingOnRecord) => "nothing-on-record",
            (Decision::Undecided, Outcome::Unreadable) => "unreadable",
            (Decision::Undecided, Outcome::Compared) => "uncalibrated",
        }
    }
}

/// A score that different people reach once in `one_in` comparisons.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct Threshold {
    one_in: u64,
    score: u32,
}

/// What the matcher said.
pub(super) struct Said {
    pub(super) request: String,
    pub(super) engine: String,
    pub(super) stand_in: bool,
    pub(super) outcome: Outcome,
    pub(super) score: Option<u32>,
    pub(super) thresholds: Vec<Threshold>,
    pub(super) quality: Option<u8>,
    pub(super) liveness: Liveness,
}

/// Decides at a false-match rate of one in `one_in`. An engine that is not calibrated so far decides nothing.
pub(super) fn decide((modality, against): (Modality, Against), said: Said, one_in: u64, at: Timestamp) -> Comparison {
    let calibrated = said.thresholds.iter().filter(|threshold| threshold.one_in >= one_in);
    let threshold = calibrated.map(|threshold| threshold.score).min();
    let decision = match (said.outcome, said.liveness, said.score, threshold) {
        (Outcome::Compared, Liveness::Live | Liveness::NotAssessed, Some(score), Some(threshold)) => {
            if score >= threshold {
                Decision::Match
            } else {
                Decision::Differs
            }
        }
        _ => Decision::Undecided,
    };
    Comparison {
        modality,
        against,
        at,
        request: said.request,
        engine: said.engine,
        stand_in: said.stand_in,
        outcome: said.outcome,
        score: said.score,
        threshold,
        one_in,
        liveness: said.liveness,
        quality: said.quality,
        decision,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(outcome: Outcome, score: Option<u32>, liveness: Liveness) -> Said {
        let threshold = |one_in, score| Threshold { one_in, score };
        Said {
            request: "q".to_owned(),
            engine: "e 1".to_owned(),
            stand_in: true,
            outcome,
            score,
            thresholds: vec![threshold(100_000, 500), threshold(1_000, 300), threshold(10_000, 400)],
            quality: None,
            liveness,
        }
    }

    fn decided(said: Said, one_in: u64) -> Decision {
        decide((Modality::Face, Against::Chip), said, one_in, Timestamp::UNIX_EPOCH).decision
    }

    #[test]
    fn the_threshold_is_that_of_the_rate_the_operator_set() {
        let at = |score, one_in| decided(said(Outcome::Compared, Some(score), Liveness::Live), one_in);

        assert_eq!(at(400, 10_000), Decision::Match);
        assert_eq!(at(399, 10_000), Decision::Differs);
        assert_eq!(at(399, 5_000), Decision::Differs);
        assert_eq!(at(399, 1_000), Decision::Match);
        assert_eq!(at(10_000, 1_000_000), Decision::Undecided);
    }

    #[test]
    fn what_was_not_compared_is_never_a_match() {
        let outcomes = [
            Outcome::NoFace,
            Outcome::TwoFaces,
            Outcome::PoorQuality,
            Outcome::NotLive,
            Outcome::NothingOnRecord,
            Outcome::Unreadable,
        ];

        for outcome in outcomes {
            let decision = decided(said(outcome, Some(10_000), Liveness::Live), 100);
            assert_eq!(decision, Decision::Undecided, "{outcome:?}");
        }
        let still = said(Outcome::Compared, Some(10_000), Liveness::NotLive);
        assert_eq!(decided(still, 100), Decision::Undecided);
        assert_eq!(
            decided(said(Outcome::Compared, None, Liveness::Live), 100),
            Decision::Undecided
        );
    }
}
