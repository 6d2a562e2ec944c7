//! Wallets, verifiers and relying parties that are not ours, against the whole running sandbox.
//!
//! `cargo xtask test` runs these tests: it installs the libraries of `interop/` and names their programs in `VNEID_TEST_NODE` and `VNEID_TEST_PYTHON`.
//! Without that they fail and say so.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod bucket;
mod papers;
mod sms;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credentials::identity_qr::{Draft, Identity};
use credentials::status::Status;
use crypto::secret::Secret;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::SignedDuration;
use nation::licence::{LicenceState, licence};
use platform::accounts::Level;
use platform::app::App;
use platform::sandbox::command::{Sandbox, Settings};
use platform::sandbox::holders::{self, PASSCODE, PASSWORD};
use platform::sandbox::people::can_register;
use platform::sso;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::sync::watch;

/// How long a script may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// Somebody with an electronic identity card and a driving licence.
fn card_holder(app: &App) -> nation::Person {
    let nation = &app.sandbox.as_ref().unwrap().nation;
    let today = app.clock.today();
    let people = (0..10_000).filter_map(|index| nation.person(index));
    let drives =
        |person: &nation::Person| licence(nation, person, today).is_some_and(|one| one.state == LicenceState::Valid);
    people
        .filter(|person| can_register(person, today))
        .find(drives)
        .expect("somebody drives")
}

/// Signs in and asks for an offer of both documents, as a browser does.
async fn offer(url: &str, number: &str) -> Value {
    let http = reqwest::Client::new();
    let signed_in = http
        .post(format!("{url}/signin"))
        .json(&json!({"number": number, "password": PASSWORD}))
        .send()
        .await
        .unwrap();
    let cookie = signed_in.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let asked = http
        .post(format!("{url}/wallets/offer"))
        .header("cookie", cookie)
        .json(&json!({"eid": "on", "driving_licence": "on", "passcode": PASSCODE}))
        .send()
        .await
        .unwrap();
    asked.json().await.unwrap()
}

/// An identity QR over a pass that the platform's own key has signed, with what a foreign reader must find in it.
fn identity_qr(app: &App, citizen: &nation::Person) -> Value {
    let device = SoftKey::from_seed(Algorithm::Es256, &[1; 32]).unwrap();
    let signer = app.keys.signer(platform::shell::keys::ISSUER).unwrap();
    let identity = Identity {
        number: citizen.number.as_str().to_owned(),
        full_name: citizen.full_name.clone(),
        date_of_birth: Some(citizen.date_of_birth),
        sex: Some(citizen.sex),
        address: Some("1 Tràng Tiền, Phường Hoàn Kiếm, TP Hà Nội".to_owned()),
        nationality: Some("VN".to_owned()),
        photo: None,
    };
    let now = app.clock.now();
    let draft = Draft {
        issuer: &app.config.public_url,
        identity: &identity,
        device: device.public().key(),
        issued_at: now,
        expires_at: now + SignedDuration::from_hours(36),
        status: Status::Valid,
        status_at: None,
    };
    let text = draft.issue(signer.as_ref()).unwrap().show(&device, now, None).unwrap();
    json!({
        "text": text, "public_key": pem(signer.public().key().bytes()),
        "full_name": citizen.full_name, "number": citizen.number.as_str(),
    })
}

/// A point on P-256 as `SubjectPublicKeyInfo` in PEM.
fn pem(point: &[u8]) -> String {
    const HEAD: [u8; 26] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
        0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    let text = STANDARD.encode([&HEAD[..], point].concat());
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop")
}

async fn run(variable: &str, words: &[&str]) {
    #[expect(
        clippy::disallowed_methods,
        reason = "the tests are told about the programs by the environment"
    )]
    let program = std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run `cargo xtask test --only interop`"));
    let command = Command::new(program)
        .args(words)
        .current_dir(scripts())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let done = tokio::time::timeout(PATIENCE, command)
        .await
        .expect("the script takes too long")
        .unwrap();
    let told = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{words:?}: {told}");
}

/// Relying parties for the script, with what it has to know of them.
async fn parties(app: &App, citizen: &nation::Person) -> Value {
    let secret = "a-secret-of-at-least-thirty-two-random-bytes";
    let number = [9; 32];
    let key = SoftKey::from_private_number(&number).unwrap();
    let ciba = "urn:openid:params:grant-type:ciba";
    let plain = json!({
        "client_id": "plain", "client_name": "Cổng thử", "redirect_uris": ["http://127.0.0.1/cb"],
        "grant_types": ["authorization_code", "refresh_token"], "scope": "openid profile",
    });
    let strict = json!({
        "client_id": "strict", "client_name": "Ngân hàng thử", "redirect_uris": ["https://bank.example/cb"],
        "scope": "openid profile", "token_endpoint_auth_method": "private_key_jwt",
        "vneid_profile": "fapi2_message_signing", "jwks": {"keys": [key.public()]},
    });
    let clerk = json!({
        "client_id": "clerk", "client_name": "Quầy thử", "grant_types": [ciba], "scope": "openid profile",
        "sector_identifier": "bank.example", "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key.public()]}, "backchannel_token_delivery_mode": "poll",
    });
    for (metadata, has_secret) in [(&plain, true), (&strict, false), (&clerk, false)] {
        let metadata = serde_json::from_value(metadata.clone()).unwrap();
        let secret = has_secret.then(|| Secret::new(secret.to_owned()));
        sso::register(app, metadata, secret).await.unwrap();
    }
    // The private key as a JWK: the public one, and the number that it was made from.
    let mut jwk = serde_json::to_value(key.public()).unwrap();
    jwk["d"] = json!(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(number));
    json!({
        "number": citizen.number.as_str(), "password": PASSWORD, "passcode": PASSCODE, "jwk": jwk,
        "plain": {"client_id": "plain", "secret": secret, "redirect_uri": "http://127.0.0.1/cb"},
        "strict": {"client_id": "strict", "redirect_uri": "https://bank.example/cb"},
        "clerk": {"client_id": "clerk"},
    })
}

#[tokio::test]
async fn a_foreign_library_signs_in_by_code_by_pushed_and_signed_requests_and_on_another_device() {
    let folder = tempfile::tempdir().unwrap();
    let (close, stop) = watch::channel(false);
    let settings = Settings {
        data: folder.path().join("data"),
        listen: "127.0.0.1:0".parse().unwrap(),
        people: 10_000,
        reset: false,
        toll: 0,
        tls: false,
    };
    let sandbox = Sandbox::open(&settings, stop).await.unwrap();
    let app = sandbox.app().clone();
    let running = tokio::spawn(sandbox.run());
    let citizen = card_holder(&app);
    holders::make(&app, &citizen, Level::Two).await.unwrap();

    let told = parties(&app, &citizen).await;
    std::fs::write(folder.path().join("parties.json"), told.to_string()).unwrap();
    let here = folder.path().to_str().unwrap();
    run("VNEID_TEST_NODE", &["relying-party.mjs", &app.config.public_url, here]).await;

    close.send_replace(true);
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn foreign_libraries_fetch_present_and_verify_what_we_issue() {
    let folder = tempfile::tempdir().unwrap();
    let (close, stop) = watch::channel(false);
    let settings = Settings {
        data: folder.path().join("data"),
        listen: "127.0.0.1:0".parse().unwrap(),
        people: 10_000,
        reset: false,
        toll: 0,
        tls: false,
    };
    let sandbox = Sandbox::open(&settings, stop).await.unwrap();
    let app = sandbox.app().clone();
    let running = tokio::spawn(sandbox.run());
    let citizen = card_holder(&app);
    holders::make(&app, &citizen, Level::Two).await.unwrap();
    let url = app.config.public_url.clone();

    let here = folder.path().to_str().unwrap();
    let write = |name: &str, value: &Value| std::fs::write(folder.path().join(name), value.to_string()).unwrap();
    write("offer.json", &offer(&url, citizen.number.as_str()).await);
    run("VNEID_TEST_NODE", &["wallet.mjs", &url, here]).await;
    run("VNEID_TEST_NODE", &["present.mjs", &url, here]).await;
    write("qr.json", &identity_qr(&app, &citizen));
    run("VNEID_TEST_PYTHON", &["documents.py", here]).await;

    close.send_replace(true);
    running.await.unwrap().unwrap();
}

/// What the sources answer, as it travels, with the key of each.
async fn answers() -> Vec<Value> {
    let nation = nation::Nation::new(1, 3000);
    let keys = nation::sources::signers(&nation);
    let clock: nation::sources::Clock = std::sync::Arc::new(|| "2026-11-23T02:00:00Z".parse().unwrap());
    let sources = nation::sources::router(nation.clone(), nation::sources::Faults::default(), clock);
    let mut answers = Vec::new();
    for person in (0..300).filter_map(|index| nation.person(index)) {
        for source in ["health-record", "vehicle"] {
            let path = format!("/{source}/v1/query");
            let question =
                json!({"personal_number": person.number, "purpose": "interop", "request_id": "q-1"}).to_string();
            let digest = crypto::message::content_digest(question.as_bytes());
            let request = http::Request::post(&path)
                .header("content-type", "application/json")
                .header("content-digest", &digest)
                .body(axum::body::Body::from(question.clone()))
                .unwrap();
            let answer = tower::ServiceExt::oneshot(sources.clone(), request).await.unwrap();
            let (head, body) = answer.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            let header = |name: &str| head.headers[name].to_str().unwrap().to_owned();
            let told: Value = serde_json::from_slice(&body).unwrap();
            answers.push(json!({
                "path": path, "status": head.status.as_u16(), "request_headers": { "content-digest": digest },
                "headers": { "content-digest": header("content-digest"), "signature-input": header("signature-input"),
                    "signature": header("signature") },
                "jwk": serde_json::to_value(&keys[source]).unwrap(),
                "bundle": if source == "health-record" { told["record"].clone() } else { Value::Null },
            }));
        }
    }
    answers
}

#[tokio::test]
async fn foreign_libraries_read_the_health_records_and_verify_the_sources_signatures() {
    let folder = tempfile::tempdir().unwrap();
    let answers = Value::Array(answers().await);
    std::fs::write(folder.path().join("answers.json"), answers.to_string()).unwrap();

    run("VNEID_TEST_PYTHON", &["sources.py", folder.path().to_str().unwrap()]).await;
}
