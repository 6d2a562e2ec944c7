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

const SPAN: Duration = Duration::from_millis(1500);

fn main() -> Result<(), Anything> {
    let state = State::new()?;
    let signature = state.signer.sign(b"message")?;
    let key = state.signer.public().key();
    let bare = Bare {
        sign: rate("P-256 sign, bare", None, || state.signer.sign(b"message").is_ok())?,
        verify: rate("P-256 verify, bare", None, || {
            sign::verify(key, b"message", &signature).is_ok()
        })?,
    };

    sd_jwt(&state, bare)?;
    document(&state, bare)?;
    identity_qr(&state, bare)?;
    let statuses = state.status_list();
    rate("status list of 1,048,576: compress and sign", None, || {
        statuses.sign_jwt(&state.signer, &state.chain).is_ok()
    })?;
    Ok(())
}

/// What the crypto library does per second.
#[derive(Clone, Copy)]
struct Bare {
    sign: f64,
    verify: f64,
}

fn sd_jwt(state: &State, bare: Bare) -> Result<(), Anything> {
    let mut random = counter();
    rate("SD-JWT VC (14 hide, chain): issue", Some((bare.sign, 1.0)), || {
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
    rate("SD-JWT VC with key binding: verify", Some((bare.verify, 2.0)), || {
        let parsed = SdJwt::parse(&text);
        parsed.is_ok_and(|parsed| parsed.verify(state.signer.public(), &expect).is_ok())
    })?;
    Ok(())
}

fn document(state: &State, bare: Bare) -> Result<(), Anything> {
    let mut random = counter();
    rate("mdoc (12 elements, chain): issue", Some((bare.sign, 1.0)), || {
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
    rate("mdoc response: verify", Some((bare.verify, 2.0)), || {
        let response = DeviceResponse::parse(&response);
        response.is_ok_and(|response| response.documents.iter().all(|one| one.verify(key, &expect).is_ok()))
    })?;
    Ok(())
}

fn identity_qr(state: &State, bare: Bare) -> Result<(), Anything> {
    rate("identity QR pass: issue", Some((bare.sign, 1.0)), || {
        state.pass().is_ok()
    })?;
    let text = state.pass()?.show(&state.device, NOW, None)?;
    let max_age = SignedDuration::from_mins(1);
    let expect = identity_qr::Expect {
        at: NOW,
        skew: SKEW,
        max_age,
        challenge: None,
    };
    let key = state.signer.public().key();
    rate("identity QR: verify", Some((bare.verify, 2.0)), || {
        Shown::parse(&text).is_ok_and(|shown| shown.verify(key, &expect).is_ok())
    })?;
    let verifier = Verifier::new(Trust::new(state.trust_list())?);
    rate("identity QR: verdict with trust list", Some((bare.verify, 2.0)), || {
        verifier.text(&text, &Session::at(NOW)).reasons.is_empty()
    })?;
    Ok(())
}

/// Salts that differ from one another.
fn counter() -> impl FnMut() -> [u8; 16] {
    let mut next = 0_u128;
    move || {
        next += 1;
        next.to_be_bytes()
    }
}

/// Prints and answers the rate per second; `beside` is a bare rate and how many of its operations are inside.
fn rate(name: &str, beside: Option<(f64, f64)>, mut work: impl FnMut() -> bool) -> Result<f64, Anything> {
    let (start, mut count) = (Instant::now(), 0_u32);
    while start.elapsed() < SPAN {
        if !black_box(work()) {
            return Err(name.into());
        }
        count += 1;
    }
    let rate = f64::from(count) / start.elapsed().as_secs_f64();
    let share = beside.map(|(bare, operations)| format!("{:4.0} % of bare", 100.0 * rate * operations / bare));
    writeln!(
        std::io::stdout(),
        "{name:45} {rate:9.0}/s  {}",
        share.unwrap_or_default()
    )?;
    Ok(rate)
}
