use ::http::StatusCode;
use jiff::SignedDuration;
use serde_json::json;

use crate::accounts::Level;
use crate::sandbox::holders;
use crate::sso::tests::{PORTAL, VERIFIER, begin, code, exchange, param, portal, request, userinfo};

#[tokio::test]
async fn a_partner_that_is_locked_out_gets_nothing_and_both_are_told_why() {
    let (app, mut holder) = begin(Level::Two).await;
    let given = code(&mut holder, "portal", PORTAL, "openid profile").await;
    let tokens = exchange(&app, &given, VERIFIER).await;

    let form = json!({ "purpose": "partner", "client_id": "portal" });
    let locked = holder.client.post("/account/locks/purposes", &form).await;
    let asked = holder
        .client
        .get(&request("portal", PORTAL, "openid profile", &[]))
        .await;
    let answer = json!({ "request": asked.at("/request"), "answer": "locked" });
    let sent = holder.client.post("/sso/consent", &answer).await;
    let silent = request("portal", PORTAL, "openid profile", &[("prompt", "none")]);
    let silent = holder.client.get(&silent).await;
    let told = userinfo(&app, &tokens.at("/access_token")).await;

    assert_eq!(locked.at("/locks/0/partner"), "Cổng portal", "{locked}");
    assert_eq!(
        (asked.status, asked.at("/why")),
        (StatusCode::FORBIDDEN, "partner".to_owned())
    );
    for sent in [&sent, &silent] {
        assert_eq!(param(&sent.location(), "error").as_deref(), Some("access_denied"));
        let why = param(&sent.location(), "error_description").unwrap();
        assert_eq!(why, "the person has locked this relying party");
    }
    assert_eq!(told.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_lock_at_night_refuses_at_night_alone_and_is_lifted_by_the_passcode() {
    let (app, mut holder) = begin(Level::Two).await;
    holders::make(&app, &holder.citizen, Level::Two).await.unwrap();
    let bank = "https://bank.example/cb";
    portal(&app, "bank", bank, json!({ "vneid_purposes": ["ekyc"] })).await;
    let form = json!({ "purpose": "ekyc", "from": "22:00", "to": "06:00" });
    let set = holder.client.post("/account/locks/purposes", &form).await;

    let by_day = holder.client.get(&request("bank", bank, "openid", &[])).await;
    app.advance(SignedDuration::from_hours(11));
    app.advance(SignedDuration::from_hours(3));
    app.sign_in(&mut holder).await;
    let by_night = holder.client.get(&request("bank", bank, "openid", &[])).await;
    let other = holder.client.get(&request("portal", PORTAL, "openid", &[])).await;
    let lift = json!({ "lock": set.at("/locks/0/lock"), "passcode": "000999" });
    let wrong = holder.client.post("/account/locks/purposes/lift", &lift).await;
    let lift = json!({ "lock": set.at("/locks/0/lock"), "passcode": holders::PASSCODE });
    let lifted = holder.client.post("/account/locks/purposes/lift", &lift).await;
    let again = holder.client.get(&request("bank", bank, "openid", &[])).await;
    app.run_jobs().await;

    assert_eq!(by_day.status, StatusCode::OK);
    assert_eq!(
        (by_night.status, by_night.at("/why")),
        (StatusCode::FORBIDDEN, "ekyc".to_owned())
    );
    assert_eq!(other.status, StatusCode::OK);
    assert_eq!(wrong.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(lifted.json()["locks"], json!([]), "{lifted}");
    assert_eq!(again.status, StatusCode::OK);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_its_field() {
    let (_app, mut holder) = begin(Level::Two).await;

    for (form, field) in [
        (json!({}), "purpose"),
        (json!({ "purpose": "ekyc", "from": "22:00" }), "from"),
        (json!({ "purpose": "partner", "client_id": "nobody" }), "client_id"),
    ] {
        let refused = holder.client.post("/account/locks/purposes", &form).await;
        assert_eq!(refused.at("/errors/0/field"), field);
    }
}

#[tokio::test]
async fn a_locked_account_signs_in_nowhere_and_its_refresh_token_is_worth_nothing() {
    let (app, mut holder) = begin(Level::Two).await;
    let given = code(&mut holder, "portal", PORTAL, "openid profile").await;
    let tokens = exchange(&app, &given, VERIFIER).await;

    let form = json!({ "reason": "mất máy", "confirm": "yes" });
    holder.client.post("/account/locks", &form).await;
    let told = userinfo(&app, &tokens.at("/access_token")).await;
    app.sign_in(&mut holder).await;
    let asked = holder
        .client
        .get(&request("portal", PORTAL, "openid profile", &[]))
        .await;
    let page = holder
        .client
        .clone()
        .browser()
        .get(&request("portal", PORTAL, "openid", &[]))
        .await;
    app.run_jobs().await;

    assert_eq!(told.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        (asked.status, asked.at("/why")),
        (StatusCode::FORBIDDEN, "account-locked".to_owned())
    );
    assert!(
        page.text()
            .contains("Your account is locked, so Cổng portal gets nothing."),
        "{page}"
    );
}
