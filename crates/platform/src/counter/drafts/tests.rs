use ::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::base64url;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use nation::Person;
use serde_json::{Value, json};

use crate::applications::tests::{OFFICERS_PASSWORD, face, officer};
use crate::officers::Role;
use crate::testing::{Answer, Client, TestApp};

/// A counter's device with its officer, and somebody who has come.
struct Desk {
    app: TestApp,
    person: Person,
    counter: Client,
    officer: String,
    key: SoftKey,
}

impl Desk {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
        let key = SoftKey::from_seed(Algorithm::Es256, &[5; 32]).unwrap();
        let shown = counter.get("/counter/desk").await;
        Self {
            person: app.citizen(),
            officer: shown.at("/officer"),
            app,
            counter,
            key,
        }
    }

    fn jwk(&self) -> Value {
        let jwk = serde_json::to_value(self.key.public()).unwrap();
        json!({ "kty": jwk["kty"], "crv": jwk["crv"], "x": jwk["x"], "y": jwk["y"] })
    }

    async fn make_known(&mut self) {
        let answer = self
            .counter
            .post("/counter/devices", &json!({ "key": self.jwk() }))
            .await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer}");
    }

    fn packet(&self, draft: u8) -> Value {
        let card = self.person.valid_card(self.app.clock.today()).unwrap();
        let file = |bytes: &[u8]| json!({ "base64": STANDARD.encode(bytes) });
        let print = |finger| file(&nation::picture::fingerprint_png(&self.person, finger).unwrap());
        json!({
            "draft": format!("{draft:032x}"),
            "officer": self.officer,
            "taken_at": "2026-11-23T01:30:00.123Z",
            "form": {
                "qr": card.qr(&self.person).unwrap().to_text(),
                "phone": self.person.phone.as_ref().unwrap().national(),
                "email": "",
                "driving-licence": true,
                "birth-certificate": false,
                "portrait": file(&face(&self.app, &self.person)),
                "left-print": print(7),
                "right-print": print(2),
                "chip": file(&self.app.chip(&self.person)),
            },
        })
    }

    fn signed(&self, packet: &Value) -> Value {
        let packet = packet.to_string();
        let signature = base64url::encode(self.key.sign(packet.as_bytes()).unwrap());
        json!({ "packet": packet, "signature": signature, "key": self.jwk() })
    }

    async fn hand_in(&mut self, packet: &Value) -> Answer {
        let body = self.signed(packet);
        self.counter.post("/counter/drafts", &body).await
    }
}

#[tokio::test]
async fn a_draft_becomes_an_application_with_its_receipt() {
    let mut desk = Desk::new().await;
    desk.make_known().await;

    let packet = desk.packet(1);
    let received = desk.hand_in(&packet).await;
    let again = desk.hand_in(&packet).await;
    desk.app.run_jobs().await;
    let receipt = desk
        .counter
        .get(&format!("/counter/{}/receipt", received.at("/id")))
        .await;

    assert_eq!(received.status, StatusCode::OK, "{received}");
    assert_eq!(received.at("/state"), "submitted");
    assert_eq!(received.at("/originals/0"), "driving-licence");
    assert_eq!(again.at("/number"), received.at("/number"));
    assert_eq!(receipt.at("/code"), received.at("/code"));
}

#[tokio::test]
async fn a_draft_handed_in_many_times_at_once_is_one_application() {
    let mut desk = Desk::new().await;
    desk.make_known().await;
    let packet = desk.packet(1);
    let body = desk.signed(&packet);
    let clients: Vec<Client> = (0..6).map(|_| desk.counter.clone()).collect();

    let mut sending = tokio::task::JoinSet::new();
    for mut client in clients {
        let body = body.clone();
        sending.spawn(async move { client.post("/counter/drafts", &body).await });
    }
    let answers = sending.join_all().await;
    let last = desk.hand_in(&packet).await;
    desk.app.run_jobs().await;

    let numbers: std::collections::BTreeSet<String> = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::OK)
        .map(|answer| answer.at("/number"))
        .collect();
    assert_eq!(last.status, StatusCode::OK, "{last}");
    assert_eq!(
        numbers.len(),
        1,
        "{answers:?}",
        answers = answers.iter().map(Answer::text).collect::<Vec<_>>()
    );
    assert!(
        answers
            .iter()
            .all(|answer| answer.status != StatusCode::INTERNAL_SERVER_ERROR)
    );
    assert_eq!(numbers.first(), Some(&last.at("/number")));
}

#[tokio::test]
async fn a_draft_is_what_the_officers_device_signed() {
    let mut desk = Desk::new().await;
    let unknown = desk.hand_in(&desk.packet(1)).await;
    desk.make_known().await;
    let mut changed = desk.signed(&desk.packet(1));
    changed["packet"] = changed["packet"]
        .as_str()
        .unwrap()
        .replace("driving-licence", "birth-licence")
        .into();
    let changed = desk.counter.post("/counter/drafts", &changed).await;
    let mut others = desk.packet(1);
    others["officer"] = "0".repeat(32).into();
    let others = desk.hand_in(&others).await;
    let form = desk.hand_in(&json!({ "draft": 5 })).await;
    let mut by_other = officer(&desk.app, "tiepnhan2", Role::Counter).await;
    let by_other = by_other.post("/counter/drafts", &desk.signed(&desk.packet(1))).await;

    assert_eq!(unknown.at("/type"), "/problems/counter-device-unknown");
    assert_eq!(changed.at("/type"), "/problems/counter-draft-unsigned");
    assert_eq!(others.at("/type"), "/problems/counter-draft-other-officer");
    assert_eq!(form.at("/type"), "/problems/counter-draft-form");
    assert_eq!(by_other.at("/type"), "/problems/counter-device-unknown");
}

#[tokio::test]
async fn another_draft_under_the_same_name_is_refused() {
    let mut desk = Desk::new().await;
    desk.make_known().await;
    let first = desk.hand_in(&desk.packet(1)).await;
    let mut other = desk.packet(1);
    other["form"]["email"] = "khac@thu.example".into();

    let refused = desk.hand_in(&other).await;
    desk.app.run_jobs().await;

    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(refused.at("/type"), "/problems/counter-draft-changed");
}

#[tokio::test]
async fn a_conflict_is_explained_and_what_is_wrong_is_told_by_field() {
    let mut desk = Desk::new().await;
    desk.make_known().await;
    desk.hand_in(&desk.packet(1)).await;
    desk.app.run_jobs().await;

    let conflict = desk.hand_in(&desk.packet(2)).await;
    let mut wrong = desk.packet(3);
    wrong["form"]["phone"] = "12".into();
    let wrong = desk.hand_in(&wrong).await;

    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert_eq!(conflict.at("/type"), "/problems/applications-open-already");
    assert!(!conflict.at("/title").is_empty());
    assert_eq!(wrong.at("/errors/0/field"), "phone");
}

#[tokio::test]
async fn an_officer_whose_session_ended_signs_in_again_and_hands_in_the_same_draft() {
    let mut desk = Desk::new().await;
    desk.make_known().await;
    let packet = desk.packet(1);
    desk.app.advance(jiff::SignedDuration::from_hours(13));
    let ended = desk.hand_in(&packet).await;
    let mut client = desk.app.client();
    let body = json!({ "login": "tiepnhan", "password": OFFICERS_PASSWORD });
    client.post("/officers/signin", &body).await;
    desk.counter = client;

    let received = desk.hand_in(&packet).await;
    desk.app.run_jobs().await;

    assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
    assert_eq!(received.at("/state"), "submitted", "{received}");
}

#[tokio::test]
async fn the_desk_holds_nobodys_data_and_its_worker_is_a_script() {
    let desk = Desk::new().await;
    let mut browser = desk.counter.clone().browser();

    let page = browser.get("/counter/desk").await;
    let worker = browser.get("/counter/worker.js").await;

    assert!(page.text().contains(r#"id="desk-form""#));
    assert!(!page.text().contains(&desk.person.full_name));
    assert!(
        worker.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/javascript")
    );
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("connect-src 'self' http://127.0.0.1:17800"), "{policy}");
}
