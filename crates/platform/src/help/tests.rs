//! Questions, and what does not answer.

use http::StatusCode;
use nation::sources::{Fault, Source};

use crate::accounts::Level;
use crate::registries;
use crate::shell::texts::Lang;
use crate::testing::TestApp;

#[tokio::test]
async fn the_hotline_and_the_answers_are_told_to_everybody() {
    let app = TestApp::start().await;

    let told = app.client().get("/help").await;
    let page = app.client().browser().get("/help").await.text();

    assert_eq!(
        (told.status, told.at("/hotline"), told.at("/outages")),
        (StatusCode::OK, "1900.0368".into(), "0".into())
    );
    assert!(
        page.contains(r#"href="tel:19000368""#) && page.contains(r#"id="q-scam""#),
        "{page}"
    );
}

#[tokio::test]
async fn a_source_that_does_not_answer_is_told_with_the_time_since_when_until_it_is_back() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let before = app.client().get("/help/outages").await;

    let down = Fault {
        down: true,
        ..Fault::default()
    };
    app.faults().set(Source::Population, down);
    let since = app.now();
    for _ in 0..3 {
        holder.client.get("/account/personal").await;
    }
    let during = app.client().get("/help/outages").await;
    app.advance(jiff::SignedDuration::from_mins(2));
    app.faults().clear();
    holder.client.get("/account/personal").await;
    let after = app.client().get("/help/outages").await;

    assert_eq!(before.at("/outages"), "[]");
    assert_eq!(
        (during.at("/outages/0/source"), during.at("/outages/0/since")),
        ("population".into(), since.to_string())
    );
    assert_eq!(after.at("/outages"), "[]");
    app.run_jobs().await;
}

#[tokio::test]
async fn an_outage_of_any_source_is_told_in_both_languages() {
    let app = TestApp::start().await;

    for source in registries::Source::ALL {
        for lang in [Lang::Vi, Lang::En] {
            for sentence in ["documents-source", "help-outage"] {
                let id = format!("{sentence}-{}", source.text());
                assert!(app.texts.find(lang, &id, &[]).is_some(), "{id}");
            }
        }
    }
}
