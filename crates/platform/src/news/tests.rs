//! News: written by one, approved by another, read by everybody.

use ::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::accounts::{self, Level};
use crate::applications::tests::{officer, officer_of};
use crate::officers::Role;
use crate::testing::{Answer, Client, TestApp};

fn warning(changed: &[(&str, &str)]) -> Value {
    let mut article = json!({
        "category": "warning", "province": "", "pinned_days": "7", "publish_at": "",
        "title": "Giả danh công an gọi điện", "lead": "Không làm theo lời người lạ qua điện thoại.",
        "body": "## Dấu hiệu\n- Hỏi **mã OTP**\n- Gửi [đường dẫn](/authenticity)\n\nGọi 113 khi cần.",
    });
    for (name, text) in changed {
        article[*name] = json!(text);
    }
    article
}

async fn write(client: &mut Client, article: &Value) -> String {
    let answer = client.post("/officers/news/new", article).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    answer.at("/shown/article")
}

async fn approve(client: &mut Client, article: &str) -> Answer {
    let page = client.get(&format!("/officers/news/{article}")).await;
    let decision = json!({ "decision": "approve", "version": page.json()["version"] });
    client
        .post(&format!("/officers/news/{article}/review"), &decision)
        .await
}

/// Writes an article and has it approved.
async fn publish(writer: &mut Client, reviewer: &mut Client, article: &Value) -> String {
    let id = write(writer, article).await;
    writer
        .post(&format!("/officers/news/{id}/submission"), &json!({}))
        .await;
    let approved = approve(reviewer, &id).await;
    assert_eq!(approved.status, StatusCode::OK, "{approved}");
    id
}

#[tokio::test]
async fn a_warning_is_written_by_one_approved_by_another_and_read_by_everybody() {
    let app = TestApp::start().await;
    let mut writer = officer(&app, "writer", Role::Ministry).await;
    let mut reviewer = officer(&app, "reviewer", Role::Ministry).await;
    let mut reader = app.client();

    let id = write(&mut writer, &warning(&[])).await;
    let early = approve(&mut reviewer, &id).await;
    writer
        .post(&format!("/officers/news/{id}/submission"), &json!({}))
        .await;
    let own = approve(&mut writer, &id).await;
    let before = reader.get(&format!("/news/{id}")).await;
    let approved = approve(&mut reviewer, &id).await;
    let list = reader.get("/news").await;
    let page = reader.clone().browser().get(&format!("/news/{id}")).await.text();

    assert_eq!(
        (early.status, before.status),
        (StatusCode::CONFLICT, StatusCode::NOT_FOUND)
    );
    assert_eq!(
        (own.status, own.at("/type")),
        (StatusCode::FORBIDDEN, "/problems/news-own-text".to_owned())
    );
    assert_eq!(
        (approved.at("/state"), approved.at("/written_by")),
        ("public".into(), "Cán bộ writer, Cục Cảnh sát QLHC về TTXH (C06)".into())
    );
    assert_eq!(
        (list.at("/pinned/0/article"), list.at("/articles")),
        (id, "[]".to_owned())
    );
    assert!(
        page.contains("<strong>mã OTP</strong>")
            && page.contains(r#"<a href="/authenticity" rel="noopener">đường dẫn</a>"#),
        "{page}"
    );
}

#[tokio::test]
async fn what_was_changed_after_it_was_read_is_not_approved() {
    let app = TestApp::start().await;
    let mut writer = officer(&app, "writer", Role::Ministry).await;
    let mut reviewer = officer(&app, "reviewer", Role::Ministry).await;
    let id = write(&mut writer, &warning(&[])).await;
    let (edit, review) = (
        format!("/officers/news/{id}/edit"),
        format!("/officers/news/{id}/review"),
    );
    writer
        .post(&format!("/officers/news/{id}/submission"), &json!({}))
        .await;
    let read = reviewer.get(&format!("/officers/news/{id}")).await.json()["version"].clone();

    writer
        .post(&edit, &warning(&[("title", "Nhận quà miễn phí tại đây")]))
        .await;
    let draft = reviewer
        .post(&review, &json!({ "decision": "approve", "version": read }))
        .await;
    writer
        .post(&format!("/officers/news/{id}/submission"), &json!({}))
        .await;
    let stale = reviewer
        .post(&review, &json!({ "decision": "approve", "version": read }))
        .await;
    let without = reviewer
        .post(&review, &json!({ "decision": "return", "version": 2, "why": "" }))
        .await;
    let returned = reviewer
        .post(
            &review,
            &json!({ "decision": "return", "version": 2, "why": "Tiêu đề sai sự thật." }),
        )
        .await;
    let by_other = reviewer.post(&edit, &warning(&[])).await;

    assert_eq!(
        (draft.status, stale.status),
        (StatusCode::CONFLICT, StatusCode::CONFLICT)
    );
    assert_eq!(
        (without.status, without.at("/errors/0/field")),
        (StatusCode::UNPROCESSABLE_ENTITY, "why".to_owned())
    );
    assert_eq!(
        (returned.at("/state"), returned.at("/returned_why")),
        ("returned".into(), "Tiêu đề sai sự thật.".into())
    );
    assert_eq!(by_other.status, StatusCode::CONFLICT);
    assert_eq!(app.client().get("/news").await.at("/pinned"), "[]");
}

#[tokio::test]
async fn an_article_appears_at_its_time_stands_first_for_its_days_and_is_gone_when_taken_back() {
    let app = TestApp::start_with(|config| config.session_hours = 200).await;
    let mut writer = officer(&app, "writer", Role::Ministry).await;
    let mut reviewer = officer(&app, "reviewer", Role::Ministry).await;
    let mut reader = app.client();
    let later = warning(&[("publish_at", "2026-11-24T08:00"), ("pinned_days", "2")]);

    let id = publish(&mut writer, &mut reviewer, &later).await;
    let scheduled = reader.get(&format!("/news/{id}")).await;
    app.advance(SignedDuration::from_hours(24));
    let pinned = reader.get("/news").await;
    let kept = reader.get("/news/kept").await;
    app.advance(SignedDuration::from_hours(48));
    let below = reader.get("/news").await;
    let silent = reviewer
        .post(&format!("/officers/news/{id}/withdrawal"), &json!({ "why": "  " }))
        .await;
    reviewer
        .post(
            &format!("/officers/news/{id}/withdrawal"),
            &json!({ "why": "Tin không còn đúng." }),
        )
        .await;
    let gone = reader.get(&format!("/news/{id}")).await;
    let kept_no_more = reader.get("/news/kept").await;

    assert_eq!(scheduled.status, StatusCode::NOT_FOUND);
    assert_eq!(pinned.at("/pinned/0/article"), id);
    assert_eq!(kept.at("/pages/0"), format!("/news/{id}"));
    assert_eq!(
        (below.at("/pinned"), below.at("/articles/0/article")),
        ("[]".into(), id)
    );
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        (gone.status, gone.at("/type")),
        (StatusCode::GONE, "/problems/news-withdrawn".to_owned())
    );
    assert_eq!(kept_no_more.at("/pages"), "[]");
}

#[tokio::test]
async fn a_chief_writes_for_the_own_province_and_its_readers_see_it() {
    let app = TestApp::start().await;
    let mut chief = officer_of(&app, "chief", Role::Chief, "01").await;
    let mut deputy = officer_of(&app, "deputy", Role::Chief, "01").await;
    let mut elsewhere = officer_of(&app, "elsewhere", Role::Chief, "96").await;
    let mut commune = officer_of(&app, "commune", Role::Chief, "00070").await;
    let mut inspector = officer(&app, "inspector", Role::Inspector).await;

    let country = chief.post("/officers/news/new", &warning(&[])).await;
    let id = publish(&mut chief, &mut deputy, &warning(&[("province", "01")])).await;
    let foreign = elsewhere.get(&format!("/officers/news/{id}")).await;
    let all = app.client().get("/news").await;
    let here = app.client().get("/news?province=01").await;
    let nonsense = app.client().get("/news?province=%27+OR+1%3D1&category=x").await;

    assert_eq!(
        (country.status, country.at("/type")),
        (StatusCode::FORBIDDEN, "/problems/officers-jurisdiction".to_owned())
    );
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    for other in [&mut commune, &mut inspector] {
        assert_eq!(other.get("/officers/news").await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(all.at("/pinned"), "[]");
    assert_eq!(
        (here.at("/pinned/0/article"), here.at("/pinned/0/province")),
        (id, "01".to_owned())
    );
    assert_eq!(
        (nonsense.status, nonsense.at("/province")),
        (StatusCode::OK, String::new())
    );
}

/// A note for everybody that does not stand first.
fn announcement(title: &str) -> Value {
    warning(&[("category", "announcement"), ("pinned_days", "0"), ("title", title)])
}

#[tokio::test]
async fn articles_of_the_same_minute_are_all_read_page_by_page() {
    let app = TestApp::start().await;
    let mut writer = officer(&app, "writer", Role::Ministry).await;
    let mut reviewer = officer(&app, "reviewer", Role::Ministry).await;
    let mut written = std::collections::BTreeSet::new();
    for one in 0..25 {
        let article = announcement(&format!("Thông báo số {one}"));
        written.insert(publish(&mut writer, &mut reviewer, &article).await);
    }

    let (mut read, mut next) = (Vec::new(), Some("/news".to_owned()));
    while let Some(address) = next {
        let page = app.client().get(&address).await.json();
        let articles = page["articles"].as_array().unwrap().iter();
        read.extend(articles.map(|article| article["article"].as_str().unwrap().to_owned()));
        next = page["older"].as_str().map(|older| format!("/news?before={older}"));
    }
    let nonsense = app.client().get("/news?before=yesterday").await;

    assert_eq!(read.len(), 25, "one was passed over, or told twice");
    assert_eq!(read.into_iter().collect::<std::collections::BTreeSet<_>>(), written);
    assert_eq!(nonsense.json()["articles"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn what_waits_in_a_province_stands_first_at_its_desk_however_much_the_country_writes() {
    let app = TestApp::start().await;
    let mut chief = officer_of(&app, "chief", Role::Chief, "01").await;
    let mut deputy = officer_of(&app, "deputy", Role::Chief, "01").await;
    let waiting = write(&mut chief, &warning(&[("province", "01")])).await;
    chief
        .post(&format!("/officers/news/{waiting}/submission"), &json!({}))
        .await;
    let fields = announcement("Thông báo của cả nước");
    let fields = fields.as_object().unwrap().iter();
    let form = crate::shell::input::Upload {
        files: Vec::new(),
        fields: fields
            .map(|(name, text)| (name.clone(), text.as_str().unwrap().to_owned()))
            .collect(),
    };
    app.advance(SignedDuration::from_mins(5));
    let (now, today) = (app.now(), app.clock.today());
    let country = super::rules::read(&form, now, today).unwrap();
    let draft = write(&mut chief, &warning(&[("province", "01")])).await;
    app.db
        .write(move |tx| {
            for one in 0..250_u8 {
                let (article, by) = (
                    super::ArticleId::from([one; 16]),
                    crate::officers::OfficerId::from([1; 16]),
                );
                super::store::insert(tx, &article, &country, &by, now)?;
            }
            Ok::<_, db::Error>(())
        })
        .await
        .unwrap();

    let desk = deputy.get("/officers/news").await;

    let listed = desk.json()["articles"].as_array().unwrap().clone();
    let listed: Vec<&str> = listed
        .iter()
        .map(|article| article["article"].as_str().unwrap())
        .collect();
    assert_eq!(listed, [waiting.as_str(), draft.as_str()], "{desk}");
}

#[tokio::test]
async fn a_warning_of_a_province_stands_on_the_first_page_of_its_residents_and_is_kept_where_it_was_chosen() {
    let app = TestApp::start().await;
    let mut chief = officer_of(&app, "chief", Role::Chief, "01").await;
    let mut deputy = officer_of(&app, "deputy", Role::Chief, "01").await;
    let mut people = app.citizens();
    let mut here = app.holder(people.next().unwrap(), Level::Two).await;
    let mut elsewhere = app.holder(people.next().unwrap(), Level::Two).await;
    for (holder, province) in [(&here, "01"), (&elsewhere, "79")] {
        let (person, now) = (holder.person, app.now());
        app.db
            .write(move |tx| accounts::live_in(tx, &person, province, now))
            .await
            .unwrap();
    }
    let id = publish(&mut chief, &mut deputy, &warning(&[("province", "01")])).await;

    let first_page = here.client.get("/").await;
    let other_page = elsewhere.client.get("/").await;
    let stranger = app.client().get("/").await;
    let kept = app.client().get("/news/kept?province=01").await;
    let kept_by_others = app.client().get("/news/kept").await;
    let worker = app.client().get("/news/worker.js").await.text();

    assert_eq!(first_page.at("/warnings/0/article"), id);
    assert_eq!(
        (other_page.at("/warnings"), stranger.at("/warnings")),
        ("[]".to_owned(), "[]".to_owned())
    );
    assert_eq!(kept.at("/pages"), format!(r#"["/news/{id}"]"#));
    assert_eq!(kept_by_others.at("/pages"), "[]");
    assert!(worker.contains(r#"const CHOICE = "province";"#), "{worker}");
    app.run_jobs().await;
}

#[tokio::test]
async fn no_html_of_an_editor_reaches_a_page_and_a_picture_loses_what_it_hides() {
    let app = TestApp::start().await;
    let mut writer = officer(&app, "writer", Role::Ministry).await;
    let portrait = crate::applications::tests::face(&app, &app.citizen());
    let fields: Vec<(String, String)> = warning(&[])
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, text)| (name.clone(), text.as_str().unwrap().to_owned()))
        .collect();
    let mut fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();

    let html = writer
        .post(
            "/officers/news/new",
            &warning(&[("body", "Bấm <script>alert(1)</script> để xem thêm")]),
        )
        .await;
    let mute = writer
        .upload("/officers/news/new", &fields, &[("picture", &portrait)])
        .await;
    let broken = writer
        .upload("/officers/news/new", &fields, &[("picture", b"MZ\x90")])
        .await;
    fields.push(("picture_says", "Một người đang gọi điện"));
    let drawn = writer
        .upload("/officers/news/new", &fields, &[("picture", &portrait)])
        .await;
    let id = drawn.at("/shown/article");
    let own = writer.get(&format!("/officers/news/{id}/picture")).await;
    let stranger = app.client().get(&format!("/news/{id}/picture")).await;

    assert_eq!(
        (html.at("/errors/0/field"), html.status),
        ("body".into(), StatusCode::UNPROCESSABLE_ENTITY)
    );
    assert_eq!(mute.at("/errors/0/field"), "picture_says");
    assert!(broken.text().contains(r#""field":"picture""#), "{broken}");
    assert_eq!((own.status, &own.body[..3]), (StatusCode::OK, &b"\xff\xd8\xff"[..]));
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
}
