use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::applications::tests::{attach_level_1, citizen, officer};
use crate::officers::Role;
use crate::testing::TestApp;

#[test]
fn the_calendar_is_told_to_be_extended_sixty_days_before_its_end() {
    let calendar = Calendar::official().unwrap();
    let on = |month, day| reach(&calendar, Date::new(2026, month, day).unwrap());

    assert_eq!(
        on(11, 1),
        Reach {
            last_day: Date::new(2026, 12, 31).ok(),
            days_left: 60,
            ends_soon: true
        }
    );
    assert!(!on(10, 31).ends_soon);
    assert_eq!(
        reach(&calendar, Date::constant(2027, 1, 1)),
        Reach {
            last_day: None,
            days_left: 0,
            ends_soon: true
        }
    );
}

#[tokio::test]
async fn operators_are_warned_once_a_day() {
    let app = TestApp::start().await;

    let first = warn(&app, None);
    let again = warn(&app, first);
    app.advance(SignedDuration::from_hours(24));
    let next = warn(&app, again);

    assert_eq!(first.map(|day| day.to_string()).as_deref(), Some("2026-11-23"));
    assert_eq!(again, first);
    assert_eq!(next.map(|day| day.to_string()).as_deref(), Some("2026-11-24"));
}

#[tokio::test]
async fn a_calendar_without_the_next_year_refuses_to_guess_and_the_page_of_operations_says_so() {
    let app = TestApp::start().await;
    app.advance(SignedDuration::from_hours(38 * 24));
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let mut administrator = officer(&app, "quantri", Role::Administrator).await;
    attach_level_1(&app, &person, &mut client).await;

    let refused = client.post("/applications/level-1/submission", &json!({})).await;
    let page = administrator.get("/officers/operations").await;
    let html = administrator.browser().get("/officers/operations").await.text();

    assert_eq!(refused.at("/type"), "/problems/applications-calendar", "{refused}");
    assert_eq!(page.at("/calendar/ends_soon"), "true", "{page}");
    assert!(html.contains(r#"id="calendar-ends""#), "{html}");
}
