use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::accounts::Level;
use crate::applications::tests::officer_of;
use crate::officers::Role;
use crate::reports::rules::{Content, Kind, State};
use crate::reports::{ReportId, store};
use crate::testing::{Answer, TestApp};

/// Phường Hoàn Kiếm, Hà Nội.
const HERE: &str = "00070";

/// A report as it is kept, which was sent that many hours ago.
fn received(app: &TestApp, hours: i64, settled: bool, urgent: bool) -> store::Row {
    let report = ReportId::draw(&app.chance);
    let sent_at = app.now() - SignedDuration::from_hours(hours);
    let content = Content {
        matters: vec!["noise".to_owned()],
        place: None,
        happened: String::new(),
        summary: format!("Việc của {hours} giờ trước"),
        involved: String::new(),
        organisation: None,
    };
    store::Row {
        report,
        number: format!("PA-2611-{hours:08X}"),
        kind: Kind::Feedback,
        unit: HERE.to_owned(),
        state: if settled { State::Answered } else { State::Sent },
        sent_at,
        urgent_at: urgent.then_some(sent_at),
        due_at: None,
        settled_at: settled.then_some(sent_at),
        content_sealed: app
            .vault
            .seal_record("report", "content", report.bytes(), &content)
            .unwrap(),
        sender_sealed: None,
    }
}

async fn keep(app: &TestApp, rows: Vec<store::Row>) {
    app.db
        .write(move |tx| {
            rows.iter().try_for_each(|row| {
                store::insert(tx, row, "01", None, &[])?;
                store::step(tx, (&row.report, HERE), (row.state, row.state), row.settled_at).map(drop)
            })
        })
        .await
        .unwrap();
}

fn sent(page: &Answer) -> Vec<Timestamp> {
    let page = page.json();
    let reports = page["reports"].as_array().unwrap().iter();
    reports
        .map(|report| report["sent_at"].as_str().unwrap().parse().unwrap())
        .collect()
}

#[tokio::test]
async fn what_waits_longest_stands_first_and_the_pages_end_with_what_was_settled_long_ago() {
    let app = TestApp::start().await;
    let mut officer = officer_of(&app, "hoankiem", Role::Reviewer, HERE).await;
    let waiting = (1..=110).map(|hours| received(&app, hours, false, hours == 7));
    let settled = (501..=510).map(|hours| received(&app, hours, true, hours == 505));
    keep(&app, waiting.chain(settled).collect()).await;

    let first = officer.get("/officers/reports").await;
    let page = officer.clone().browser().get("/officers/reports").await.text();
    let more = format!("/officers/reports?{}", first.at("/more"));
    let second = officer.get(&more).await;
    let last = officer.clone().browser().get(&more).await.text();

    let ago = |hours: i64| app.now() - SignedDuration::from_hours(hours);
    let shown: Vec<Timestamp> = [sent(&first), sent(&second)].concat();
    let wait = (1..=110).rev().filter(|hours| *hours != 7);
    let order = std::iter::once(7).chain(wait).chain(501..=510);
    assert_eq!(shown, order.map(ago).collect::<Vec<_>>());
    assert_eq!(sent(&first).len(), 100);
    assert!(
        page.contains(r#"id="more""#) && !last.contains(r#"id="more""#),
        "{last}"
    );
}

#[tokio::test]
async fn a_search_finds_an_old_report_by_its_number_and_goes_on_page_by_page_for_a_text() {
    let app = TestApp::start().await;
    let mut officer = officer_of(&app, "hoankiem", Role::Reviewer, HERE).await;
    keep(
        &app,
        (1..=1200).map(|hours| received(&app, hours, true, false)).collect(),
    )
    .await;

    let number = officer.get("/officers/reports?q=pa-2611-000004b0").await;
    let text = officer.get("/officers/reports?q=cua+1200+gio").await;
    let rest = officer.get(&format!("/officers/reports?{}", text.at("/more"))).await;
    let none = officer.get("/officers/reports?q=PA-2611-FFFFFFFF").await;

    let oldest = [app.now() - SignedDuration::from_hours(1200)];
    assert_eq!(sent(&number), oldest, "{number}");
    assert_eq!(sent(&text), [], "it looks through the first thousand");
    assert_eq!(sent(&rest), oldest, "{rest}");
    assert_eq!(rest.at("/more"), "null");
    assert_eq!(
        (none.at("/reports"), none.at("/more")),
        ("[]".to_owned(), "null".to_owned())
    );
}

#[tokio::test]
async fn of_an_answer_and_a_forward_at_once_only_one_is_written() {
    let app = TestApp::start().await;
    let mut sender = app.holder(app.citizen(), Level::Two).await;
    let mut here = officer_of(&app, "hoankiem", Role::Reviewer, HERE).await;
    let mut other = officer_of(&app, "dongnghiep", Role::Reviewer, HERE).await;
    let report = json!({ "kind": "feedback", "matters": "noise", "commune": HERE, "summary": "Hát loa kéo" });
    let sent = sender.client.post("/reports/new", &report).await;
    let path = format!(
        "/officers/reports/{}",
        here.get("/officers/reports").await.at("/reports/0/report")
    );

    let (to, by) = (format!("{path}/forward"), format!("{path}/answer"));
    let (there, answer) = (
        json!({ "text": "Ở Ba Đình", "unit": "00004" }),
        json!({ "text": "Đã nhắc" }),
    );
    let (forwarded, answered) = tokio::join!(here.post(&to, &there), other.post(&by, &answer));
    let own = sender
        .client
        .get(&format!("/reports/sent/{}", sent.at("/link")))
        .await
        .json();
    app.run_jobs().await;

    let done = [&forwarded, &answered]
        .iter()
        .filter(|one| one.status.is_success())
        .count();
    assert_eq!(done, 1, "{forwarded} {answered}");
    assert_eq!(own["steps"].as_array().unwrap().len(), 2, "{own}");
}
