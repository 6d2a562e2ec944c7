use std::io::Cursor;

use axum::body::Body;
use civil::{PersonalNumber, Sex};
use image::{GrayImage, ImageFormat, Luma};
use jiff::SignedDuration;
use jiff::civil::date;
use nation::Person;
use nation::people::Life;
use nation::sources::{Fault, Source};
use serde_json::{Value, json};

use crate::registration::tests::{accept, begin, card_of, codes, give, register};
use crate::testing::{Answer, Client, TestApp};

async fn scan(client: &mut Client, draft: &str, picture: &[u8]) -> Answer {
    client
        .upload(&format!("{draft}/card/picture"), &[], &[("picture", picture)])
        .await
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let picture = GrayImage::from_pixel(width, height, Luma([200]));
    picture.write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

/// Somebody of the nation.
fn somebody(app: &TestApp, is: impl Fn(&Person) -> bool) -> Person {
    let mut people = (0..app.nation().people()).filter_map(|index| app.nation().person(index));
    people.find(|person| is(person)).unwrap()
}

async fn answer_for(app: &TestApp, person: &Person) -> Answer {
    let mut client = app.client();
    let draft = begin(&mut client, &person.number, "0900000001").await;
    let answer = give(&mut client, &draft, &card_of(person)).await;
    assert_eq!(
        accept(&mut client, &draft).await.status,
        answer.status,
        "it goes no further"
    );
    assert_eq!(codes(app, "0900000001").await, [""; 0]);
    answer
}

#[tokio::test]
async fn each_picture_that_cannot_be_used_is_answered_with_what_to_do() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let (person, other) = (people.next().unwrap(), people.next().unwrap());
    let others_card = other.valid_card(app.clock.today()).unwrap();
    let mut client = app.client();
    let draft = begin(&mut client, &person.number, "0900000001").await;

    let blank = scan(&mut client, &draft, &png(640, 480)).await;
    let no_picture = scan(&mut client, &draft, b"%PDF-1.7").await;
    let payment = nation::picture::qr_png("https://example.vn/pay").unwrap();
    let no_card = scan(&mut client, &draft, &payment).await;
    let others = scan(
        &mut client,
        &draft,
        &nation::picture::code_side(&other, others_card).unwrap(),
    )
    .await;
    let nothing = client.upload(&format!("{draft}/card/picture"), &[], &[]).await;

    insta::assert_snapshot!(blank, @r#"
    422 Unprocessable Entity
    {"type":"/problems/registration-no-code","status":422,"title":"No QR code could be read on the picture","detail":"Take it again: the QR code about half of the picture, in good light, without glare, held still until it is sharp. Wipe lens and card if it is blurred."}
    "#);
    insta::assert_snapshot!(no_picture, @r#"
    422 Unprocessable Entity
    {"type":"/problems/registration-not-a-picture","status":422,"title":"This file is not a picture that can be read","detail":"Choose a JPEG or PNG picture of the side of the card with the QR code."}
    "#);
    insta::assert_snapshot!(no_card, @r#"
    422 Unprocessable Entity
    {"type":"/problems/registration-not-a-card","status":422,"title":"This is not the QR code of an ID card","detail":"It may be a payment code or that of another document. Scan the QR code printed on the ID card.","errors":[{"field":"picture","detail":"This is not the QR code of an ID card."}]}
    "#);
    insta::assert_snapshot!(others, @r#"
    422 Unprocessable Entity
    {"type":"/problems/registration-other-card","status":422,"title":"This QR code is another card's","detail":"The personal number in the QR code is not the one that was entered. Scan your own card, or begin again with the number on this card."}
    "#);
    insta::assert_snapshot!(nothing, @r#"
    422 Unprocessable Entity
    {"type":"/problems/form-invalid","status":422,"title":"Some fields are not right","detail":"Please correct the marked fields and send the form again.","errors":[{"field":"picture","detail":"Choose a picture."}]}
    "#);
    assert_eq!(client.get(&draft).await.at("/step"), "card");
}

#[tokio::test]
async fn a_picture_that_is_too_large_in_bytes_or_in_pixels_is_refused_on_the_page() {
    let app = TestApp::start().await;
    let mut browser = app.client().browser();
    let draft = begin(&mut app.client(), &app.citizen().number, "0900000001").await;

    let heavy = scan(&mut browser, &draft, &vec![0; 50_000_000]).await;
    let bomb = scan(&mut browser, &draft, &png(9_900, 9_900)).await;

    for answer in [&heavy, &bomb] {
        assert_eq!(answer.status, 413);
        assert!(answer.text().contains("id=\"picture-form\""), "{answer}");
    }
    assert!(heavy.text().contains("12 MB"));
    assert!(bomb.text().contains("50 million pixels"));
}

#[tokio::test]
async fn a_code_that_is_cut_off_or_no_card_is_told_at_its_field() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = app.client();
    let draft = begin(&mut client, &person.number, "0900000001").await;
    let mut give = async |qr: &str| client.post(&format!("{draft}/card"), &json!({ "qr": qr })).await;

    let number = person.number.as_str();
    let unclear = give(&format!("{number}||Trần Thị An|31022000|Nữ|Số 1|20072022")).await;
    let cut = give(&format!("{number}||Trần Thị")).await;
    let typed = client
        .post(
            &format!("{draft}/card"),
            &json!({ "full_name": "Trần 2", "date_of_birth": "1/2" }),
        )
        .await;

    insta::assert_snapshot!(unclear, @r#"
    422 Unprocessable Entity
    {"type":"/problems/registration-card-unclear","status":422,"title":"Something on the card could not be read","detail":"Scan it again, or correct what is marked.","errors":[{"field":"date_of_birth","detail":"Enter a real date as day/month/year."}]}
    "#);
    insta::assert_snapshot!(cut, @r#"
    422 Unprocessable Entity
    {"type":"/problems/registration-not-a-card","status":422,"title":"This is not the QR code of an ID card","detail":"It may be a payment code or that of another document. Scan the QR code printed on the ID card.","errors":[{"field":"qr","detail":"This is not the QR code of an ID card."}]}
    "#);
    assert_eq!(typed.at("/errors/0/field"), "full_name");
}

#[tokio::test]
async fn a_card_that_differs_is_refused_by_field_without_the_registrys_data() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let other_sex = if person.sex == Sex::Male {
        Sex::Female
    } else {
        Sex::Male
    };
    let card = civil::CardQr {
        full_name: "Trần Thị Không Phải".to_owned(),
        sex: other_sex,
        ..card_of(&person)
    };
    let mut client = app.client();
    let draft = begin(&mut client, &person.number, "0900000001").await;

    let answer = give(&mut client, &draft, &card).await;
    let page = client.clone().browser().get(&format!("{draft}/check")).await;
    let accepted = accept(&mut client, &draft).await;
    let corrected = give(&mut client, &draft, &card_of(&person)).await;

    insta::assert_snapshot!(answer, @r#"
    422 Unprocessable Entity
    {"type":"/problems/registration-mismatch","status":422,"title":"The data on the card differ","detail":"Check what is marked, then scan or type the card again. If the card is right, visit the commune police to have the data corrected.","errors":[{"field":"full_name","detail":"The name on the card differs from the National Population Database."},{"field":"sex","detail":"The sex on the card differs from the National Population Database."}]}
    "#);
    assert_eq!(page.status, 422);
    assert!(page.text().contains("Trần Thị Không Phải"));
    assert!(!page.text().contains(&person.full_name));
    assert!(!page.text().contains("id=\"terms-form\""));
    assert_eq!(accepted.status, 422);
    assert_eq!(corrected.at("/agrees"), "true");
}

#[tokio::test]
async fn who_may_not_register_is_told_why_and_gets_no_code() {
    let app = TestApp::start().await;
    let today = app.clock.today();
    let dead = somebody(&app, |person| person.life(today) == Life::Dead);
    let child = somebody(&app, |person| {
        person.age(today) < 14 && person.life(today) == Life::Alive
    });
    let nobody = Person {
        number: PersonalNumber::parse("001090999999").unwrap(),
        ..app.citizen()
    };

    insta::assert_snapshot!(answer_for(&app, &dead).await, @r#"
    403 Forbidden
    {"type":"/problems/registration-dead","status":403,"title":"This personal number cannot be registered","detail":"According to the National Population Database its holder has died. If that is wrong, visit the commune police to have it corrected."}
    "#);
    insta::assert_snapshot!(answer_for(&app, &child).await, @r#"
    403 Forbidden
    {"type":"/problems/registration-under-age","status":403,"title":"Under 14, the guardian registers","detail":"A parent or guardian does it with an own level 2 account and an own phone."}
    "#);
    insta::assert_snapshot!(answer_for(&app, &nobody).await, @r#"
    422 Unprocessable Entity
    {"type":"/problems/registration-unknown-number","status":422,"title":"This personal number is not known","detail":"The National Population Database does not have it. Check the number on the card; if it is right, visit the nearest commune police."}
    "#);
}

#[tokio::test]
async fn a_registry_that_is_silent_loses_nothing() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = app.client();
    let draft = begin(&mut client, &person.number, "0900000001").await;

    let down = Fault {
        down: true,
        ..Fault::default()
    };
    app.faults().set(Source::Population, down);
    let silent = give(&mut client, &draft, &card_of(&person)).await;
    let page = client.clone().browser().get(&format!("{draft}/check")).await;
    app.faults().clear();
    app.advance(SignedDuration::from_secs(30));
    let later = client.get(&format!("{draft}/check")).await;

    insta::assert_snapshot!(silent, @r#"
    503 Service Unavailable
    {"type":"/problems/registration-registry-silent","status":503,"title":"The National Population Database is not answering","detail":"The card's data are kept and need not be scanned again. The registration is kept until 10:00; go on in a few minutes."}
    "#);
    assert_eq!(page.status, 503);
    assert!(page.text().contains(&format!("href=\"{draft}/check\"")), "{page}");
    assert_eq!(later.at("/agrees"), "true");
    assert_eq!(accept(&mut client, &draft).await.status, 200);
    app.run_jobs().await;
}

#[tokio::test]
async fn nobody_finds_out_a_strangers_data_by_guessing() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = app.client();
    let draft = begin(&mut client, &person.number, "0900000001").await;

    let mut last = None;
    for day in 1..=21 {
        let guess = civil::CardQr {
            date_of_birth: date(1905, 1, day),
            ..card_of(&person)
        };
        last = Some(give(&mut client, &draft, &guess).await);
    }

    insta::assert_snapshot!(last.unwrap(), @r#"
    429 Too Many Requests
    {"type":"/problems/registration-too-many-checks","status":429,"title":"This number has been checked too often today","detail":"Try again tomorrow, or visit the nearest commune police."}
    "#);
}

#[tokio::test]
async fn a_holder_sees_in_the_history_that_somebody_used_the_number() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut holder = app.client();
    register(&app, &mut holder, &person, "0900000001").await;
    let mut stranger = app.client();
    let draft = begin(&mut stranger, &person.number, "0900000002").await;

    app.advance(SignedDuration::from_secs(1));
    give(&mut stranger, &draft, &card_of(&person)).await;

    let history: Value = holder.get("/account/history").await.json();
    assert_eq!(history["looks"].as_array().unwrap().len(), 2);
    assert_eq!(history["looks"][0]["who"], "platform");
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused() {
    let app = TestApp::start().await;
    let mut client = app.client();
    let draft = begin(&mut client, &app.citizen().number, "0900000001").await;

    let request = http::Request::post(format!("{draft}/card/picture")).header("content-type", "image/jpeg");
    let answer = client.send(request, Body::from(png(8, 8))).await;

    assert_eq!(answer.status, 415);
}

#[tokio::test]
async fn whatever_is_typed_of_a_card_is_answered() {
    let app = TestApp::start().await;
    let mut client = app.client();
    let draft = begin(&mut client, &app.citizen().number, "0900000001").await;

    for odd in [
        "|||||||||",
        "\u{202e}An",
        "9999-99-99",
        "\0",
        &"A".repeat(100_000),
        "1/1/1",
        "Nữ|Nam",
    ] {
        let typed = json!({ "full_name": odd, "date_of_birth": odd, "sex": odd, "address": odd, "issued_on": odd, "old_number": odd });
        let pasted = json!({ "qr": odd });

        for form in [typed, pasted] {
            let answer = client.post(&format!("{draft}/card"), &form).await;
            assert_eq!(answer.status, 422, "{answer}");
        }
    }
}
