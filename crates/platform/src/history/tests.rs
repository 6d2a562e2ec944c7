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
    {"looks":[{"look":"e2512464eca492b8449889f5687681ec","at":"2026-11-23T02:00:00Z","who":"officer","name":"Lê Văn Cường","purpose":"review","what":["portrait","card"],"proof":{"state":"waiting","leaf":null,"kind":"look","salt":"edc568d9aa3f18fea8ec44560981a1afc24a2e9eae7e12efbe1b2d98640aed74","record":"{\"kind\":\"look\",\"at\":\"2026-11-23T02:00:00Z\",\"record\":{\"look\":\"e2512464eca492b8449889f5687681ec\",\"person\":\"fbbf7ccb435a11905b3593cd38fbcfae\",\"who\":\"officer\",\"name\":\"Lê Văn Cường\",\"purpose\":\"review\",\"what\":\"portrait card\"}}"}}],"older":null}
    "#);
}

/// Looks of several kinds, of the last days, and the holder's client.
async fn told() -> (TestApp, crate::testing::Holder) {
    let app = TestApp::start().await;
    let holder = app.holder(app.citizen(), crate::accounts::Level::Two).await;
    let looks = [
        (
            Who::Officer("Lê Văn Cường, Công an Phường Ba Đình".to_owned()),
            Purpose::Review,
            "portrait",
        ),
        (
            Who::Partner("=Ngân hàng \"Mẫu\"".to_owned()),
            Purpose::SignInElsewhere,
            "name birth",
        ),
        (Who::Inspector("Đội CSGT số 1".to_owned()), Purpose::Enrolment, "card"),
        (Who::Holder, Purpose::OwnData, "name"),
    ];
    for (who, purpose, what) in looks {
        let look = Look::now(&app, holder.person, &who, purpose, what).in_case(&app, "HS-0012");
        app.db.write(move |tx| record(tx, &look)).await.unwrap();
        app.advance(jiff::SignedDuration::from_hours(24));
    }
    let mut holder = holder;
    app.sign_in(&mut holder).await;
    (app, holder)
}

fn names(answer: &crate::testing::Answer) -> Vec<String> {
    let looks = answer.json()["looks"].as_array().unwrap().clone();
    looks
        .iter()
        .map(|look| look["who"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_history_is_searched_and_filtered() {
    let (_app, mut holder) = told().await;
    let mut get = async |query: &str| holder.client.get(&format!("/account/history?{query}")).await;

    let all = get("").await;
    let officers = get("who=officer").await;
    let text = get("q=le%20van%20cuong").await;
    let case = get("q=hs-0012").await;
    let day = get("from=2026-11-24&to=2026-11-24").await;
    let nothing = get("q=khong-ai").await;

    assert_eq!(names(&all), ["holder", "inspector", "partner", "officer"]);
    assert_eq!(all.at("/looks/0/case"), "HS-0012");
    assert_eq!(names(&officers), ["officer"]);
    assert_eq!(names(&text), ["officer"]);
    assert_eq!(names(&case).len(), 4);
    assert_eq!(names(&day), ["partner"]);
    assert_eq!(names(&nothing).len(), 0);
}

#[tokio::test]
async fn the_history_is_taken_along_as_a_file() {
    let (_app, mut holder) = told().await;

    let csv = holder.client.get("/account/history/export?as=csv&who=partner").await;
    let json = holder.client.get("/account/history/export?as=json").await;

    let lines: Vec<String> = csv.text().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[1].contains("\"'=Ngân hàng \"\"Mẫu\"\"\""), "{}", lines[1]);
    assert!(
        csv.headers["content-disposition"]
            .to_str()
            .unwrap()
            .contains("lich-su.csv")
    );
    assert_eq!(json.json().as_array().unwrap().len(), 4);
    assert_eq!(json.at("/3/purpose"), "review");
}

#[tokio::test]
async fn a_look_says_from_which_address_it_was_made() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = crate::applications::tests::citizen(&app, &person, 2).await;

    let shown = client.get("/account/history").await;

    assert_eq!(shown.at("/looks/0/from"), "127.0.0.1");
}

#[tokio::test]
async fn after_five_years_a_look_is_gone_and_the_ledger_is_whole_all_the_same() {
    let (app, mut holder) = told().await;
    ledger::turn(&app).await.unwrap();
    // Five years after the second look and before the third.
    app.advance(jiff::SignedDuration::from_hours(24 * (365 * 5 - 2) + 12));
    app.sign_in(&mut holder).await;
    let shown = holder.client.get("/account/history").await;

    begin(&app).await.unwrap();
    app.run_jobs().await;
    let after = holder.client.get("/account/history").await;
    ledger::turn(&app).await.unwrap();
    let wrong = ledger::check_records(&app).await;
    app.db.write(|tx| tx.execute(tampered::REMOVED, &[])).await.unwrap();
    let wrong_then = ledger::check_records(&app).await;

    assert_eq!(names(&shown), names(&after));
    assert_eq!(names(&after), ["holder", "inspector"]);
    assert_eq!((wrong, wrong_then), (0, 1));
}
