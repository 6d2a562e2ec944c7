use crate::accounts::Level;
use crate::sso::tests::{PORTAL, begin, param, request};
use crate::testing::TestApp;

/// What a stranger who was sent to sign in finds in the field of the number.
async fn prefilled(app: &TestApp, hint: &str) -> String {
    let asked = request("portal", PORTAL, "openid", &[("login_hint", hint)]);
    let sent = app.client().get(&asked).await.location();
    assert!(param(&format!("http://x{sent}"), "next").is_some(), "{sent}");
    app.client().get(&sent).await.at("/number")
}

#[tokio::test]
async fn the_number_that_a_relying_party_hints_at_need_not_be_typed() {
    let (app, holder) = begin(Level::One).await;
    let number = holder.citizen.number.as_str();

    let own = prefilled(&app, number).await;
    let nobodys = prefilled(&app, "001099000001").await;

    assert_eq!((own.as_str(), nobodys.as_str()), (number, "001099000001"));
}

#[tokio::test]
async fn a_hint_that_is_no_personal_number_fills_in_nothing() {
    let (app, _) = begin(Level::One).await;

    for hint in ["buffy@example.com", "<script>", "0912345678", ""] {
        assert_eq!(prefilled(&app, hint).await, "", "{hint}");
    }
    let direct = app.client().get("/signin?next=/sso/resume?request=AAAA").await;
    assert_eq!(direct.at("/number"), "");
}
