use ::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use nation::Person;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::rules::{LONGEST, WrongTimes, deadline, earliest, times};
use crate::applications::tests::{citizen, officer_of};
use crate::officers::Role;
use crate::testing::{Answer, Client, TestApp};

/// Phường Ba Đình.
pub(super) const HERE: &str = "00004";

fn at(local: &str) -> Timestamp {
    format!("2026-11-{local}:00+07:00").parse().unwrap()
}

#[test]
fn until_8_a_stay_since_23_is_told_and_from_8_on_one_of_today() {
    let told = |from: &str, now: &str| times(at(from), at("30T12:00"), at(now));

    assert_eq!(told("22T23:00", "23T07:59"), Ok(None));
    assert_eq!(told("22T22:59", "23T07:59"), Err(WrongTimes::TooEarly));
    assert_eq!(told("23T00:00", "23T08:00"), Ok(None));
    assert_eq!(
        told("22T23:30", "23T08:00"),
        Err(WrongTimes::TooEarly),
        "a stay from yesterday"
    );
    assert_eq!(told("23T09:01", "23T09:00"), Err(WrongTimes::NotYet));
}

#[test]
fn what_is_told_at_23_or_later_is_late_unless_it_began_then() {
    let told = |from: &str, now: &str| times(at(from), at("30T12:00"), at(now));

    assert_eq!(told("23T14:00", "23T22:59"), Ok(None));
    assert_eq!(told("23T14:00", "23T23:00"), Ok(Some(at("23T23:00"))));
    assert_eq!(told("23T23:00", "23T23:59"), Ok(None));
    assert_eq!(deadline(at("23T23:00")), at("24T08:00"));
}

#[test]
fn a_stay_lasts_from_a_moment_to_thirty_days() {
    let (from, now) = (at("01T09:00"), at("01T09:00"));

    assert_eq!(times(from, from, now), Err(WrongTimes::Backwards));
    assert_eq!(
        times(from, from - SignedDuration::from_secs(1), now),
        Err(WrongTimes::Backwards)
    );
    assert_eq!(times(from, from + LONGEST, now), Ok(None));
    assert_eq!(
        times(from, from + SignedDuration::from_hours(31 * 24), now),
        Err(WrongTimes::TooLong)
    );
}

proptest! {
    #[test]
    fn what_may_be_told_keeps_every_rule(now in 1_700_000_000_i64..2_000_000_000, before in -90_000_i64..90_000, lasts in -90_000_i64..2_800_000) {
        let second = |second| Timestamp::from_second(second).unwrap();
        let (from, to, now) = (second(now - before), second(now - before + lasts), second(now));

        let told = times(from, to, now);

        let good = from >= earliest(now) && from <= now && to > from && to.duration_since(from) <= LONGEST;
        prop_assert_eq!(told.is_ok(), good);
        // Nothing older than nine hours and a day's first moment is ever taken, and an arrival of now always.
        prop_assert!(now.duration_since(earliest(now)) <= SignedDuration::from_hours(24));
        prop_assert!(earliest(now) <= now);
        prop_assert!(deadline(from) > from && deadline(from).duration_since(from) <= SignedDuration::from_hours(23));
        if let Ok(late) = told {
            prop_assert_eq!(late.is_some(), now >= deadline(from));
        }
    }
}

/// An officer of the commune who registers facilities.
pub(super) async fn desk_officer(app: &TestApp) -> Client {
    officer_of(app, "luutru", Role::Counter, HERE).await
}

/// A hotel of the commune with one clerk; answers its id.
pub(super) async fn hotel(app: &TestApp, officer: &mut Client, name: &str, clerk: &Person) -> String {
    let new =
        json!({ "kind": "hotel", "name": name, "address": "Số 1 Đường A", "phone": "024 3999 9999", "commune": HERE });
    let made = officer.post("/officers/stays/facilities", &new).await;
    assert_eq!(made.status, StatusCode::OK, "{made}");
    let made = made.json();
    let made = made["facilities"].as_array().unwrap();
    let made = made.iter().find(|facility| facility["name"] == name).unwrap();
    let id = made["facility"].as_str().unwrap().to_owned();
    let people = format!("/officers/stays/facilities/{id}/people");
    let named = officer.post(&people, &json!({ "number": clerk.number.as_str() })).await;
    assert_eq!(named.status, StatusCode::OK, "{named}");
    app.run_jobs().await;
    id
}

/// What the looks in somebody's history were for.
pub(super) async fn purposes(client: &mut Client) -> Vec<String> {
    let history = client.get("/account/history").await.json();
    let looks = history["looks"].as_array().unwrap().iter();
    looks.map(|look| look["purpose"].as_str().unwrap().to_owned()).collect()
}

pub(super) fn household() -> Value {
    json!({ "kind": "household", "commune": HERE, "address": "Số 12 Đường Thử Nghiệm" })
}

/// Opens a draft; answers its address.
pub(super) async fn draft(teller: &mut Client, place: &Value) -> String {
    let opened = teller.post("/stays/drafts", place).await;
    assert_eq!(opened.status, StatusCode::OK, "{opened}");
    format!("/stays/drafts/{}", opened.at("/id"))
}

pub(super) fn guest(person: &Person) -> Value {
    json!({
        "full_name": person.full_name,
        "document": person.number.as_str(),
        "date_of_birth": person.date_of_birth.to_string(),
        "sex": person.sex,
    })
}

pub(super) async fn add(teller: &mut Client, draft: &str, guest: &Value) -> Answer {
    teller.post(&format!("{draft}/guests"), guest).await
}

pub(super) async fn tell(teller: &mut Client, draft: &str, from: &str, to: &str, reason: &str) -> Answer {
    let words = json!({ "from": from, "to": to, "reason": reason });
    teller.post(&format!("{draft}/submission"), &words).await
}

/// Tells of one guest in a household, from now for two days.
async fn told(teller: &mut Client, person: &Person) -> Answer {
    let draft = draft(teller, &household()).await;
    add(teller, &draft, &guest(person)).await;
    tell(teller, &draft, "2026-11-23T08:30", "2026-11-25T12:00", "visit").await
}

#[tokio::test]
async fn a_household_tells_of_a_guest_and_the_guest_sees_it() {
    let app = TestApp::start().await;
    let (host, visitor) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut teller = citizen(&app, &host, 1).await;
    let mut seen_by = citizen(&app, &visitor, 1).await;

    let receipt = told(&mut teller, &visitor).await;
    let history = teller.get("/stays?status=received&month=2026-11&q=thu%20nghiem").await;
    let other_month = teller.get("/stays?month=2026-10").await;
    let by_guest = teller.get(&format!("/stays?q={}", visitor.number.as_str())).await;
    let about_me = seen_by.get("/stays?side=guest").await;
    let looks = purposes(&mut seen_by).await;
    let notices = seen_by.get("/notices").await;
    let not_theirs = seen_by.get(&format!("/stays/{}", receipt.at("/id"))).await;

    assert!(receipt.at("/number").starts_with("LT-00004-261123-"), "{receipt}");
    assert_eq!(receipt.at("/unit"), "Công an Phường Ba Đình");
    assert_eq!(receipt.at("/status"), "received");
    assert_eq!(receipt.at("/late_since"), "null");
    assert_eq!(history.at("/stays/0/number"), receipt.at("/number"), "{history}");
    assert_eq!(other_month.at("/stays"), "[]");
    assert_eq!(by_guest.at("/stays/0/number"), receipt.at("/number"));
    assert_eq!(about_me.at("/stays/0/teller"), host.full_name);
    assert!(looks.contains(&"stay".to_owned()), "{looks:?}");
    assert!(notices.text().contains(&host.full_name), "{notices}");
    assert_eq!(not_theirs.status, StatusCode::NOT_FOUND);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_stay_from_yesterday_of_31_days_or_backwards_is_refused_and_stays_in_the_draft_as_typed() {
    let app = TestApp::start().await;
    let (host, visitor) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut teller = citizen(&app, &host, 1).await;
    let draft = draft(&mut teller, &household()).await;
    add(&mut teller, &draft, &guest(&visitor)).await;

    let mut refused = Vec::new();
    for (from, to) in [
        ("2026-11-22T22:00", "2026-11-24T12:00"),
        ("2026-11-23T09:30", "2026-11-24T12:00"),
        ("2026-11-23T08:30", "2026-12-24T08:30"),
        ("2026-11-23T08:30", "2026-11-23T08:00"),
        ("soon", "2026-11-23T08:00"),
    ] {
        let answer = tell(&mut teller, &draft, from, to, "visit").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
        refused.push(answer.at("/errors/0/field"));
    }
    let reason = tell(&mut teller, &draft, "2026-11-23T08:30", "2026-11-24T08:30", "business").await;
    let kept = teller.get(&draft).await;
    let none = teller.get("/stays").await;

    assert_eq!(refused, ["from", "from", "to", "to", "from"]);
    assert_eq!(reason.at("/errors/0/field"), "reason");
    assert_eq!(kept.at("/from"), "2026-11-23T08:30");
    assert_eq!(kept.at("/guests/0/full_name"), visitor.full_name);
    assert_eq!(none.at("/stays"), "[]");
    app.run_jobs().await;
}

#[tokio::test]
async fn an_overlapping_stay_is_refused_by_its_number_and_a_later_one_is_not() {
    let app = TestApp::start().await;
    let (host, visitor) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut teller = citizen(&app, &host, 1).await;
    let first = told(&mut teller, &visitor).await;

    let again = told(&mut teller, &visitor).await;
    let left = json!({ "stay": first.at("/guests_shown/0/stay") });
    app.advance(SignedDuration::from_mins(30));
    let gone = teller
        .post(&format!("/stays/{}/departures", first.at("/id")), &left)
        .await;
    app.advance(SignedDuration::from_mins(30));
    let draft = draft(&mut teller, &household()).await;
    add(&mut teller, &draft, &guest(&visitor)).await;
    let later = tell(&mut teller, &draft, "2026-11-23T09:45", "2026-11-25T12:00", "visit").await;

    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{again}");
    assert!(again.at("/errors/0/detail").contains(&first.at("/number")), "{again}");
    assert!(gone.json()["guests_shown"][0]["left_at"].is_string(), "{gone}");
    assert_eq!(later.status, StatusCode::OK, "{later}");
    app.run_jobs().await;
}

#[tokio::test]
async fn who_is_told_of_elsewhere_is_known_to_the_police_alone() {
    let app = TestApp::start().await;
    let people: Vec<Person> = app.citizens().take(3).collect();
    let mut first = citizen(&app, &people[0], 1).await;
    let mut second = citizen(&app, &people[1], 1).await;
    let mut officer = desk_officer(&app).await;
    told(&mut first, &people[2]).await;

    let place = json!({ "kind": "household", "commune": "00070", "address": "Số 3" });
    let draft = draft(&mut second, &place).await;
    add(&mut second, &draft, &guest(&people[2])).await;
    let elsewhere = tell(&mut second, &draft, "2026-11-23T08:40", "2026-11-24T12:00", "visit").await;
    let id = officer.get("/officers/stays").await.at("/arrivals/0/id");
    let opened = officer
        .post(&format!("/officers/stays/{id}"), &json!({ "purpose": "stay-check" }))
        .await;

    assert_eq!(elsewhere.status, StatusCode::OK, "{elsewhere}");
    assert!(!elsewhere.text().contains("Ba Đình"), "{elsewhere}");
    assert_eq!(
        opened.at("/content/guests/0/elsewhere/0"),
        "Công an Phường Hoàn Kiếm",
        "{opened}"
    );
    app.run_jobs().await;
}

#[tokio::test]
async fn a_close_relative_is_told_once() {
    let app = TestApp::start().await;
    let (host, visitor) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut teller = citizen(&app, &host, 1).await;
    let mut answers = Vec::new();
    for day in ["23", "25"] {
        let draft = draft(&mut teller, &household()).await;
        add(&mut teller, &draft, &guest(&visitor)).await;
        let (from, to) = (format!("2026-11-{day}T08:30"), format!("2026-11-{day}T20:00"));
        answers.push(tell(&mut teller, &draft, &from, &to, "close-relative").await);
        app.advance(SignedDuration::from_hours(48));
        teller = citizen(&app, &host, 1).await;
    }

    assert_eq!(answers[0].status, StatusCode::OK, "{}", answers[0]);
    assert!(
        answers[1].at("/errors/0/detail").contains(&answers[0].at("/number")),
        "{}",
        answers[1]
    );
    app.run_jobs().await;
}

#[tokio::test]
async fn a_guest_under_age_alone_is_told_of_only_knowingly_and_the_police_see_it() {
    let app = TestApp::start().await;
    let host = app.citizen();
    let mut teller = citizen(&app, &host, 1).await;
    let mut officer = desk_officer(&app).await;
    let draft = draft(&mut teller, &household()).await;
    let child = json!({ "full_name": "Trần Minh Anh", "document": "001311912345", "date_of_birth": "02/03/2011", "sex": "female" });
    let added = add(&mut teller, &draft, &child).await;

    let asked = tell(&mut teller, &draft, "2026-11-23T08:30", "2026-11-24T08:30", "visit").await;
    let words = json!({ "from": "2026-11-23T08:30", "to": "2026-11-24T08:30", "reason": "visit", "alone": "yes" });
    let knowing = teller.post(&format!("{draft}/submission"), &words).await;
    let seen = officer.get("/officers/stays?only=alone").await;

    assert_eq!(added.at("/guests/0/known_by"), "typed", "{added}");
    assert_eq!(asked.at("/type"), "/problems/stays-alone");
    assert_eq!(knowing.status, StatusCode::OK, "{knowing}");
    assert_eq!(seen.at("/arrivals/0/alone"), "true", "{seen}");
    assert_eq!(seen.at("/totals/alone"), "1");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_list_with_one_bad_line_of_300_keeps_299_and_tells_nobody_before_it_is_settled() {
    let app = TestApp::start().await;
    let clerk = app.citizens().nth(1).unwrap();
    let mut teller = citizen(&app, &clerk, 1).await;
    let mut officer = desk_officer(&app).await;
    let id = hotel(&app, &mut officer, "Khách sạn Hoa Sen", &clerk).await;
    let draft = draft(&mut teller, &json!({ "facility": id })).await;
    let good = super::lists::tests::list_of(300);
    let mut lines: Vec<&str> = good.lines().collect();
    lines[150] = "Lê Văn Sai,001085,20/07/1985,Nam,,,";
    let bad = lines.join("\n");

    let read = teller
        .upload(&format!("{draft}/list"), &[], &[("list", bad.as_bytes())])
        .await;
    let early = tell(&mut teller, &draft, "2026-11-23T08:30", "2026-11-24T12:00", "tourism").await;
    let nobody = officer.get("/officers/stays").await;
    let mended = teller
        .upload(&format!("{draft}/list"), &[], &[("list", good.as_bytes())])
        .await;
    let told = tell(&mut teller, &draft, "2026-11-23T08:30", "2026-11-24T12:00", "tourism").await;
    let received = officer.get("/officers/stays").await;

    assert_eq!(read.json()["guests"].as_array().unwrap().len(), 299, "{read}");
    assert_eq!(read.at("/refused/0/line"), "151");
    assert_eq!(read.at("/refused/0/reasons/0"), "stays-fault-number");
    assert_eq!(early.at("/errors/0/field"), "list");
    assert_eq!(nobody.at("/arrivals"), "[]");
    assert_eq!(mended.json()["guests"].as_array().unwrap().len(), 300);
    assert_eq!(told.at("/guests"), "300", "{told}");
    assert_eq!(received.at("/totals/guests"), "300");
    assert_eq!(received.at("/arrivals/0/name"), "Khách sạn Hoa Sen");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_hotel_is_told_for_only_by_whom_the_police_named_as_long_as_they_do() {
    let app = TestApp::start().await;
    let (clerk, stranger) = (app.citizens().nth(1).unwrap(), app.citizens().nth(2).unwrap());
    let mut teller = citizen(&app, &clerk, 1).await;
    let mut other = citizen(&app, &stranger, 1).await;
    let mut officer = desk_officer(&app).await;
    let id = hotel(&app, &mut officer, "Khách sạn Hoa Sen", &clerk).await;
    let named = teller.get("/notices").await;
    let place = json!({ "facility": id });

    let refused = other.post("/stays/drafts", &place).await;
    let typed = other
        .post(
            "/stays/drafts",
            &json!({ "kind": "hotel", "name": "Khách sạn Ma", "commune": HERE, "address": "Số 1" }),
        )
        .await;
    let desk = other.get(&format!("/stays/facilities/{id}")).await;
    let own_desk = teller.get(&format!("/stays/facilities/{id}")).await;
    let draft = draft(&mut teller, &place).await;
    add(&mut teller, &draft, &guest(&stranger)).await;
    let away = json!({ "number": clerk.number.as_str(), "remove": "yes" });
    officer
        .post(&format!("/officers/stays/facilities/{id}/people"), &away)
        .await;
    let late = tell(&mut teller, &draft, "2026-11-23T08:30", "2026-11-24T12:00", "tourism").await;

    assert!(named.text().contains("Khách sạn Hoa Sen"), "{named}");
    assert_eq!(refused.at("/type"), "/problems/stays-not-authorised");
    assert_eq!(typed.at("/errors/0/field"), "kind");
    assert_eq!(desk.status, StatusCode::FORBIDDEN);
    assert_eq!(own_desk.at("/name"), "Khách sạn Hoa Sen", "{own_desk}");
    assert_eq!(late.at("/type"), "/problems/stays-not-authorised", "{late}");
    app.run_jobs().await;
}

#[tokio::test]
async fn an_officer_registers_only_in_the_own_area_and_another_unit_sees_nothing() {
    let app = TestApp::start().await;
    let (host, visitor) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut teller = citizen(&app, &host, 1).await;
    let mut elsewhere = officer_of(&app, "noikhac", Role::Counter, "31393").await;
    let mut reviewer = officer_of(&app, "xetduyet", Role::Reviewer, HERE).await;
    let mut province = officer_of(&app, "tinh", Role::Chief, "01").await;
    let receipt = told(&mut teller, &visitor).await;
    let hotel = json!({ "kind": "hotel", "name": "Khách sạn", "address": "Số 1", "phone": "1", "commune": HERE });

    let registered = elsewhere.post("/officers/stays/facilities", &hotel).await;
    let seen = elsewhere.get(&format!("/officers/stays?unit={HERE}")).await;
    let opened = elsewhere
        .post(
            &format!("/officers/stays/{}", receipt.at("/id")),
            &json!({ "purpose": "stay-check" }),
        )
        .await;
    let role = reviewer.get("/officers/stays").await;
    let wide = province.get("/officers/stays").await;
    let wrong = province.post("/officers/stays/facilities", &hotel).await;

    assert_eq!(registered.at("/type"), "/problems/officers-jurisdiction");
    assert_eq!(seen.at("/type"), "/problems/officers-jurisdiction");
    assert_eq!(opened.at("/type"), "/problems/officers-jurisdiction");
    assert_eq!(role.at("/type"), "/problems/officers-other-role");
    assert_eq!(wide.at("/totals/guests"), "1", "{wide}");
    assert_eq!(wrong.at("/errors/0/field"), "phone");
    app.run_jobs().await;
}

#[tokio::test]
async fn the_police_see_guests_for_a_purpose_alone_and_the_guest_sees_that() {
    let app = TestApp::start().await;
    let (host, visitor) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut teller = citizen(&app, &host, 1).await;
    let mut looked_at = citizen(&app, &visitor, 1).await;
    let mut officer = desk_officer(&app).await;
    officer
        .post(
            "/officers/stays/unit",
            &json!({ "unit": HERE, "phone": "024 3733 1234" }),
        )
        .await;
    let receipt = told(&mut teller, &visitor).await;
    let page = format!("/officers/stays/{}", receipt.at("/id"));

    let list = officer.get("/officers/stays?day=2026-11-23").await;
    let outline = officer.get(&page).await;
    let none = officer.post(&page, &json!({ "purpose": "" })).await;
    let no_case = officer.post(&page, &json!({ "purpose": "investigation" })).await;
    let opened = officer.post(&page, &json!({ "purpose": "stay-check" })).await;
    let looks = purposes(&mut looked_at).await;
    let tellers = purposes(&mut teller).await;

    assert_eq!(receipt.at("/unit_phone"), "024 3733 1234");
    assert!(!list.text().contains(&visitor.full_name) && !outline.text().contains(&visitor.full_name));
    assert_eq!(none.at("/errors/0/field"), "purpose");
    assert_eq!(no_case.at("/errors/0/field"), "case_number");
    assert_eq!(
        opened.at("/content/guests/0/document_number"),
        visitor.number.as_str(),
        "{opened}"
    );
    assert_eq!(opened.at("/content/teller"), host.full_name);
    for seen in [&looks, &tellers] {
        assert_eq!(
            seen.iter().filter(|purpose| *purpose == "stay-check").count(),
            1,
            "{seen:?}"
        );
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn who_has_no_level_and_whose_card_expired_tells_nothing() {
    let app = TestApp::start().await;
    let (host, visitor) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut beginner = citizen(&app, &visitor, 0).await;
    let none = beginner.get("/stays").await;
    let end_of_card = |person: &Person| person.valid_card(app.clock.today()).and_then(|card| card.expires_on);
    let holder = app
        .citizens()
        .filter(|person| end_of_card(person).is_some())
        .min_by_key(end_of_card)
        .unwrap();
    let days = end_of_card(&holder)
        .unwrap()
        .since(app.clock.today())
        .unwrap()
        .get_days();
    app.advance(SignedDuration::from_hours(24 * (i64::from(days) + 1)));
    app.run_jobs().await;
    let mut teller = citizen(&app, &holder, 1).await;
    let draft = draft(&mut teller, &household()).await;
    add(&mut teller, &draft, &guest(&host)).await;
    let now = jiff::tz::Offset::constant(7).to_datetime(app.now());
    let (from, to) = (
        now.strftime("%Y-%m-%dT%H:%M").to_string(),
        now.saturating_add(jiff::ToSpan::hours(9)),
    );

    let expired = tell(
        &mut teller,
        &draft,
        &from,
        &to.strftime("%Y-%m-%dT%H:%M").to_string(),
        "visit",
    )
    .await;

    assert_eq!(none.at("/type"), "/problems/stays-level-needed");
    assert_eq!(expired.at("/type"), "/problems/stays-card-expired", "{expired}");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_notification_is_received_while_the_card_database_is_silent_and_says_so() {
    let app = TestApp::start().await;
    let (host, visitor) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut teller = citizen(&app, &host, 1).await;
    let mut officer = desk_officer(&app).await;
    let down = nation::sources::Fault {
        down: true,
        ..Default::default()
    };
    app.faults().set(nation::sources::Source::IdCard, down);

    let received = told(&mut teller, &visitor).await;
    let seen = officer.get("/officers/stays").await;

    assert_eq!(received.status, StatusCode::OK, "{received}");
    assert_eq!(seen.at("/arrivals/0/unchecked"), "true");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_notification_told_by_mistake_is_taken_back_and_stays_in_the_history() {
    let app = TestApp::start().await;
    let (host, visitor) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut teller = citizen(&app, &host, 1).await;
    let mut officer = desk_officer(&app).await;
    let receipt = told(&mut teller, &visitor).await;
    let page = format!("/stays/{}/withdrawal", receipt.at("/id"));

    let back = teller.post(&page, &json!({})).await;
    let twice = teller.post(&page, &json!({})).await;
    let history = teller.get("/stays?status=withdrawn").await;
    let police = officer.get("/officers/stays").await;

    assert_eq!(back.at("/status"), "withdrawn");
    assert_eq!(twice.at("/type"), "/problems/stays-over");
    assert_eq!(history.at("/stays/0/number"), receipt.at("/number"));
    assert_eq!(police.at("/arrivals"), "[]");
    app.run_jobs().await;
}
