//! Writes what verifiers in other languages are tried on, with the verdicts of this one:
//! `cargo run -p credentials --example vectors > crates/credentials/tests/data/identity_qr/cases.json`

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value that is not there is null, and the state has one of each"
)]

#[expect(
    dead_code,
    reason = "the state of all examples; this one shows identity QR codes alone"
)]
mod state;

use std::io;

use credentials::status::{Status, StatusRef, StatusToken};
use credentials::trust::{Trust, TrustList, fingerprint};
use credentials::verify::{SKEW, Session, Verifier};
use crypto::base64url;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use state::{Anything, NOW, State};

const SECOND: SignedDuration = SignedDuration::from_secs(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn main() -> Result<(), Anything> {
    let state = State::new()?;
    let pinned = SoftKey::from_seed(Algorithm::Es256, &[9; 32])?;
    let mut list = state.trust_list();
    list.next_update = NOW + HOUR * 72;
    let trust_list = list.sign(&pinned)?;
    let lists = status_lists(&state)?;
    let cases = json!({
        "now": NOW.as_second(),
        "pinned": [pinned.public()],
        "trust_list": trust_list,
        "trust_lists": trust_lists(&state, &pinned)?,
        "status_list": lists[0]["text"],
        "status_lists": lists,
        "codes": codes(&state, &list, &lists[0]["text"])?,
    });
    serde_json::to_writer_pretty(io::stdout(), &cases)?;
    Ok(())
}

/// Trust lists, and whether they are to be taken by who knows version 1.
fn trust_lists(state: &State, pinned: &SoftKey) -> Result<Value, Anything> {
    let stranger = SoftKey::from_seed(Algorithm::Es256, &[8; 32])?;
    let list = state.trust_list();
    let mut old = list.clone();
    old.version = 0;
    let case = |name: &str, list: &TrustList, key: &SoftKey, at: Timestamp| {
        let text = list.sign(key)?;
        let good = TrustList::read(&text, pinned.public(), 1, at, SKEW).is_ok();
        Ok::<_, Anything>(json!({"name": name, "text": text, "at": at.as_second(), "good": good}))
    };
    Ok(json!([
        case("good", &list, pinned, NOW)?,
        case("signed by a stranger", &list, &stranger, NOW)?,
        case("older than the known one", &old, pinned, NOW)?,
        case("expired", &list, pinned, NOW + HOUR * 25)?,
        case("from the future", &list, pinned, NOW - HOUR)?,
    ]))
}

/// Status lists, and whether they are to be kept.
fn status_lists(state: &State) -> Result<Value, Anything> {
    let stranger = SoftKey::from_seed(Algorithm::Es256, &[8; 32])?;
    let verifier = Verifier::new(Trust::new(state.trust_list())?);
    let list = StatusToken {
        expires_at: Some(NOW + HOUR * 30),
        ..state.status_list()
    };
    let text = list.sign_jwt(&state.signer, &state.chain)?;
    let foreign = list.sign_jwt(&stranger, &state.chain)?;
    let chainless = list.sign_jwt(&state.signer, &[])?;
    let case = |name: &str, text: &str, at: Timestamp| {
        let good = verifier.clone().keep_status_list(text, at).is_ok();
        json!({"name": name, "text": text, "at": at.as_second(), "good": good})
    };
    Ok(json!([
        case("good", &text, NOW),
        case("signed by somebody else", &foreign, NOW),
        case("of no known signer", &chainless, NOW),
        case("expired", &text, NOW + HOUR * 31),
        case("from the future", &text, NOW - HOUR),
        case("cut off", text.get(..text.len() - 20).unwrap_or_default(), NOW),
    ]))
}

/// What is shown, and what there is to say to it.
fn codes(state: &State, list: &TrustList, status_list: &Value) -> Result<Value, Anything> {
    let key = |seed| SoftKey::from_seed(Algorithm::Es256, &[seed; 32]);
    let mut withdrawn = list.clone();
    withdrawn.withdrawn = vec![fingerprint(&state.chain[0])];
    let mut narrow = list.clone();
    narrow.authorities[0]
        .documents
        .retain(|document| !document.contains("identity-qr"));
    let mut bench = Bench {
        cases: Vec::new(),
        usual: list,
        status_list: status_list.as_str().unwrap_or_default(),
    };
    let pass = state.pass()?;
    let shown = pass.show(&state.device, NOW, None)?;
    let challenged = pass.show(&state.device, NOW, Some(b"402817"))?;

    let case = Case::of(list);
    let at = |at: Timestamp| Case { at, ..case };
    let asked = |challenge: &'static [u8]| Case {
        challenge: Some(challenge),
        ..case
    };
    let believing = |list| Case { list, ..case };
    bench.judge("shown now", &shown, case)?;
    bench.judge("shown a minute ago", &shown, at(NOW + SECOND * 60))?;
    bench.judge("a screenshot", &shown, at(NOW + SECOND * 61))?;
    bench.judge("verifier's clock three minutes slow", &shown, at(NOW - SECOND * 180))?;
    bench.judge("verifier's clock three minutes fast", &shown, at(NOW + SECOND * 180))?;
    bench.judge("for the challenge", &challenged, asked(b"402817"))?;
    bench.judge("for another challenge", &challenged, asked(b"402818"))?;
    bench.judge("for a challenge that was not given", &challenged, case)?;
    bench.judge("without the challenge that was given", &shown, asked(b"402817"))?;
    bench.judge("by another device", &pass.show(&key(6)?, NOW, None)?, case)?;
    bench.judge("a copy of the pass", &text_of(&pass.to_bytes())?, case)?;
    let unknown = state.pass_at(&state.status, Status::Valid, &key(7)?)?;
    bench.judge("by an unknown signer", &unknown.show(&state.device, NOW, None)?, case)?;
    bench.judge("by a signer who was withdrawn", &shown, believing(&withdrawn))?;
    bench.judge("by a signer of other documents", &shown, believing(&narrow))?;
    statuses(state, &mut bench, case)?;
    let later = NOW + HOUR * 26;
    bench.judge(
        "knowledge a day old",
        &pass.show(&state.device, later, None)?,
        at(later),
    )?;
    let expired = NOW + HOUR * 48;
    bench.judge("expired", &pass.show(&state.device, expired, None)?, at(expired))?;
    for (name, text) in broken(&shown)? {
        bench.judge(name, &text, case)?;
    }
    Ok(Value::Array(bench.cases))
}

/// Codes of cards that are locked, revoked or of no known status.
fn statuses(state: &State, bench: &mut Bench<'_>, case: Case<'_>) -> Result<(), Anything> {
    let place = |index| StatusRef {
        uri: state.status.uri.clone(),
        index,
    };
    for (name, stapled, index) in [
        ("locked in the list", Status::Valid, 501),
        ("revoked in the list", Status::Valid, 1001),
        ("locked when it was issued", Status::Suspended, 123_456),
        ("revoked when it was issued", Status::Invalid, 123_456),
        ("of an unusual status", Status::Other(3), 123_456),
        ("beyond the list", Status::Valid, 9_000_000),
    ] {
        let code = state
            .pass_at(&place(index), stapled, &state.signer)?
            .show(&state.device, NOW, None)?;
        bench.judge(name, &code, case)?;
        bench.judge(
            &format!("{name}, without a list"),
            &code,
            Case { listed: false, ..case },
        )?;
    }
    Ok(())
}

/// Texts that are no codes of ours.
fn broken(shown: &str) -> Result<[(&'static str, String); 8], Anything> {
    Ok([
        ("too long", "0".repeat(4297)),
        ("no base45", "abc".to_owned()),
        ("a decompression bomb", text_of(&vec![0; 1_000_000])?),
        ("deep", text_of(&[vec![0x81; 1000], vec![0]].concat())?),
        (
            "a length that is a lie",
            text_of(b"\xd2\x84\x5b\x00\xff\xff\xff\xff\xff\xff\xff")?,
        ),
        ("another message", text_of(b"\xd2\x84\x40\xa0\xf6\x40")?),
        (
            "a key twice",
            text_of(b"\xd2\x84\x43\xa1\x01\x26\xa2\x01\x00\x01\x00\x40\x40")?,
        ),
        ("cut off", shown.get(..300).unwrap_or_default().to_owned()),
    ])
}

/// How a code is judged.
#[derive(Clone, Copy)]
struct Case<'a> {
    list: &'a TrustList,
    at: Timestamp,
    challenge: Option<&'static [u8]>,
    listed: bool,
}

impl<'a> Case<'a> {
    fn of(list: &'a TrustList) -> Self {
        Self {
            list,
            at: NOW,
            challenge: None,
            listed: true,
        }
    }
}

struct Bench<'a> {
    cases: Vec<Value>,
    usual: &'a TrustList,
    status_list: &'a str,
}

impl Bench<'_> {
    fn judge(&mut self, name: &str, text: &str, case: Case<'_>) -> Result<(), Anything> {
        let mut verifier = Verifier::new(Trust::new(self.usual.clone())?);
        if case.listed {
            verifier.keep_status_list(self.status_list, NOW)?;
        }
        verifier.trust(Trust::new(case.list.clone())?);
        let session = Session {
            challenge: case.challenge,
            ..Session::at(case.at)
        };
        let verdict = verifier.text(text, &session);
        let codes: Vec<_> = verdict.reasons.iter().map(|reason| &reason.code).collect();
        let pinned = SoftKey::from_seed(Algorithm::Es256, &[9; 32])?;
        let other = (case.list != self.usual).then(|| case.list.sign(&pinned)).transpose()?;
        self.cases.push(json!({
            "name": name,
            "text": text,
            "at": case.at.as_second(),
            "challenge": case.challenge.map(base64url::encode),
            "listed": case.listed,
            "trust_list": other,
            "outcome": verdict.outcome,
            "reasons": codes,
            "checked": verdict.checked,
            "claims": verdict.claims,
        }));
        Ok(())
    }
}

/// The text of a code with any message in it.
fn text_of(message: &[u8]) -> Result<String, Anything> {
    use std::io::Write as _;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(message)?;
    Ok(base45::encode(encoder.finish()?))
}
