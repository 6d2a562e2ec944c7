//! What the signatures alone would allow.

use std::time::{Duration, Instant};

use crypto::sign::{self, Algorithm, Signer as _, SoftKey};
use platform::shell::chance::Chance;

const MEASURED: Duration = Duration::from_secs(1);

/// How many ES256 signatures one core makes and checks in a second.
pub fn signatures_per_second() -> (f64, f64) {
    let key = SoftKey::from_seed(Algorithm::Es256, &Chance::system().bytes()).unwrap();
    let message = [7; 600];
    let signature = key.sign(&message).unwrap();
    (
        rate(|| drop(key.sign(&message).unwrap())),
        rate(|| sign::verify(key.public().key(), &message, &signature).unwrap()),
    )
}

fn rate(act: impl Fn()) -> f64 {
    let (begun, mut done) = (Instant::now(), 0_u32);
    while begun.elapsed() < MEASURED {
        act();
        done += 1;
    }
    f64::from(done) / begun.elapsed().as_secs_f64()
}
