use ::http::{StatusCode, header};
use jiff::SignedDuration;
use nation::Person;
use nation::sources::{Fault, Source as Database};
use serde_json::json;

use super::rules::Content;
use super::{Granted, Held, Kind, issuing, store};
use crate::accounts;
use crate::applications::tests::{PASSCODE, citizen, officer};
use crate::officers::Role;
use crate::registries::{self, JudicialRecord, Subject};
use crate::shell::ids::PersonId;
use crate::shell::jobs as outbox;
use crate::testing::{Client, TestApp};

async fn record(app: &TestApp, person: &Person) -> JudicialRecord {
    let subject = Subject {
        number: person.number.clone(),
        full_name: person.full_name.clone(),
        date_of_birth: person.date_of_birth,
    };
    let answer = registries::record(app, &subject, "test").await.unwrap();
    answer.map_or_else(
        || JudicialRecord {
            convictions: Vec::new(),
            bans: Vec::new(),
        },
        |answer| answer.record,
    )
}

/// The first citizen whose record is as wished.
async fn who(app: &TestApp, wished: impl Fn(&JudicialRecord) -> bool) -> Person {
    for person in app.citizens() {
        if wished(&record(app, &person).await) {
            return person;
        }
    }
    panic!("nobody has such a record");
}

fn clean(record: &JudicialRecord) -> bool {
    record.convictions.is_empty() && record.bans.is_empty()
}

fn granted(person: PersonId, kind: Kind) -> Granted {
    Granted {
        person,
        subject: None,
        dossier: "dossier-1".to_owned(),
        kind,
        with_bans: true,
        purpose: "Xin việc làm".to_owned(),
        organisation: None,
        issued_by: "Công an thành phố Hà Nội".to_owned(),
        copies: None,
    }
}

/// Somebody of level 2 with a certificate; the certificate as it is kept.
async fn issued(app: &TestApp, person: &Person, kind: Kind) -> (Client, Held) {
    let client = citizen(app, person, 2).await;
    let holder = accounts::of_number(app, &person.number).await.unwrap().unwrap().person;
    issuing::issue(app, &granted(holder, kind)).await.unwrap();
    let rows = app.db.read(move |conn| store::list(conn, &holder)).await.unwrap();
    let held = Held::open(app, rows.into_iter().next().unwrap()).unwrap();
    (client, held)
}

fn address(content: &Content) -> String {
    format!("/certificates/verification/{}/{}", content.number, content.code)
}

async fn file(client: &mut Client, held: &Held) -> Vec<u8> {
    let path = format!("/certificates/{}/file", held.id);
    let answer = client.post(&path, &json!({ "passcode": PASSCODE })).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/pdf");
    answer.body
}

#[tokio::test]
async fn a_certificate_is_issued_downloaded_and_checked_by_a_stranger() {
    let app = TestApp::start().await;
    let person = who(&app, clean).await;
    let (mut holder, held) = issued(&app, &person, Kind::One).await;
    app.run_jobs().await;

    let list = holder.get("/certificates").await;
    let pdf = file(&mut holder, &held).await;
    let by_code = app.client().get(&address(&held.content)).await;
    let by_file = app
        .client()
        .upload("/certificates/verification/file", &[], &[("file", &pdf)])
        .await;

    assert_eq!(list.at("/certificates/0/number"), held.content.number);
    assert!(pdf.starts_with(b"%PDF-1.7"));
    assert_eq!(by_code.at("/result/standing"), "valid");
    assert_eq!(by_code.at("/result/full_name"), person.full_name);
    assert_eq!(by_code.at("/result/clean"), "true");
    assert_eq!(
        (by_file.at("/result/by_file"), by_file.status),
        ("true".to_owned(), StatusCode::OK)
    );
    assert!(!by_code.text().contains(person.number.as_str()), "no more than needed");
}

#[tokio::test]
async fn one_changed_bit_of_a_file_is_found() {
    let app = TestApp::start().await;
    let (mut holder, held) = issued(&app, &app.citizen(), Kind::One).await;
    app.run_jobs().await;
    let pdf = file(&mut holder, &held).await;
    let check = async |file: &[u8]| {
        let path = "/certificates/verification/file";
        app.client().upload(path, &[], &[("file", file)]).await.at("/type")
    };

    let mut changed = pdf.clone();
    changed[3000] ^= 1;
    let longer = [&pdf[..], b"\n% more"].concat();

    assert_eq!(check(&changed).await, "/problems/certificates-file-changed");
    assert_eq!(check(&longer).await, "/problems/certificates-file-changed");
    assert_eq!(check(b"hello").await, "/problems/certificates-file-no-pdf");
    assert_eq!(
        check(b"%PDF-1.7 nothing").await,
        "/problems/certificates-file-not-sealed"
    );
    let nothing = app.client().upload("/certificates/verification/file", &[], &[]).await;
    assert_eq!(nothing.at("/errors/0/field"), "file");
}

#[tokio::test]
async fn a_wrong_number_and_a_wrong_code_are_answered_alike() {
    let app = TestApp::start().await;
    let (_, held) = issued(&app, &app.citizen(), Kind::One).await;
    app.run_jobs().await;
    let check = async |number: &str, code: &str| {
        let form = json!({ "number": number, "code": code });
        app.client().post("/certificates/verification", &form).await
    };

    let wrong_code = check(&held.content.number, "0000-0000-0000-0000").await;
    let wrong_number = check("LLTP-0000-0000-0000", &held.content.code).await;
    let malformed = check("LLTP-1", "?").await;
    let typed = check(
        &held.content.number.to_lowercase(),
        &held.content.code.replace('-', " "),
    )
    .await;

    assert_eq!(wrong_code.text(), wrong_number.text());
    assert_eq!(wrong_code.at("/type"), "/problems/certificates-unknown");
    assert_eq!(malformed.json()["errors"].as_array().unwrap().len(), 2);
    assert_eq!(typed.at("/result/standing"), "valid");
}

#[tokio::test]
async fn number_1_says_what_is_not_cleared_and_number_2_everything() {
    let app = TestApp::start().await;
    let today = app.clock.today();
    let cleared = |record: &JudicialRecord| !record.convictions.is_empty() && record.standing(today).next().is_none();
    let person = who(&app, cleared).await;

    let (_, one) = issued(&app, &person, Kind::One).await;
    let holder = one.row.person;
    let whole = Granted {
        dossier: "dossier-2".to_owned(),
        ..granted(holder, Kind::Two)
    };
    issuing::issue(&app, &whole).await.unwrap();
    app.run_jobs().await;
    let rows = app.db.read(move |conn| store::list(conn, &holder)).await.unwrap();
    let two = rows.into_iter().find(|row| row.kind == Kind::Two).unwrap();
    let two = Held::open(&app, two).unwrap();
    let told = app.client().get(&address(&two.content)).await;

    assert!(one.content.is_clean() && one.content.family.is_none());
    assert!(!two.content.is_clean());
    assert!(two.content.convictions[0].cleared_on.is_some());
    assert!(two.content.family.is_some());
    assert_eq!(
        told.json()["result"]["clean"],
        json!(null),
        "of number 2 nothing is told"
    );
}

#[tokio::test]
async fn somebody_who_is_convicted_has_it_on_number_1() {
    let app = TestApp::start().await;
    let today = app.clock.today();
    let person = who(&app, |record| record.standing(today).next().is_some()).await;

    let (mut holder, held) = issued(&app, &person, Kind::One).await;
    app.run_jobs().await;
    let told = app.client().get(&address(&held.content)).await;

    assert!(!held.content.convictions.is_empty());
    assert_eq!(told.at("/result/clean"), "false");
    assert!(file(&mut holder, &held).await.len() > 10_000);
}

#[tokio::test]
async fn number_2_is_never_issued_for_an_organisation() {
    let app = TestApp::start().await;
    let (_, held) = issued(&app, &app.citizen(), Kind::One).await;
    app.run_jobs().await;
    let for_company = Granted {
        dossier: "dossier-2".to_owned(),
        organisation: Some("Công ty TNHH May Hoa Sen".to_owned()),
        ..granted(held.row.person, Kind::Two)
    };

    let ordered = super::order(&app, for_company.clone());
    let forced = issuing::issue(&app, &for_company).await.unwrap_err();

    assert!(ordered.is_err());
    assert_eq!(forced.slug(), "certificates-not-for-organisations");
}

#[tokio::test]
async fn a_dossier_has_one_certificate_however_often_it_is_tried() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await;
    let holder = accounts::of_number(&app, &person.number).await.unwrap().unwrap().person;
    let wanted = granted(holder, Kind::One);

    let (one, two) = tokio::join!(issuing::issue(&app, &wanted), issuing::issue(&app, &wanted));
    let three = issuing::issue(&app, &wanted).await;
    app.run_jobs().await;

    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    let list = client.get("/certificates").await.json();
    assert_eq!(list["certificates"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn while_the_source_is_silent_nothing_is_issued_on_its_copy() {
    let app = TestApp::start().await;
    let person = app.citizen();
    record(&app, &person).await;
    let client = citizen(&app, &person, 2).await;
    let holder = accounts::of_number(&app, &person.number).await.unwrap().unwrap().person;
    let down = Fault {
        down: true,
        ..Fault::default()
    };
    app.faults().set(Database::Justice, down);

    let silent = issuing::issue(&app, &granted(holder, Kind::One)).await.unwrap_err();
    let order = super::order(&app, granted(holder, Kind::One)).unwrap();
    app.db.write(move |tx| outbox::enqueue(tx, &order)).await.unwrap();
    app.run_jobs().await;
    let nothing = client.clone().get("/certificates").await.json();
    app.faults().set(Database::Justice, Fault::default());
    app.advance(SignedDuration::from_mins(10));
    app.run_jobs().await;
    let then = client.clone().get("/certificates").await.json();

    assert_eq!(silent.slug(), "registries-silent");
    assert_eq!(nothing["certificates"], json!([]));
    assert_eq!(then["certificates"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_file_is_given_for_the_passcode_to_its_holder_alone() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let (person, other) = (people.next().unwrap(), people.next().unwrap());
    let (mut holder, held) = issued(&app, &person, Kind::One).await;
    app.run_jobs().await;
    let mut stranger = citizen(&app, &other, 2).await;
    let path = format!("/certificates/{}/file", held.id);

    let wrong = holder.post(&path, &json!({ "passcode": "000999" })).await;
    let foreign = stranger.post(&path, &json!({ "passcode": PASSCODE })).await;
    let nobody = app.client().post(&path, &json!({ "passcode": PASSCODE })).await;

    assert_eq!(wrong.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn each_check_and_each_look_stands_in_the_holders_history() {
    let app = TestApp::start().await;
    let (mut holder, held) = issued(&app, &app.citizen(), Kind::One).await;
    app.run_jobs().await;

    app.client().get(&address(&held.content)).await;
    file(&mut holder, &held).await;
    let history = holder.get("/account/history").await.json();

    let purposes: Vec<&str> = history["looks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|look| look["purpose"].as_str().unwrap())
        .collect();
    for purpose in ["certificate", "certificate-check", "own-data"] {
        assert!(purposes.contains(&purpose), "{purposes:?}");
    }
}

#[tokio::test]
async fn a_revoked_certificate_is_shown_as_revoked_to_everybody() {
    let app = TestApp::start().await;
    let (mut holder, held) = issued(&app, &app.citizen(), Kind::One).await;
    app.run_jobs().await;
    let mut ministry = officer(&app, "bo", Role::Ministry).await;
    let mut counter = officer(&app, "quay", Role::Counter).await;
    let path = format!("/officers/certificates/{}/revocation", held.content.number);

    let found = ministry
        .get(&format!("/officers/certificates?number={}", held.content.number))
        .await;
    let without = ministry.post(&path, &json!({ "reason": "sai" })).await;
    let refused = counter
        .post(&path, &json!({ "reason": "Ghi sai nơi sinh trên phiếu" }))
        .await;
    let revoked = ministry
        .post(&path, &json!({ "reason": "Ghi sai nơi sinh trên phiếu" }))
        .await;
    let again = ministry
        .post(&path, &json!({ "reason": "Ghi sai nơi sinh trên phiếu" }))
        .await;
    app.run_jobs().await;
    let told = app.client().get(&address(&held.content)).await;
    let own = holder.get(&format!("/certificates/{}", held.id)).await;

    assert_eq!(found.at("/certificate/standing"), "valid");
    assert_eq!(without.at("/errors/0/field"), "reason");
    assert_eq!(refused.at("/type"), "/problems/officers-other-role");
    assert_eq!(revoked.at("/certificate/standing"), "revoked");
    assert_eq!(again.at("/type"), "/problems/certificates-revoked");
    assert_eq!(told.at("/result/standing"), "revoked");
    assert_eq!(own.at("/reason"), "Ghi sai nơi sinh trên phiếu");
}

#[tokio::test]
async fn where_a_term_is_set_a_certificate_expires_after_its_last_day() {
    let app = TestApp::start_with(|config| config.certificates.valid_months = Some(6)).await;
    let (_, held) = issued(&app, &app.citizen(), Kind::One).await;
    app.run_jobs().await;
    let standing = async || app.client().get(&address(&held.content)).await.at("/result/standing");

    app.advance(SignedDuration::from_hours(24 * 181));
    app.run_jobs().await;
    let last_day = standing().await;
    app.advance(SignedDuration::from_hours(24));
    let after = standing().await;
    app.run_jobs().await;

    assert_eq!((last_day.as_str(), after.as_str()), ("valid", "expired"));
}

#[tokio::test]
async fn every_page_is_told_in_both_languages_and_level_1_is_refused() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let (person, other) = (people.next().unwrap(), people.next().unwrap());
    let (holder, held) = issued(&app, &person, Kind::Two).await;
    app.run_jobs().await;
    let mut low = citizen(&app, &other, 1).await;

    let refused = low.get("/certificates").await;
    for path in [
        "/certificates".to_owned(),
        format!("/certificates/{}", held.id),
        "/certificates/verification".to_owned(),
        address(&held.content),
    ] {
        for lang in ["vi", "en"] {
            let page = holder.clone().browser().get(&format!("{path}?lang={lang}")).await;
            assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text());
            assert!(!page.text().contains(">certificates-"), "{path}: {}", page.text());
        }
    }
    assert_eq!(refused.at("/type"), "/problems/certificates-level-needed");
}
