//! The first page.

use http::StatusCode;
use serde_json::json;

use super::rules;
use crate::accounts::Level;
use crate::app::App;
use crate::notices::{Kind, Note, inform};
use crate::shell::finding::{Findable, Wanted};
use crate::shell::texts::Lang;
use crate::testing::TestApp;

#[tokio::test]
async fn every_tile_leads_to_a_page_that_answers() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let mut stranger = app.client().browser();

    for tile in rules::tiles() {
        let own = holder.client.get(&tile.path).await;
        let foreign = stranger.get(&tile.path).await;

        let refused = [StatusCode::OK, StatusCode::FORBIDDEN].contains(&own.status);
        assert!(refused, "{}: {own}", tile.path);
        let sent = [StatusCode::OK, StatusCode::SEE_OTHER].contains(&foreign.status);
        assert!(sent, "{}: {foreign}", tile.path);
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn every_address_in_the_table_of_utilities_answers_as_a_page_and_as_json() {
    const DOCUMENT: &str = include_str!("../../../../docs/utilities.md");
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let rows = || DOCUMENT.lines().filter(|line| line.starts_with("| "));
    let addresses: std::collections::BTreeSet<&str> = rows()
        .flat_map(|row| row.split('`').skip(1).step_by(2))
        .filter(|part| part.starts_with('/'))
        .collect();

    let mut wrong = Vec::new();
    for address in addresses {
        let json = holder.client.get(address).await;
        let page = holder.client.clone().browser().get(address).await;
        let is = |answer: &crate::testing::Answer, kind: &str| {
            let stands = [
                StatusCode::OK,
                StatusCode::FORBIDDEN,
                StatusCode::UNAUTHORIZED,
                StatusCode::SEE_OTHER,
            ];
            let said = answer
                .headers
                .get("content-type")
                .map_or("", |said| said.to_str().unwrap());
            stands.contains(&answer.status) && (said.contains(kind) || answer.status == StatusCode::SEE_OTHER)
        };
        if !is(&json, "json") || !is(&page, "text/html") {
            wrong.push(format!("{address}: {} {}", json.status, page.status));
        }
    }

    assert_eq!(wrong, [""; 0]);
    for feature in 50..=58 {
        assert!(
            rows().any(|row| row.starts_with(&format!("| F{feature} |"))),
            "F{feature}"
        );
    }
    for utility in 1..=16 {
        assert!(
            rows().any(|row| row.starts_with(&format!("| {utility} |"))),
            "{utility}"
        );
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn what_is_pinned_stands_first_and_is_kept_for_the_person() {
    let app = TestApp::start().await;
    let mut citizens = app.citizens();
    let mut holder = app.holder(citizens.next().unwrap(), Level::One).await;
    let mut other = app.holder(citizens.next().unwrap(), Level::One).await;

    let unknown = holder.client.post("/favourites", &json!({ "pin": "' OR 1=1" })).await;
    holder.client.post("/favourites", &json!({ "pin": "phone" })).await;
    app.advance(jiff::SignedDuration::from_secs(1));
    holder.client.form("/favourites", &[("pin", "history")]).await;
    holder.client.post("/favourites", &json!({ "pin": "phone" })).await;
    app.sign_in(&mut holder).await;
    let pinned = holder.client.get("/").await;
    let unpinned = holder.client.post("/favourites", &json!({ "unpin": "phone" })).await;

    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(
        (pinned.at("/favourites/0/id"), pinned.at("/favourites/1/id")),
        ("phone".into(), "history".into())
    );
    assert_eq!(unpinned.at("/favourites/0/id"), "history");
    assert_eq!(other.client.get("/").await.at("/favourites"), "[]");
    let stranger = app.client().post("/favourites", &json!({ "pin": "phone" })).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    app.run_jobs().await;
}

#[tokio::test]
async fn who_lacks_the_level_of_a_tile_is_told_what_to_do_next() {
    let app = TestApp::start().await;
    let mut citizens = app.citizens();
    let mut one = app.holder(citizens.next().unwrap(), Level::One).await;
    let mut two = app.holder(citizens.next().unwrap(), Level::Two).await;

    let home = one.client.get("/").await.json();
    let prompt = one.client.get("/tiles/health-book").await;
    let opened = two.client.get("/tiles/health-book").await;
    let page = one.client.clone().browser().get("/tiles/health-book").await.text();

    let tiles = home["groups"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|group| group["tiles"].as_array().unwrap());
    let closed = tiles.clone().find(|tile| tile["id"] == "health-book").unwrap();
    let open = tiles.clone().find(|tile| tile["id"] == "phone").unwrap();
    assert_eq!(
        (&closed["path"], &closed["opens"]),
        (&json!("/tiles/health-book"), &json!(false))
    );
    assert_eq!(
        (&open["path"], &open["opens"]),
        (&json!("/account/security/phone"), &json!(true))
    );
    assert_eq!(
        (prompt.at("/needs"), prompt.at("/level"), prompt.at("/next")),
        ("2".into(), "1".into(), "/applications".into())
    );
    assert!(
        page.contains(r#"id="upgrade""#) && page.contains(r#"href="/applications""#),
        "{page}"
    );
    assert_eq!(opened.location(), "/documents/health-book");
    assert_eq!(one.client.get("/tiles/none").await.status, StatusCode::NOT_FOUND);
    app.run_jobs().await;
}

#[tokio::test]
async fn the_search_finds_without_marks_and_takes_anything_for_text() {
    let app = TestApp::start().await;
    let mut visitor = app.client();

    let found = visitor.get("/search?q=so+suc+khoe").await;
    let odd = visitor.get("/search?q=%27%3B+DROP+TABLE+account%3B+--").await;
    let emoji = visitor.get("/search?q=%F0%9F%9A%97").await;
    let page = visitor
        .browser()
        .get("/search?q=%3Cscript%3Ealert(1)%3C/script%3E")
        .await;

    assert_eq!(found.at("/tiles/0/id"), "health-book");
    assert_eq!((odd.status, odd.at("/tiles")), (StatusCode::OK, "[]".to_owned()));
    assert_eq!((emoji.at("/asked"), emoji.at("/tiles")), ("false".into(), "[]".into()));
    assert!(
        page.status == StatusCode::OK && !page.text().contains("<script>alert"),
        "{page}"
    );
}

#[tokio::test]
async fn a_procedure_is_found_by_its_name_in_both_languages() {
    let app = TestApp::start().await;
    let mut visitor = app.client();
    let asked = [
        ("đăng ký tạm trú", "temporary-residence"),
        ("khai báo tạm vắng", "absence"),
        ("xac nhan cu tru", "ct07"),
        ("lý lịch tư pháp", "criminal-record"),
        ("gia hạn tạm trú", "temporary-residence"),
        ("declaration of absence", "absence"),
    ];

    let mut found = Vec::new();
    for (text, _) in asked {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("q", text)
            .finish();
        found.push(visitor.get(&format!("/search?{query}")).await);
    }
    let page = visitor.browser().get("/search?q=tam+vang").await.text();

    for ((text, code), answer) in asked.iter().zip(&found) {
        assert_eq!(answer.at("/procedures/0/code"), *code, "{text}: {answer}");
    }
    assert!(page.contains(r#"href="/procedures/absence""#), "{page}");
}

#[tokio::test]
async fn while_somebody_types_a_procedure_leads_to_its_tile_and_what_has_none_to_the_search() {
    let app = TestApp::start().await;
    let tile = rules::tile("procedures").unwrap();
    let known = Findable::new([], &rules::Shown::of(tile, None, &[]).words());

    let page = app.client().browser().get("/").await.text();

    for procedure in app.procedures.all() {
        for lang in [Lang::Vi, Lang::En] {
            let called = app.texts.say(lang, &format!("procedure-{}-title", procedure.code), &[]);
            for word in called
                .split(|letter: char| !letter.is_alphanumeric())
                .filter(|word| !word.is_empty())
            {
                let wanted = Wanted::read(word);
                assert!(
                    wanted.rank(&known) > 0,
                    "tiles.toml: procedures lacks {word} of {called}"
                );
            }
        }
    }
    let offer = page.split(r#"id="no-tile""#).nth(1).unwrap();
    assert!(
        page.contains(r#"<form class="search" id="search""#) && offer.contains(r#"form="search""#),
        "{page}"
    );
}

/// The addresses that a page loads to be shown.
fn loaded(page: &str) -> Vec<&str> {
    let after = |mark: &'static str| {
        page.split(mark)
            .skip(1)
            .filter_map(|rest| rest.split(['"', '#']).next())
    };
    let mut files: Vec<&str> = after("href=\"/assets/").chain(after("src=\"/assets/")).collect();
    files.sort_unstable();
    files.dedup();
    files
}

async fn weigh(client: &mut crate::testing::Client, path: &str, encoding: &'static str) -> usize {
    let request = http::Request::get(path).header("accept-encoding", encoding);
    let answer = client.send(request, axum::body::Body::empty()).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    answer.body.len()
}

#[tokio::test]
async fn the_first_load_stays_under_100_kilobytes() {
    let app = TestApp::start().await;
    let mut visitor = app.client().browser();
    let page = visitor.get("/").await.text();

    let mut weight = [0, 0];
    for path in std::iter::once("/".to_owned()).chain(loaded(&page).iter().map(|file| format!("/assets/{file}"))) {
        weight[0] += weigh(&mut visitor, &path, "identity").await;
        weight[1] += weigh(&mut visitor, &path, "gzip").await;
    }

    assert!(
        weight[0] < 100_000 && weight[1] < 30_000 && weight[1] > 2_000,
        "{weight:?}"
    );
}

#[tokio::test]
async fn only_what_is_the_same_for_everybody_is_compressed() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let mut visitor = app.client().browser();
    let zipped = |path: &'static str| http::Request::get(path).header("accept-encoding", "gzip");

    for path in [
        "/",
        "/assets/app.css",
        "/assets/tiles.svg",
        "/news",
        "/guide",
        "/help",
        "/authenticity",
    ] {
        let answer = visitor.send(zipped(path), axum::body::Body::empty()).await;
        assert_eq!(answer.headers.get("content-encoding").unwrap(), "gzip", "{path}");
    }
    for path in ["/", "/account", "/signin", "/account/security", "/search?q=phone"] {
        let answer = holder.client.send(zipped(path), axum::body::Body::empty()).await;
        assert!(answer.headers.get("content-encoding").is_none(), "{path}");
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn the_first_page_says_how_many_notices_are_unread() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let note = Note::new(Kind::Progress, "home-title", "home-unread-test");
    let (told, person, now) = (App::clone(&app), holder.person, app.now());

    let before = holder.client.get("/").await.at("/unread");
    let informed = app.db.write(move |tx| inform(&told, tx, &person, &note, now));
    informed.await.unwrap();
    let after = holder.client.get("/").await.at("/unread");
    let page = holder.client.clone().browser().get("/").await.text();

    assert_eq!((before, after), ("0".to_owned(), "1".to_owned()));
    assert!(page.contains(r#"id="unread""#), "{page}");
    app.run_jobs().await;
}
