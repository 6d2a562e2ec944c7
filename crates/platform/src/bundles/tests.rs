use ::http::{Request, StatusCode, header};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::command::{Command, Verify};
use crate::accounts::Level;
use crate::ledger;
use crate::sso::tests::{PORTAL, VERIFIER, begin, exchange, portal, request};
use crate::testing::{Answer, Holder, TestApp};

/// A bank that is registered for identifying customers, which each time are asked.
async fn bank() -> (TestApp, Holder) {
    let (app, holder) = begin(Level::Two).await;
    let scope = "openid profile address vneid_card vneid_face";
    let more = json!({
        "scope": scope,
        "vneid_purposes": ["ekyc"],
        "vneid_terms": [{
            "purpose": "ekyc", "scope": scope, "days": 0, "basis": "Thông tư 17/2024/TT-NHNN",
            "reason": "Mở tài khoản thanh toán", "reason_en": "To open a payment account",
        }],
    });
    portal(&app, "portal", PORTAL, more).await;
    (app, holder)
}

async fn token(app: &TestApp, holder: &mut Holder, scope: &str) -> String {
    let asked = holder.client.get(&request("portal", PORTAL, scope, &[])).await;
    let agreed = json!({ "request": asked.at("/request"), "answer": "agree" });
    let sent = holder.client.post("/sso/consent", &agreed).await;
    let code = crate::sso::tests::param(&sent.location(), "code").unwrap();
    exchange(app, &code, VERIFIER).await.at("/access_token")
}

async fn make(app: &TestApp, token: &str, body: &Value) -> Answer {
    let request = Request::post("/bundles")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    app.client().send(request, Body::from(body.to_string())).await
}

/// What the bank keeps: the file with the bundle and its proof, the authority's certificate, the ledger's key.
async fn kept(app: &TestApp, bundle: &str) -> (std::path::PathBuf, std::path::PathBuf, String) {
    ledger::turn(app).await.unwrap();
    let proof = app.client().post("/bundles/proof", &json!({ "bundle": bundle })).await;
    assert_eq!(proof.status, StatusCode::OK, "{proof}");
    let file = app.folder().join("bundle.json");
    let whole = json!({ "bundle": bundle, "proof": proof.json() });
    std::fs::write(&file, whole.to_string()).unwrap();
    let authority = app.folder().join("authority.der");
    std::fs::write(&authority, app.client().get("/issuance/authority").await.body).unwrap();
    (file, authority, app.client().get("/ledger").await.at("/keys/0"))
}

fn verify(file: &std::path::Path, authority: &std::path::Path, key: Option<&str>) -> (Value, bool) {
    let verify = Verify::of(file.to_owned(), authority.to_owned(), key.map(str::to_owned));
    let (told, genuine) = Command::Verify(verify).run().unwrap();
    (serde_json::from_str(&told).unwrap(), genuine)
}

#[tokio::test]
async fn a_bundle_tells_what_was_agreed_and_is_proved_without_us() {
    let (app, mut holder) = bank().await;
    let token = token(&app, &mut holder, "openid profile address vneid_card vneid_face").await;
    let portrait = nation::picture::portrait_jpeg(&holder.citizen, app.clock.today()).unwrap();
    let ask = json!({ "reference": "HS-2026-17", "portrait": STANDARD.encode(portrait) });

    app.advance(SignedDuration::from_secs(1));
    let made = make(&app, &token, &ask).await;
    let (file, authority, key) = kept(&app, &made.at("/bundle")).await;
    let (told, genuine) = verify(&file, &authority, Some(&key));

    assert!(genuine, "{told}");
    assert_eq!(told["ledger"], "proved");
    let bundle = &told["bundle"];
    assert_eq!(bundle["returned"]["name"], holder.citizen.full_name);
    assert_eq!(
        bundle["returned"]["birthdate"],
        holder.citizen.date_of_birth.to_string()
    );
    assert!(bundle["returned"]["residence"].is_string() && bundle["returned"]["card"]["issued_on"].is_string());
    assert_eq!(
        (
            &bundle["returned"]["face"]["result"],
            &bundle["returned"]["face"]["stand_in"]
        ),
        (&json!("match"), &json!(true))
    );
    assert_eq!(bundle["asked"]["reason"], "Mở tài khoản thanh toán");
    assert_eq!(bundle["asked"]["reference"], "HS-2026-17");
    assert_eq!(bundle["consented"]["basis"], "Thông tư 17/2024/TT-NHNN");
    assert_eq!(
        (&bundle["assurance"]["authentication"], &bundle["assurance"]["account"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(
        (&bundle["standing"]["account"], &bundle["standing"]["person"]),
        (&json!("active"), &json!("alive"))
    );
    let history = holder.client.get("/account/history").await;
    assert_eq!(history.at("/looks/0/purpose"), "bundle");
    assert_eq!(
        history.json()["looks"][0]["what"],
        json!(["name", "birth", "address", "card", "portrait"])
    );
}

#[tokio::test]
async fn a_bundle_that_was_changed_or_whose_proof_is_anothers_is_not_genuine() {
    let (app, mut holder) = bank().await;
    let token = token(&app, &mut holder, "openid profile").await;
    let first = make(&app, &token, &json!({})).await.at("/bundle");
    let second = make(&app, &token, &json!({})).await.at("/bundle");
    let (file, authority, key) = kept(&app, &first).await;
    let write = |bundle: &str| {
        let mut whole: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        whole["bundle"] = bundle.into();
        let other = app.folder().join("other.json");
        std::fs::write(&other, whole.to_string()).unwrap();
        other
    };

    let good = verify(&file, &authority, Some(&key));
    let anothers = verify(&write(&second), &authority, Some(&key));
    let parts: Vec<&str> = first.split('.').collect();
    let mixed = format!("{}.{}.{}", parts[0], second.split('.').nth(1).unwrap(), parts[2]);
    let changed = verify(&write(&mixed), &authority, None);

    assert!(good.1 && !anothers.1 && !changed.1);
    assert_eq!(anothers.0["ledger"], "refuted");
    assert_eq!(
        changed.0["reason"],
        "the signature does not verify: the bundle was changed"
    );
    let foreign = app.client().post("/bundles/proof", &json!({ "bundle": mixed })).await;
    assert_eq!(foreign.at("/type"), "/problems/bundles-not-ours");
}

#[tokio::test]
async fn nothing_is_told_beyond_the_scopes_nor_after_the_consent_was_taken_back() {
    let (app, mut holder) = bank().await;
    let token_of_name = token(&app, &mut holder, "openid profile").await;
    let picture = json!({ "portrait": STANDARD.encode(b"no picture") });

    let bundle = make(&app, &token_of_name, &picture).await.at("/bundle");
    let claims = crypto::base64url::decode(bundle.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let bare = token(&app, &mut holder, "openid").await;
    let nothing = make(&app, &bare, &json!({})).await;
    let long = make(&app, &token_of_name, &json!({ "reference": "x".repeat(65) })).await;
    let with_face = token(&app, &mut holder, "openid vneid_face").await;
    let no_picture = make(&app, &with_face, &picture).await;
    let stranger = make(&app, "nobody", &json!({})).await;

    let told: Vec<&String> = claims["returned"].as_object().unwrap().keys().collect();
    assert_eq!(told, ["name", "birthdate"]);
    assert_eq!(nothing.at("/type"), "/problems/bundles-nothing-agreed");
    assert_eq!(
        (long.status, no_picture.status),
        (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY)
    );
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}
