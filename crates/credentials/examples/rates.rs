//! How fast each format is issued and verified on one core, beside the bare signatures of the crypto library:
//! `cargo run --release -p credentials --example rates`

mod state;

use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use credentials::identity_qr::{self, Shown};
use credentials::mdoc::{self, DRIVING_LICENCE, DRIVING_LICENCE_NAMESPACE, DeviceResponse, IssuerSigned};
use credentials::sdjwt::{self, ClaimPath, KeyBinding, SdJwt, bind};
use credentials::trust::Trust;
use credentials::verify::{SKEW, Session, Verifier};
use crypto::sign::{self, Signer as _};
use jiff::SignedDuration;
use state::{Anything, NOW, State};

const SPAN: Duration = Duration::from_secs(2);
const SLICE: Duration = Duration::from_millis(20);

fn main() -> Result<(), Anything> {
    let state = State::new()?;
    let signature = state.signer.sign(b"message")?;
    let key = state.signer.public().key();
    let sign = || state.signer.sign(b"message").is_ok();
    let verify = || sign::verify(key, b"message", &signature).is_ok();

    rate("P-256 sign, bare", 1.0, sign, sign)?;
    rate("P-256 verify, bare", 1.0, verify, verify)?;
    sd_jwt(&state, sign, verify)?;
    document(&state, sign, verify)?;
    identity_qr(&state, sign, verify)?;
    let statuses = state.status_list();
    rate("status list of 1,048,576: compress and sign", 1.0, sign, || {
        statuses.sign_jwt(&state.signer, &state.chain).is_ok()
    })
}

fn sd_jwt(state: &State, sign: impl Fn() -> bool, verify: impl Fn() -> bool) -> Result<(), Anything> {
    let mut random = counter();
    rate("SD-JWT VC (14 hide, chain): issue", 1.0, sign, || {
        state.sd_jwt(&mut random).is_ok()
    })?;
    let whole = state.sd_jwt(&mut random)?;
    let picked = SdJwt::parse(&whole)?.present(&[ClaimPath::of(["age_over_18"])])?;
    let binding = KeyBinding {
        audience: "v",
        nonce: "n",
        at: NOW,
    };
    let text = bind(&picked, &state.device, binding)?;
    let binding = sdjwt::Binding {
        audience: "v",
        nonce: "n",
        max_age: SKEW,
    };
    let expect = sdjwt::Expect {
        at: NOW,
        skew: SKEW,
        types: &[],
        binding: Some(binding),
    };
    rate("SD-JWT VC with key binding: verify", 2.0, verify, || {
        let parsed = SdJwt::parse(&text);
        parsed.is_ok_and(|parsed| parsed.verify(state.signer.public(), &expect).is_ok())
    })
}

fn document(state: &State, sign: impl Fn() -> bool, verify: impl Fn() -> bool) -> Result<(), Anything> {
    let mut random = counter();
    rate("mdoc (12 elements, chain): issue", 1.0, sign, || {
        state.licence(&mut random).is_ok()
    })?;
    let licence = IssuerSigned::parse(&state.licence(&mut random)?)?;
    let transcript = mdoc::transcript::openid4vp("v", "n", None, "https://v.example");
    let asked = [(DRIVING_LICENCE_NAMESPACE, "age_over_18")];
    let response = licence.present(DRIVING_LICENCE, &asked, &state.device, &transcript)?;
    let expect = mdoc::Expect {
        at: NOW,
        skew: SKEW,
        types: &[],
        transcript: &transcript,
    };
    let key = state.signer.public().key();
    rate("mdoc response: verify", 2.0, verify, || {
        let response = DeviceResponse::parse(&response);
        response.is_ok_and(|response| response.documents.iter().all(|one| one.verify(key, &expect).is_ok()))
    })
}

fn identity_qr(state: &State, sign: impl Fn() -> bool, verify: impl Fn() -> bool) -> Result<(), Anything> {
    rate("identity QR pass: issue", 1.0, sign, || state.pass().is_ok())?;
    let text = state.pass()?.show(&state.device, NOW, None)?;
    let max_age = SignedDuration::from_mins(1);
    let expect = identity_qr::Expect {
        at: NOW,
        skew: SKEW,
        max_age,
        challenge: None,
    };
    let key = state.signer.public().key();
    rate("identity QR: verify", 2.0, &verify, || {
        Shown::parse(&text).is_ok_and(|shown| shown.verify(key, &expect).is_ok())
    })?;
    let verifier = Verifier::new(Trust::new(state.trust_list())?);
    rate("identity QR: verdict with trust list", 2.0, verify, || {
        verifier.text(&text, &Session::at(NOW)).reasons.is_empty()
    })
}

/// Salts that differ from one another.
fn counter() -> impl FnMut() -> [u8; 16] {
    let mut next = 0_u128;
    move || {
        next += 1;
        next.to_be_bytes()
    }
}

/// Prints the rate per second, and what share it is of the bare rate where the work holds that many bare operations. Both
/// run in turns, so that what else the machine does falls on both alike.
fn rate(name: &str, operations: f64, bare: impl Fn() -> bool, mut work: impl FnMut() -> bool) -> Result<(), Anything> {
    let start = Instant::now();
    let (mut bare_runs, mut runs) = (Runs::default(), Runs::default());
    while start.elapsed() < SPAN {
        bare_runs.slice(&bare).then_some(()).ok_or(name)?;
        runs.slice(&mut work).then_some(()).ok_or(name)?;
    }
    let share = 100.0 * runs.per_second() * operations / bare_runs.per_second();
    writeln!(
        std::io::stdout(),
        "{name:45} {:9.0}/s {share:5.0} % of bare",
        runs.per_second()
    )?;
    Ok(())
}

#[derive(Default)]
struct Runs {
    count: u32,
    spent: Duration,
}

impl Runs {
    fn slice(&mut self, mut work: impl FnMut() -> bool) -> bool {
        let start = Instant::now();
        while start.elapsed() < SLICE {
            if !black_box(work()) {
                return false;
            }
            self.count += 1;
        }
        self.spent += start.elapsed();
        true
    }

    fn per_second(&self) -> f64 {
        f64::from(self.count) / self.spent.as_secs_f64()
    }
}
