use ::http::StatusCode;
use proptest::prelude::*;

use super::rules::{code, is_genuine};
use crate::testing::TestApp;

#[tokio::test]
async fn a_receipt_is_verified_and_nothing_else_is_told() {
    let app = TestApp::start().await;
    let right = code(&app.vault, "2-261123-K7QM2F");
    let mut asker = app.client();
    let ask = |number: &str, code: &str| format!("/receipts?number={number}&code={code}");

    let form = asker.get("/receipts").await;
    let yes = asker.get(&ask("2-261123-K7QM2F", &right)).await;
    let typed = asker
        .get(&ask("2-261123-k7qm2f", &right.replace('-', "").to_lowercase()))
        .await;
    let other = asker.get(&ask("2-261123-K7QM2G", &right)).await;
    let long = asker.get(&ask("2-261123-K7QM2F", &"A".repeat(2000))).await;
    let page = asker.browser().get(&ask("2-261123-K7QM2F", &right)).await.text();

    assert_eq!(form.at("/genuine"), "null");
    assert_eq!(yes.status, StatusCode::OK);
    let told: Vec<String> = yes.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(told, ["number", "code", "genuine"]);
    assert_eq!(yes.at("/genuine"), "true");
    assert_eq!(typed.at("/genuine"), "true");
    assert_eq!(other.at("/genuine"), "false");
    assert_eq!(long.at("/genuine"), "null");
    assert!(page.contains(r#"id="genuine""#), "{page}");
}

#[tokio::test]
async fn no_other_code_is_that_of_a_receipt() {
    let app = TestApp::start().await;
    let right = code(&app.vault, "2-261123-K7QM2F");

    proptest!(|(typed in "[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", noise in "\\PC{0,40}")| {
        prop_assert!(!is_genuine(&app.vault, "2-261123-K7QM2F", &noise));
        prop_assert_eq!(is_genuine(&app.vault, "2-261123-K7QM2F", &typed), typed == right);
    });
}
