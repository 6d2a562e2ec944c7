use ::http::StatusCode;
use jiff::SignedDuration;
use nation::sources::{Fault, Source as Database, Twist};
use serde_json::json;

use crate::applications::tests::{PASSCODE, citizen};
use crate::registries::{self, HealthInsurance, Vehicles};
use crate::testing::{Client, TestApp};

pub(crate) use super::dependants::tests::mother;

/// A grown-up who has a licence, a vehicle and an insurance card.
pub(crate) async fn adult(app: &TestApp) -> nation::Person {
    for person in app.citizens().filter(|person| person.age(app.clock.today()) >= 24) {
        let subject = registries::Subject {
            number: person.number.clone(),
            full_name: person.full_name.clone(),
            date_of_birth: person.date_of_birth,
        };
        let licence = registries::licence(app, &person.number, "test").await.unwrap();
        let vehicles = registries::record::<Vehicles>(app, &subject, "test").await.unwrap();
        let insurance = registries::record::<HealthInsurance>(app, &subject, "test")
            .await
            .unwrap();
        if licence.is_some() && vehicles.is_some() && insurance.is_some() {
            return person;
        }
    }
    panic!("nobody has all papers");
}

pub(crate) async fn opened(app: &TestApp, person: &nation::Person) -> Client {
    let mut client = citizen(app, person, 2).await;
    let answer = client.post("/documents", &json!({ "passcode": PASSCODE })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    client
}

fn paper<'a>(answer: &'a serde_json::Value, kind: &str) -> &'a serde_json::Value {
    let papers = answer["papers"].as_array().unwrap();
    papers.iter().find(|paper| paper["kind"] == kind).unwrap()
}

#[tokio::test]
async fn all_papers_are_on_one_page_each_with_its_source_and_its_time() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;

    let answer = client.get("/documents").await.json();

    for kind in [
        "personal",
        "id-cards",
        "residence",
        "driving-licence",
        "vehicles",
        "health-insurance",
        "health-book",
    ] {
        let paper = paper(&answer, kind);
        assert_eq!(paper["state"], "here", "{paper}");
        assert_eq!(paper["provenance"]["fresh"], true, "{paper}");
        assert_eq!(paper["provenance"]["as_of"], "2026-11-23T02:00:00Z");
    }
    let page = client.clone().browser().get("/documents").await;
    assert!(page.text().contains("paper-vehicles"), "{}", page.text());
}

#[tokio::test]
async fn every_paper_has_a_page_of_its_own() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let client = opened(&app, &person).await;

    for kind in super::rules::Kind::ALL {
        let page = client
            .clone()
            .browser()
            .get(&format!("/documents/{}", kind.word()))
            .await;

        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        assert!(!page.text().contains("documents-"), "{}: {}", kind.word(), page.text());
    }
}

#[tokio::test]
async fn the_wallet_opens_by_the_passcode_and_closes_by_itself() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await;

    let closed = client.get("/documents").await;
    let wrong = client.post("/documents", &json!({ "passcode": "000999" })).await;
    let right = client.post("/documents", &json!({ "passcode": PASSCODE })).await;
    let still_open = client.get("/documents/residence").await;
    app.advance(SignedDuration::from_mins(11));
    let over = client.get("/documents/residence").await;
    let refused = client.post("/documents/vehicles/removal", &json!({})).await;

    assert_eq!(closed.at("/open"), "false");
    assert_eq!(wrong.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(
        (right.at("/open"), still_open.at("/open")),
        ("true".to_owned(), "true".to_owned())
    );
    assert_eq!(over.at("/open"), "false");
    assert!(!over.text().contains(person.number.as_str()));
    assert_eq!(refused.at("/type"), "/problems/documents-closed");
}

#[tokio::test]
async fn with_two_sources_down_the_rest_shows_and_what_was_kept_says_from_when() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    opened(&app, &person).await;
    let down = Fault {
        down: true,
        ..Fault::default()
    };
    app.faults().set(Database::Vehicle, down);
    app.faults().set(Database::Passport, down);

    app.advance(SignedDuration::from_hours(26));
    let mut client = opened(&app, &person).await;
    let answer = client.get("/documents").await.json();

    let vehicles = paper(&answer, "vehicles");
    assert_eq!(vehicles["state"], "here");
    assert_eq!(vehicles["provenance"]["fresh"], false);
    assert_eq!(vehicles["provenance"]["as_of"], "2026-11-23T02:00:00Z");
    assert_eq!(paper(&answer, "residence")["provenance"]["fresh"], true);
    let page = client.clone().browser().get("/documents/vehicles").await;
    assert!(page.text().contains("09:00 23/11/2026"), "{}", page.text());
}

#[tokio::test]
async fn a_paper_of_somebody_else_is_never_shown() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = citizen(&app, &person, 2).await;
    app.faults().set(
        Database::Residence,
        Fault {
            twist: Some(Twist::OtherPerson),
            ..Fault::default()
        },
    );

    let answer = client.post("/documents", &json!({ "passcode": PASSCODE })).await;

    assert_eq!(paper(&answer.json(), "residence")["state"], "silent");
    assert!(!answer.text().contains("Trần Văn Khác"));
}

#[tokio::test]
async fn each_opening_and_each_answer_of_a_source_is_in_the_history() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;

    let history = client.get("/account/history").await.text();

    assert!(history.contains("Cơ sở dữ liệu hộ tịch điện tử"), "{history}");
    assert!(history.contains("holder"), "{history}");
}

#[tokio::test]
async fn a_paper_is_taken_out_and_put_back_by_its_holder() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;

    client.post("/documents/vehicles/removal", &json!({})).await;
    let without = client.get("/documents").await.json();
    client.post("/documents/vehicles/return", &json!({})).await;
    let with = client.get("/documents").await.json();
    let kept = client.post("/documents/personal/removal", &json!({})).await;

    assert_eq!(paper(&without, "vehicles")["state"], "removed");
    assert_eq!(paper(&with, "vehicles")["state"], "here");
    assert_eq!(kept.at("/type"), "/problems/documents-not-removable");
}

#[tokio::test]
async fn level_1_sees_the_personal_data_alone() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 1).await;

    let answer = client.post("/documents", &json!({ "passcode": PASSCODE })).await;
    let refused = client.get("/documents/vehicles").await;

    let papers = answer.json();
    assert_eq!(papers["papers"].as_array().unwrap().len(), 1, "{papers}");
    assert_eq!(refused.at("/type"), "/problems/documents-level-needed");
}

#[tokio::test]
async fn a_licence_that_is_taken_is_known_here_at_once_and_told_once() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;
    let phone = person.phone.as_ref().unwrap().e164();
    let before = app.mailbox(&phone).await.len();

    let fate = nation::sources::Fate {
        licence: Some((nation::licence::LicenceState::Revoked, app.clock.today())),
        ..nation::sources::Fate::default()
    };
    app.faults().fates().set(person.number.as_str(), fate);
    let (one, other) = tokio::join!(registries::read_all(&app), registries::read_all(&app));
    let told = app.mailbox(&phone).await;
    let again = registries::read_all(&app).await;
    let licence = client.get("/documents/driving-licence").await.json();

    assert!(one + other >= 1 && again == 0, "{one} {other} {again}");
    assert_eq!(told.len(), before + 1, "{told:?}");
    assert_eq!(licence["content"]["badge"]["state"], "withdrawn-right", "{licence}");
    assert_eq!(app.mailbox(&phone).await.len(), before + 1);
}

#[tokio::test]
async fn a_licence_in_two_registers_says_which_is_believed_and_where_they_differ() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let fate = nation::sources::Fate {
        licence_in_two: true,
        ..nation::sources::Fate::default()
    };
    app.faults().fates().set(person.number.as_str(), fate);
    registries::read_all(&app).await;
    app.run_jobs().await;
    let mut client = opened(&app, &person).await;

    let licence = client.get("/documents/driving-licence").await.json();
    let page = client.clone().browser().get("/documents/driving-licence").await;
    let history = client.get("/account/history").await.text();

    assert_eq!(licence["provenance"]["source"], "driving-licence", "{licence}");
    assert_eq!(licence["content"]["remark"]["word"], "two-differ", "{licence}");
    let fields = licence["content"]["remark"]["fields"].as_array().unwrap();
    assert!(fields.contains(&json!("issued-by")), "{fields:?}");
    assert!(
        page.text()
            .contains("The authority that issues licences now is believed")
    );
    assert!(
        !page.text().contains("Sở Giao thông vận tải"),
        "the other register's data are not shown"
    );
    assert!(
        history.contains("Dữ liệu giấy phép lái xe cũ"),
        "it was asked, and that is in the history"
    );
}

#[tokio::test]
async fn after_a_move_the_card_says_the_new_address_and_wallets_have_to_fetch_it_anew() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;
    let fate = nation::sources::Fate {
        moved_on: Some(app.clock.today()),
        ..nation::sources::Fate::default()
    };

    let before = client.post("/eid", &json!({ "passcode": PASSCODE })).await;
    app.faults().fates().set(person.number.as_str(), fate);
    registries::read_all(&app).await;
    app.run_jobs().await;
    let after = client.post("/eid", &json!({ "passcode": PASSCODE })).await;

    assert!(!before.at("/residence").contains("Tre Xanh"), "{before}");
    assert!(after.at("/residence").contains("Tre Xanh"), "{after}");
    assert_eq!(after.at("/issued_at"), before.at("/issued_at"), "it is the same card");
}
