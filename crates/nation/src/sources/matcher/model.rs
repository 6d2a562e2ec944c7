//! How the stand-in errs: by a documented model that testers can turn.

use crypto::digest::sha256;
use serde::{Deserialize, Serialize};

use super::wire::Threshold;

/// The rates at which the stand-in errs, in comparisons of a thousand. The default is none beyond the calibrated tail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Model {
    /// Different people who are taken for one, beyond what the thresholds allow.
    pub false_match_per_mille: u16,
    /// One person who is taken for two.
    pub false_non_match_per_mille: u16,
    /// Probes that are called too poor.
    pub poor_quality_per_mille: u16,
    /// Probes that are called not live.
    pub not_live_per_mille: u16,
}

/// What the scores mean: different people reach `100 · k` once in `10^k` comparisons.
pub(super) const THRESHOLDS: [Threshold; 6] = [
    Threshold {
        one_in: 100,
        score: 200,
    },
    Threshold {
        one_in: 1_000,
        score: 300,
    },
    Threshold {
        one_in: 10_000,
        score: 400,
    },
    Threshold {
        one_in: 100_000,
        score: 500,
    },
    Threshold {
        one_in: 1_000_000,
        score: 600,
    },
    Threshold {
        one_in: 10_000_000,
        score: 700,
    },
];

/// What is drawn for one comparison: the same for the same seed, samples and topic.
pub(super) struct Draw<'a> {
    pub(super) seed: u64,
    pub(super) probe: &'a [u8],
    pub(super) reference: &'a [u8],
}

impl Draw<'_> {
    fn number(&self, topic: &str) -> u64 {
        let parts = [
            &self.seed.to_be_bytes()[..],
            topic.as_bytes(),
            &sha256(self.probe),
            &sha256(self.reference),
        ];
        let digest = sha256(&parts.concat());
        digest.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    /// True in so many comparisons of a thousand.
    pub(super) fn strikes(&self, topic: &str, per_mille: u16) -> bool {
        self.number(topic) % 1000 < u64::from(per_mille)
    }

    /// The score of two people: `100 · log10` of how rare the draw is.
    fn of_different_people(&self) -> u32 {
        score_of_rarity(u64::MAX / self.number("different").max(1))
    }

    /// The score of one person: 720 to 880.
    fn of_one_person(&self) -> u32 {
        720 + u32::try_from(self.number("same") % 161).unwrap_or(0)
    }

    pub(super) fn score(&self, same: bool, model: Model) -> u32 {
        let (topic, rate) = if same {
            ("non-match", model.false_non_match_per_mille)
        } else {
            ("match", model.false_match_per_mille)
        };
        if same == self.strikes(topic, rate) {
            self.of_different_people()
        } else {
            self.of_one_person()
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a hundred times the logarithm of a u64 lies between 0 and 1927"
)]
fn score_of_rarity(one_in: u64) -> u32 {
    ((one_in.max(1) as f64).log10() * 100.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(same: bool, model: Model) -> Vec<u32> {
        let one = |at: u32| {
            let draw = Draw {
                seed: 1,
                probe: &at.to_be_bytes(),
                reference: b"reference",
            };
            draw.score(same, model)
        };
        (0..20_000).map(one).collect()
    }

    fn reach(scores: &[u32], score: u32) -> usize {
        scores.iter().filter(|reached| **reached >= score).count()
    }

    #[test]
    fn different_people_reach_a_threshold_as_often_as_it_says() {
        let scores = scores(false, Model::default());

        let (hundred, thousand) = (reach(&scores, 200), reach(&scores, 300));
        assert!((150..250).contains(&hundred), "{hundred} of 20,000 at one in 100");
        assert!((8..35).contains(&thousand), "{thousand} of 20,000 at one in 1,000");
    }

    #[test]
    fn the_rates_of_the_model_are_those_that_are_seen() {
        let model = Model {
            false_match_per_mille: 50,
            false_non_match_per_mille: 100,
            ..Model::default()
        };

        let (matched, missed) = (
            reach(&scores(false, model), 700),
            20_000 - reach(&scores(true, model), 700),
        );
        assert!((850..1150).contains(&matched), "{matched} false matches of 20,000");
        assert!((1800..2200).contains(&missed), "{missed} false non-matches of 20,000");
        assert_eq!(reach(&scores(true, Model::default()), 700), 20_000);
    }
}
