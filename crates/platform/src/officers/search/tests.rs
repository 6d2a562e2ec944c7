use serde_json::json;

use crate::applications::tests::{citizen, officer, send_level_1};
use crate::officers::Role;
use crate::testing::TestApp;

#[tokio::test]
async fn a_look_up_has_a_purpose_and_is_in_the_history_with_its_case() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    send_level_1(&app, &person, &mut client).await;
    app.run_jobs().await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let number = person.number.as_str();

    let without = reviewer.post("/officers/search", &json!({ "number": number })).await;
    let no_case = json!({ "number": number, "purpose": "investigation" });
    let no_case = reviewer.post("/officers/search", &no_case).await;
    let helped = reviewer
        .post("/officers/search", &json!({ "number": number, "purpose": "support" }))
        .await;
    let case = json!({ "number": number, "purpose": "investigation", "case_number": "12/QĐ-ĐTTH" });
    reviewer.post("/officers/search", &case).await;
    let history = client.get("/account/history").await.text();

    assert_eq!(without.at("/type"), "/problems/officers-purpose");
    assert_eq!(no_case.at("/type"), "/problems/officers-case-number");
    assert_eq!(
        (helped.at("/found/state"), helped.at("/found/applications/0/state")),
        ("applied".to_owned(), "submitted".to_owned())
    );
    assert!(!helped.text().contains(&person.full_name), "{helped}");
    assert!(
        history.contains("\"support\"") && history.contains("12/QĐ-ĐTTH"),
        "{history}"
    );
}

#[tokio::test]
async fn wrong_forms_unknown_numbers_and_other_roles_are_told_apart() {
    let app = TestApp::start().await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
    let mut administrator = officer(&app, "quantri", Role::Administrator).await;
    let asked = json!({ "number": app.citizen().number.as_str(), "purpose": "support" });

    let wrong = json!({ "number": "12", "purpose": "support", "case_number": "<b>" });
    let wrong = reviewer.post("/officers/search", &wrong).await;
    let unknown = reviewer.post("/officers/search", &asked).await;
    let form = reviewer.browser().get("/officers/search").await.text();

    assert_eq!(wrong.json()["errors"].as_array().unwrap().len(), 2, "{wrong}");
    assert_eq!(
        (unknown.at("/asked"), unknown.at("/found")),
        ("true".to_owned(), "null".to_owned())
    );
    assert!(form.contains(r#"id="search""#), "{form}");
    for other in [&mut counter, &mut administrator] {
        assert_eq!(other.get("/officers/search").await.status.as_u16(), 403);
        assert_eq!(other.post("/officers/search", &asked).await.status.as_u16(), 403);
    }
}
