//! A journey across the capabilities, over JSON: from the QR code of a card to a portal that knows who signed in.

use ::http::{Request, StatusCode, header};
use axum::body::Body;
use crypto::base64url;
use crypto::digest::sha256;
use serde_json::{Value, json};

use crate::applications::tests::challenge;
use crate::officers::{self, Role};
use crate::testing::{Client, TestApp};

const PASSWORD: &str = "Hoa#Sen2026x";
const PASSCODE: &str = "739205";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A person of the nation with what the person holds.
struct Citizen {
    number: String,
    name: String,
    phone: String,
    qr: String,
    card: Vec<u8>,
    face: Vec<u8>,
    chip: Vec<u8>,
}

impl Citizen {
    async fn of(app: &TestApp) -> Self {
        let mut client = app.client();
        let person = app.citizen();
        let number = person.number.as_str().to_owned();
        let mut file = async |name: &str| client.get(&format!("/sandbox/people/{number}/{name}")).await.body;
        Self {
            name: person.full_name.clone(),
            phone: person.phone.as_ref().unwrap().e164(),
            qr: String::from_utf8(file("qr.txt").await).unwrap(),
            card: file("card.png").await,
            face: file("portrait.jpg").await,
            chip: file("chip.json").await,
            number,
        }
    }
}

impl Citizen {
    /// What whoever steals the database and the files beside it must not read in them.
    fn secrets(&self, app: &TestApp) -> Vec<(&'static str, Vec<u8>)> {
        let person = app.citizen();
        let face = self.face[self.face.len() / 2..][..64].to_vec();
        vec![
            ("a name", self.name.clone().into_bytes()),
            ("a personal number", self.number.clone().into_bytes()),
            ("a phone", self.phone.clone().into_bytes()),
            (
                "a phone as people write it",
                self.phone.replacen("+84", "0", 1).into_bytes(),
            ),
            ("an address", person.permanent_residence.text().into_bytes()),
            (
                "the number of an earlier card",
                person
                    .old_number
                    .clone()
                    .unwrap_or_else(|| self.number.clone())
                    .into_bytes(),
            ),
            ("a portrait", face),
            ("the code of a card", self.qr.clone().into_bytes()),
        ]
    }
}

/// The code that the last message to the phone carries.
async fn code(app: &TestApp, phone: &str) -> String {
    app.advance(jiff::SignedDuration::from_secs(1));
    let texts = app.mailbox(phone).await.into_iter().map(|message| message.text);
    let newest = texts
        .into_iter()
        .find(|text| text.contains("Khong dua ma nay"))
        .unwrap();
    newest
        .split(|letter: char| !letter.is_ascii_digit())
        .find(|word| word.len() == 6)
        .unwrap()
        .to_owned()
}

async fn register(app: &TestApp, client: &mut Client, citizen: &Citizen) {
    let draft = client
        .post(
            "/registration",
            &json!({ "number": citizen.number, "phone": citizen.phone }),
        )
        .await
        .at("/draft");
    let step = |name: &str| format!("/registration/{draft}/{name}");
    client.post(&step("card"), &json!({ "qr": citizen.qr })).await;
    client.post(&step("check"), &json!({ "terms": "yes" })).await;
    client
        .post(&step("code"), &json!({ "code": code(app, &citizen.phone).await }))
        .await;
    let done = client
        .post(&step("password"), &json!({ "password": PASSWORD, "repeat": PASSWORD }))
        .await;
    assert_eq!(done.status, StatusCode::OK, "{done}");
}

async fn officer(app: &TestApp, login: &str, role: Role) -> Client {
    let unit = if role == Role::Counter {
        "00004"
    } else {
        officers::MINISTRY
    };
    officers::appoint(app, login, "Cán bộ", role, unit, PASSWORD)
        .await
        .unwrap();
    let mut client = app.client();
    let signed_in = client
        .post("/officers/signin", &json!({ "login": login, "password": PASSWORD }))
        .await;
    assert_eq!(signed_in.status, StatusCode::OK, "{signed_in}");
    client
}

async fn approve(app: &TestApp, reviewer: &mut Client) {
    let application = reviewer.get("/officers/queue").await.at("/entries/0/id");
    let path = format!("/officers/applications/{application}");
    reviewer.post(&format!("{path}/claim"), &json!({})).await;
    let decided = reviewer
        .post(&format!("{path}/decision"), &json!({ "decision": "approve" }))
        .await;
    assert_eq!(decided.status, StatusCode::OK, "{decided}");
    app.run_jobs().await;
}

async fn activate(app: &TestApp, client: &mut Client, citizen: &Citizen, secrets: &Value) {
    let begin = json!({ "number": citizen.number, "phone": citizen.phone });
    let path = format!("/activation/{}", client.post("/activation", &begin).await.at("/id"));
    client
        .post(
            &format!("{path}/code"),
            &json!({ "code": code(app, &citizen.phone).await }),
        )
        .await;
    let done = client.post(&format!("{path}/secrets"), secrets).await;
    assert_eq!(done.at("/step"), "done", "{done}");
    app.run_jobs().await;
}

/// A portal signs the person in; answers what it is told.
async fn sign_in_elsewhere(app: &TestApp, client: &mut Client) -> Value {
    let redirect_uri = "https://portal.example/cb";
    let metadata = json!({ "client_id": "portal", "client_name": "Cổng", "redirect_uris": [redirect_uri],
        "scope": "openid profile vneid_account", "token_endpoint_auth_method": "none" });
    crate::sso::register(app, serde_json::from_value(metadata).unwrap(), None)
        .await
        .unwrap();
    let challenge = base64url::encode(sha256(VERIFIER.as_bytes()));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", "portal"),
            ("redirect_uri", redirect_uri),
        ])
        .extend_pairs([
            ("scope", "openid profile vneid_account"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ])
        .finish();
    let asked = client.get(&format!("/sso/authorize?{query}")).await;
    let sent = client
        .post(
            "/sso/consent",
            &json!({ "request": asked.at("/request"), "answer": "agree" }),
        )
        .await;
    let to = url::Url::parse(&sent.location()).unwrap();
    let code = to
        .query_pairs()
        .find(|(name, _)| name == "code")
        .unwrap()
        .1
        .into_owned();
    let grant = [
        ("grant_type", "authorization_code"),
        ("client_id", "portal"),
        ("redirect_uri", redirect_uri),
        ("code_verifier", VERIFIER),
        ("code", &code),
    ];
    let token = app.client().form("/sso/token", &grant).await.at("/access_token");
    let ask = Request::get("/sso/userinfo").header(header::AUTHORIZATION, format!("Bearer {token}"));
    app.client().send(ask, Body::empty()).await.json()
}

#[tokio::test]
async fn from_the_qr_code_of_a_card_to_a_signed_in_portal() {
    let app = TestApp::start().await;
    let citizen = Citizen::of(&app).await;
    let mut client = app.client();

    register(&app, &mut client, &citizen).await;
    let challenge = challenge(&mut client).await;
    let read = format!("/sandbox/people/{}/chip.json?challenge={challenge}", citizen.number);
    let chip = client.get(&read).await.body;
    let files = [("portrait", &citizen.face[..]), ("chip", &chip)];
    client.upload("/applications/level-1", &[], &files).await;
    client.post("/applications/level-1/submission", &json!({})).await;
    approve(&app, &mut officer(&app, "one", Role::Reviewer).await).await;
    let secrets = json!({ "passcode": PASSCODE, "passcode_again": PASSCODE, "question_1": "first-school", "answer_1": "Trường Làng",
        "question_2": "dish", "answer_2": "Canh chua" });
    activate(&app, &mut client, &citizen, &secrets).await;
    assert_eq!(client.get("/account").await.at("/level"), "1");

    let mut counter = officer(&app, "counter", Role::Counter).await;
    let found = counter
        .upload("/counter", &[("phone", &citizen.phone)], &[("picture", &citizen.card)])
        .await
        .at("/id");
    let prints = [
        ("left-print", &citizen.face[..]),
        ("right-print", &citizen.face),
        ("portrait", &citizen.face),
        ("chip", &citizen.chip),
    ];
    counter.upload(&format!("/counter/{found}"), &[], &prints).await;
    counter.post(&format!("/counter/{found}/submission"), &json!({})).await;
    approve(&app, &mut officer(&app, "other", Role::Reviewer).await).await;
    activate(&app, &mut client, &citizen, &json!({ "passcode": PASSCODE })).await;

    let card = client.post("/eid", &json!({ "passcode": PASSCODE })).await;
    assert_eq!(card.at("/full_name"), citizen.name);
    let told = sign_in_elsewhere(&app, &mut client).await;
    assert_eq!(
        (&told["name"], &told["vneid_account_level"]),
        (&json!(citizen.name), &json!(2))
    );
    let history = client.get("/account/history").await.json();
    let seen: Vec<&str> = history["looks"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|look| look["purpose"].as_str())
        .collect();
    assert!(
        ["review", "enrolment", "sign-in-elsewhere"]
            .iter()
            .all(|purpose| seen.contains(purpose)),
        "{seen:?}"
    );

    crate::testing::dump::shows_none_of(&app, &citizen.secrets(&app)).await;
}
