use ::http::{Request, StatusCode, header};
use axum::body::{Body, Bytes};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage, imageops};
use jiff::SignedDuration;
use nation::Person;
use serde_json::{Value, json};

use super::super::tests::{attach_level_1, challenge, citizen, decide, face, officer};
use crate::officers::Role;
use crate::testing::{Answer, Client, TestApp};

fn two(app: &TestApp) -> [Person; 2] {
    let mut people = app.citizens();
    [people.next().unwrap(), people.next().unwrap()]
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 88)
        .encode_image(picture)
        .unwrap();
    file
}

async fn attach(client: &mut Client, portrait: &[u8], chip: &[u8]) -> Answer {
    let files: [(&str, &[u8]); 2] = [("portrait", portrait), ("chip", chip)];
    client.upload("/applications/level-1", &[], &files).await
}

fn fault(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
    (answer.at("/errors/0/field"), answer.at("/errors/0/detail"))
}

#[tokio::test]
async fn the_checks_say_in_words_what_was_found() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;

    let attached = attach_level_1(&app, &person, &mut client).await;
    let page = client.clone().browser().get("/applications/level-1").await.text();

    assert_eq!(attached.at("/findings/original"), "proven");
    assert_eq!(attached.at("/findings/comparisons/0/against"), "chip");
    assert_eq!(attached.at("/findings/comparisons/0/decision"), "match");
    assert_eq!(attached.at("/findings/comparisons/1/against"), "record");
    // Scores are for officers: they would tell how far a false picture is from passing.
    assert_eq!(attached.at("/findings/comparisons/1/score"), "null");
    assert_eq!(attached.at("/findings/comparisons/1/threshold"), "null");
    for check in [
        "chip-authentic",
        "chip-original",
        "data-agree",
        "card-valid",
        "face-chip-match",
        "face-record-match",
    ] {
        assert!(page.contains(&format!("data-check=\"{check}\"")), "{check}: {page}");
    }
    assert!(
        page.contains("data-risk=\"low\"") && page.contains("stand-in matcher"),
        "{page}"
    );
}

#[tokio::test]
async fn without_the_chip_nothing_is_taken() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;

    let refused = client
        .upload("/applications/level-1", &[], &[("portrait", &face(&app, &person))])
        .await;
    let sent = client.post("/applications/level-1/submission", &json!({})).await;
    let history = client.get("/account/history").await;

    assert_eq!(fault(&refused).0, "chip");
    // The databases were asked all the same.
    assert!(history.text().contains(r#""purpose":"application""#), "{history}");
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY, "{sent}");
}

#[tokio::test]
async fn the_way_by_the_cards_qr_code_is_open_where_the_operator_allows_it_and_the_reviewer_is_told() {
    let app = TestApp::start_with(|config| config.level_1.without_chip = true).await;
    let [person, other] = two(&app);
    let mut client = citizen(&app, &person, 0).await;
    let qr = |person: &Person| {
        person
            .valid_card(app.clock.today())
            .unwrap()
            .qr(person)
            .unwrap()
            .to_text()
    };
    let portrait = face(&app, &person);
    let files: [(&str, &[u8]); 1] = [("portrait", &portrait)];

    let of_other = client
        .upload("/applications/level-1", &[("qr", &qr(&other))], &files)
        .await;
    let attached = client
        .upload("/applications/level-1", &[("qr", &qr(&person))], &files)
        .await;
    let sent = client.post("/applications/level-1/submission", &json!({})).await;
    app.run_jobs().await;

    assert_eq!(fault(&of_other).0, "qr");
    assert_eq!(attached.status, StatusCode::OK, "{attached}");
    assert_eq!(attached.at("/findings/chip/result"), "absent");
    assert_eq!(attached.at("/findings/fields/6/field"), "residence");
    assert_ne!(attached.at("/findings/fields/6/declared"), "null");
    assert_eq!(sent.at("/state"), "submitted", "{sent}");
}

#[tokio::test]
async fn a_chip_of_somebody_else_a_changed_one_and_a_copy_are_refused_by_name() {
    let app = TestApp::start().await;
    let [person, other] = two(&app);
    let mut client = citizen(&app, &person, 0).await;
    let portrait = face(&app, &person);
    let given = challenge(&mut client).await;
    let mut changed: Value = serde_json::from_slice(&app.reading(&person, &given)).unwrap();
    let foreign: Value = serde_json::from_slice(&app.chip(&other)).unwrap();
    changed["dg1"] = foreign["dg1"].clone();
    let mut copy: Value = serde_json::from_slice(&app.chip(&person)).unwrap();
    let answer: Value = serde_json::from_slice(&app.reading(&other, &given)).unwrap();

    let of_other = attach(&mut client, &portrait, &app.reading(&other, &given)).await;
    let tampered = attach(&mut client, &portrait, changed.to_string().as_bytes()).await;
    let unanswered = attach(&mut client, &portrait, copy.to_string().as_bytes()).await;
    copy["active"] = answer["active"].clone();
    let cloned = attach(&mut client, &portrait, copy.to_string().as_bytes()).await;
    let list = client.get("/applications/level-1").await;

    assert_eq!(
        fault(&of_other),
        ("chip".to_owned(), "This chip is of somebody else's card.".to_owned())
    );
    assert!(fault(&tampered).1.contains("DG1 was changed"), "{tampered}");
    assert!(
        fault(&unanswered).1.contains("did not answer our challenge"),
        "{unanswered}"
    );
    assert!(fault(&cloned).1.contains("did not answer our challenge"), "{cloned}");
    assert_eq!(list.at("/ready"), "false");
}

#[tokio::test]
async fn a_challenge_works_once_for_its_own_application_and_not_for_long() {
    let app = TestApp::start().await;
    let [person, other] = two(&app);
    let mut client = citizen(&app, &person, 0).await;
    let mut stranger = citizen(&app, &other, 0).await;
    let portrait = face(&app, &person);
    let of_stranger = challenge(&mut stranger).await;
    let first = challenge(&mut client).await;
    let reading = app.reading(&person, &first);

    let foreign = attach(&mut client, &portrait, &app.reading(&person, &of_stranger)).await;
    let once = attach(&mut client, &portrait, &reading).await;
    let again = attach(&mut client, &portrait, &reading).await;
    let late = challenge(&mut client).await;
    app.advance(SignedDuration::from_mins(11));
    let expired = attach(&mut client, &portrait, &app.reading(&person, &late)).await;
    app.run_jobs().await;

    assert_eq!(once.status, StatusCode::OK, "{once}");
    for spent in [foreign, again, expired] {
        assert!(fault(&spent).1.contains("challenge"), "{spent}");
    }
}

#[tokio::test]
async fn a_reader_posts_the_chip_to_the_address_that_was_drawn_for_it() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let asked = client.post("/applications/level-1/reading", &json!({})).await;
    let address = asked.at("/reading/address");
    let path = address.strip_prefix("http://localhost:8080").unwrap();
    let reading: Value = serde_json::from_slice(&app.reading(&person, &asked.at("/reading/challenge"))).unwrap();
    let mut reader = app.client();

    let posted = reader.post(path, &reading).await;
    let waiting = client.get("/applications/level-1").await;
    let portrait = face(&app, &person);
    let attached = client
        .upload("/applications/level-1", &[], &[("portrait", &portrait)])
        .await;
    let sent = client.post("/applications/level-1/submission", &json!({})).await;
    app.run_jobs().await;

    assert_eq!(posted.status, StatusCode::OK, "{posted}");
    assert_eq!(waiting.at("/reading/received"), "true");
    assert_eq!(attached.at("/findings/original"), "proven", "{attached}");
    assert_eq!(sent.at("/state"), "submitted");
}

#[tokio::test]
async fn two_faces_no_face_and_a_poor_picture_are_refused_with_advice() {
    let app = TestApp::start().await;
    let [person, other] = two(&app);
    let mut client = citizen(&app, &person, 0).await;
    let picture = |person: &Person| image::load_from_memory(&face(&app, person)).unwrap().to_rgb8();
    let mut both = RgbImage::from_pixel(600, 400, Rgb([218, 228, 236]));
    imageops::overlay(&mut both, &picture(&person), 0, 0);
    imageops::overlay(&mut both, &picture(&other), 300, 0);
    let wall = RgbImage::from_fn(300, 400, |x, y| {
        Rgb(if (x / 20 + y / 20) % 2 == 0 {
            [90, 120, 140]
        } else {
            [200, 190, 160]
        })
    });
    let blurred = imageops::blur(&picture(&person), 6.0);
    let chip = app.chip(&person);

    let mut said = Vec::new();
    for poor in [both, wall, blurred] {
        let taken = attach(&mut client, &jpeg(&poor), &chip).await;
        let judged = client
            .upload("/applications/portrait", &[], &[("portrait", &jpeg(&poor))])
            .await;
        assert_eq!(fault(&taken), fault(&judged));
        said.push(fault(&taken).1);
    }
    let good = client
        .upload("/applications/portrait", &[], &[("portrait", &face(&app, &person))])
        .await;

    assert!(said[0].contains("more than one person"), "{said:?}");
    assert!(said[1].contains("No face"), "{said:?}");
    assert!(said[2].contains("blurred"), "{said:?}");
    assert_eq!(
        (good.at("/good"), good.at("/stand_in")),
        ("true".to_owned(), "true".to_owned())
    );
}

#[tokio::test]
async fn the_portrait_of_somebody_else_goes_to_the_police_only_when_the_applicant_asks() {
    let app = TestApp::start().await;
    let [person, other] = two(&app);
    let mut client = citizen(&app, &person, 0).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await.browser();
    let reading = app.reading(&person, &challenge(&mut client).await);

    let attached = attach(&mut client, &face(&app, &other), &reading).await;
    let unasked = client.post("/applications/level-1/submission", &json!({})).await;
    let sent = client
        .post("/applications/level-1/submission", &json!({ "despite": "on" }))
        .await;
    app.run_jobs().await;
    let claim = format!("/officers/applications/{}/claim", sent.at("/id"));
    let opened = reviewer.form(&claim, &[]).await.location();
    let page = reviewer.get(&opened).await.text();

    assert_eq!(attached.at("/findings/comparisons/0/decision"), "differs");
    assert_eq!(fault(&unasked).0, "despite");
    assert_eq!(sent.at("/state"), "submitted", "{sent}");
    assert!(
        page.contains("data-risk=\"high\"") && page.contains("face-chip-differs"),
        "{page}"
    );
}

#[tokio::test]
async fn while_the_matcher_is_silent_nothing_is_taken_and_nothing_lost() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let reading = app.reading(&person, &challenge(&mut client).await);
    let down = nation::sources::Fault {
        down: true,
        ..Default::default()
    };
    app.faults().set(nation::sources::Source::Matcher, down);

    let silent = attach(&mut client, &face(&app, &person), &reading).await;
    app.faults().clear();
    let again = attach(&mut client, &face(&app, &person), &reading).await;

    assert_eq!(silent.at("/type"), "/problems/biometrics-silent");
    assert_eq!(again.status, StatusCode::OK, "{again}");
}

#[tokio::test]
async fn prints_and_pictures_go_when_their_time_is_over_and_the_face_of_an_approved_identity_stays() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    attach_level_1(&app, &person, &mut client).await;
    let sent = client.post("/applications/level-1/submission", &json!({})).await;
    let id = sent.at("/id");
    decide(&mut reviewer, &id, &json!({ "decision": "approve" })).await;
    app.run_jobs().await;

    app.advance(SignedDuration::from_hours(24 * 29));
    app.run_jobs().await;
    let before = objects(&app);
    app.advance(SignedDuration::from_hours(25));
    app.run_jobs().await;

    assert_eq!((before, objects(&app)), (3, 1));
}

/// How many objects lie in the folder of evidence.
fn objects(app: &TestApp) -> usize {
    let folders = std::fs::read_dir(&app.config.evidence.folder)
        .into_iter()
        .flatten()
        .flatten();
    folders
        .filter_map(|folder| std::fs::read_dir(folder.path()).ok())
        .map(Iterator::count)
        .sum()
}

#[tokio::test]
async fn a_line_that_closes_in_the_middle_of_an_upload_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let chip = app.reading(&person, &challenge(&mut client).await);
    let portrait = face(&app, &person);
    let head = b"--cut\r\nContent-Disposition: form-data; name=\"portrait\"; filename=\"file\"\r\n\r\n";
    let half = [&head[..], &portrait[..portrait.len() / 2]].concat();
    let closes = [Ok(Bytes::from(half)), Err(std::io::Error::other("the line closed"))];
    let request =
        Request::post("/applications/level-1").header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut");

    let cut_off = client
        .send(request, Body::from_stream(futures_util::stream::iter(closes)))
        .await;
    let nothing = objects(&app);
    let again = attach(&mut client, &portrait, &chip).await;

    assert_eq!(cut_off.status, StatusCode::BAD_REQUEST, "{cut_off}");
    assert_eq!(nothing, 0);
    assert_eq!(again.status, StatusCode::OK, "{again}");
}

#[tokio::test]
async fn a_picture_that_is_too_large_is_refused_before_it_is_read() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let mut many_pixels = Vec::new();
    let flat = RgbImage::from_pixel(9_000, 6_000, Rgb([200, 200, 200]));
    JpegEncoder::new_with_quality(&mut many_pixels, 1)
        .encode_image(&flat)
        .unwrap();

    let bytes = attach(&mut client, &vec![0_u8; 13 * 1024 * 1024], &app.chip(&person)).await;
    let pixels = attach(&mut client, &many_pixels, &app.chip(&person)).await;

    assert_eq!(bytes.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(fault(&pixels).1.contains("too many pixels"), "{pixels}");
}
