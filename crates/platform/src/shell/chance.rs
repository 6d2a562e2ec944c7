//! The platform's only source of random bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crypto::digest::DigestKey;

/// Draws random bytes: the system's, or a repeatable sequence for tests.
#[derive(Clone)]
pub struct Chance(Source);

#[derive(Clone)]
enum Source {
    System,
    Seeded { key: Arc<DigestKey>, drawn: Arc<AtomicU64> },
}

impl Chance {
    /// The random generator of the machine.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A sequence that is the same for the same seed. Only for tests: it is predictable.
    pub fn seeded(seed: u64) -> Self {
        let mut key = [0; 32];
        for (place, byte) in key.iter_mut().zip(seed.to_be_bytes()) {
            *place = byte;
        }
        Self(Source::Seeded {
            key: Arc::new(DigestKey::new(key)),
            drawn: Arc::default(),
        })
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            Source::System => fill_from_system(&mut bytes),
            Source::Seeded { key, drawn } => {
                for chunk in bytes.chunks_mut(32) {
                    let turn = drawn.fetch_add(1, Ordering::Relaxed);
                    let block = key.digest("chance", &turn.to_be_bytes());
                    for (place, byte) in chunk.iter_mut().zip(block) {
                        *place = byte;
                    }
                }
            }
        }
        bytes
    }

    /// Six of 32 signs without look-alikes, for numbers that can be read out on the phone.
    pub fn signs(&self) -> String {
        const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let drawn: [u8; 6] = self.bytes();
        let signs = drawn.iter().filter_map(|byte| SIGNS.get(usize::from(byte % 32)));
        signs.map(|sign| char::from(*sign)).collect()
    }

    /// A code of six decimal digits, every one equally likely.
    pub fn code(&self) -> String {
        const CODES: u64 = 1_000_000;
        loop {
            let drawn = u64::from_be_bytes(self.bytes());
            if drawn < u64::MAX - u64::MAX % CODES {
                return format!("{:06}", drawn % CODES);
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "the one home of the system's randomness; a machine without it must not go on"
)]
fn fill_from_system(bytes: &mut [u8]) {
    aws_lc_rs::rand::fill(bytes).expect("the system's random generator works");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_never_repeats_itself() {
        let (one, two) = (Chance::seeded(7), Chance::seeded(7));

        let drawn: [[u8; 40]; 2] = [one.bytes(), one.bytes()];

        assert_eq!(drawn, [two.bytes(), two.bytes()]);
        assert_ne!(drawn[0], drawn[1]);
    }

    #[test]
    fn a_code_has_six_digits() {
        let chance = Chance::system();

        for _ in 0..100 {
            let code = chance.code();
            assert!(
                code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()),
                "{code}"
            );
        }
    }
}
