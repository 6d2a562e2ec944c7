use nation::Person;
use serde_json::json;

use crate::accounts::Level;
use crate::testing::{Answer, Holder, TestApp};

/// Invites a reader, brings somebody's chip, and sends somebody's face.
async fn prove(app: &TestApp, holder: &mut Holder, (chip, face): (&Person, &Person)) -> Answer {
    let invited = holder
        .client
        .post("/signin/raise/card", &json!({ "level": 4, "next": "/eid" }))
        .await;
    app.bring_chip(&invited.at("/address"), chip).await;
    send_face(app, holder, face).await
}

async fn send_face(app: &TestApp, holder: &mut Holder, face: &Person) -> Answer {
    let portrait = nation::picture::portrait_jpeg(face, app.clock.today()).unwrap();
    holder
        .client
        .upload(
            "/signin/raise/card/portrait",
            &[("level", "4"), ("next", "/eid")],
            &[("portrait", &portrait)],
        )
        .await
}

#[tokio::test]
async fn the_chip_and_the_face_raise_a_session_by_password_to_level_4() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let own = holder.citizen.clone();

    let raised = prove(&app, &mut holder, (&own, &own)).await;
    let security = holder.client.get("/account/security").await;
    let again = send_face(&app, &mut holder, &own).await;

    assert_eq!(raised.at("/next"), "/eid", "{raised}");
    let events = holder.client.get("/account/security/signins").await;
    assert_eq!(security.at("/assurance"), "4");
    assert_eq!(
        (events.at("/events/0/kind"), events.at("/events/0/assurance")),
        ("raised".to_owned(), "4".to_owned())
    );
    assert_eq!(
        again.at("/type"),
        "/problems/signin-card-unproven",
        "a reading serves once"
    );
}

#[tokio::test]
async fn another_chip_or_another_face_raises_nothing_and_the_holder_sees_the_comparison() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let (own, other) = (holder.citizen.clone(), app.citizens().nth(1).unwrap());

    let other_chip = prove(&app, &mut holder, (&other, &own)).await;
    let other_face = prove(&app, &mut holder, (&own, &other)).await;
    let no_chip = send_face(&app, &mut holder, &own).await;
    let security = holder.client.get("/account/security").await;
    let history = holder.client.get("/account/history").await;

    for refused in [other_chip, other_face, no_chip] {
        assert_eq!(refused.at("/type"), "/problems/signin-card-unproven");
    }
    assert_eq!(security.at("/assurance"), "1");
    assert!(history.text().contains("portrait"), "{history}");
}
