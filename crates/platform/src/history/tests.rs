use super::*;
use crate::shell::session::{Kind, Opening};
use crate::testing::TestApp;

#[tokio::test]
async fn a_citizen_sees_who_looked_and_no_other_persons_history() {
    let app = TestApp::start().await;
    let (mine, other) = (PersonId::draw(&app.chance), PersonId::draw(&app.chance));
    let session = Opening::draw(&app, Kind::Citizen, *mine.bytes(), 1, "pwd");
    let looks = [
        Look::now(
            &app,
            mine,
            &Who::Officer("Lê Văn Cường".to_owned()),
            Purpose::Review,
            "portrait card",
        ),
        Look::now(
            &app,
            other,
            &Who::Partner("Cổng mẫu".to_owned()),
            Purpose::SignInElsewhere,
            "name",
        ),
    ];
    let cookie = session.cookie(&app)[0].1.to_str().unwrap().to_owned();
    app.db
        .write(move |tx| {
            session.insert(tx)?;
            looks.iter().try_for_each(|look| record(tx, look))
        })
        .await
        .unwrap();
    let mut client = app.client();

    let answer = client
        .send(
            ::http::Request::get("/account/history").header("cookie", cookie),
            axum::body::Body::empty(),
        )
        .await;

    insta::assert_snapshot!(answer, @r#"
    200 OK
    {"looks":[{"at":"2026-11-23T02:00:00Z","who":"officer","name":"Lê Văn Cường","purpose":"review","what":["portrait","card"],"proof":{"state":"waiting","leaf":null,"kind":"look","salt":"edc568d9aa3f18fea8ec44560981a1afc24a2e9eae7e12efbe1b2d98640aed74","record":"{\"kind\":\"look\",\"at\":\"2026-11-23T02:00:00Z\",\"record\":{\"look\":\"e2512464eca492b8449889f5687681ec\",\"person\":\"fbbf7ccb435a11905b3593cd38fbcfae\",\"who\":\"officer\",\"name\":\"Lê Văn Cường\",\"purpose\":\"review\",\"what\":\"portrait card\"}}"}}],"older":null}
    "#);
}
