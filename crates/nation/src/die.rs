//! The dice of the nation: draws that depend on the seed and on what is drawn, and on nothing else.
//!
//! Not random in any cryptographic sense: a synthetic nation has to be repeatable, not unguessable.

/// A sequence of draws that belongs to one topic of one thing in one nation.
#[derive(Clone, Debug)]
pub(crate) struct Die(u64);

impl Die {
    /// A die for a `topic` and the numbers that name the thing it is thrown for.
    pub(crate) fn new(seed: u64, topic: u64, of: &[u64]) -> Self {
        let start = mix(seed ^ mix(topic));
        Self(of.iter().fold(start, |state, part| mix(state ^ mix(*part))))
    }

    /// The next 64 bits (`SplitMix64`).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number from 0 to `bound - 1`; 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(bound);
        // The upper half of a 128-bit product is smaller than the bound.
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// [`Die::below`] for years and days.
    pub(crate) fn small(&mut self, bound: u16) -> i16 {
        i16::try_from(self.below(u64::from(bound))).unwrap_or(0)
    }

    /// True in `per_mille` of a thousand throws.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of the choices; the default for none.
    pub(crate) fn pick<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let at = self.below(choices.len() as u64);
        usize::try_from(at)
            .ok()
            .and_then(|at| choices.get(at))
            .copied()
            .unwrap_or_default()
    }

    /// One of the choices, each as often as its weight says; the default for none.
    pub(crate) fn weighted<T: Copy + Default>(&mut self, choices: &[(T, u64)]) -> T {
        let total = choices.iter().map(|(_, weight)| weight).sum();
        let mut at = self.below(total);
        for (choice, weight) in choices {
            if at < *weight {
                return *choice;
            }
            at -= weight;
        }
        T::default()
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
