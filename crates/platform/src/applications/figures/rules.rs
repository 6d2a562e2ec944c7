//! Shares, and which numbers are too small to be told.

use serde::Serialize;

/// Fewer decisions than this point at people.
pub(super) const FEWEST_TOLD: i64 = 10;

/// Decisions of a unit, or of a province.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Figure {
    /// The code of the unit or the province; empty for what belongs to none.
    pub(super) place: String,
    pub(super) in_time: i64,
    pub(super) late: i64,
}

impl Figure {
    pub(super) fn decided(&self) -> i64 {
        self.in_time + self.late
    }

    /// Decisions in time, in tenths of a percent.
    pub(super) fn share(&self) -> Option<i64> {
        share(self.in_time, self.late)
    }
}

/// What was in time of all that was decided, in tenths of a percent; of nothing there is no share.
pub(crate) fn share(in_time: i64, late: i64) -> Option<i64> {
    let decided = in_time + late;
    (decided > 0).then(|| in_time * 1000 / decided)
}

/// `98.7 %`.
pub(crate) fn percent(share: Option<i64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{},{} %", share / 10, share % 10))
}

/// Which figures are told to everybody. Small ones are not; and since their sum could be computed from the total, at least two are withheld if
/// any is.
pub(super) fn told(figures: &[Figure]) -> Vec<bool> {
    let mut told: Vec<bool> = figures.iter().map(|figure| figure.decided() >= FEWEST_TOLD).collect();
    let withheld = || told.iter().filter(|told| !**told).count();
    let sum: i64 = figures
        .iter()
        .zip(&told)
        .filter(|(_, told)| !**told)
        .map(|(figure, _)| figure.decided())
        .sum();
    if withheld() == 1 || (withheld() > 0 && sum < FEWEST_TOLD) {
        let smallest = figures
            .iter()
            .enumerate()
            .filter(|(at, _)| told.get(*at) == Some(&true))
            .min_by_key(|(_, figure)| figure.decided())
            .map(|(at, _)| at);
        if let Some(place) = smallest.and_then(|at| told.get_mut(at)) {
            *place = false;
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn figure(in_time: i64, late: i64) -> Figure {
        Figure {
            place: String::new(),
            in_time,
            late,
        }
    }

    #[test]
    fn a_share_is_told_in_tenths_of_a_percent() {
        assert_eq!(percent(figure(2, 1).share()), "66,6 %");
        assert_eq!(percent(figure(7, 0).share()), "100,0 %");
        assert_eq!(percent(figure(0, 0).share()), "–");
    }

    #[test]
    fn with_one_small_number_the_next_is_withheld_too() {
        assert_eq!(
            told(&[figure(3, 0), figure(90, 9), figure(20, 1)]),
            [false, true, false]
        );
        assert_eq!(told(&[figure(30, 0), figure(90, 9)]), [true, true]);
        assert_eq!(told(&[figure(3, 0)]), [false]);
        assert_eq!(
            told(&[figure(1, 0), figure(2, 0), figure(50, 0)]),
            [false, false, false],
            "their sum is small"
        );
    }

    proptest! {
        #[test]
        fn what_is_withheld_cannot_be_computed(decided in proptest::collection::vec(0_i64..60, 0..12)) {
            let figures: Vec<Figure> = decided.iter().map(|count| figure(*count, 0)).collect();

            let told = told(&figures);

            let withheld: Vec<i64> = decided.iter().zip(&told).filter(|(_, told)| !**told).map(|(count, _)| *count).collect();
            prop_assert!(decided.iter().zip(&told).all(|(count, told)| !*told || *count >= FEWEST_TOLD));
            prop_assert!(withheld.len() != 1 || decided.len() == 1, "one alone follows from the total");
            prop_assert!(withheld.is_empty() || withheld.iter().sum::<i64>() >= FEWEST_TOLD || withheld.len() == decided.len());
        }
    }
}
