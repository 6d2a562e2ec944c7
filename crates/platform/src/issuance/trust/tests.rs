use credentials::eid;
use credentials::trust::{TrustList, TrustListRefusal};
use credentials::verify::{Outcome, SKEW, Session, Verifier};
use crypto::jwk::JwkSet;
use crypto::sign::{Algorithm, SoftKey};
use jiff::{SignedDuration, Timestamp};

use crate::issuance::status::tests::{device, held};
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
    let (_, held) = held(&app).await;
    let (list, pinned) = published(&app).await;
    let list = TrustList::read(&list, &pinned, 0, app.now(), SKEW).unwrap();
    let verifier = Verifier::new(credentials::trust::Trust::new(list).unwrap());

    let pass = credentials::identity_qr::Pass::parse(&held.pass).unwrap();
    let shown = pass.show(&device(), app.now(), None).unwrap();
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
async fn what_the_key_before_a_rotation_signed_is_still_believed() {
    let app = TestApp::start().await;
    let (_, held) = held(&app).await;
    app.advance(SignedDuration::from_hours(24));
    keys::rotate(&app, keys::ISSUER).await.unwrap();

    let verifier = issuance::verifier(&app, &[]).await.unwrap();
    let pass = credentials::identity_qr::Pass::parse(&held.pass).unwrap();
    let verdict = verifier.text(&pass.show(&device(), app.now(), None).unwrap(), &Session::at(app.now()));

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
