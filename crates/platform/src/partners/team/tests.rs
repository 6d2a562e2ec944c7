use ::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::partners::tests::{BACK, agree, ask, begin};
use crate::sso::tests::{param, request};
use crate::testing::{Answer, Holder, TestApp};

/// Another person with an account.
async fn other(app: &TestApp, index: usize, level: Level) -> Holder {
    let citizen = app.citizens().nth(index).unwrap();
    app.holder(citizen, level).await
}

async fn invite(owner: &mut Holder, address: &str, role: &str) -> Answer {
    let form = json!({ "label": "Phòng kỹ thuật", "role": role });
    owner.client.post(&format!("{address}/members"), &form).await
}

fn code(invited: &Answer) -> Value {
    let address = invited.at("/invitation");
    json!({ "code": param(&address, "code").unwrap_or_else(|| panic!("no invitation: {invited}")) })
}

/// Who has a role, or is invited to it.
fn member(page: &Answer, role: &str) -> String {
    let members = page.json()["members"].as_array().unwrap().clone();
    let found = members.iter().find(|member| member["role"] == role).unwrap();
    found["member"].as_str().unwrap().to_owned()
}

async fn join(holder: &mut Holder, code: &Value) -> Answer {
    holder.client.post("/partners/invitation", code).await
}

#[tokio::test]
async fn several_developers_share_a_connection_each_with_a_role() {
    let (app, mut owner, _) = begin().await;
    let address = format!("/partners/connections/{}", ask(&mut owner).await.at("/connection"));
    let (mut developer, mut reader) = (other(&app, 1, Level::Two).await, other(&app, 2, Level::Two).await);

    let invited = invite(&mut owner, &address, "developer").await;
    let link = invited.at("/invitation");
    let read = developer
        .client
        .get(link.strip_prefix("http://localhost:8080").unwrap())
        .await;
    let joined = join(&mut developer, &code(&invited)).await;
    let invitation = code(&invite(&mut owner, &address, "reader").await);
    join(&mut reader, &invitation).await;
    let looked = reader.client.get(&address).await;
    let secret = developer.client.post(&format!("{address}/secret"), &json!({})).await;
    let mut refused = Vec::new();
    for path in ["secret", "check", "keys"] {
        refused.push(reader.client.post(&format!("{address}/{path}"), &json!({})).await);
    }
    refused.push(invite(&mut developer, &address, "owner").await);
    let listed = developer.client.get("/partners").await;

    assert_eq!(
        (read.at("/role"), read.at("/label")),
        ("developer".into(), "Phòng kỹ thuật".into())
    );
    assert_eq!(
        (joined.at("/role"), joined.at("/invitation")),
        ("developer".into(), "null".into())
    );
    assert_eq!(
        (looked.at("/role"), looked.json()["members"].as_array().unwrap().len()),
        ("reader".into(), 2)
    );
    assert!(secret.at("/trial_secret").len() > 40, "{secret}");
    for answer in refused {
        assert_eq!(
            (answer.status, answer.at("/type")),
            (StatusCode::FORBIDDEN, "/problems/partners-role".into())
        );
    }
    assert!(address.ends_with(&listed.at("/own/0/connection")), "{listed}");
    app.run_jobs().await;
}

#[tokio::test]
async fn an_invitation_works_once_within_its_days_for_who_has_level_two() {
    let (app, mut owner, _) = begin().await;
    let address = format!("/partners/connections/{}", ask(&mut owner).await.at("/connection"));
    let (mut one, mut two) = (other(&app, 1, Level::Two).await, other(&app, 2, Level::Two).await);
    let mut low = other(&app, 3, Level::One).await;
    let first = code(&invite(&mut owner, &address, "reader").await);

    let by_low = join(&mut low, &first).await;
    let by_owner = join(&mut owner, &first).await;
    let forged = join(&mut one, &json!({"code": "AAAA"})).await;
    join(&mut one, &first).await;
    let again = join(&mut two, &first).await;
    let withdrawn = invite(&mut owner, &address, "owner").await;
    let member = member(&withdrawn, "owner");
    owner
        .client
        .post(&format!("{address}/members/{member}/end"), &json!({}))
        .await;
    let too_late_to = join(&mut two, &code(&withdrawn)).await;
    let kept = code(&invite(&mut owner, &address, "reader").await);
    app.advance(SignedDuration::from_hours(24 * 7));
    app.sign_in(&mut two).await;
    let late = join(&mut two, &kept).await;

    assert_eq!(by_low.at("/type"), "/problems/partners-level-two-needed");
    assert_eq!(by_owner.at("/type"), "/problems/partners-member-already");
    for answer in [forged, again, too_late_to, late] {
        assert_eq!(
            (answer.status, answer.at("/type")),
            (StatusCode::GONE, "/problems/partners-invitation-over".into())
        );
    }
    assert_eq!(two.client.get(&address).await.status, StatusCode::NOT_FOUND);
    app.run_jobs().await;
}

#[tokio::test]
async fn whose_part_has_ended_sees_nothing_any_more() {
    let (app, mut owner, _) = begin().await;
    let address = format!("/partners/connections/{}", ask(&mut owner).await.at("/connection"));
    let (mut one, mut two) = (other(&app, 1, Level::Two).await, other(&app, 2, Level::Two).await);
    let invited = code(&invite(&mut owner, &address, "developer").await);
    let joined = join(&mut one, &invited).await;
    let invited = code(&invite(&mut owner, &address, "reader").await);
    let reader = join(&mut two, &invited).await;

    let foreign = format!("{address}/members/{}/end", member(&joined, "developer"));
    let not_hers = two.client.post(&foreign, &json!({})).await;
    owner.client.post(&foreign, &json!({})).await;
    let own = format!("{address}/members/{}/end", member(&reader, "reader"));
    let left = two.client.post(&own, &json!({})).await;

    assert_eq!(not_hers.at("/type"), "/problems/partners-role");
    assert_eq!(left.status, StatusCode::OK, "{left}");
    for gone in [&mut one, &mut two] {
        assert_eq!(gone.client.get(&address).await.status, StatusCode::NOT_FOUND);
    }
    let members = owner.client.get(&address).await.json();
    assert_eq!(members["members"], json!([]));
    app.run_jobs().await;
}

#[tokio::test]
async fn a_wrong_invitation_is_refused_by_field() {
    let (app, mut owner, _) = begin().await;
    let address = format!(
        "/partners/connections/{}/members",
        ask(&mut owner).await.at("/connection")
    );

    for (form, field) in [
        (json!({ "label": "x", "role": "reader" }), "label"),
        (json!({ "label": "a\u{7}b", "role": "reader" }), "label"),
        (json!({ "label": "Phòng kỹ thuật", "role": "king" }), "role"),
        (json!({}), "label"),
    ] {
        let refused = owner.client.post(&address, &form).await;
        assert_eq!(refused.at("/errors/0/field"), field, "{refused}");
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn outside_the_sandbox_trial_credentials_sign_in_the_people_of_the_connection() {
    let app = TestApp::start_with(|config| config.sandbox = false).await;
    let mut owner = other(&app, 0, Level::Two).await;
    let mut developer = other(&app, 1, Level::Two).await;
    let made = ask(&mut owner).await;
    let address = format!("/partners/connections/{}", made.at("/connection"));
    let asked = request(
        &made.at("/trial_client"),
        BACK,
        "openid profile",
        &[("vneid_purpose", "public-service")],
    );

    let before = agree(&mut developer, &asked).await;
    let invited = code(&invite(&mut owner, &address, "developer").await);
    join(&mut developer, &invited).await;
    let after = agree(&mut developer, &asked).await;

    assert_eq!(before.at("/type"), "/problems/partners-sandbox-only");
    assert!(param(&after.location(), "code").is_some(), "{after}");
}
