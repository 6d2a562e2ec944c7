use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credentials::eid;
use credentials::trust::make::{self, Role, Subject};
use credentials::trust::{TrustList, TrustListRefusal};
use credentials::verify::{Outcome, SKEW, Session, Verifier};
use crypto::jwk::JwkSet;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::{SignedDuration, Timestamp};

use crate::issuance::status::tests::held;
use crate::issuance::{self, Desk, NotReady};
use crate::shell::chance::Chance;
use crate::shell::config::Config;
use crate::shell::keys::{self, Keys};
use crate::testing::TestApp;

async fn published(app: &TestApp) -> (String, JwkSet) {
    let list = app.client().get("/issuance/trust-list").await;
    let keys = app.client().get("/issuance/trust-list/keys").await;
    (list.text(), JwkSet::parse(&keys.body).unwrap())
}

#[tokio::test]
async fn who_pins_the_lists_key_believes_what_the_device_shows_without_network() {
    let app = TestApp::start().await;
    let (_, wallet, held) = held(&app).await;
    let (list, pinned) = published(&app).await;
    let list = TrustList::read(&list, &pinned, 0, app.now(), SKEW).unwrap();
    let verifier = Verifier::new(credentials::trust::Trust::new(list).unwrap());

    let pass = credentials::identity_qr::Pass::parse(&held.pass).unwrap();
    let shown = pass.show(&wallet.device, app.now(), None).unwrap();
    let verdict = verifier.text(&shown, &Session::at(app.now()));
    let stranger = SoftKey::from_seed(Algorithm::Es256, &[9; 32]).unwrap();
    let copied = verifier.text(&pass.show(&stranger, app.now(), None).unwrap(), &Session::at(app.now()));
    let later = verifier.text(&shown, &Session::at(app.now() + SignedDuration::from_secs(61 + 30)));

    assert_eq!(verdict.outcome, Outcome::Accept, "{verdict:?}");
    assert_eq!(copied.outcome, Outcome::Reject);
    assert_eq!(later.outcome, Outcome::Reject, "a screenshot is useless after a minute");
}

#[tokio::test]
async fn a_version_is_published_once_and_grows_with_each_change() {
    let app = TestApp::start().await;
    let (first, pinned) = published(&app).await;
    let (again, _) = published(&app).await;
    app.advance(SignedDuration::from_hours(24));
    keys::rotate(&app, keys::ISSUER).await.unwrap();
    let (rotated, _) = published(&app).await;

    let read = |text: &str, known| TrustList::read(text, &pinned, known, app.now(), SKEW).map(|list| list.version);
    assert_eq!(first, again);
    assert_eq!(read(&rotated, 1), Ok(2));
    assert_eq!(read(&first, 2), Err(TrustListRefusal::RolledBack(2)));
}

#[tokio::test]
async fn each_change_of_the_list_is_in_the_ledger_and_can_be_proved() {
    let app = TestApp::start().await;
    published(&app).await;
    app.advance(SignedDuration::from_hours(24));
    keys::rotate(&app, keys::ISSUER).await.unwrap();
    let (list, _) = published(&app).await;

    let told = app.client().get("/issuance/trust-list/versions").await.json();

    let versions = told["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 2);
    let newest = &versions[0];
    assert_eq!(newest["version"], 2);
    let digest = crypto::base64url::encode(crypto::digest::sha256(list.as_bytes()));
    assert_eq!(newest["sha256"], digest);
    assert_eq!(newest["proof"]["kind"], "trust");
    assert_eq!(newest["proof"]["state"], "waiting");
    let record = newest["proof"]["record"].as_str().unwrap();
    assert!(record.contains(&digest), "{record}");
}

#[tokio::test]
async fn what_the_key_before_a_rotation_signed_is_still_believed() {
    let app = TestApp::start().await;
    let (_, wallet, held) = held(&app).await;
    app.advance(SignedDuration::from_hours(24));
    keys::rotate(&app, keys::ISSUER).await.unwrap();

    let verifier = issuance::verifier(&app, &[]).await.unwrap();
    let pass = credentials::identity_qr::Pass::parse(&held.pass).unwrap();
    let verdict = verifier.text(
        &pass.show(&wallet.device, app.now(), None).unwrap(),
        &Session::at(app.now()),
    );

    assert_ne!(verdict.outcome, Outcome::Reject, "{verdict:?}");
}

#[tokio::test]
async fn the_types_say_what_their_claims_are_called() {
    let app = TestApp::start().await;

    let told = app.client().get(&format!("/issuance/types/{}", eid::VCT)).await;
    let unknown = app.client().get("/issuance/types/urn:vneid:nothing:1").await;

    assert_eq!(told.json()["vct"], eid::VCT);
    assert_eq!(unknown.status, ::http::StatusCode::NOT_FOUND);
}

#[test]
fn the_platform_does_not_start_with_a_signer_that_is_about_to_end() {
    let now: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();
    let keys = Keys::in_memory(&Chance::seeded(1), now).unwrap();
    let production = Config::default();
    let sandbox = Config {
        sandbox: true,
        ..Config::default()
    };
    let at = |days: i64| now + SignedDuration::from_hours(24 * days);

    let opened = [0, 369, 371].map(|days| Desk::open(&production, &keys, at(days)).is_ok());
    let why = Desk::open(&production, &keys, at(371)).err().unwrap();
    let renewed = Desk::open(&sandbox, &keys, at(371)).is_ok();

    assert_eq!(opened, [true, true, false]);
    assert!(matches!(why, NotReady::Certificate(keys::ISSUER, _)), "{why}");
    assert!(renewed);
}

#[test]
fn a_nation_brings_the_certificates_of_its_own_authority() {
    let now: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();
    let keys = Keys::in_memory(&Chance::seeded(1), now).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.issuance.certificates = Some(folder.path().to_owned());
    let day = SignedDuration::from_hours(24);
    let subject = |name, days| Subject {
        name,
        site: "https://vneid.gov.vn",
        not_before: now - day,
        not_after: now + day * days,
    };
    let write = |name: &str, der: &[u8]| {
        let body = STANDARD.encode(der);
        let text = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        std::fs::write(folder.path().join(name), wrapped(&text)).unwrap();
    };
    let root = SoftKey::from_seed(Algorithm::Es256, &[77; 32]).unwrap();
    let signed = |by: &SoftKey, purpose| {
        let key = keys.signer(purpose).unwrap();
        make::signer(
            by,
            "IACA Viet Nam",
            key.public().key(),
            Role::DocumentSigner,
            &subject("Signer", 400),
        )
        .unwrap()
    };
    let why = |at| Desk::open(&config, &keys, at).err().map(|refusal| refusal.to_string());

    let empty = why(now).unwrap();
    write(
        "authority.pem",
        &make::authority(&root, &subject("IACA Viet Nam", 3650)).unwrap(),
    );
    let without = why(now).unwrap();
    for purpose in [keys::ISSUER, keys::STATUS, keys::VERIFIER, keys::SEAL] {
        write(&format!("{purpose}.pem"), &signed(&root, purpose));
    }
    let whole = why(now);
    let rotating = Desk::open(&config, &keys, now).unwrap().may_rotate(&keys, keys::ISSUER);
    let late = why(now + day * 371).unwrap();
    let stranger = SoftKey::from_seed(Algorithm::Es256, &[78; 32]).unwrap();
    write("issuer.pem", &signed(&stranger, keys::ISSUER));
    let foreign = why(now).unwrap();

    assert!(empty.contains("cannot read"), "{empty}");
    assert!(without.contains("certificate of the issuer key"), "{without}");
    assert_eq!(whole, None);
    assert!(
        rotating
            .unwrap_err()
            .to_string()
            .contains("certificate of the issuer key")
    );
    assert!(
        late.contains("the certificate of the issuer key cannot be used"),
        "{late}"
    );
    assert!(foreign.contains("does not lead to the root"), "{foreign}");
}

/// A PEM text whose lines are as short as the format asks.
fn wrapped(text: &str) -> String {
    let short = |line: &str| {
        let letters: Vec<char> = line.chars().collect();
        letters
            .chunks(64)
            .map(|part| part.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join("\n")
    };
    text.lines().map(short).collect::<Vec<_>>().join("\n") + "\n"
}
