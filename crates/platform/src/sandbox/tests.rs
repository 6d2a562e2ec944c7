use std::net::SocketAddr;
use std::time::Duration;

use civil::CardQr;
use civil::chip::{ChipFiles, passive_authentication};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::command::{Sandbox, Settings};
use super::*;
use crate::accounts::Level;
use crate::registries;
use crate::testing::{Client, TestApp};

async fn people(client: &mut Client, query: &str) -> Vec<Value> {
    let answer = client.get(&format!("/sandbox/people?{query}")).await;
    answer.json()["people"].as_array().unwrap().clone()
}

fn address(person: &Value, file: &str) -> String {
    format!("/sandbox/people/{}/{file}", person["personal_number"].as_str().unwrap())
}

#[tokio::test]
async fn a_person_is_listed_with_card_phone_and_account() {
    let app = TestApp::start().await;

    let answer = app.client().get("/sandbox/people?from=2&count=1").await;

    insta::assert_snapshot!(answer, @r#"
    200 OK
    {"total":112,"people":[{"index":2,"personal_number":"091083961120","full_name":"Phạm Đức Vinh","date_of_birth":"1983-05-05","sex":"male","life":"alive","phone":"+84542718281","email":"pham.duc.vinh.2@thu.example","address":"Thôn 5, Xã Phú An, An Giang","card":{"kind":"cccd2021","state":"valid","issued_on":"2023-05-21","expires_on":"2043-05-05"},"account":null,"can_register":true,"files":"/sandbox/people/091083961120"}],"only":"everybody","next":3}
    "#);
}

#[tokio::test]
async fn the_people_suggested_can_all_register_and_the_list_goes_on() {
    let app = TestApp::start().await;
    let mut client = app.client();

    let first = client.get("/sandbox/people?only=suggested&count=5").await;
    let next = first.at("/next");
    let then = people(&mut client, &format!("only=suggested&count=5&from={next}")).await;

    let first = first.json()["people"].as_array().unwrap().clone();
    assert!(first.iter().chain(&then).all(|person| person["can_register"] == true));
    assert!(first.iter().all(|person| !then.contains(person)));
}

#[tokio::test]
async fn a_list_is_never_longer_than_a_hundred() {
    let app = TestApp::start().await;

    assert_eq!(people(&mut app.client(), "count=1000000").await.len(), 100);
}

#[tokio::test]
async fn the_card_says_in_picture_and_text_who_its_holder_is() {
    let app = TestApp::start().await;
    let mut client = app.client();
    let person = &people(&mut client, "only=suggested&count=1").await[0];

    let text = client.get(&address(person, "qr.txt")).await.text();
    let qr = client.get(&address(person, "qr.png")).await;
    let card = client.get(&address(person, "card.png")).await;
    let portrait = client.get(&address(person, "portrait.jpg")).await;

    let read = CardQr::parse(&text).unwrap();
    assert_eq!(read.full_name, person["full_name"].as_str().unwrap());
    assert_eq!(read.number.as_str(), person["personal_number"].as_str().unwrap());
    assert!(card.headers["content-type"] == "image/png" && card.body.starts_with(b"\x89PNG"));
    assert!(qr.body.starts_with(b"\x89PNG"));
    assert!(portrait.headers["content-type"] == "image/jpeg" && portrait.body.starts_with(&[0xff, 0xd8]));
}

#[tokio::test]
async fn the_chip_is_authentic() {
    let app = TestApp::start().await;
    let mut client = app.client();
    let person = &people(&mut client, "only=suggested&count=1").await[0];

    let answer = client.get(&address(person, "chip.json")).await;

    let names: Vec<String> = answer.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["com", "dg1", "dg2", "dg13", "dg14", "dg15", "sod"]);
    let files: ChipFiles = serde_json::from_value(answer.json()).unwrap();
    assert!(passive_authentication(&files, &app.trust, app.now()).is_ok());
}

#[tokio::test]
async fn nobody_and_no_card_are_not_found() {
    let app = TestApp::start().await;
    let mut client = app.client();

    for path in [
        "/sandbox/people/001090912345/card.png",
        "/sandbox/people/nobody/qr.txt",
        "/sandbox?person=1",
    ] {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn an_account_is_made_at_once_and_one_can_sign_in_with_it() {
    let app = TestApp::start().await;
    let mut client = app.client();
    let person = &people(&mut client, "only=suggested&count=1").await[0];

    let made = client.post(&address(person, "account"), &json!({ "level": 1 })).await;
    let signed_in = client
        .post(
            "/signin",
            &json!({ "number": person["personal_number"], "password": made.at("/password") }),
        )
        .await;

    assert_eq!(made.at("/level"), "1");
    assert_eq!(signed_in.status, 200, "{signed_in}");
    assert_eq!(client.get("/account").await.status, 200);
    app.advance(SignedDuration::from_hours(24 * 60));
    app.run_jobs().await;
}

#[tokio::test]
async fn an_account_of_level_2_has_its_electronic_identity_card() {
    let app = TestApp::start().await;
    let mut client = app.client();
    let person = &people(&mut client, "only=suggested&count=1").await[0];
    let made = client.post(&address(person, "account"), &json!({ "level": 2 })).await;
    let password = made.at("/password");
    let credentials = json!({ "number": person["personal_number"], "password": password });
    client.post("/signin", &credentials).await;

    let card = client.post("/eid", &json!({ "passcode": made.at("/passcode") })).await;

    assert_eq!(card.at("/full_name"), person["full_name"].as_str().unwrap());
    app.advance(SignedDuration::from_hours(24 * 60));
    app.run_jobs().await;
}

#[tokio::test]
async fn an_account_made_again_keeps_its_identity_and_never_sinks() {
    let app = TestApp::start().await;
    let citizen = app.citizen();

    let zero = holders::make(&app, &citizen, Level::Zero).await.unwrap();
    let two = holders::make(&app, &citizen, Level::Two).await.unwrap();
    let one = holders::make(&app, &citizen, Level::One).await.unwrap();

    assert_eq!([zero.person, two.person], [one.person; 2]);
    assert_eq!(
        [zero.level, two.level, one.level],
        [Level::Zero, Level::Two, Level::Two]
    );
    app.advance(SignedDuration::from_hours(24 * 60));
    app.run_jobs().await;
}

#[tokio::test]
async fn the_tour_shows_where_the_person_stands() {
    let app = TestApp::start().await;
    let mut client = app.client();
    let citizen = app.citizen();
    let page = format!("/sandbox?person={}", citizen.number.as_str());
    let now = |answer: crate::testing::Answer| {
        let steps = answer.json()["chosen"]["steps"].as_array().unwrap().clone();
        let now = steps.iter().filter(|step| step["state"] == "now");
        now.map(|step| step["step"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };

    let at_first = now(client.get(&page).await);
    holders::make(&app, &citizen, Level::One).await.unwrap();
    let then = now(client.get(&page).await);

    assert_eq!(
        (at_first, then),
        (vec!["register".to_owned()], vec!["ask-2".to_owned()])
    );
    app.advance(SignedDuration::from_hours(24 * 60));
    app.run_jobs().await;
}

#[tokio::test]
async fn a_message_is_shown_as_soon_as_it_was_ordered() {
    let app = TestApp::start().await;
    let order = crate::notices::sms(&app, "+84900000001", "Ma OTP la 123456".to_owned());
    app.db
        .write(move |tx| crate::shell::jobs::enqueue(tx, &order))
        .await
        .unwrap();

    let answer = app.client().get("/sandbox/messages?to=0900000001").await;

    insta::assert_snapshot!(answer, @r#"
    200 OK
    {"to":"+84900000001","messages":[{"to":"+84900000001","channel":"sms","text":"Ma OTP la 123456","at":"2026-11-23T02:00:00Z"}]}
    "#);
}

#[tokio::test]
async fn the_clock_moves_to_the_next_time_of_day_in_viet_nam() {
    let app = TestApp::start().await;
    let mut client = app.client();

    // It is nine o'clock in the morning.
    let today = client.post("/sandbox/clock", &json!({ "advance": "T10:00" })).await;
    let tomorrow = client.post("/sandbox/clock", &json!({ "advance": "T10:00" })).await;

    insta::assert_snapshot!(today, @r#"
    200 OK
    {"now":"2026-11-23T03:00:00Z","ahead":"PT1H"}
    "#);
    insta::assert_snapshot!(tomorrow, @r#"
    200 OK
    {"now":"2026-11-24T03:00:00Z","ahead":"PT25H"}
    "#);
}

#[tokio::test]
async fn the_clock_moves_forward_and_refuses_what_is_no_duration() {
    let app = TestApp::start().await;
    let mut client = app.client();

    let moved = client.post("/sandbox/clock", &json!({ "advance": "PT26H" })).await;
    let refused = client.post("/sandbox/clock", &json!({ "advance": "tomorrow" })).await;

    insta::assert_snapshot!(moved, @r#"
    200 OK
    {"now":"2026-11-24T04:00:00Z","ahead":"PT26H"}
    "#);
    insta::assert_snapshot!(refused, @r#"
    422 Unprocessable Entity
    {"type":"/problems/form-invalid","status":422,"title":"Some fields are not right","detail":"Please correct the marked fields and send the form again.","errors":[{"field":"advance","detail":"Write an ISO 8601 duration, such as PT26H or P7D, at most ten years, or a time of day, such as T10:00."}]}
    "#);
}

#[tokio::test]
async fn a_source_that_is_switched_off_is_silent_until_it_is_switched_on() {
    let app = TestApp::start().await;
    let mut client = app.client();
    let number = app.citizen().number;
    let ask = || registries::person(&app, &number, "registration");

    let off = client
        .post("/sandbox/faults", &json!({ "source": "population", "fault": "down" }))
        .await;
    let silent = ask().await.is_err();
    client
        .post("/sandbox/faults", &json!({ "source": "population", "fault": "none" }))
        .await;
    app.advance(SignedDuration::from_secs(10));

    assert_eq!(off.at("/sources/0/fault"), "down");
    assert!(silent && ask().await.is_ok());
}

#[tokio::test]
async fn every_fault_has_its_measure() {
    let app = TestApp::start().await;
    let mut client = app.client();

    for (form, pointer, value) in [
        (
            json!({ "source": "id-card", "fault": "slow", "milliseconds": 7 }),
            "/sources/1/slow_ms",
            "7",
        ),
        (
            json!({ "source": "id-card", "fault": "errors" }),
            "/sources/1/errors_per_mille",
            "1000",
        ),
        (
            json!({ "source": "id-card", "fault": "stale", "days": 9 }),
            "/sources/1/stale_days",
            "9",
        ),
        (
            json!({ "source": "id-card", "fault": "none" }),
            "/sources/1/stale_days",
            "0",
        ),
    ] {
        let answer = client.post("/sandbox/faults", &form).await;

        assert_eq!(answer.at(pointer), value, "{form}");
        assert_eq!(answer.at("/sources/1/fault"), form["fault"].as_str().unwrap());
    }
}

#[tokio::test]
async fn every_page_is_there_for_people_too() {
    let app = TestApp::start().await;
    let mut client = app.client().browser();
    let chosen = format!("/sandbox?person={}", app.citizen().number.as_str());

    for path in [
        "/sandbox",
        &chosen,
        "/sandbox/people",
        "/sandbox/people?only=suggested",
        "/sandbox/messages",
        "/sandbox/clock",
        "/sandbox/faults",
        "/sandbox/officers",
        "/sandbox/partners",
    ] {
        let answer = client.get(path).await;

        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text().contains("<h1>"), "{path}");
    }
}

#[tokio::test]
async fn production_has_no_sandbox() {
    let app = TestApp::start_with(|config| config.sandbox = false).await;
    let mut client = app.client();

    for path in [
        "/sandbox",
        "/sandbox/people",
        "/sandbox/officers",
        "/sandbox/messages",
        "/sandbox/clock",
    ] {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
    let moved = client.post("/sandbox/clock", &json!({ "advance": "PT1H" })).await;
    assert_eq!(moved.status, 404);
}

fn settings(place: &tempfile::TempDir) -> Settings {
    Settings {
        data: place.path().to_owned(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        people: 1000,
        reset: false,
        toll: 0,
        tls: false,
    }
}

async fn post(url: String, body: Value) -> Value {
    let sent = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
    sent.json().await.unwrap()
}

#[tokio::test]
async fn a_sandbox_runs_on_sockets_and_remembers_after_a_restart() {
    let place = tempfile::tempdir().unwrap();
    let (tell, stop) = watch::channel(false);
    let sandbox = Sandbox::open(&settings(&place), stop).await.unwrap();
    let (app, welcome) = (sandbox.app().clone(), sandbox.welcome(Duration::ZERO));
    let url = app.config.public_url.clone();
    let portal = app.sandbox.as_ref().unwrap().portal.as_ref().unwrap().url.clone();
    let citizen = people::suggested(&app, &app.sandbox.as_ref().unwrap().nation, 0)
        .next()
        .unwrap();
    let number = citizen.number.as_str();
    let running = tokio::spawn(sandbox.run());

    let made = post(format!("{url}/sandbox/people/{number}/account"), json!({ "level": 1 })).await;
    let known = registries::person(&app, &citizen.number, "registration").await.unwrap();
    let greeting = reqwest::get(&portal).await.unwrap().status();
    post(format!("{url}/sandbox/clock"), json!({ "advance": "PT26H" })).await;
    tell.send_replace(true);
    running.await.unwrap().unwrap();
    drop(app);
    let (_tell, stop) = watch::channel(false);
    let again = Sandbox::open(&settings(&place), stop).await.unwrap();

    assert!(
        welcome.contains(&url) && welcome.contains(number) && welcome.contains(&portal),
        "{welcome}"
    );
    assert_eq!(made["level"], 1);
    assert!(known.is_some_and(|answer| answer.fresh));
    assert_eq!(greeting, 200);
    assert_eq!(again.app().clock.ahead().as_hours(), 26);
    let (vault, wanted) = (again.app().vault.clone(), citizen.clone());
    let kept = again
        .app()
        .db
        .read(move |conn| holders::account(conn, &vault, &wanted))
        .await;
    assert!(kept.unwrap().is_some());
}

#[tokio::test]
async fn a_taken_address_is_named_with_the_way_to_another() {
    let place = tempfile::tempdir().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = Settings {
        listen: other.local_addr().unwrap(),
        ..settings(&place)
    };

    let refused = Sandbox::open(&settings, watch::channel(false).1)
        .await
        .err()
        .unwrap()
        .to_string();

    assert!(
        refused.contains(&settings.listen.to_string()) && refused.contains("--listen"),
        "{refused}"
    );
}
