//! How fast each format is issued and verified on one core, beside the bare signatures of the crypto library in the same run:
//! `cargo xtask bench credentials`. Fails where a target is missed.

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
use fast_qr::QRBuilder;
use jiff::SignedDuration;
use rxing::{BarcodeFormat, DecodeHints};
use state::{Anything, NOW, State};

const SPAN: Duration = Duration::from_secs(2);
const SLICE: Duration = Duration::from_millis(20);

/// What was measured against its target.
struct Target {
    name: &'static str,
    reached: bool,
}

fn main() -> Result<(), Anything> {
    let state = State::new()?;
    let signature = state.signer.sign(b"message")?;
    let key = state.signer.public().key();
    let sign = || state.signer.sign(b"message").is_ok();
    let verify = || sign::verify(key, b"message", &signature).is_ok();

    rate("P-256 sign, bare", 1.0, sign, sign)?;
    rate("P-256 verify, bare", 1.0, verify, verify)?;
    let issuing = sd_jwt(&state, sign, verify)?;
    document(&state, sign, verify)?;
    let verifying = identity_qr(&state, sign, verify)?;
    let list = status_list(&state)?;
    let frame = frame(&state)?;
    let targets = [
        Target {
            name: "identity QR verified at 80 % of two bare verifications or more",
            reached: verifying >= 80.0,
        },
        Target {
            name: "SD-JWT VC issued at 60 % of a bare signature or more",
            reached: issuing >= 60.0,
        },
        Target {
            name: "status list of 1,048,576 built and signed in less than 100 ms",
            reached: list < Duration::from_millis(100),
        },
        Target {
            name: "QR frame decoded and judged in less than 30 ms",
            reached: frame < Duration::from_millis(30),
        },
    ];
    for target in &targets {
        let word = if target.reached { "reached" } else { "MISSED" };
        writeln!(std::io::stdout(), "{word:7}  {}", target.name)?;
    }
    let all = targets.iter().all(|target| target.reached);
    all.then_some(()).ok_or_else(|| "a target was missed".into())
}

/// The slowest of twenty times that a list with one place in five hundred taken is built and signed.
fn status_list(state: &State) -> Result<Duration, Anything> {
    let slowest = slowest(|| {
        state.status_list().sign_jwt(&state.signer, &state.chain)?;
        Ok(())
    })?;
    told("status list of 1,048,576: built and signed", slowest)
}

/// The slowest of twenty times that a camera's frame with an identity QR is decoded and judged.
fn frame(state: &State) -> Result<Duration, Anything> {
    let text = state.pass()?.show(&state.device, NOW, None)?;
    let verifier = Verifier::new(Trust::new(state.trust_list())?);
    let (width, height) = (1280, 720);
    let luma = draw(&text, width, height)?;
    let slowest = slowest(|| {
        let mut hints = DecodeHints::default();
        let format = Some(BarcodeFormat::QR_CODE);
        let read = rxing::helpers::detect_in_luma_with_hints(luma.clone(), width, height, format, &mut hints)?;
        let verdict = verifier.text(read.getText(), &Session::at(NOW));
        verdict.reasons.is_empty().then_some(()).ok_or_else(|| "refused".into())
    })?;
    told("QR frame of 1280 by 720: decoded and judged", slowest)
}

/// A code in the middle of a frame, four points to a module, grey on grey as a camera sees a screen.
fn draw(text: &str, width: u32, height: u32) -> Result<Vec<u8>, Anything> {
    let code = QRBuilder::new(text).build().map_err(|error| format!("{error:?}"))?;
    let modules = u32::try_from(code.size)?;
    let side = modules * 4;
    let (left, top) = ((width - side) / 2, (height - side) / 2);
    let point = |x: u32, y: u32| {
        let inside = (left..left + side).contains(&x) && (top..top + side).contains(&y);
        let module = || {
            let (row, column) = (
                usize::try_from((y - top) / 4).ok()?,
                usize::try_from((x - left) / 4).ok()?,
            );
            Some(code.data.get(row * code.size + column)?.value())
        };
        if inside && module().unwrap_or(false) { 40 } else { 210 }
    };
    Ok((0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| point(x, y))
        .collect())
}

fn slowest(mut work: impl FnMut() -> Result<(), Anything>) -> Result<Duration, Anything> {
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let start = Instant::now();
        work()?;
        slowest = slowest.max(start.elapsed());
    }
    Ok(slowest)
}

fn told(name: &str, slowest: Duration) -> Result<Duration, Anything> {
    writeln!(
        std::io::stdout(),
        "{name:45} {:9.1} ms at most",
        slowest.as_secs_f64() * 1000.0
    )?;
    Ok(slowest)
}

fn sd_jwt(state: &State, sign: impl Fn() -> bool, verify: impl Fn() -> bool) -> Result<f64, Anything> {
    let mut random = counter();
    let share = rate("SD-JWT VC (14 hide, chain): issue", 1.0, sign, || {
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
    })?;
    Ok(share)
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
    })?;
    Ok(())
}

fn identity_qr(state: &State, sign: impl Fn() -> bool, verify: impl Fn() -> bool) -> Result<f64, Anything> {
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
    let share = rate("identity QR: verify", 2.0, &verify, || {
        Shown::parse(&text).is_ok_and(|shown| shown.verify(key, &expect).is_ok())
    })?;
    let verifier = Verifier::new(Trust::new(state.trust_list())?);
    rate("identity QR: verdict with trust list", 2.0, verify, || {
        verifier.text(&text, &Session::at(NOW)).reasons.is_empty()
    })?;
    Ok(share)
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
fn rate(name: &str, operations: f64, bare: impl Fn() -> bool, mut work: impl FnMut() -> bool) -> Result<f64, Anything> {
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
    Ok(share)
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
