//! Recovery by the chip of the card and the face.

use serde_json::json;

use crate::accounts::Level;
use crate::applications::tests::face;
use crate::testing::{Answer, Client, DeviceKey, Holder, TestApp};

async fn begin(client: &mut Client, holder: &Holder) -> String {
    let form = json!({
        "number": holder.citizen.number.as_str(),
        "full_name": holder.citizen.full_name,
        "date_of_birth": holder.citizen.date_of_birth.to_string(),
        "way": "card-and-face",
    });
    let begun = client.post("/recovery/cases", &form).await;
    format!("/recovery/cases/{}", begun.at("/ticket"))
}

/// A reader follows the invitation and brings the chip of somebody's card.
async fn bring(app: &TestApp, client: &mut Client, page: &str, whose: &nation::Person) -> Answer {
    let address = client.form(&format!("{page}/reader"), &[]).await.at("/address");
    app.bring_chip(&address, whose).await
}

async fn portrait(app: &TestApp, client: &mut Client, page: &str, whose: &nation::Person) -> Answer {
    let picture = face(app, whose);
    client
        .upload(&format!("{page}/portrait"), &[], &[("portrait", &picture)])
        .await
}

#[tokio::test]
async fn the_chip_and_the_face_bring_somebody_back_after_a_day() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    app.secrets(&holder).await;
    let mut browser = app.client();
    let page = begin(&mut browser, &holder).await;

    let too_early = portrait(&app, &mut browser, &page, &holder.citizen).await;
    bring(&app, &mut browser, &page, &holder.citizen).await;
    let proven = portrait(&app, &mut browser, &page, &holder.citizen).await;
    app.run_jobs().await;
    app.advance(jiff::SignedDuration::from_hours(25));
    let challenge = browser.get(&page).await.at("/challenge");
    let new =
        json!({ "password": "Buom-Vang#33x", "passcode": "802913", "proof": DeviceKey::new(4).proof(&challenge) });
    let back = browser.post(&page, &new).await;
    app.run_jobs().await;

    assert_eq!(too_early.at("/type"), "/problems/recovery-card-unproven");
    assert_eq!(proven.at("/state"), "cooling", "{proven}");
    assert_eq!(back.at("/state"), "finished", "{back}");
    assert_eq!(holder.client.get("/account").await.status, 401);
    let looks = browser.get("/account/history").await.text();
    assert!(looks.contains("\"recovery\""), "{looks}");
}

#[tokio::test]
async fn anothers_chip_and_anothers_face_prove_nothing() {
    let app = TestApp::start().await;
    let holder = app.holder(app.citizen(), Level::Two).await;
    let other = app.citizens().nth(1).unwrap();
    let mut thief = app.client();
    let page = begin(&mut thief, &holder).await;

    bring(&app, &mut thief, &page, &other).await;
    let by_others_chip = portrait(&app, &mut thief, &page, &other).await;
    bring(&app, &mut thief, &page, &holder.citizen).await;
    let by_others_face = portrait(&app, &mut thief, &page, &other).await;
    app.run_jobs().await;

    for answer in [by_others_chip, by_others_face] {
        assert_eq!(answer.at("/type"), "/problems/recovery-card-unproven");
    }
    assert_eq!(thief.get(&page).await.at("/state"), "gathering");
}
