use ::http::{Request, StatusCode, header};
use axum::body::Body;
use credentials::eid::VCT;
use credentials::mdoc;
use credentials::openid4vp::{Registered, RegisteredType};
use credentials::sdjwt::{ClaimPath, KeyBinding, SdJwt, bind};
use crypto::jwe::{self, Dice, Encryption, Recipient};
use crypto::jws::Compact;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::testing::app_wallet::AppWallet;
use crate::testing::wallet::{Wallet, card_holder, key};
use crate::testing::{Answer, Holder, TestApp};

/// A verifier, a wallet, and the platform between them.
struct Scene {
    app: TestApp,
    token: String,
    holder: Holder,
    wallet: AppWallet,
    card: String,
    card_mdoc: Vec<u8>,
}

impl Scene {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let claims = vec![ClaimPath::of(["age_over_18"]), ClaimPath::of(["full_name"])];
        let registered = Registered(vec![
            RegisteredType {
                document: VCT.to_owned(),
                claims,
            },
            RegisteredType {
                document: mdoc::EID.to_owned(),
                claims: vec![ClaimPath::of([mdoc::EID, "age_over_18"])],
            },
        ]);
        let (_, token) = super::register(&app, "Ngân hàng mẫu", "Mở tài khoản", registered)
            .await
            .unwrap();
        let (mut holder, wallet) = (card_holder(&app).await, AppWallet::new(3));
        wallet.bind(&app, &mut holder).await;
        let kept = wallet.take(&app, &mut holder).await;
        Self {
            app,
            token,
            holder,
            wallet,
            card: kept["vneid_eid_sd_jwt"].clone(),
            card_mdoc: crypto::base64url::decode(&kept["vneid_eid_mdoc"]).unwrap(),
        }
    }

    async fn open(&self, form: Value) -> Answer {
        let request = Request::post("/presentation/requests")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        self.app.client().send(request, Body::from(form.to_string())).await
    }

    async fn outcome(&self, id: &str, token: &str) -> Answer {
        let request = Request::get(format!("/presentation/requests/{id}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.app.client().send(request, Body::empty()).await
    }

    /// The request as a wallet fetches it.
    async fn fetch(&self, opened: &Answer) -> Map<String, Value> {
        let answer = self.app.client().get(&path(&opened.at("/request_uri"))).await;
        assert_eq!(
            answer.headers[header::CONTENT_TYPE],
            "application/oauth-authz-req+jwt",
            "{answer}"
        );
        Compact::parse(&answer.text()).unwrap().unverified_claims().unwrap()
    }

    fn presented(&self, asked: &Map<String, Value>, names: &[&str]) -> Value {
        let paths: Vec<_> = names.iter().map(|name| ClaimPath::of([*name])).collect();
        let shown = SdJwt::parse(&self.card).unwrap().present(&paths).unwrap();
        let (audience, nonce) = (asked["client_id"].as_str().unwrap(), asked["nonce"].as_str().unwrap());
        let binding = KeyBinding {
            audience,
            nonce,
            at: self.app.now(),
        };
        json!({"eid": [bind(&shown, &self.wallet.device, binding).unwrap()]})
    }

    async fn send(&self, asked: &Map<String, Value>, fields: &[(&str, &str)]) -> Answer {
        self.app
            .client()
            .form(&path(asked["response_uri"].as_str().unwrap()), fields)
            .await
    }

    /// An encrypted answer.
    async fn answer(&self, asked: &Map<String, Value>, token: &Value) -> Answer {
        let told = json!({"vp_token": token, "state": asked["state"]}).to_string();
        let recipient = Recipient::from_jwk(&asked["client_metadata"]["jwks"]["keys"][0]).unwrap();
        let dice = Dice {
            number: [9; 32],
            nonce: [1; 12],
        };
        let response = jwe::encrypt(&recipient, Encryption::A256Gcm, Map::new(), told.as_bytes(), dice).unwrap();
        self.send(asked, &[("response", &response)]).await
    }
}

fn path(address: &str) -> String {
    url::Url::parse(address).unwrap().path().to_owned()
}

fn over_18() -> Value {
    json!({"credentials": [{"id": "eid", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, "claims": [{"path": ["age_over_18"]}]}]})
}

#[tokio::test]
async fn a_verifier_learns_what_was_agreed_and_the_holder_sees_it() {
    let mut scene = Scene::new().await;
    let opened = scene.open(json!({ "dcql_query": over_18() })).await;
    let id = opened.at("/id");
    let before = scene.outcome(&id, &scene.token).await;
    let asked = scene.fetch(&opened).await;

    let sent = scene.answer(&asked, &scene.presented(&asked, &["age_over_18"])).await;
    let after = scene.outcome(&id, &scene.token).await;

    assert_eq!(opened.status, StatusCode::CREATED, "{opened}");
    assert!(
        opened
            .at("/link")
            .starts_with("openid4vp://authorize?client_id=x509_hash%3A"),
        "{opened}"
    );
    assert_eq!(before.at("/state"), "waiting");
    assert_eq!(sent.status, StatusCode::OK, "{sent}");
    assert_eq!(after.at("/presentations/0/claims/age_over_18"), "true");
    assert!(!after.text().contains("full_name"), "{after}");
    let history = scene.holder.client.get("/account/history").await.json();
    let looks = history["looks"].as_array().unwrap();
    let look = looks.iter().find(|look| look["purpose"] == "presentation").unwrap();
    assert_eq!(look["what"], json!(["age"]));
    assert_eq!(look["name"], "Ngân hàng mẫu");
}

#[tokio::test]
async fn a_request_is_answered_once_in_time_and_only_by_its_own_answer() {
    let scene = Scene::new().await;
    let (first, second) = (
        scene.open(json!({ "dcql_query": over_18() })).await,
        scene.open(json!({ "dcql_query": over_18() })).await,
    );
    let (mine, other) = (scene.fetch(&first).await, scene.fetch(&second).await);
    let token = scene.presented(&mine, &["age_over_18"]);

    let mut crossed = other.clone();
    crossed.insert("response_uri".into(), mine["response_uri"].clone());
    let to_another_session = scene.answer(&crossed, &token).await;
    let for_another = scene.answer(&other, &token).await;
    let plain = scene
        .send(
            &mine,
            &[
                ("vp_token", &token.to_string()),
                ("state", mine["state"].as_str().unwrap()),
            ],
        )
        .await;
    let garbage = scene.send(&mine, &[("response", "a.b.c.d.e")]).await;
    let good = scene.answer(&mine, &token).await;
    let again = scene.answer(&mine, &token).await;
    scene.app.advance(SignedDuration::from_mins(11));
    let late = scene.answer(&other, &scene.presented(&other, &["age_over_18"])).await;

    for refused in [&to_another_session, &for_another, &plain, &garbage] {
        assert_eq!(refused.at("/error"), "invalid_request", "{refused}");
    }
    assert_eq!(good.status, StatusCode::OK, "{good}");
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    assert_eq!(late.status, StatusCode::NOT_FOUND);
    assert_eq!(
        scene.outcome(&second.at("/id"), &scene.token).await.at("/state"),
        "expired"
    );
}

#[tokio::test]
async fn what_goes_beyond_the_registered_purpose_is_refused_before_any_wallet_sees_it() {
    let scene = Scene::new().await;
    let mut number = over_18();
    number["credentials"][0]["claims"][0]["path"] = json!(["personal_number"]);
    let card =
        json!({"credentials": [{"id": "a", "format": "mso_mdoc", "meta": {"doctype_value": mdoc::DRIVING_LICENCE}}]});

    let beyond = scene.open(json!({ "dcql_query": number })).await;
    let other = scene.open(json!({ "dcql_query": card })).await;
    let malformed = scene
        .open(json!({ "dcql_query": {}, "response_mode": "fragment", "client_id_prefix": "redirect_uri" }))
        .await;
    let request = Request::post("/presentation/requests").header(header::CONTENT_TYPE, "application/json");
    let nobody = scene.app.client().send(request, Body::from("{}")).await;

    assert_eq!(beyond.at("/type"), "/problems/presentation-beyond-purpose");
    assert!(beyond.at("/detail").contains("personal_number"));
    assert_eq!(other.at("/type"), "/problems/presentation-beyond-purpose");
    let fields: Vec<_> = malformed.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].clone())
        .collect();
    assert_eq!(fields, ["dcql_query", "response_mode", "client_id_prefix"]);
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn oid4vp_1final_verifier_request_uri_method_post() {
    let scene = Scene::new().await;
    let opened = scene
        .open(json!({ "dcql_query": over_18(), "client_id_prefix": "x509_san_dns" }))
        .await;

    let fetched = scene
        .app
        .client()
        .form(&path(&opened.at("/request_uri")), &[("wallet_nonce", "wn-1")])
        .await;

    let claims = Compact::parse(&fetched.text()).unwrap().unverified_claims().unwrap();
    assert_eq!(claims["wallet_nonce"], "wn-1");
    assert_eq!(claims["client_id"], "x509_san_dns:localhost");
    assert_eq!(claims["response_type"], "vp_token");
}

#[tokio::test]
async fn oid4vp_1final_verifier_request_uri_fetched_twice() {
    let scene = Scene::new().await;
    let opened = scene.open(json!({ "dcql_query": over_18() })).await;

    let (first, second) = (scene.fetch(&opened).await, scene.fetch(&opened).await);
    let sent = scene.answer(&second, &scene.presented(&second, &["age_over_18"])).await;
    let after = scene.app.client().get(&path(&opened.at("/request_uri"))).await;

    assert_eq!(first["nonce"], second["nonce"]);
    assert_eq!(sent.status, StatusCode::OK, "{sent}");
    assert_eq!(after.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_browser_that_comes_back_alone_learns_the_outcome_on_the_same_device() {
    let scene = Scene::new().await;
    let form = json!({ "dcql_query": over_18(), "response_mode": "direct_post", "redirect_uri": "https://bank.example/back?id={id}" });
    let opened = scene.open(form).await;
    let asked = scene.fetch(&opened).await;
    let token = scene.presented(&asked, &["age_over_18"]).to_string();

    let sent = scene
        .send(
            &asked,
            &[("vp_token", &token), ("state", asked["state"].as_str().unwrap())],
        )
        .await;

    let back = url::Url::parse(&sent.at("/redirect_uri")).unwrap();
    let code = back
        .query_pairs()
        .find(|(name, _)| name == "response_code")
        .unwrap()
        .1
        .into_owned();
    let id = opened.at("/id");
    assert!(
        back.as_str()
            .starts_with(&format!("https://bank.example/back?id={id}&"))
    );
    let without = scene.outcome(&id, &scene.token).await;
    assert_eq!(without.at("/type"), "/problems/presentation-other-browser");
    let with = scene.outcome(&format!("{id}?response_code={code}"), &scene.token).await;
    assert_eq!(with.at("/state"), "answered");
}

#[tokio::test]
async fn a_refusal_and_a_locked_card_give_the_verifier_nothing() {
    let scene = Scene::new().await;
    let opened = scene.open(json!({ "dcql_query": over_18() })).await;
    let asked = scene.fetch(&opened).await;
    let (person, now) = (scene.holder.person, scene.app.now());
    scene
        .app
        .db
        .write(move |tx| crate::issuance::set_status(tx, &person, crate::issuance::Standing::Suspended, now))
        .await
        .unwrap();
    scene.app.advance(SignedDuration::from_secs(1));

    let locked = scene.answer(&asked, &scene.presented(&asked, &["age_over_18"])).await;
    let wrong_state = scene.send(&asked, &[("error", "access_denied"), ("state", "x")]).await;
    let refused = scene
        .send(
            &asked,
            &[("error", "access_denied"), ("state", asked["state"].as_str().unwrap())],
        )
        .await;

    assert!(locked.at("/error_description").contains("status/locked"), "{locked}");
    assert_eq!(wrong_state.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.status, StatusCode::OK, "{refused}");
    assert_eq!(
        scene.outcome(&opened.at("/id"), &scene.token).await.at("/state"),
        "refused"
    );
}

#[tokio::test]
async fn a_mobile_document_is_answered_over_the_digital_credentials_api_and_is_in_the_history() {
    let mut scene = Scene::new().await;
    let query = json!({"credentials": [{
        "id": "eid", "format": "mso_mdoc", "meta": {"doctype_value": mdoc::EID},
        "claims": [{"path": [mdoc::EID, "age_over_18"]}],
    }]});
    let form = json!({ "dcql_query": query, "response_mode": "dc_api", "origin": "https://bank.example" });
    let opened = scene.open(form).await;
    let id = opened.at("/id");
    let asked = opened.at("/digital_credentials/digital/requests/0/data/request");
    let asked = Compact::parse(&asked).unwrap().unverified_claims().unwrap();
    let transcript =
        mdoc::transcript::digital_credentials_api("https://bank.example", asked["nonce"].as_str().unwrap(), None);
    let document = mdoc::IssuerSigned::parse(&scene.card_mdoc).unwrap();
    let shown = document
        .present(
            mdoc::EID,
            &[(mdoc::EID, "age_over_18")],
            &scene.wallet.device,
            &transcript,
        )
        .unwrap();
    let token = json!({"eid": [crypto::base64url::encode(shown)]});
    // What `navigator.credentials.get({digital})` gives the page.
    let credential = json!({"protocol": "openid4vp-v1-signed", "data": {"vp_token": token}});
    let answers = format!("/presentation/answers/{id}");

    let broken = scene
        .app
        .client()
        .post(&answers, &json!({"protocol": "x", "data": "{"}))
        .await;
    let sent = scene.app.client().post(&answers, &credential).await;
    let outcome = scene.outcome(&id, &scene.token).await;
    let history = scene.holder.client.get("/account/history").await.json();

    assert_eq!(
        opened.at("/digital_credentials/digital/requests/0/protocol"),
        "openid4vp-v1-signed"
    );
    assert_eq!(asked["expected_origins"], json!(["https://bank.example"]));
    assert_eq!(broken.at("/error"), "invalid_request", "{broken}");
    assert_eq!(sent.status, StatusCode::OK, "{sent}");
    assert_eq!(
        outcome.json()["presentations"][0]["claims"][mdoc::EID]["age_over_18"],
        true
    );
    let looks = history["looks"].as_array().unwrap();
    assert!(
        looks
            .iter()
            .any(|look| look["purpose"] == "presentation" && look["what"] == json!(["age"]))
    );
}

#[tokio::test]
async fn what_a_foreign_wallet_shows_is_in_the_history_too() {
    let mut scene = Scene::new().await;
    let foreign = Wallet::register(&scene.app, "vi-mau").await;
    let token = foreign.token(&scene.app, &mut scene.holder, "vneid_eid_sd_jwt").await;
    let nonce = scene
        .app
        .client()
        .post("/issuance/nonce", &json!({}))
        .await
        .at("/c_nonce");
    let proof = foreign.proof(&scene.app, &[key(1)], &nonce);
    let body = json!({"credential_configuration_id": "vneid_eid_sd_jwt", "proofs": {"jwt": [proof]}});
    let issued = foreign.ask(&scene.app, "/issuance/credential", &token, &body).await;
    scene.card = issued.at("/credentials/0/credential");
    scene.wallet.device = key(1);
    let opened = scene.open(json!({ "dcql_query": over_18() })).await;
    let asked = scene.fetch(&opened).await;

    let sent = scene.answer(&asked, &scene.presented(&asked, &["age_over_18"])).await;
    let history = scene.holder.client.get("/account/history").await.json();

    assert_eq!(sent.status, StatusCode::OK, "{sent}");
    let looks = history["looks"].as_array().unwrap();
    assert!(
        looks
            .iter()
            .any(|look| look["purpose"] == "presentation" && look["name"] == "Ngân hàng mẫu")
    );
}

#[tokio::test]
async fn nothing_is_shown_online_before_the_right_has_returned_after_a_recovery() {
    let scene = Scene::new().await;
    crate::recovery::recovered(&scene.app, scene.holder.person).await;
    let opened = scene.open(json!({ "dcql_query": over_18() })).await;
    let asked = scene.fetch(&opened).await;

    let waits = scene.answer(&asked, &scene.presented(&asked, &["age_over_18"])).await;
    let outcome = scene.outcome(&opened.at("/id"), &scene.token).await;

    assert_eq!(waits.at("/error_description"), "recovery-right-waits", "{waits}");
    assert_eq!(outcome.at("/state"), "waiting");
}

#[tokio::test]
async fn the_demo_verifier_asks_for_the_age_alone() {
    let app = TestApp::start().await;
    let mut guest = app.client().browser();

    let sent = guest.form("/sandbox/over-18", &[]).await;
    let page = guest.get(&sent.location()).await;

    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent}");
    assert!(page.text().contains("over18-code"), "{page}");
    app.advance(SignedDuration::from_hours(2));
    app.run_jobs().await;
}
