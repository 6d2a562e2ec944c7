use jiff::SignedDuration;
use serde_json::json;

use crate::applications::tests::newest_sms;
use crate::documents::tests::{adult, opened};
use crate::testing::TestApp;

#[tokio::test]
async fn a_report_has_a_deadline_reaches_the_source_and_is_answered() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;
    let down = nation::sources::Fault {
        down: true,
        ..nation::sources::Fault::default()
    };
    app.faults().set(nation::sources::Source::Residence, down);

    let report = json!({ "field": "head", "proposed": "Nguyễn Văn Chủ", "note": "" });
    let kept = client.post("/documents/residence/report", &report).await;
    app.run_jobs().await;
    app.faults().clear();
    for _ in 0..30 {
        app.advance(SignedDuration::from_hours(1));
        app.run_jobs().await;
    }
    let mut client = opened(&app, &person).await;
    let answered = client.get("/documents/reports").await.json();
    let sms = newest_sms(&app, &person).await;

    assert_eq!(kept.at("/reports/0/state"), "kept");
    assert_eq!(kept.at("/reports/0/due_at"), "2026-12-01T16:59:59.999999Z");
    assert_eq!(answered["reports"][0]["state"], "refused", "{answered}");
    assert_eq!(answered["reports"][0]["answer"], "Dữ liệu khớp với hồ sơ gốc");
    assert!(sms.contains("Co so du lieu ve cu tru"), "{sms}");
}

#[tokio::test]
async fn a_report_about_nothing_is_refused_with_what_was_typed() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;

    let wrong = client
        .post(
            "/documents/residence/report",
            &json!({ "field": "shoe-size", "proposed": " " }),
        )
        .await;

    assert_eq!(wrong.at("/errors/0/field"), "field");
    assert_eq!(wrong.at("/errors/1/field"), "proposed");
}

#[tokio::test]
async fn every_field_that_a_paper_shows_can_be_reported() {
    /// What is counted or explained here, and not kept by the source.
    const DERIVED: [&str; 6] = ["count", "vehicle", "months", "visits", "class-meaning", "note"];
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;
    let overview = client.get("/documents").await.json();

    for paper in overview["papers"].as_array().unwrap() {
        let kind = paper["kind"].as_str().unwrap();
        let form = client.get(&format!("/documents/{kind}/report")).await.json();
        let can: Vec<&str> = form["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        let content = &paper["content"];
        let parts = content["parts"].as_array().into_iter().flatten();
        let shown = parts.map(|part| &part["fields"]).chain([&content["fields"]]);
        for field in shown.flat_map(|fields| fields.as_array().into_iter().flatten()) {
            let name = field["name"].as_str().unwrap();
            assert!(can.contains(&name) || DERIVED.contains(&name), "{kind}: {name}");
        }
    }
}
