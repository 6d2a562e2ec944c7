use ::http::{Method, Request, StatusCode, header};
use axum::body::Body;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::applications::tests::officer_of;
use crate::officers::{self, Role};
use crate::testing::{Answer, Client, Holder, TestApp};

/// Phường Hoàn Kiếm, Hà Nội.
const HERE: &str = "00070";

fn crime() -> Value {
    json!({ "kind": "crime", "matters": "theft,drugs", "commune": HERE, "summary": "Thấy người lạ phá khóa xe", "pledge": "yes" })
}

#[expect(clippy::needless_pass_by_value, reason = "callers write it in place")]
fn with(mut form: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    form.as_object_mut().unwrap().extend(more);
    form
}

async fn sender(app: &TestApp, level: Level) -> Holder {
    app.holder(app.citizen(), level).await
}

async fn unit(app: &TestApp, login: &str, unit: &str) -> Client {
    officer_of(app, login, Role::Reviewer, unit).await
}

/// The path of the only report that an officer's unit has.
async fn only(officer: &mut Client) -> String {
    let listed = officer.get("/officers/reports").await;
    format!("/officers/reports/{}", listed.at("/reports/0/report"))
}

fn fields(answer: &Answer) -> Vec<String> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .map(|error| error["field"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_anonymous_report_is_answered_and_nothing_leads_to_its_sender() {
    let app = TestApp::start().await;
    let mut sender = sender(&app, Level::Two).await;
    let mut officer = unit(&app, "hoankiem", HERE).await;

    let sent = sender
        .client
        .post(
            "/reports/new",
            &with(crime(), json!({ "anonymous": "yes", "keep": "yes" })),
        )
        .await;
    let path = only(&mut officer).await;
    let seen = officer.get(&path).await;
    let page = officer.clone().browser().get(&path).await.text();
    officer.post(&format!("{path}/receive"), &json!({})).await;
    officer
        .post(&format!("{path}/ask"), &json!({ "text": "Xe màu gì?" }))
        .await;
    let code = json!({ "code": sent.at("/code"), "text": "Màu đỏ" });
    let stranger = app.client().post("/reports/follow/messages", &code).await;
    let answered = officer
        .post(&format!("{path}/answer"), &json!({ "text": "Đã bắt giữ" }))
        .await;
    let mine = sender.client.get("/reports").await;
    let own = sender.client.get(&format!("/reports/sent/{}", sent.at("/link"))).await;
    let followed = app
        .client()
        .post("/reports/follow", &json!({ "code": sent.at("/code").to_lowercase() }))
        .await;
    let history = sender.client.get("/account/history").await.text();
    app.run_jobs().await;

    assert_eq!(sent.status, StatusCode::OK, "{sent}");
    assert_eq!(seen.at("/sender"), "null", "{seen}");
    let person = &sender.citizen;
    let phone = person.phone.as_ref().unwrap();
    for secret in [
        person.full_name.as_str(),
        person.number.as_str(),
        &phone.national(),
        &sender.person.to_string(),
        &sent.at("/link"),
        &sent.at("/code"),
    ] {
        assert!(!page.contains(secret) && !answered.text().contains(secret), "{secret}");
    }
    assert_eq!(stranger.at("/steps/2/text"), "Xe màu gì?");
    assert_eq!(stranger.at("/steps/3/text"), "Màu đỏ");
    assert_eq!(mine.at("/reports/0/state"), "answered");
    assert_eq!(own.at("/steps/4/text"), "Đã bắt giữ");
    assert_eq!(followed.at("/state"), "answered");
    assert!(!history.contains("\"report\""), "{history}");
    assert!(app.mailbox(&phone.e164()).await.is_empty());
}

#[tokio::test]
async fn the_rows_of_an_anonymous_report_name_no_person_and_what_is_kept_names_no_report() {
    let app = TestApp::start().await;
    let mut sender = sender(&app, Level::Two).await;
    let mut officer = unit(&app, "hoankiem", HERE).await;

    let anonymous = with(crime(), json!({ "anonymous": "yes" }));
    let unkept = sender.client.post("/reports/new", &anonymous).await;
    let person = sender.person;
    let links = app
        .db
        .read(move |conn| super::store::links(conn, &person, 10))
        .await
        .unwrap();
    let report = only(&mut officer)
        .await
        .rsplit('/')
        .next()
        .unwrap()
        .parse::<super::ReportId>()
        .unwrap();
    let row = app
        .db
        .read(move |conn| super::store::find(conn, &report))
        .await
        .unwrap()
        .unwrap();
    let kept = sender
        .client
        .post("/reports/new", &with(anonymous, json!({ "keep": "yes" })))
        .await;
    let sealed = app
        .db
        .read(move |conn| super::store::links(conn, &person, 10))
        .await
        .unwrap();
    app.run_jobs().await;

    assert!(
        links.is_empty(),
        "a sender who keeps the code alone leaves nothing in the account"
    );
    assert_eq!(unkept.at("/link"), "null");
    assert_eq!(row.sender_sealed, None);
    assert_eq!(sealed.len(), 1);
    assert_eq!(kept.at("/link"), sealed[0].0.to_string());
    assert!(!sealed[0].1.windows(16).any(|bytes| bytes == report.bytes()));
}

#[tokio::test]
async fn who_sees_a_named_report_is_in_its_senders_history_and_the_sender_is_told() {
    let app = TestApp::start().await;
    let mut sender = sender(&app, Level::Two).await;
    let mut officer = unit(&app, "hoankiem", HERE).await;

    let sent = sender.client.post("/reports/new", &crime()).await;
    let path = only(&mut officer).await;
    let seen = officer.get(&path).await;
    officer.post(&format!("{path}/receive"), &json!({})).await;
    app.run_jobs().await;
    let inbox = sender.client.get("/notices").await.text();
    let history = sender.client.get("/account/history").await.text();

    assert_eq!(seen.at("/sender/full_name"), sender.citizen.full_name);
    assert_eq!(seen.at("/due_at"), "2026-12-14T16:59:59.999999Z", "{seen}");
    assert_eq!(seen.at("/law"), "Bộ luật Tố tụng hình sự 2015, Điều 147 khoản 1");
    assert!(history.contains("\"purpose\":\"report\""), "{history}");
    assert!(inbox.contains(&sent.at("/number")), "{inbox}");
}

#[tokio::test]
async fn a_report_goes_to_the_place_else_to_the_home_else_to_the_unit_chosen() {
    let app = TestApp::start().await;
    let mut sender = sender(&app, Level::Two).await;
    let home = sender.citizen.permanent_residence.commune.code;

    let by_place = sender.client.post("/reports/new", &crime()).await;
    let without = json!({ "commune": "" });
    let by_home = sender
        .client
        .post("/reports/new", &with(crime(), without.clone()))
        .await;
    let chosen = with(crime(), json!({ "to": "unit", "unit": "01" }));
    let by_choice = sender.client.post("/reports/new", &chosen).await;
    let nowhere = with(crime(), json!({ "to": "unit", "unit": "99" }));
    let nowhere = sender.client.post("/reports/new", &nowhere).await;
    let anonymous = with(with(crime(), without), json!({ "anonymous": "yes" }));
    let hidden = sender.client.post("/reports/new", &anonymous).await;

    assert_eq!(by_place.at("/unit"), officers::unit(HERE));
    assert_eq!(by_home.at("/unit"), officers::unit(home));
    assert_eq!(by_choice.at("/unit"), "Công an Thành phố Hà Nội");
    assert_eq!(fields(&nowhere), ["unit"]);
    assert_eq!(
        fields(&hidden),
        ["to"],
        "the police of the home would learn where the sender lives"
    );
}

#[tokio::test]
async fn four_kinds_of_act_a_missing_summary_and_a_missing_pledge_are_refused_with_what_was_typed() {
    let app = TestApp::start().await;
    let mut sender = sender(&app, Level::Two).await;

    let four = json!({ "matters": "theft,drugs,fraud,usury", "summary": " ", "pledge": "" });
    let refused = sender.client.post("/reports/new", &with(crime(), four)).await;
    let unknown = sender
        .client
        .post("/reports/new", &with(crime(), json!({ "matters": "shouting" })))
        .await;
    let typed = [
        ("kind", "crime"),
        ("matters", "theft"),
        ("commune", HERE),
        ("summary", "Mất xe đạp"),
    ];
    let page = sender
        .client
        .clone()
        .browser()
        .upload("/reports/new", &typed, &[])
        .await;
    let behalf = json!({ "on_behalf": "yes", "anonymous": "yes", "organisation": "Công ty A", "position": "Kế toán" });
    let behalf = sender.client.post("/reports/new", &with(crime(), behalf)).await;

    assert_eq!(fields(&refused), ["matters", "summary", "pledge"]);
    assert_eq!(refused.at("/errors/0/detail"), "Choose at most 3.");
    assert_eq!(fields(&unknown), ["matters"]);
    assert!(
        page.text().contains("Mất xe đạp") && page.text().contains("id=\"pledge-fault\""),
        "{page}"
    );
    assert_eq!(fields(&behalf), ["on_behalf"]);
}

#[tokio::test]
async fn crimes_need_level_2_and_feedback_level_1_and_who_may_not_is_pointed_to_113() {
    let app = TestApp::start().await;
    let mut sender = sender(&app, Level::One).await;

    let crime = sender.client.post("/reports/new", &crime()).await;
    let feedback = json!({ "kind": "feedback", "matters": "noise", "commune": HERE, "summary": "Hát loa kéo sau 23 giờ", "urgent": "yes" });
    let feedback = sender.client.post("/reports/new", &feedback).await;
    let page = sender
        .client
        .clone()
        .browser()
        .get("/reports/new?kind=petition&province=01")
        .await
        .text();

    assert_eq!(crime.at("/type"), "/problems/reports-level-needed");
    assert!(crime.at("/detail").contains("113"));
    assert_eq!(feedback.at("/urgent"), "true", "{feedback}");
    assert!(page.contains("tel:113") && page.contains("value=\"00070\""));
}

#[tokio::test]
async fn only_the_unit_and_those_above_it_see_a_report_and_it_can_be_passed_on() {
    let app = TestApp::start().await;
    let mut sender = sender(&app, Level::Two).await;
    let mut here = unit(&app, "hoankiem", HERE).await;
    let mut there = unit(&app, "badinh", "00004").await;
    let mut above = unit(&app, "hanoi", "01").await;
    let mut counter = officer_of(&app, "tiepnhan", Role::Counter, HERE).await;

    let sent = sender
        .client
        .post(
            "/reports/new",
            &with(crime(), json!({ "anonymous": "yes", "keep": "yes" })),
        )
        .await;
    let path = only(&mut here).await;
    let other = there.get(&path).await;
    let listed = there.get("/officers/reports").await;
    let role = counter.get("/officers/reports").await;
    let province = above.get(&path).await;
    let same = here
        .post(&format!("{path}/forward"), &json!({ "text": "x", "unit": HERE }))
        .await;
    let passed = json!({ "text": "Xảy ra ở địa bàn Ba Đình", "unit": "00004" });
    here.post(&format!("{path}/forward"), &passed).await;
    let gone = here.get(&path).await;
    let arrived = there.get(&path).await;
    let own = sender.client.get(&format!("/reports/sent/{}", sent.at("/link"))).await;

    assert_eq!(other.at("/type"), "/problems/officers-jurisdiction");
    assert_eq!(listed.at("/reports"), "[]");
    assert_eq!(role.at("/type"), "/problems/officers-other-role");
    assert_eq!(province.status, StatusCode::OK);
    assert_eq!(fields(&same), ["unit"]);
    assert_eq!(gone.at("/type"), "/problems/officers-jurisdiction");
    assert_eq!(arrived.at("/state"), "sent");
    assert_eq!(own.at("/steps/1/word"), "forwarded");
    assert_eq!(own.at("/unit"), officers::unit("00004"));
}

#[tokio::test]
async fn a_report_that_is_over_takes_no_more_words_and_a_step_back_is_refused() {
    let app = TestApp::start().await;
    let mut sender = sender(&app, Level::Two).await;
    let mut officer = unit(&app, "hoankiem", HERE).await;

    let sent = sender.client.post("/reports/new", &crime()).await;
    let path = only(&mut officer).await;
    officer.post(&format!("{path}/check"), &json!({})).await;
    let back = officer.post(&format!("{path}/receive"), &json!({})).await;
    let silent = officer.post(&format!("{path}/refuse"), &json!({ "text": "" })).await;
    officer
        .post(&format!("{path}/refuse"), &json!({ "text": "Không thuộc thẩm quyền" }))
        .await;
    let late = officer.post(&format!("{path}/answer"), &json!({ "text": "x" })).await;
    let mine = format!("/reports/sent/{}", sent.at("/link"));
    let word = sender
        .client
        .post(&format!("{mine}/messages"), &json!({ "text": "Sao vậy?" }))
        .await;
    let page = sender.client.clone().browser().get(&mine).await.text();
    app.run_jobs().await;

    assert_eq!(back.at("/type"), "/problems/reports-changed");
    assert_eq!(fields(&silent), ["text"]);
    assert_eq!(late.at("/type"), "/problems/reports-changed");
    assert_eq!(word.at("/type"), "/problems/reports-over");
    assert!(page.contains("id=\"over\"") && !page.contains("id=\"message\""));
}

#[tokio::test]
async fn the_same_form_sent_twice_is_one_report() {
    let app = TestApp::start().await;
    let mut sender = sender(&app, Level::Two).await;
    let mut officer = unit(&app, "hoankiem", HERE).await;

    let page = sender.client.clone().browser().get("/reports/new?kind=crime").await;
    let draft = sender.client.get("/reports/new?kind=crime").await.at("/draft");
    let form = with(crime(), json!({ "draft": draft }));
    let first = sender.client.post("/reports/new", &form).await;
    let second = sender.client.post("/reports/new", &form).await;
    let listed = officer.get("/officers/reports").await.json();

    assert!(page.sends_once("report-form"), "{page}");
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(second.at("/type"), "/problems/reports-already-sent");
    assert_eq!(listed["reports"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_list_shows_the_ten_newest_and_chooses_by_month_and_state() {
    let app = TestApp::start().await;
    let mut sender = sender(&app, Level::Two).await;

    let mut first = String::new();
    for turn in 0..12 {
        app.sign_in(&mut sender).await;
        let sent = sender.client.post("/reports/new", &crime()).await;
        assert_eq!(sent.status, StatusCode::OK, "{sent}");
        if turn == 0 {
            first = sent.at("/number");
        }
        app.advance(SignedDuration::from_hours(24));
    }
    app.sign_in(&mut sender).await;
    let all = sender.client.get("/reports").await.json();
    let november = sender.client.get("/reports?month=2026-11").await.json();
    let found = sender.client.get(&format!("/reports?q={first}")).await.json();
    let refused = sender.client.get("/reports?state=refused").await;
    app.run_jobs().await;

    assert_eq!(all["reports"].as_array().unwrap().len(), 10);
    assert_eq!(all["more"], true);
    assert_eq!(november["reports"].as_array().unwrap().len(), 8);
    assert_eq!(found["reports"][0]["number"], first.as_str());
    assert_eq!(refused.at("/reports"), "[]");
}

#[tokio::test]
async fn a_search_with_emoji_and_sql_finds_what_it_says_and_harms_nothing() {
    let app = TestApp::start().await;
    let mut sender = sender(&app, Level::Two).await;
    let mut officer = unit(&app, "hoankiem", HERE).await;
    let odd = "🚲 mất'; DROP TABLE report; --";

    sender
        .client
        .post("/reports/new", &with(crime(), json!({ "summary": odd })))
        .await;
    sender.client.post("/reports/new", &crime()).await;
    let query: String = url::form_urlencoded::byte_serialize(odd.as_bytes()).collect();
    let state: String = url::form_urlencoded::byte_serialize(b"sent' OR 1=1 --").collect();
    let count = |answer: &Answer| answer.json()["reports"].as_array().unwrap().len();
    let mine = sender.client.get(&format!("/reports?q={query}")).await;
    let theirs = officer.get(&format!("/officers/reports?q={query}")).await;
    let emoji = officer.get("/officers/reports?q=%F0%9F%9A%B2").await;
    let none = officer.get(&format!("/officers/reports?state={state}")).await;
    let marks = officer.get("/officers/reports?q=PHA+KHOA").await;
    let all = officer.get("/officers/reports").await;

    assert_eq!(
        [&mine, &theirs, &emoji, &none, &marks, &all].map(count),
        [1, 1, 1, 0, 1, 2]
    );
    assert!(mine.text().contains("\"number\""));
}

#[tokio::test]
async fn a_wrong_code_opens_nothing_and_says_so() {
    let app = TestApp::start().await;

    for code in [
        "",
        "1234",
        "0000-0000-0000-0000-0000",
        "' OR 1=1 --",
        "zzzz-zzzz-zzzz-zzzz-zzzz",
    ] {
        let answer = app.client().post("/reports/follow", &json!({ "code": code })).await;
        assert_eq!(answer.at("/type"), "/problems/reports-code-unknown", "{code}");
    }
}

#[tokio::test]
async fn a_film_of_a_gigabyte_is_refused_before_it_is_read() {
    let app = TestApp::start().await;
    let mut sender = sender(&app, Level::Two).await;
    let form = || {
        let kind = (header::CONTENT_TYPE, "multipart/form-data; boundary=cut");
        Request::builder()
            .method(Method::POST)
            .uri("/reports/new")
            .header(kind.0, kind.1)
    };
    let unread = futures_util::stream::once(async { panic!("the body was read") as Result<&[u8], std::io::Error> });
    let head: &[u8] = b"--cut\r\nContent-Disposition: form-data; name=\"attachments\"; filename=\"film.mp4\"\r\n\r\n";
    let piece: &[u8] = vec![7; 64 * 1024].leak();
    let read = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = read.clone();
    let pieces = std::iter::once(head).chain(std::iter::repeat_n(piece, 16 * 1024));
    let endless = futures_util::stream::iter(pieces.map(move |piece| {
        counted.fetch_add(piece.len(), std::sync::atomic::Ordering::Relaxed);
        Ok::<_, std::io::Error>(piece)
    }));

    let announced = form().header(header::CONTENT_LENGTH, "1073741824");
    let announced = sender.client.send(announced, Body::from_stream(unread)).await;
    let unannounced = sender.client.send(form(), Body::from_stream(endless)).await;

    assert_eq!(announced.at("/type"), "/problems/body-too-large");
    assert_eq!(unannounced.at("/type"), "/problems/body-too-large", "{unannounced}");
    assert!(read.load(std::sync::atomic::Ordering::Relaxed) < 16 * 1024 * 1024);
}
