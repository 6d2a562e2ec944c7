use ::http::StatusCode;
use jiff::SignedDuration;
use nation::Person;
use nation::people::Kinship;
use serde_json::{Value, json};

use crate::applications::tests::{PASSCODE, citizen};
use crate::procedures::linked::tests::{again, let_bodies_decide, mother, parts, send, stands, tracked};
use crate::procedures::tests::open;
use crate::testing::{Answer, Client, TestApp};

const PAGE: &str = "/procedures/confirmations";

/// A widow who declares the death of her husband, and a relative whom she names.
struct Family {
    widow: Person,
    husband: Person,
    relative: Person,
    applicant: Client,
    asked: Client,
    /// The dossier.
    id: String,
}

impl Family {
    async fn declare(app: &TestApp) -> Self {
        let widow = mother(app);
        let husband = widow.related(Kinship::Spouse).next().unwrap();
        let husband = app.nation().person(husband).unwrap();
        let others = [&widow.number, &husband.number];
        let relative = app.citizens().find(|one| !others.contains(&&one.number)).unwrap();
        let mut applicant = citizen(app, &widow, 2).await;
        let asked = citizen(app, &relative, 2).await;
        let id = declare(&mut applicant, &husband, &relative).await;
        Self {
            widow,
            husband,
            relative,
            applicant,
            asked,
            id,
        }
    }

    async fn whole(&mut self) -> Value {
        tracked(&mut self.applicant, &self.id).await
    }
}

async fn declare(client: &mut Client, husband: &Person, relative: &Person) -> String {
    let draft = open(client, "death").await;
    send(client, &draft, &form(husband, relative)).await
}

fn form(husband: &Person, relative: &Person) -> Value {
    json!({
        "relation": "spouse", "deceased_name": husband.full_name, "deceased_number": husband.number, "died_on": "2026-11-22",
        "last_commune": husband.permanent_residence.commune.code,
        "death_place": "Hà Nội", "cause": "Bệnh", "allowance": "none", "relative_number": relative.number, "go": "check",
    })
}

async fn answer(client: &mut Client, what: &str, words: &str, passcode: &str) -> Answer {
    let id = client.get(PAGE).await.at("/confirmations/0/id");
    let form = json!({ "answer": what, "words": words, "passcode": passcode });
    client.post(&format!("{PAGE}/{id}/answer"), &form).await
}

fn events(tracked: &Value) -> Vec<&str> {
    let steps = tracked["steps"].as_array().unwrap().iter();
    steps.map(|step| step["event"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_relative_confirms_a_death_and_the_time_that_it_took_is_not_counted() {
    let app = TestApp::start().await;
    let mut family = Family::declare(&app).await;
    app.run_jobs().await;

    let waiting = family.whole().await;
    let page = family.applicant.clone().browser();
    let page = page.clone().get(&format!("/procedures/dossiers/{}", family.id)).await;
    let told = family.asked.get("/notices").await.text();
    let shown = family.asked.clone().browser().get(PAGE).await.text();
    app.advance(SignedDuration::from_hours(48));
    app.run_jobs().await;
    let mut asked = again(&app, &family.relative, family.asked.clone()).await;
    let wrong = answer(&mut asked, "confirm", "", "000000").await;
    let confirmed = answer(&mut asked, "confirm", "", PASSCODE).await;
    let twice = asked
        .post(
            &format!("{PAGE}/{}/answer", confirmed.at("/confirmations/0/id")),
            &json!({ "answer": "dispute", "words": "Không", "passcode": PASSCODE }),
        )
        .await;
    let widow = family.widow.clone();
    family.applicant = again(&app, &widow, family.applicant.clone()).await;
    app.run_jobs().await;
    let begun = family.whole().await;
    let_bodies_decide(&app).await;
    let later = family.whole().await;

    assert_eq!(
        (waiting["status"].as_str(), parts(&waiting)),
        (Some("stopped"), Vec::new())
    );
    assert_eq!(waiting["paused"], true);
    // Five working days from Monday the 23rd; Tuesday is a holiday.
    assert!(
        waiting["awaits"][0].as_str().unwrap().starts_with("2026-12-01"),
        "{waiting}"
    );
    assert!(page.text().contains("id=\"awaits\""), "{page}");
    assert!(told.contains(&family.widow.full_name), "{told}");
    assert!(
        shown.contains(&family.husband.full_name) && !shown.contains(">procedure"),
        "{shown}"
    );
    assert_eq!(wrong.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(confirmed.at("/confirmations/0/state"), "confirmed", "{confirmed}");
    assert_eq!(twice.at("/type"), "/problems/procedures-answered");
    assert_eq!(
        (begun["status"].as_str(), parts(&begun)),
        (Some("processing"), vec![stands("death-registration", "processing")])
    );
    assert!(
        begun["deadline_at"].as_str() > waiting["deadline_at"].as_str(),
        "{begun}"
    );
    assert!(events(&begun).contains(&"relative-confirmed"), "{begun}");
    assert_eq!(parts(&later)[0], stands("death-registration", "returned"), "{later}");
}

#[tokio::test]
async fn what_a_relative_disputes_is_verified_by_the_body_with_the_longer_limit_of_the_law() {
    let app = TestApp::start().await;
    let mut family = Family::declare(&app).await;
    app.run_jobs().await;

    let silent = answer(&mut family.asked, "dispute", " ", PASSCODE).await;
    let disputed = answer(&mut family.asked, "dispute", "Anh ấy còn sống", PASSCODE).await;
    app.run_jobs().await;
    let begun = family.whole().await;
    let_bodies_decide(&app).await;
    let whole = family.whole().await;
    let part = whole["parts"][0]["id"].as_str().unwrap().to_owned();
    let verifying = tracked(&mut family.applicant, &part).await;
    let told = family.applicant.get("/notices").await.text();
    app.advance(SignedDuration::from_hours(49));
    app.run_jobs().await;
    let_bodies_decide(&app).await;
    let widow = family.widow.clone();
    family.applicant = again(&app, &widow, family.applicant.clone()).await;
    let decided = tracked(&mut family.applicant, &part).await;

    assert_eq!(silent.at("/errors/0/field"), "words");
    assert_eq!(disputed.at("/confirmations/0/state"), "disputed", "{disputed}");
    assert!(begun.to_string().contains("Anh ấy còn sống"), "{begun}");
    assert_eq!(verifying["status"], "processing");
    assert_eq!(
        events(&verifying).iter().filter(|event| **event == "verifying").count(),
        1,
        "it is said once: {verifying}"
    );
    // The day of receipt, and three working days more: Tuesday the 24th is a holiday.
    assert!(
        verifying["deadline_at"].as_str().unwrap().starts_with("2026-11-27"),
        "{verifying}"
    );
    assert!(
        verifying["deadline_basis"].as_str().unwrap().contains("63/2024"),
        "{verifying}"
    );
    assert!(
        whole["deadline_at"].as_str() >= verifying["deadline_at"].as_str(),
        "{whole}"
    );
    assert!(
        told.contains("27/11/2026"),
        "the applicant is told the new date: {told}"
    );
    assert_eq!(decided["status"], "returned", "{decided}");
}

#[tokio::test]
async fn after_five_working_days_without_an_answer_the_bodies_begin_with_what_there_is() {
    let app = TestApp::start().await;
    let mut family = Family::declare(&app).await;
    app.run_jobs().await;

    app.advance(SignedDuration::from_hours(24 * 9));
    app.run_jobs().await;
    let (widow, relative) = (family.widow.clone(), family.relative.clone());
    family.applicant = again(&app, &widow, family.applicant.clone()).await;
    let mut asked = again(&app, &relative, family.asked.clone()).await;
    let late = answer(&mut asked, "confirm", "", PASSCODE).await;
    let whole = family.whole().await;

    assert_eq!(late.at("/type"), "/problems/procedures-answered", "{late}");
    assert!(events(&whole).contains(&"relative-silent"), "{whole}");
    assert_eq!(parts(&whole).len(), 1, "{whole}");
    let said = whole["values"].as_array().unwrap().iter();
    let said = said.filter(|value| value["name"] == "relative_answer");
    assert_eq!(
        said.map(|value| &value["value"]).collect::<Vec<_>>(),
        ["relative-silent"]
    );
    let_bodies_decide(&app).await;
}

#[tokio::test]
async fn nobody_else_answers_and_of_what_is_taken_back_nothing_is_asked_any_more() {
    let app = TestApp::start().await;
    let mut family = Family::declare(&app).await;
    app.run_jobs().await;
    let draft = open(&mut family.applicant, "death").await;
    let own = family
        .applicant
        .post(&draft, &form(&family.husband, &family.widow))
        .await;
    let id = family.asked.get(PAGE).await.at("/confirmations/0/id");

    let address = format!("{PAGE}/{id}/answer");
    let confirm = json!({ "answer": "confirm", "passcode": PASSCODE });
    let not_theirs = family.applicant.post(&address, &confirm).await;
    let seen = family.applicant.get(PAGE).await;
    let back = format!("/procedures/dossiers/{}/withdrawal", family.id);
    let back = family.applicant.post(&back, &json!({})).await;
    let over = family.asked.get(PAGE).await;
    let late = family.asked.post(&address, &confirm).await;

    assert_eq!(own.at("/errors/0/field"), "relative_number", "{own}");
    assert_eq!(not_theirs.status, StatusCode::NOT_FOUND);
    assert_eq!(seen.json()["confirmations"], json!([]));
    assert_eq!(back.at("/status"), "withdrawn", "{back}");
    assert_eq!(over.at("/confirmations/0/state"), "lapsed", "{over}");
    assert_eq!(late.status, StatusCode::CONFLICT);
    app.run_jobs().await;
}
