use ::http::StatusCode;
use jiff::SignedDuration;
use nation::Person;
use serde_json::{Value, json};

use super::{Agreed, agreed};
use crate::accounts;
use crate::applications::tests::{PASSCODE, citizen};
use crate::testing::{Client, TestApp};

const PAGE: &str = "/residence/agreements";
const PLACE: (&str, &str) = ("Phường Ba Đình, Hà Nội", "Số 12 Đường Thử Nghiệm");

fn question(of: &Person) -> Value {
    json!({ "number": of.number.as_str(), "role": "owner", "commune": PLACE.0, "address": PLACE.1 })
}

async fn answer(client: &mut Client, what: &str, passcode: &str) -> crate::testing::Answer {
    let id = client.get(PAGE).await.at("/asked_of_me/0/id");
    let form = json!({ "answer": what, "passcode": passcode });
    client.post(&format!("{PAGE}/{id}/answer"), &form).await
}

/// How the agreements of a person stand, with the address spelt another way.
async fn standing(app: &TestApp, asker: &Person) -> Agreed {
    let (vault, number, now) = (app.vault.clone(), asker.number.clone(), app.now());
    app.db
        .read(move |conn| {
            let person = accounts::person_of(conn, &vault, &number)?.unwrap();
            agreed(conn, &vault, &person, ("00004", "số 12  đường thử nghiệm"), now)
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn an_owner_agrees_with_the_passcode_for_one_dwelling_and_may_take_it_back() {
    let app = TestApp::start().await;
    let (tenant, owner) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let stranger = app.citizens().nth(2).unwrap();
    let mut asking = citizen(&app, &tenant, 2).await;
    let mut asked = citizen(&app, &owner, 2).await;

    asking.post(PAGE, &question(&owner)).await;
    let open = standing(&app, &tenant).await;
    let told = asked.get("/notices").await;
    let wrong = answer(&mut asked, "agree", "000000").await;
    let given = answer(&mut asked, "agree", PASSCODE).await;
    let twice = answer(&mut asked, "refuse", PASSCODE).await;
    let stands = standing(&app, &tenant).await;
    let id = given.at("/asked_of_me/0/id");
    let mut stranger = citizen(&app, &stranger, 2).await;
    let not_theirs = stranger.post(&format!("{PAGE}/{id}/withdrawal"), &json!({})).await;
    let back = asked.post(&format!("{PAGE}/{id}/withdrawal"), &json!({})).await;

    assert_eq!(open, Agreed { agreed: 0, open: 1 });
    assert!(told.text().contains(&tenant.full_name), "{told}");
    assert_eq!(wrong.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(given.at("/asked_of_me/0/state"), "agreed", "{given}");
    assert_eq!(twice.at("/type"), "/problems/residence-answered");
    assert_eq!(stands, Agreed { agreed: 1, open: 0 });
    assert_eq!(not_theirs.status, StatusCode::NOT_FOUND);
    assert_eq!(back.at("/asked_of_me/0/state"), "withdrawn");
    assert_eq!(standing(&app, &tenant).await, Agreed::default());
    app.run_jobs().await;
}

#[tokio::test]
async fn who_asks_learns_nothing_of_a_number_and_an_agreement_lapses() {
    let app = TestApp::start().await;
    let people: Vec<Person> = app.citizens().take(3).collect();
    let mut asking = citizen(&app, &people[0], 2).await;
    let mut asked = citizen(&app, &people[1], 2).await;

    let known = asking.post(PAGE, &question(&people[1])).await.json();
    let unknown = asking.post(PAGE, &question(&people[2])).await.json();
    let faults = asking.post(PAGE, &json!({ "number": "1", "commune": "1" })).await;
    answer(&mut asked, "refuse", PASSCODE).await;
    let refused = asking.get(PAGE).await;
    app.advance(SignedDuration::from_hours(31 * 24));
    app.run_jobs().await;
    let mut asking = citizen(&app, &people[0], 2).await;
    let later = asking.get(PAGE).await;

    assert_eq!(known["asked_by_me"][0]["state"], unknown["asked_by_me"][0]["state"]);
    let keys = |of: &Value| of["asked_by_me"][0].as_object().unwrap().len();
    assert_eq!(keys(&known), keys(&unknown));
    assert_eq!(faults.json()["errors"].as_array().unwrap().len(), 4, "{faults}");
    let states = |answer: &crate::testing::Answer| -> Vec<String> {
        let all = answer.json()["asked_by_me"].as_array().unwrap().clone();
        let mut states: Vec<String> = all
            .iter()
            .map(|one| one["state"].as_str().unwrap().to_owned())
            .collect();
        states.sort();
        states
    };
    assert_eq!(states(&refused), ["open", "refused"]);
    assert_eq!(states(&later), ["lapsed", "refused"]);
    app.run_jobs().await;
}

#[tokio::test]
async fn who_asked_the_wrong_person_takes_the_question_back_and_is_not_held_up() {
    let app = TestApp::start().await;
    let people: Vec<Person> = app.citizens().take(3).collect();
    let mut asking = citizen(&app, &people[0], 2).await;
    let mut asked = citizen(&app, &people[1], 2).await;
    // The third has no account: nobody would ever answer.
    asking.post(PAGE, &question(&people[2])).await;
    let mistyped = asking.get(PAGE).await.at("/asked_by_me/0/id");
    asking.post(PAGE, &question(&people[1])).await;
    answer(&mut asked, "agree", PASSCODE).await;

    let held_up = standing(&app, &people[0]).await;
    let page = asking.clone().browser().get(PAGE).await;
    let back = asking.post(&format!("{PAGE}/{mistyped}/withdrawal"), &json!({})).await;
    let twice = asking.post(&format!("{PAGE}/{mistyped}/withdrawal"), &json!({})).await;

    assert_eq!(held_up, Agreed { agreed: 1, open: 1 });
    assert!(page.text().contains(&format!("{mistyped}/withdrawal")), "{page}");
    assert_eq!(back.status, StatusCode::OK, "{back}");
    assert_eq!(twice.at("/type"), "/problems/residence-answered");
    assert_eq!(standing(&app, &people[0]).await, Agreed { agreed: 1, open: 0 });
    app.run_jobs().await;
}
