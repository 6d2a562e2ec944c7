use ::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::statement;
use crate::testing::{Answer, TestApp};

fn about() -> Map<String, Value> {
    json!({ "software_id": "app-1", "client_name": "Ứng dụng thử", "scope": "openid profile" })
        .as_object()
        .unwrap()
        .clone()
}

async fn sandbox() -> TestApp {
    TestApp::start().await
}

async fn register(app: &TestApp, more: Value) -> Answer {
    let mut body = json!({ "redirect_uris": ["https://app.example/cb"] });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.client().post("/sso/register", &body).await
}

#[tokio::test]
async fn a_program_with_a_statement_of_ours_registers_itself_with_what_the_statement_says() {
    let app = sandbox().await;
    let statement = statement(&app, about()).unwrap();

    let wide = json!({ "software_statement": statement, "scope": "openid vneid_number", "client_name": "Ngân hàng" });
    let registered = register(&app, wide).await;

    assert_eq!(registered.status, StatusCode::CREATED, "{registered}");
    assert_eq!(registered.at("/scope"), "openid profile");
    assert_eq!(registered.at("/client_name"), "Ứng dụng thử");
    assert!(registered.at("/client_secret").len() >= 32);
    let id = registered.at("/client_id");
    assert!(crate::sso::find(&app, &id).await.unwrap().is_some());
}

#[tokio::test]
async fn nobody_registers_without_a_statement_or_with_another_token_of_ours_or_too_late() {
    let app = sandbox().await;
    let good = statement(&app, about()).unwrap();
    let (head, _) = good.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", crypto::base64url::encode([1; 64]));

    let without = register(&app, json!({})).await;
    let forged = register(&app, json!({ "software_statement": forged })).await;
    let bad_address = register(
        &app,
        json!({ "software_statement": good, "redirect_uris": ["http://x.example/"] }),
    )
    .await;
    app.advance(SignedDuration::from_hours(25));
    let late = register(&app, json!({ "software_statement": good })).await;

    let errors = [without, forged, bad_address, late].map(|answer| answer.at("/error"));
    assert_eq!(
        errors,
        [
            "unapproved_software_statement",
            "unapproved_software_statement",
            "invalid_redirect_uri",
            "invalid_software_statement"
        ]
    );
}

#[tokio::test]
async fn the_sandbox_gives_statements_and_says_where_to_register() {
    let app = sandbox().await;

    let given = app
        .client()
        .post(
            "/sandbox/software-statements",
            &json!({ "client_name": "A", "scope": "openid" }),
        )
        .await;
    let registered = register(&app, json!({ "software_statement": given.at("/software_statement") })).await;
    let document = app.client().get("/.well-known/openid-configuration").await;

    assert_eq!(registered.status, StatusCode::CREATED, "{registered}");
    assert_eq!(
        document.at("/registration_endpoint"),
        given.at("/registration_endpoint")
    );
}
