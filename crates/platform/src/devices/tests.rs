//! Devices through the router: binding, proving, moving, and what a thief of a session can do.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::notices::Message;
use crate::testing::{Answer, Client, DeviceKey, Holder, PASSCODE, PASSWORD, TestApp};

const HERE: &str = "/account/security/device";

async fn holder(app: &TestApp) -> Holder {
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    app.secrets(&holder).await;
    holder.client = app.client();
    holder
}

async fn sign_in(client: &mut Client, holder: &Holder, device: Option<&DeviceKey>) -> Answer {
    let challenge = client.get("/signin").await.at("/challenge");
    let proof = device.map(|device| device.proof(&challenge)).unwrap_or_default();
    let form = json!({ "number": holder.citizen.number.as_str(), "password": PASSWORD, "proof": proof });
    client.post("/signin", &form).await
}

async fn begin_move(client: &mut Client, device: &DeviceKey) -> String {
    let challenge = client.get(HERE).await.at("/challenge");
    let begun = client
        .post(
            "/account/security/device/moves",
            &json!({ "proof": device.proof(&challenge) }),
        )
        .await;
    format!("/account/security/device/moves/{}", begun.at("/ask"))
}

/// The first device of a person: passcode and a code to the phone.
async fn bind_first(app: &TestApp, holder: &mut Holder, device: &DeviceKey) {
    let mut client = holder.client.clone();
    sign_in(&mut client, holder, None).await;
    let page = begin_move(&mut client, device).await;
    client.form(&format!("{page}/code"), &[]).await;
    let code = app.code_to(&holder.citizen.phone.clone().unwrap()).await;
    let bound = client.form(&page, &[("passcode", PASSCODE), ("code", &code)]).await;
    assert_eq!(bound.at("/done"), "true", "{bound}");
    app.run_jobs().await;
    holder.client = client;
}

/// Signs in on another device, by the code that the old one shows.
async fn enter_by_old(app: &TestApp, holder: &mut Holder) -> Client {
    let mut other = app.client();
    let second = sign_in(&mut other, holder, None).await;
    let shown = holder.client.get(HERE).await.at("/asks/0/code");
    let form = json!({ "ticket": second.at("/ticket"), "shown": shown });
    let entered = other.post("/signin/second", &form).await;
    assert_eq!(entered.status, 200, "{entered}");
    other
}

#[tokio::test]
async fn the_first_device_needs_passcode_and_phone_and_then_signs_in_by_itself_at_level_2() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    let phone = DeviceKey::new(1);

    bind_first(&app, &mut holder, &phone).await;
    let page = holder.client.get(HERE).await;
    let mut again = app.client();
    let signed_in = sign_in(&mut again, &holder, Some(&phone)).await;

    assert_eq!(
        (page.at("/here"), page.at("/asks")),
        ("true".to_owned(), "[]".to_owned())
    );
    assert_eq!(signed_in.at("/next"), "/account");
    assert_eq!(again.get("/account/security").await.at("/assurance"), "2");
}

#[tokio::test]
async fn a_new_device_with_the_old_one_at_hand_signs_the_old_one_out_everywhere() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    bind_first(&app, &mut holder, &DeviceKey::new(1)).await;
    let new = DeviceKey::new(2);

    let mut other = enter_by_old(&app, &mut holder).await;
    let page = begin_move(&mut other, &new).await;
    let shown = holder.client.get(HERE).await.at("/asks/0/code");
    let wrong = other.form(&page, &[("passcode", PASSCODE), ("shown", "000000")]).await;
    let moved = other.form(&page, &[("passcode", PASSCODE), ("shown", &shown)]).await;
    let told = app.mailbox(&holder.citizen.phone.clone().unwrap().e164()).await;

    assert_eq!(wrong.at("/type"), "/problems/devices-wrong-code");
    assert_eq!(moved.at("/done"), "true", "{moved}");
    assert_eq!(other.get(HERE).await.at("/here"), "true");
    assert_eq!(holder.client.get("/account").await.status, 401);
    let alarmed = |message: &Message| message.text.contains("/recovery/not-me/");
    assert_eq!(
        told.iter().filter(|message| alarmed(message)).count(),
        2,
        "of the first and of the new device"
    );
}

#[tokio::test]
async fn what_the_old_device_refuses_does_not_happen() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    bind_first(&app, &mut holder, &DeviceKey::new(1)).await;

    let mut other = enter_by_old(&app, &mut holder).await;
    let page = begin_move(&mut other, &DeviceKey::new(2)).await;
    let ask = holder.client.get(HERE).await;
    let refused = holder
        .client
        .form(&format!("{HERE}/asks/{}/refuse", ask.at("/asks/0/ask")), &[])
        .await;
    let moved = other
        .form(&page, &[("passcode", PASSCODE), ("shown", &ask.at("/asks/0/code"))])
        .await;

    assert_eq!(refused.at("/asks"), "[]");
    assert_eq!(moved.at("/type"), "/problems/devices-move-over");
    assert_eq!(
        other.get(HERE).await.at("/asks"),
        "[]",
        "only the device sees what is asked of it"
    );
}

#[tokio::test]
async fn a_password_alone_and_a_password_with_the_phone_make_no_second_device() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    bind_first(&app, &mut holder, &DeviceKey::new(1)).await;
    let phone = holder.citizen.phone.clone().unwrap();

    let mut thief = app.client();
    let second = sign_in(&mut thief, &holder, None).await;
    let outside = thief.get("/account").await;
    thief
        .post("/signin/second/code", &json!({ "ticket": second.at("/ticket") }))
        .await;
    let code = app.code_to(&phone).await;
    let entered = thief
        .post(
            "/signin/second",
            &json!({ "ticket": second.at("/ticket"), "code": code }),
        )
        .await;
    let page = begin_move(&mut thief, &DeviceKey::new(3)).await;
    thief.form(&format!("{page}/code"), &[]).await;
    let code = app.code_to(&phone).await;
    let without_passcode = thief.form(&page, &[("passcode", "111222"), ("code", &code)]).await;
    let without_card = thief.form(&page, &[("passcode", PASSCODE), ("code", &code)]).await;

    assert_eq!((outside.status.as_u16(), entered.status.as_u16()), (401, 200));
    assert_eq!(without_passcode.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(without_card.at("/type"), "/problems/devices-card-missing");
}

#[tokio::test]
async fn without_the_old_device_the_cards_chip_and_the_phone_bind_a_new_one() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    bind_first(&app, &mut holder, &DeviceKey::new(1)).await;
    let phone = holder.citizen.phone.clone().unwrap();
    let mut new = app.client();
    let second = sign_in(&mut new, &holder, None).await;
    let ticket = second.at("/ticket");
    new.post("/signin/second/code", &json!({ "ticket": ticket })).await;
    let code = app.code_to(&phone).await;
    new.post("/signin/second", &json!({ "ticket": ticket, "code": code }))
        .await;

    let page = begin_move(&mut new, &DeviceKey::new(2)).await;
    let reader = new.form(&format!("{page}/card"), &[]).await.at("/reader");
    let address = reader.strip_prefix("http://localhost:8080").unwrap().to_owned();
    app.bring_chip(&address, &holder.citizen).await;
    new.form(&format!("{page}/code"), &[]).await;
    let code = app.code_to(&phone).await;
    let moved = new.form(&page, &[("passcode", PASSCODE), ("code", &code)]).await;
    app.run_jobs().await;

    assert_eq!(moved.at("/done"), "true", "{moved}");
    assert_eq!(holder.client.get("/account").await.status, 401);
}

/// A request with the cookies of a client, from another network.
async fn from_elsewhere(client: &mut Client, path: &str) -> Answer {
    let request = Request::builder().uri(path).header("user-agent", "Thief/1.0");
    client.send(request, Body::empty()).await
}

#[tokio::test]
async fn a_stolen_session_cookie_is_of_no_use_on_another_device() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    let phone = DeviceKey::new(1);
    bind_first(&app, &mut holder, &phone).await;

    let mut thief = holder.client.clone();
    let stolen = from_elsewhere(&mut thief, "/account").await;
    let challenge: Value = thief.post("/signin/device/challenge", &json!({})).await.json();
    let challenge = challenge["challenge"].as_str().unwrap().to_owned();
    let with_another_key = json!({ "proof": DeviceKey::new(9).proof(&challenge), "next": "/account" });
    let refused = thief.post("/signin/device", &with_another_key).await;
    let old = holder.client.get("/account").await;
    app.advance(jiff::SignedDuration::from_mins(11));
    let stale = holder.client.get("/account").await;
    let challenge = holder
        .client
        .post("/signin/device/challenge", &json!({}))
        .await
        .at("/challenge");
    let proof = json!({ "proof": phone.proof(&challenge) });
    let proven = holder.client.post("/signin/device", &proof).await;
    let fresh = holder.client.get("/account").await;
    let replayed = thief.post("/signin/device", &proof).await;

    assert_eq!(stolen.at("/type"), "/problems/device-proof-needed");
    assert_eq!(refused.at("/type"), "/problems/devices-proof-refused");
    assert_eq!((old.status.as_u16(), stale.status.as_u16()), (200, 401));
    assert_eq!((proven.status.as_u16(), fresh.status.as_u16()), (200, 200));
    assert_eq!(replayed.at("/type"), "/problems/devices-proof-refused");
}

#[tokio::test]
async fn a_proof_counts_once_in_time_at_our_origin_alone() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    let phone = DeviceKey::new(1);
    bind_first(&app, &mut holder, &phone).await;
    let challenge = holder
        .client
        .post("/signin/device/challenge", &json!({}))
        .await
        .at("/challenge");

    let elsewhere = json!({ "proof": phone.proof_at(&challenge, "https://vneid-gov.example") });
    let elsewhere = holder.client.post("/signin/device", &elsewhere).await;
    let proof = json!({ "proof": phone.proof(&challenge) });
    let first = holder.client.post("/signin/device", &proof).await;
    let again = holder.client.post("/signin/device", &proof).await;
    let challenge = holder
        .client
        .post("/signin/device/challenge", &json!({}))
        .await
        .at("/challenge");
    app.advance(jiff::SignedDuration::from_mins(31));
    let late = json!({ "proof": phone.proof(&challenge) });
    let late = holder.client.post("/signin/device", &late).await;

    assert_eq!(first.status, 200);
    for answer in [elsewhere, again, late] {
        assert_eq!(answer.at("/type"), "/problems/devices-proof-refused");
    }
}

#[tokio::test]
async fn a_device_given_up_signs_out_everywhere() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    bind_first(&app, &mut holder, &DeviceKey::new(1)).await;

    let unproven = holder
        .client
        .form(&format!("{HERE}/remove"), &[("secret", "111222")])
        .await;
    let removed = holder
        .client
        .form(&format!("{HERE}/remove"), &[("secret", PASSCODE)])
        .await;
    app.run_jobs().await;

    assert_eq!(unproven.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(removed.at("/device"), "null");
    assert_eq!(holder.client.get("/account").await.status, 401);
}
