use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::shell::ids::PersonId;
use crate::stays::NotificationId;
use crate::stays::rules::Kind;
use crate::stays::store::{self, NewNotification};
use crate::stays::tests::{HERE, desk_officer};
use crate::testing::{Answer, TestApp};

/// A household's notification of today, as it is kept.
fn of_today(app: &TestApp, told_at: Timestamp, late_since: Option<Timestamp>) -> NewNotification {
    let id = NotificationId::draw(&app.chance);
    NewNotification {
        person: PersonId::draw(&app.chance),
        id,
        number: format!("LT-{id}"),
        facility: None,
        kind: Kind::Household,
        reason: "visit",
        commune: HERE.to_owned(),
        province: "01".to_owned(),
        place_digest: [0; 32],
        content_sealed: Vec::new(),
        told_at,
        late_since,
        alone_at: None,
        unchecked_at: None,
        guests: Vec::new(),
    }
}

/// One that is late, and 150 that were told after it in the same instant.
async fn busy(app: &TestApp) -> NewNotification {
    let now = app.now();
    let before = now - SignedDuration::from_mins(1);
    let late = of_today(app, before, Some(before));
    let mut all: Vec<_> = (0..150).map(|_| of_today(app, now, None)).collect();
    all.push(late.clone());
    app.db
        .write(move |tx| all.iter().try_for_each(|new| store::insert(tx, new)))
        .await
        .unwrap();
    late
}

fn numbers(page: &Answer) -> Vec<String> {
    let page = page.json();
    let arrivals = page["arrivals"].as_array().unwrap().iter();
    arrivals.map(|row| row["number"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_one_late_arrival_of_a_busy_day_is_found_behind_a_hundred_others() {
    let app = TestApp::start().await;
    let mut officer = desk_officer(&app).await;
    let late = busy(&app).await;

    let found = officer.get("/officers/stays?only=late").await;
    let alone = officer.get("/officers/stays?only=alone").await;

    assert_eq!(found.at("/totals/late"), "1");
    assert_eq!(numbers(&found), [late.number], "{found}");
    assert_eq!(found.at("/older"), "null");
    assert_eq!(alone.at("/arrivals"), "[]");
}

#[tokio::test]
async fn the_pages_of_a_busy_day_show_each_arrival_once_also_those_told_in_one_instant() {
    let app = TestApp::start().await;
    let mut officer = desk_officer(&app).await;
    let late = busy(&app).await;

    let first = officer.get("/officers/stays").await;
    let page = officer.clone().browser().get("/officers/stays").await.text();
    let rest = format!("/officers/stays?after={}", first.at("/older"));
    let second = officer.get(&rest).await;
    let last = officer.clone().browser().get(&rest).await.text();

    let (first, second) = (numbers(&first), numbers(&second));
    let each: BTreeSet<_> = first.iter().chain(&second).collect();
    assert_eq!((first.len(), second.len(), each.len()), (100, 51, 151));
    assert_eq!(second.last(), Some(&late.number));
    assert!(
        page.contains(r#"id="older""#) && !last.contains(r#"id="older""#),
        "{last}"
    );
}
