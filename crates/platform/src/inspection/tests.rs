use std::path::Path;

use ::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credentials::identity_qr::Pass;
use crypto::sign::{Algorithm, SoftKey};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::applications::tests::{citizen, officer};
use crate::issuance::{self, Standing};
use crate::officers::Role;
use crate::shell::ids::PersonId;
use crate::testing::app_wallet::AppWallet;
use crate::testing::wallet::card_holder;
use crate::testing::{Answer, Client, TestApp};

const SECOND: SignedDuration = SignedDuration::from_secs(1);

fn device() -> SoftKey {
    SoftKey::from_seed(Algorithm::Es256, &[5; 32]).unwrap()
}

/// A citizen with the card in a wallet.
struct Holder {
    client: Client,
    person: PersonId,
    pass: Pass,
    number: String,
    full_name: String,
}

impl Holder {
    async fn new(app: &TestApp) -> Self {
        let wallet = AppWallet::new(5);
        let mut them = card_holder(app).await;
        wallet.bind(app, &mut them).await;
        wallet.take(app, &mut them).await;
        let pass = wallet.pass(app, &mut them).await.at("/pass");
        let pass = Pass::parse(&STANDARD.decode(pass).unwrap()).unwrap();
        app.run_jobs().await;
        Self {
            client: them.client,
            person: them.person,
            pass,
            number: them.citizen.number.as_str().to_owned(),
            full_name: them.citizen.full_name,
        }
    }

    fn code(&self, at: Timestamp) -> String {
        self.pass.show(&device(), at, None).unwrap()
    }

    async fn purposes(&mut self) -> Vec<String> {
        let history = self.client.get("/account/history").await.json();
        let looks = history["looks"].as_array().unwrap();
        looks
            .iter()
            .map(|look| look["purpose"].as_str().unwrap().to_owned())
            .collect()
    }
}

async fn inspect(inspector: &mut Client, code: &str, purpose: &str) -> Answer {
    inspector
        .post("/inspection", &json!({ "code": code, "purpose": purpose }))
        .await
}

async fn set(app: &TestApp, holder: &Holder, standing: Standing) {
    let (person, now) = (holder.person, app.now());
    app.db
        .write(move |tx| issuance::set_status(tx, &person, standing, now))
        .await
        .unwrap();
    app.advance(SECOND * 1);
}

#[tokio::test]
async fn an_inspector_sees_what_the_purpose_may_see_and_the_citizen_sees_the_inspection() {
    let app = TestApp::start().await;
    let mut holder = Holder::new(&app).await;
    let mut inspector = officer(&app, "kiemtra", Role::Inspector).await;

    let traffic = inspect(&mut inspector, &holder.code(app.now()), "traffic").await;
    let police = inspect(&mut inspector, &holder.code(app.now()), "police").await;

    assert_eq!(traffic.at("/outcome"), "accept", "{traffic}");
    assert_eq!(traffic.at("/holder/full_name"), holder.full_name);
    assert!(traffic.at("/holder/portrait").starts_with("data:image/jpeg"));
    let told: Vec<_> = traffic.json()["holder"].as_object().unwrap().keys().cloned().collect();
    assert!(
        !told.iter().any(|name| name == "address" || name == "nationality"),
        "{told:?}"
    );
    assert!(told.iter().any(|name| name == "licence"), "{told:?}");
    assert!(police.json()["holder"]["address"].is_string());
    assert!(police.json()["holder"].get("licence").is_none());
    let seen = holder.purposes().await;
    assert!(
        seen.contains(&"inspection-traffic".to_owned()) && seen.contains(&"inspection-police".to_owned()),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_locked_card_is_amber_with_nothing_but_who_it_is_and_green_again_when_unlocked() {
    let app = TestApp::start().await;
    let holder = Holder::new(&app).await;
    let mut inspector = officer(&app, "kiemtra", Role::Inspector).await;

    set(&app, &holder, Standing::Suspended).await;
    let locked = inspect(&mut inspector, &holder.code(app.now()), "police").await;
    set(&app, &holder, Standing::Valid).await;
    let unlocked = inspect(&mut inspector, &holder.code(app.now()), "police").await;

    assert_eq!(locked.at("/outcome"), "caution");
    assert_eq!(locked.at("/reasons/0/code"), "status/locked");
    let told: Vec<_> = locked.json()["holder"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(told, ["number", "full_name"]);
    assert_eq!(unlocked.at("/outcome"), "accept", "{unlocked}");
}

#[tokio::test]
async fn of_what_is_refused_nothing_is_shown() {
    let app = TestApp::start().await;
    let mut holder = Holder::new(&app).await;
    let mut inspector = officer(&app, "kiemtra", Role::Inspector).await;
    let stranger = SoftKey::from_seed(Algorithm::Es256, &[6; 32]).unwrap();
    let code = holder.code(app.now());
    let before = holder.purposes().await.len();
    let challenged = holder.pass.show(&device(), app.now(), Some(b"402817")).unwrap();

    for (code, reason) in [
        (holder.code(app.now() - SECOND * 61), "credential/proof-too-old"),
        (holder.code(app.now() + SECOND * 180), "credential/proof-from-future"),
        (
            holder.pass.show(&stranger, app.now(), None).unwrap(),
            "credential/proof-signature",
        ),
        (challenged.clone(), "credential/other-challenge"),
        (code[..300].to_owned(), "credential/not-compressed"),
        ("0".repeat(5000), "credential/too-long"),
        ("abc".to_owned(), "credential/not-base45"),
    ] {
        let answer = inspect(&mut inspector, &code, "police").await;
        assert_eq!(answer.at("/outcome"), "reject", "{reason}: {answer}");
        assert_eq!(answer.at("/reasons/0/code"), reason);
        assert_eq!(answer.json()["holder"], Value::Null);
        assert!(!answer.text().contains(&holder.full_name) && !answer.text().contains(&holder.number));
    }
    let given = json!({ "code": challenged, "purpose": "police", "challenge": "402817" });
    assert_eq!(inspector.post("/inspection", &given).await.at("/outcome"), "accept");
    assert_eq!(
        holder.purposes().await.len(),
        before + 1,
        "only what showed somebody is recorded"
    );
}

#[tokio::test]
async fn who_is_no_inspector_and_other_purposes_are_refused() {
    let app = TestApp::start().await;
    let mut holder = Holder::new(&app).await;
    let mut inspector = officer(&app, "kiemtra", Role::Inspector).await;
    let code = holder.code(app.now());

    let nobody = inspect(&mut app.client(), &code, "police").await;
    let citizen = inspect(&mut holder.client, &code, "police").await;
    let hotel = inspect(&mut inspector, &code, "hotel").await;
    let empty = inspect(&mut inspector, " ", "police").await;
    let card = inspect(
        &mut inspector,
        "001199000001||Trần Thị An|15011999|Nữ|Số 1, Hà Nội|20072022",
        "police",
    )
    .await;
    let page = app.client().get("/inspection").await;

    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert_eq!(citizen.at("/type"), "/problems/inspection-not-an-inspector");
    assert_eq!(hotel.at("/type"), "/problems/inspection-other-purpose");
    assert_eq!(empty.at("/errors/0/field"), "code");
    assert_eq!(card.at("/type"), "/problems/inspection-card-code");
    assert_eq!(page.at("/purposes"), "[]");
}

#[tokio::test]
async fn an_inspection_made_without_network_is_recorded_once() {
    let app = TestApp::start().await;
    let mut holder = Holder::new(&app).await;
    let mut inspector = officer(&app, "kiemtra", Role::Inspector).await;
    let (at, code) = (app.now(), holder.code(app.now()));
    app.advance(SignedDuration::from_hours(5));
    let forged = json!({ "code": code, "purpose": "police", "at": app.now().as_second() });
    let made = json!({ "code": code, "purpose": "police", "at": at.as_second() });

    let first = inspector
        .post("/inspection/reports", &json!({ "inspections": [made, forged] }))
        .await;
    let again = inspector
        .post("/inspection/reports", &json!({ "inspections": [made] }))
        .await;
    let many = json!({ "inspections": vec![made; 101] });
    let too_many = inspector.post("/inspection/reports", &many).await;

    assert_eq!(first.at("/recorded"), "1", "{first}");
    assert_eq!(again.at("/recorded"), "0");
    assert_eq!(too_many.status, StatusCode::PAYLOAD_TOO_LARGE);
    let history = holder.client.get("/account/history").await.json();
    let look = history["looks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|look| look["purpose"] == "inspection-police");
    assert!(look.unwrap()["what"].as_array().unwrap().contains(&json!("offline")));
}

#[tokio::test]
async fn an_organisations_inspector_checks_for_its_purpose_until_taken_away() {
    let app = TestApp::start().await;
    let holder = Holder::new(&app).await;
    let receptionist = app.citizens().nth(1).unwrap();
    let mut clerk = citizen(&app, &receptionist, 2).await;
    app.run_jobs().await;
    let mut administrator = officer(&app, "quantri", Role::Administrator).await;
    let hotel = json!({ "name": "Khách sạn Hoa Sen", "purpose": "hotel" });

    let made = administrator.post("/inspection/organisations", &hotel).await;
    let twice = administrator.post("/inspection/organisations", &hotel).await;
    let police = json!({ "name": "Công an", "purpose": "police" });
    let not_theirs = administrator.post("/inspection/organisations", &police).await;
    let place = format!(
        "/inspection/organisations/{}/inspectors",
        made.at("/organisations/0/id")
    );
    let number = receptionist.number.as_str();
    let named = administrator.post(&place, &json!({ "number": number })).await;
    let checked = inspect(&mut clerk, &holder.code(app.now()), "").await;
    administrator
        .post(&place, &json!({ "number": number, "remove": "yes" }))
        .await;
    let after = inspect(&mut clerk, &holder.code(app.now()), "").await;

    assert_eq!(twice.at("/type"), "/problems/inspection-name-taken");
    assert_eq!(not_theirs.at("/errors/0/field"), "purpose");
    assert_eq!(named.at("/organisations/0/inspectors"), "1");
    assert_eq!(checked.at("/outcome"), "accept", "{checked}");
    assert_eq!(checked.at("/purpose"), "hotel");
    assert!(checked.json()["holder"].get("licence").is_none());
    assert_eq!(after.at("/type"), "/problems/inspection-not-an-inspector");
}

#[tokio::test]
async fn the_page_and_all_its_files_are_kept_for_when_there_is_no_network() {
    let app = TestApp::start().await;
    let mut client = app.client();

    for (page, count) in [("/inspection", 15), ("/wallet", 15)] {
        let worker = client.get(&format!("{page}/worker.js")).await;
        let manifest = client.get(&format!("{page}/manifest.webmanifest")).await;

        assert_eq!(worker.headers["service-worker-allowed"], page);
        assert_eq!(manifest.at("/start_url"), page);
        let text = worker.text();
        let files = text
            .lines()
            .nth(1)
            .unwrap()
            .trim_start_matches("const FILES = ")
            .trim_end_matches(';');
        let files: Vec<String> = serde_json::from_str(files).unwrap();
        assert!(files.len() > count);
        for file in &files {
            assert_eq!(client.get(file).await.status, StatusCode::OK, "{file}");
        }
        // Whatever a kept script imports is kept too.
        for file in files
            .iter()
            .filter(|file| Path::new(file).extension().is_some_and(|kind| kind == "js"))
        {
            let script = client.get(file).await.text();
            for import in script
                .lines()
                .filter_map(|line| line.strip_prefix("import ")?.split('"').nth(1))
            {
                let at = url::Url::parse("http://x")
                    .unwrap()
                    .join(file)
                    .unwrap()
                    .join(import)
                    .unwrap();
                assert!(
                    files.contains(&at.path().to_owned()),
                    "{file} imports {import}, which is not kept"
                );
            }
        }
    }
}

/// Somebody whom an organisation has named to check for a purpose.
pub(super) async fn named_by(app: &TestApp, at: usize, purpose: &str) -> Client {
    let person = app.citizens().nth(at).unwrap();
    let member = citizen(app, &person, 2).await;
    let mut administrator = officer(app, &format!("quantri{at}"), Role::Administrator).await;
    let name = format!("Tổ chức {purpose}");
    let made = administrator
        .post(
            "/inspection/organisations",
            &json!({ "name": name, "purpose": purpose }),
        )
        .await
        .json();
    let made = made["organisations"].as_array().unwrap();
    let id = made.iter().find(|one| one["name"] == name.as_str()).unwrap()["id"]
        .as_str()
        .unwrap();
    let place = format!("/inspection/organisations/{id}/inspectors");
    administrator
        .post(&place, &json!({ "number": person.number.as_str() }))
        .await;
    app.run_jobs().await;
    member
}

#[tokio::test]
async fn the_road_the_hospital_the_hotel_and_the_gate_see_exactly_their_fields() {
    let app = TestApp::start().await;
    let mut holder = Holder::new(&app).await;
    let mut checkers = vec![("traffic", officer(&app, "kiemtra", Role::Inspector).await)];
    for (at, purpose) in [(11, "hospital"), (12, "hotel"), (13, "airport")] {
        checkers.push((purpose, named_by(&app, at, purpose).await));
    }

    let mut seen = Vec::new();
    for (purpose, checker) in &mut checkers {
        let finding = inspect(checker, &holder.code(app.now()), purpose).await.json();
        let told = finding["holder"].as_object().unwrap();
        let papers = told
            .get("papers")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let kinds: Vec<String> = papers
            .iter()
            .map(|paper| paper["kind"].as_str().unwrap().to_owned())
            .collect();
        let fields = told
            .keys()
            .filter(|name| *name != "papers")
            .cloned()
            .collect::<Vec<_>>();
        let all = [fields, kinds].concat();
        seen.push(format!("{purpose}: {}", all.join(" ")));
    }

    insta::assert_snapshot!(seen.join("\n"), @r"
    traffic: portrait number full_name date_of_birth licence vehicles
    hospital: portrait number full_name date_of_birth sex address health-insurance health-book
    hotel: portrait number full_name date_of_birth sex nationality address
    airport: portrait number full_name date_of_birth sex nationality
    ");
    let purposes = holder.purposes().await;
    for purpose in ["traffic", "hospital", "hotel", "airport"] {
        assert!(purposes.contains(&format!("inspection-{purpose}")), "{purposes:?}");
    }
}
