use std::sync::{Arc, Mutex};

use ::http::{Request, StatusCode, header};
use axum::body::Body;
use axum::routing::get;
use crypto::jwk::JwkSet;
use crypto::jws;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::accounts::Level;
use crate::applications::tests::officer;
use crate::officers::Role;
use crate::sso::tests::{VERIFIER, param, request};
use crate::testing::{Answer, Client, Holder, TestApp};

pub(super) const BACK: &str = "https://motcua.example/vneid";

/// The partner's own site, on this machine.
pub(super) struct Site {
    pub(super) back: String,
    shown: Arc<Mutex<String>>,
}

impl Site {
    /// A site that shows what it is told, and refuses an answer that it did not ask for, or not.
    pub(super) async fn open(refuses: bool) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let back = format!("http://{}/vneid", listener.local_addr().unwrap());
        let shown = Arc::new(Mutex::new(String::new()));
        let told = shown.clone();
        let status = if refuses {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        };
        let site = axum::Router::new()
            .route(
                "/.well-known/vneid-challenge",
                get(async move || told.lock().unwrap().clone()),
            )
            .route("/jwks", get(async || key(7).1.to_string()))
            .route("/vneid", get(async move || status));
        tokio::spawn(async { axum::serve(listener, site).await.unwrap() });
        Self { back, shown }
    }

    /// The partner's developers do all that the check asks for.
    pub(super) async fn pass(&self, app: &TestApp, holder: &mut Holder, made: &Answer) -> Answer {
        let address = format!("/partners/connections/{}", made.at("/connection"));
        self.shown.lock().unwrap().clone_from(&made.at("/challenge"));
        let client = made.at("/trial_client");
        let asked = request(
            &client,
            &self.back,
            "openid profile",
            &[("vneid_purpose", "public-service")],
        );
        let sent = agree(holder, &asked).await;
        let code = param(&sent.location(), "code").unwrap();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", &self.back),
            ("code_verifier", VERIFIER),
        ];
        let exchanged = exchange(app, &client, &made.at("/trial_secret"), &fields).await;
        assert_eq!(exchanged.status, StatusCode::OK, "{exchanged}");
        holder.client.post(&format!("{address}/check"), &json!({})).await
    }
}

async fn exchange(app: &TestApp, client: &str, secret: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{client}:{secret}"));
    let request = Request::post("/sso/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, format!("Basic {basic}"));
    app.client().send(request, Body::from(body)).await
}
const PDF: &[u8] = b"%PDF-1.7 letter";

/// A representative with an account of level 2, and an officer of the ministry.
pub(super) async fn begin() -> (TestApp, Holder, Client) {
    let app = TestApp::start().await;
    let citizen = app.citizen();
    let holder = app.holder(citizen, Level::Two).await;
    let ministry = officer(&app, "canbobo", Role::Ministry).await;
    (app, holder, ministry)
}

fn asked() -> Vec<(&'static str, &'static str)> {
    vec![
        ("organisation", "Ủy ban nhân dân tỉnh Hà Giang"),
        ("code", "H22"),
        ("kind", "state"),
        ("email", "motcua@hagiang.example"),
        ("system", "Cổng một cửa Hà Giang"),
        ("security_level", "3"),
        ("security_decision", "Quyết định 12/QĐ-UBND ngày 5/1/2026"),
        ("redirect_uris", BACK),
        ("start", "https://motcua.example/begin?by=vneid"),
        ("purpose1", "public-service"),
        ("data1", "profile"),
        ("data1", "vneid_number"),
        ("reason1", "Nộp hồ sơ dịch vụ công"),
        ("reason_en1", "To file an application"),
        ("basis1", "Nghị định 69/2024/NĐ-CP, Điều 18"),
        ("days1", "90"),
        ("purpose2", "loan"),
        ("data2", "phone"),
        ("reason2", "Liên hệ khi vay vốn"),
        ("reason_en2", "To call about a loan"),
        ("basis2", "Thông tư 17/2024/TT-NHNN"),
        ("days2", "0"),
    ]
}

pub(super) async fn ask(holder: &mut Holder) -> Answer {
    ask_with(holder, BACK).await
}

pub(super) async fn ask_with(holder: &mut Holder, back: &str) -> Answer {
    let mut fields = asked();
    fields.retain(|(name, _)| *name != "redirect_uris");
    fields.push(("redirect_uris", back));
    holder
        .client
        .upload("/partners/connections", &fields, &[("letter", PDF)])
        .await
}

pub(super) async fn decide(ministry: &mut Client, connection: &str, decision: &Value) -> Answer {
    ministry
        .post(&format!("/officers/connections/{connection}/decision"), decision)
        .await
}

pub(super) fn proof(key: &SoftKey, page: &Answer) -> String {
    let mut header = Map::new();
    header.insert("typ".to_owned(), "vneid-partner-proof+jwt".into());
    let claims = json!({ "aud": page.at("/audience"), "challenge": page.at("/challenge") });
    jws::sign_with(key, header, claims.to_string().as_bytes()).unwrap()
}

pub(super) fn key(seed: u8) -> (SoftKey, Value) {
    let key = SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap();
    let set = JwkSet::new(vec![key.public().clone()]);
    let set = serde_json::to_value(set).unwrap();
    (key, set)
}

#[tokio::test]
async fn an_organisation_is_connected_from_the_letter_to_production_credentials() {
    let (app, mut holder, mut ministry) = begin().await;

    let site = Site::open(true).await;
    let made = ask_with(&mut holder, &site.back).await;
    let connection = made.at("/connection");
    let checked = site.pass(&app, &mut holder, &made).await;
    let listed = ministry.get("/officers/connections").await;
    let letter = ministry
        .get(&format!("/officers/connections/{connection}/letter"))
        .await;
    let grant = json!({"decision": "grant", "answer": "Chấp thuận cho dịch vụ công.", "without-loan": "on"});
    let granted = decide(&mut ministry, &connection, &grant).await;
    let again = decide(
        &mut ministry,
        &connection,
        &json!({"decision": "refuse", "answer": "Không chấp thuận."}),
    )
    .await;
    let address = format!("/partners/connections/{connection}");
    let page = holder.client.get(&address).await;
    let (key, jwks) = key(7);
    let keys = json!({ "jwks": jwks.to_string(), "proof": proof(&key, &page) });
    let live = holder.client.post(&format!("{address}/keys"), &keys).await;
    let by_address = json!({ "jwks": site.back.replace("/vneid", "/jwks"), "proof": proof(&key, &page) });
    let rotated = holder.client.post(&format!("{address}/keys"), &by_address).await;
    let register = app.client().get("/partners/register").await;
    let services = app.client().get("/services").await;

    assert_eq!(
        services.at("/services/0/start"),
        "https://motcua.example/begin?by=vneid&iss=http%3A%2F%2Flocalhost%3A8080"
    );
    assert_eq!(made.status, StatusCode::OK, "{made}");
    assert!(made.at("/trial_client").starts_with("sandbox-") && made.at("/trial_secret").len() > 40);
    assert_eq!(checked.at("/ready"), "true", "{checked}");
    assert_eq!(made.at("/answer_by"), "2026-12-23T02:00:00Z");
    assert_eq!(listed.at("/connections/0/connection"), connection);
    assert_eq!(
        (letter.body.as_slice(), letter.headers["content-type"].to_str().unwrap()),
        (PDF, "application/pdf")
    );
    assert_eq!(
        (granted.at("/state"), again.status),
        ("granted".into(), StatusCode::CONFLICT)
    );
    assert!(live.at("/live_client").starts_with("vneid-"), "{live}");
    assert_eq!(rotated.at("/live_client"), live.at("/live_client"), "{rotated}");
    assert_eq!(register.at("/partners/0/client_id"), live.at("/live_client"));
    assert_eq!(register.json()["partners"][0]["purposes"].as_array().unwrap().len(), 1);
    assert_eq!(
        register.json()["partners"][0]["purposes"][0]["data"],
        json!(["profile", "vneid_number"])
    );
    let told = app.mailbox("motcua@hagiang.example").await;
    assert!(told[0].text.contains("Chấp thuận cho dịch vụ công."), "{told:?}");
}

#[tokio::test]
async fn the_production_client_gets_what_was_granted_and_nothing_beyond() {
    let (app, mut holder, mut ministry) = begin().await;
    let site = Site::open(true).await;
    let back = site.back.as_str();
    let made = ask_with(&mut holder, back).await;
    let connection = made.at("/connection");
    site.pass(&app, &mut holder, &made).await;
    let grant = json!({"decision": "grant", "answer": "Chấp thuận cho dịch vụ công.", "without-loan": "on"});
    decide(&mut ministry, &connection, &grant).await;
    let address = format!("/partners/connections/{connection}");
    let page = holder.client.get(&address).await;
    let (key, jwks) = key(7);
    let keys = json!({ "jwks": jwks.to_string(), "proof": proof(&key, &page) });
    let client = holder
        .client
        .post(&format!("{address}/keys"), &keys)
        .await
        .at("/live_client");

    let within = holder.client.get(&request(&client, back, "openid profile", &[])).await;
    let beyond = holder.client.get(&request(&client, back, "openid phone", &[])).await;
    let left_out = holder
        .client
        .get(&request(&client, back, "openid profile", &[("vneid_purpose", "loan")]))
        .await;

    assert_eq!(within.json()["reason"][1], "To file an application");
    assert_eq!(param(&beyond.location(), "error").as_deref(), Some("invalid_scope"));
    assert_eq!(param(&left_out.location(), "error").as_deref(), Some("invalid_request"));
    app.run_jobs().await;
}

#[tokio::test]
async fn keys_are_taken_only_with_a_fresh_proof_of_each_for_a_granted_connection() {
    let (app, mut holder, mut ministry) = begin().await;
    let site = Site::open(true).await;
    let made = ask_with(&mut holder, &site.back).await;
    let connection = made.at("/connection");
    site.pass(&app, &mut holder, &made).await;
    let address = format!("/partners/connections/{connection}");
    let ((good, jwks), (other, _)) = (key(7), key(8));
    let before = holder.client.get(&address).await;
    let early = json!({ "jwks": jwks.to_string(), "proof": proof(&good, &before) });
    let too_early = holder.client.post(&format!("{address}/keys"), &early).await;
    decide(
        &mut ministry,
        &connection,
        &json!({"decision": "grant", "answer": "Chấp thuận toàn bộ."}),
    )
    .await;
    let page = holder.client.get(&address).await;

    let mut refused = Vec::new();
    for wrong in [
        json!({ "jwks": jwks.to_string(), "proof": proof(&other, &page) }),
        json!({ "jwks": jwks.to_string(), "proof": "" }),
        json!({ "jwks": "{}", "proof": proof(&good, &page) }),
        json!({ "jwks": r#"{"keys":[]}"#, "proof": proof(&good, &page) }),
    ] {
        refused.push(holder.client.post(&format!("{address}/keys"), &wrong).await.status);
    }
    app.advance(SignedDuration::from_hours(2));
    let stale = json!({ "jwks": jwks.to_string(), "proof": proof(&good, &page) });
    refused.push(holder.client.post(&format!("{address}/keys"), &stale).await.status);

    assert_eq!(too_early.at("/type"), "/problems/partners-not-granted");
    assert_eq!(refused, [StatusCode::UNPROCESSABLE_ENTITY; 5]);
    assert_eq!(holder.client.get(&address).await.at("/live_client"), "null");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_request_that_the_law_does_not_allow_is_refused_by_field() {
    let (_app, mut holder, _) = begin().await;
    for (field, value, wrong) in [
        ("security_level", "2", "security_level"),
        ("kind", "company", "kind"),
        ("kind", "provider", "certificate"),
        ("email", "nobody", "email"),
        ("redirect_uris", "http://motcua.example/cb", "redirect_uris"),
        ("redirect_uris", "https://a.example/cb#x", "redirect_uris"),
        ("start", "javascript:alert(1)", "start"),
        ("purpose1", "Public Service", "purpose1"),
        ("days1", "4000", "purpose1"),
        ("purpose2", "public-service", "purpose1"),
        ("organisation", "x", "organisation"),
    ] {
        let mut fields = asked();
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let answer = holder
            .client
            .upload("/partners/connections", &fields, &[("letter", PDF)])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {answer}");
        assert_eq!(answer.at("/errors/0/field"), wrong, "{field}: {answer}");
    }
    let letter = holder
        .client
        .upload("/partners/connections", &asked(), &[("letter", b"MZ\x90")])
        .await;
    assert_eq!(letter.at("/errors/0/field"), "letter");
}

#[tokio::test]
async fn only_the_ministry_decides_and_only_the_asker_sees_the_credentials() {
    let (app, mut holder, _) = begin().await;
    let connection = ask(&mut holder).await.at("/connection");
    let mut reviewer = officer(&app, "xet", Role::Reviewer).await;
    let citizen = app.citizens().nth(1).unwrap();
    let mut other = app.holder(citizen, Level::Two).await;

    let decided = decide(
        &mut reviewer,
        &connection,
        &json!({"decision": "grant", "answer": "Chấp thuận."}),
    )
    .await;
    let letter = reviewer
        .get(&format!("/officers/connections/{connection}/letter"))
        .await;
    let seen = other.client.get(&format!("/partners/connections/{connection}")).await;
    let renewed = other
        .client
        .post(&format!("/partners/connections/{connection}/secret"), &json!({}))
        .await;

    assert_eq!(
        (decided.status, letter.status),
        (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN)
    );
    assert_eq!(
        (seen.status, renewed.status),
        (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND)
    );
}

#[tokio::test]
async fn outside_the_sandbox_trial_credentials_sign_in_the_asker_alone() {
    let app = TestApp::start_with(|config| config.sandbox = false).await;
    let mut people = app.citizens();
    let mut asker = app.holder(people.next().unwrap(), Level::Two).await;
    let mut other = app.holder(people.next().unwrap(), Level::Two).await;
    let client = ask(&mut asker).await.at("/trial_client");
    let address = request(&client, BACK, "openid profile", &[("vneid_purpose", "public-service")]);

    let own = agree(&mut asker, &address).await;
    let foreign = agree(&mut other, &address).await;

    assert!(param(&own.location(), "code").is_some(), "{own}");
    assert_eq!(foreign.at("/type"), "/problems/partners-sandbox-only");
}

pub(super) async fn agree(holder: &mut Holder, address: &str) -> Answer {
    let asked = holder.client.get(address).await;
    let agreed = json!({ "request": asked.at("/request"), "answer": "agree" });
    holder.client.post("/sso/consent", &agreed).await
}

#[tokio::test]
async fn no_production_credentials_before_the_integration_passes_the_automatic_check() {
    let (app, mut holder, mut ministry) = begin().await;
    let careless = Site::open(false).await;
    let made = ask_with(&mut holder, &careless.back).await;
    let connection = made.at("/connection");
    decide(
        &mut ministry,
        &connection,
        &json!({"decision": "grant", "answer": "Chấp thuận toàn bộ."}),
    )
    .await;
    let address = format!("/partners/connections/{connection}");
    let (key, jwks) = key(7);
    let keys = json!({ "jwks": jwks.to_string(), "proof": proof(&key, &made) });

    let before = holder.client.post(&format!("{address}/keys"), &keys).await;
    let checked = careless.pass(&app, &mut holder, &made).await;
    let after = holder.client.post(&format!("{address}/keys"), &keys).await;

    let passed: Vec<(String, bool)> = checked.json()["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["step"].as_str().unwrap().to_owned(), !step["passed_at"].is_null()))
        .collect();
    let expected = [
        ("pkce", true),
        ("state", true),
        ("nonce", true),
        ("code", true),
        ("sites", true),
        ("forged", false),
    ];
    assert_eq!(passed, expected.map(|(step, passed)| (step.to_owned(), passed)));
    assert_eq!(before.at("/type"), "/problems/partners-unchecked");
    assert_eq!(after.at("/type"), "/problems/partners-unchecked");
    app.run_jobs().await;
}

#[tokio::test]
async fn developers_read_their_own_failing_requests_in_plain_words() {
    let (app, mut holder, _) = begin().await;
    let made = ask(&mut holder).await;
    let client = made.at("/trial_client");

    exchange(
        &app,
        &client,
        "wrong",
        &[("grant_type", "authorization_code"), ("code", "x")],
    )
    .await;
    app.advance(SignedDuration::from_secs(1));
    holder
        .client
        .get(&request(&client, BACK, "openid email", &[("vneid_purpose", "loan")]))
        .await;
    app.advance(SignedDuration::from_secs(1));
    holder
        .client
        .get(&request(&client, "https://other.example/cb", "openid", &[]))
        .await;
    let address = format!("/partners/connections/{}", made.at("/connection"));
    let page = holder.client.get(&address).await;
    let read = holder.client.clone().browser().get(&address).await.text();
    app.advance(SignedDuration::from_hours(24 * 8));
    app.sign_in(&mut holder).await;
    holder
        .client
        .get(&request(&client, "https://other.example/cb", "openid", &[]))
        .await;
    let later = holder.client.get(&address).await;

    let words: Vec<String> = page.json()["failures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failure| {
            ["/word", "/endpoint"]
                .map(|at| failure.pointer(at).unwrap().as_str().unwrap().to_owned())
                .join(" ")
        })
        .collect();
    assert_eq!(
        words,
        [
            "sso-client-unknown /sso/authorize",
            "invalid_scope /sso/authorize",
            "invalid_client /sso/token"
        ]
    );
    assert!(read.contains("not registered for this purpose"), "{read}");
    assert_eq!(later.json()["failures"].as_array().unwrap().len(), 1);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_partner_is_warned_before_the_certificate_of_its_key_ends() {
    let (app, mut holder, mut ministry) = begin().await;
    let site = Site::open(true).await;
    let made = ask_with(&mut holder, &site.back).await;
    site.pass(&app, &mut holder, &made).await;
    let connection = made.at("/connection");
    decide(
        &mut ministry,
        &connection,
        &json!({"decision": "grant", "answer": "Chấp thuận toàn bộ."}),
    )
    .await;
    let address = format!("/partners/connections/{connection}");
    let (key, mut jwks) = key(7);
    let now = app.now();
    let subject = credentials::trust::make::Subject {
        name: "Cổng một cửa",
        site: "https://motcua.example",
        not_before: now,
        not_after: now + SignedDuration::from_hours(24 * 40),
    };
    let certificate = credentials::trust::make::authority(&key, &subject).unwrap();
    jwks["keys"][0]["x5c"] = json!([base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        certificate
    )]);
    let keys = json!({ "jwks": jwks.to_string(), "proof": proof(&key, &made) });

    let live = holder.client.post(&format!("{address}/keys"), &keys).await;
    app.run_jobs().await;
    app.advance(SignedDuration::from_hours(24 * 11));
    app.sign_in(&mut holder).await;
    let later = holder.client.get(&address).await;
    let told = app.mailbox("motcua@hagiang.example").await;

    assert_eq!(
        (live.at("/ends_soon"), later.at("/ends_soon")),
        ("false".into(), "true".into()),
        "{live}"
    );
    assert!(told[0].text.contains("hết hạn"), "{told:?}");
}

#[tokio::test]
async fn keys_without_a_certificate_are_to_be_replaced_after_a_year() {
    let (app, mut holder, mut ministry) = begin().await;
    let site = Site::open(true).await;
    let made = ask_with(&mut holder, &site.back).await;
    site.pass(&app, &mut holder, &made).await;
    let grant = json!({"decision": "grant", "answer": "Chấp thuận toàn bộ."});
    decide(&mut ministry, &made.at("/connection"), &grant).await;
    let address = format!("/partners/connections/{}", made.at("/connection"));
    let (key, jwks) = key(7);
    let mut keys = json!({ "jwks": jwks.to_string(), "proof": proof(&key, &made), "method": "tls_client_auth" });

    let unknown = holder.client.post(&format!("{address}/keys"), &keys).await;
    keys["method"] = json!("self_signed_tls_client_auth");
    let unheard = holder.client.post(&format!("{address}/keys"), &keys).await;
    keys["method"] = json!("private_key_jwt");
    let live = holder.client.post(&format!("{address}/keys"), &keys).await;
    app.run_jobs().await;
    app.advance(SignedDuration::from_hours(24 * 336));
    app.run_jobs().await;
    app.sign_in(&mut holder).await;
    let later = holder.client.get(&address).await;
    app.run_jobs().await;

    for refused in [unknown, unheard] {
        assert_eq!(refused.at("/errors/0/field"), "method", "{refused}");
    }
    assert_eq!(live.at("/keys_end_at"), "2027-11-23T02:00:00Z", "{live}");
    assert_eq!(
        (live.at("/ends_soon"), later.at("/ends_soon")),
        ("false".into(), "true".into())
    );
    let told = app.mailbox("motcua@hagiang.example").await;
    assert!(
        told.iter().any(|message| message.text.contains("gần một năm")),
        "{told:?}"
    );
}
