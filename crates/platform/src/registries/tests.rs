use super::*;
use crate::testing::TestApp;

#[tokio::test]
async fn a_person_is_told_as_the_population_database_knows_them() {
    let app = TestApp::start().await;
    let someone = app.nation().person(4).unwrap();

    let answer = person(&app, &someone.number, "registration").await.unwrap().unwrap();

    assert!(answer.fresh);
    assert_eq!(answer.record.full_name, someone.full_name);
    assert_eq!(answer.record.number, someone.number);
    assert_eq!(answer.as_of, app.now());
}

#[tokio::test]
async fn a_number_that_nobody_has_is_unknown() {
    let app = TestApp::start().await;
    let nobody = PersonalNumber::parse("001090000001").unwrap();

    let answer = person(&app, &nobody, "registration").await.unwrap();

    assert!(answer.is_none());
}

#[tokio::test]
async fn cards_are_told_as_the_card_database_knows_them() {
    let app = TestApp::start().await;
    let someone = app.citizen();

    let answer = cards(&app, &someone.number, "registration").await.unwrap().unwrap();

    assert_eq!(answer.record.len(), someone.cards.len());
    assert!(valid(&answer.record).is_some());
}
