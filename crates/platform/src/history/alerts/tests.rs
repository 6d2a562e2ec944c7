use ::http::StatusCode;
use jiff::SignedDuration;
use serde_json::json;

use crate::applications::tests::{citizen, officer};
use crate::history::{self, Look, Purpose, Who};
use crate::officers::Role;
use crate::shell::ids::PersonId;
use crate::testing::{Client, TestApp};

async fn look(app: &TestApp, person: PersonId, name: &str) {
    let look = Look::now(app, person, &Who::Officer(name.to_owned()), Purpose::Review, "card");
    app.db.write(move |tx| history::record(tx, &look)).await.unwrap();
}

async fn patterns(inspector: &mut Client) -> Vec<(String, i64)> {
    let alerts = inspector.get("/officers/alerts").await.json()["alerts"].clone();
    let alerts = alerts.as_array().unwrap().iter();
    alerts
        .map(|alert| {
            (
                alert["pattern"].as_str().unwrap().to_owned(),
                alert["looks"].as_i64().unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn very_many_people_in_an_hour_raise_one_alert_that_counts_on_until_it_is_settled() {
    let app = TestApp::start().await;
    let mut inspector = officer(&app, "thanhtra", Role::Inspector).await;
    for _ in 0..103 {
        look(&app, PersonId::draw(&app.chance), "Lê Văn Cường").await;
    }

    let raised = patterns(&mut inspector).await;
    let id = inspector.get("/officers/alerts").await.at("/alerts/0/alert");
    let shown = inspector.get(&format!("/officers/alerts/{id}")).await;
    let faulty = inspector.post(&format!("/officers/alerts/{id}"), &json!({})).await;
    let verdict = json!({ "verdict": "pursued", "remark": "chuyển thanh tra" });
    let settled = inspector.post(&format!("/officers/alerts/{id}"), &verdict).await;
    let twice = inspector.post(&format!("/officers/alerts/{id}"), &verdict).await;

    assert_eq!(raised, [("bulk".to_owned(), 103)]);
    assert_eq!(shown.at("/who"), "Lê Văn Cường");
    assert_eq!(shown.json()["looks"].as_array().unwrap().len(), 103);
    assert_eq!(faulty.at("/errors/0/field"), "verdict");
    assert_eq!(settled.at("/verdict"), "pursued", "{settled}");
    assert_eq!(twice.at("/type"), "/problems/history-settled-already");
    assert_eq!(patterns(&mut inspector).await, []);
}

#[tokio::test]
async fn a_person_at_whom_many_look_and_one_who_is_looked_at_again_and_again_raise_alerts() {
    let app = TestApp::start().await;
    let (known_to_all, other) = (PersonId::draw(&app.chance), PersonId::draw(&app.chance));
    for at in 0..8 {
        look(&app, known_to_all, &format!("Cán bộ {at}")).await;
    }
    for _ in 0..4 {
        look(&app, other, "Lê Văn Cường").await;
        app.advance(SignedDuration::from_hours(24));
    }
    let mut inspector = officer(&app, "thanhtra", Role::Inspector).await;

    let raised = patterns(&mut inspector).await;

    assert_eq!(raised, [("crowd".to_owned(), 8), ("returning".to_owned(), 4)]);
}

#[tokio::test]
async fn a_look_at_kin_a_neighbour_or_a_former_spouse_raises_an_alert() {
    let app = TestApp::start().await;
    let today = app.clock.today();
    let people = || (0..app.nation().people()).filter_map(|index| app.nation().person(index));
    let of_age = |person: &nation::Person| crate::sandbox::people::can_register(person, today);
    let (own, kin) = people()
        .filter(of_age)
        .find_map(|person| {
            let mut relatives = person.relations.iter().filter_map(|kin| app.nation().person(kin.index));
            let kin = relatives.find(of_age)?;
            Some((person.clone(), kin))
        })
        .unwrap();
    citizen(&app, &kin, 2).await;
    let mut inspector = officer(&app, "thanhtra", Role::Inspector).await;
    officer(&app, "xetduyet", Role::Reviewer).await;

    let faulty = inspector
        .post("/officers/alerts/ties", &json!({ "login": "nobody" }))
        .await;
    let form = json!({ "login": "xetduyet", "number": own.number.as_str(), "tie": "self" });
    let tied = inspector.post("/officers/alerts/ties", &form).await;
    let (vault, number) = (app.vault.clone(), kin.number.clone());
    let person = app
        .db
        .read(move |conn| crate::accounts::person_of(conn, &vault, &number))
        .await;
    let name = format!("Cán bộ xetduyet, {}", crate::officers::unit(crate::officers::MINISTRY));
    look(&app, person.unwrap().unwrap(), &name).await;

    assert_eq!(faulty.at("/errors/0/field"), "login");
    assert_eq!(tied.status, StatusCode::OK, "{tied}");
    assert_eq!(patterns(&mut inspector).await, [("tie".to_owned(), 1)]);
}

#[tokio::test]
async fn only_inspectors_see_alerts() {
    let app = TestApp::start().await;
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;

    assert_eq!(counter.get("/officers/alerts").await.status, StatusCode::FORBIDDEN);
}
