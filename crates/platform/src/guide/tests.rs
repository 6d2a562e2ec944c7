//! The guide: every utility is explained, and every link leads somewhere.

use std::collections::BTreeSet;

use http::StatusCode;

use super::rules;
use crate::accounts::Level;
use crate::home;
use crate::shell::prose::Block;
use crate::shell::texts::Lang;
use crate::testing::TestApp;

#[test]
fn every_utility_of_each_level_has_a_page_in_both_languages() {
    for tile in home::tiles() {
        let explains = |chapter: &&rules::Chapter| chapter.tiles.contains(&tile.id);
        let chapter = rules::chapters().iter().find(explains);
        let chapter = chapter.unwrap_or_else(|| panic!("no page of the guide explains {}", tile.id));
        for lang in [Lang::Vi, Lang::En] {
            assert!(
                !chapter.title(lang).is_empty() && chapter.blocks(lang).len() > 1,
                "{}",
                chapter.id
            );
        }
    }
    let ids: BTreeSet<&str> = rules::chapters().iter().map(|chapter| chapter.id.as_str()).collect();
    assert_eq!(ids.len(), rules::chapters().len());
}

fn links(blocks: &[Block]) -> impl Iterator<Item = &str> {
    let spans = blocks.iter().flat_map(|block| block.lines.iter().flatten());
    spans.filter_map(|span| span.to.as_deref())
}

#[tokio::test]
async fn every_link_of_the_guide_and_of_the_answers_leads_to_a_page() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let texts = rules::chapters()
        .iter()
        .flat_map(|chapter| [chapter.blocks(Lang::Vi), chapter.blocks(Lang::En)]);
    let mut addresses: BTreeSet<String> = texts.flat_map(links).map(str::to_owned).collect();
    let help = app.client().get("/help").await.json();
    for question in help["topics"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|topic| topic["questions"].as_array().unwrap())
    {
        for answer in ["answer", "answer_en"] {
            let blocks = question[answer].as_array().unwrap().iter();
            let spans = blocks
                .flat_map(|block| block["lines"].as_array().unwrap())
                .flat_map(|line| line.as_array().unwrap());
            addresses.extend(spans.filter_map(|span| span["to"].as_str()).map(str::to_owned));
        }
    }

    for address in addresses.iter().filter(|address| address.starts_with('/')) {
        let answer = holder.client.get(address).await;

        let refused = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&answer.status);
        assert!(!refused && !answer.status.is_server_error(), "{address}: {answer}");
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn the_guide_is_read_searched_and_taken_along() {
    let app = TestApp::start().await;
    let mut visitor = app.client();

    let list = visitor.get("/guide").await;
    let page = visitor.get("/guide/health-book").await;
    let found = visitor.get("/search?q=tiem+chung").await;
    let pdf = visitor.get("/guide/pdf/vi/level-2").await;
    let one = visitor.get("/guide/pdf/en/phone").await;
    let code = visitor.get("/guide/code/vi/level-2").await;

    assert_eq!(list.at("/parts/2/part"), "level-2");
    assert_eq!(
        (page.at("/title_en"), page.at("/tiles/0/path")),
        ("Health book".into(), "/tiles/health-book".into())
    );
    assert!(found.text().contains(r#""id":"health-book""#), "{found}");
    for pdf in [&pdf, &one] {
        assert_eq!(
            (pdf.headers["content-type"].to_str().unwrap(), &pdf.body[..5]),
            ("application/pdf", &b"%PDF-"[..])
        );
    }
    assert!(code.text().starts_with("<svg") && code.headers["content-type"] == "image/svg+xml");
    for gone in [
        "/guide/none",
        "/guide/pdf/vi/none",
        "/guide/pdf/fr/level-1",
        "/guide/code/vi/..%2f",
    ] {
        assert_eq!(visitor.get(gone).await.status, StatusCode::NOT_FOUND, "{gone}");
    }
}
