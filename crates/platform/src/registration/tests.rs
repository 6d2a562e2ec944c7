use civil::PersonalNumber;
use jiff::SignedDuration;
use jiff::civil::date;
use nation::Person;
use serde_json::json;

use crate::testing::{Answer, Client, TestApp};

const PASSWORD: &str = "Ghe-xanh7 troi";

/// The text of a card with a person's data, whether or not they have one.
pub(super) fn card_of(person: &Person) -> civil::CardQr {
    civil::CardQr {
        number: person.number.clone(),
        old_number: person.old_number.clone(),
        full_name: person.full_name.clone(),
        date_of_birth: person.date_of_birth,
        sex: person.sex,
        address: "Số 1 Đường A, Phường Ba Đình, Hà Nội".to_owned(),
        issued_on: date(2022, 7, 20),
        extra: Vec::new(),
    }
}

/// Begins with a number and a phone; answers the address of the registration.
pub(super) async fn begin(client: &mut Client, number: &PersonalNumber, phone: &str) -> String {
    let answer = client
        .post("/registration", &json!({ "number": number, "phone": phone }))
        .await;
    format!("/registration/{}", answer.at("/draft"))
}

/// Goes on to the card.
pub(super) async fn give(client: &mut Client, draft: &str, card: &civil::CardQr) -> Answer {
    client
        .post(&format!("{draft}/card"), &json!({ "qr": card.to_text() }))
        .await
}

pub(super) async fn accept(client: &mut Client, draft: &str) -> Answer {
    client.post(&format!("{draft}/check"), &json!({ "terms": "yes" })).await
}

pub(super) async fn enter(client: &mut Client, draft: &str, code: &str) -> Answer {
    client.post(&format!("{draft}/code"), &json!({ "code": code })).await
}

async fn set_password(client: &mut Client, draft: &str, password: &str) -> Answer {
    client
        .post(&format!("{draft}/password"), &json!({ "password": password }))
        .await
}

/// The codes that a phone received, newest first.
pub(super) async fn codes(app: &TestApp, phone: &str) -> Vec<String> {
    let to = civil::Phone::parse(phone).unwrap().e164();
    let code = |text: &str| {
        let digits = text.split(|c: char| !c.is_ascii_digit());
        digits.filter(|part| part.len() == 6).map(str::to_owned).next()
    };
    let messages = app.mailbox(&to).await;
    messages.iter().filter_map(|message| code(&message.text)).collect()
}

/// Goes all the way to the password; answers the registration's address.
async fn up_to_password(app: &TestApp, client: &mut Client, person: &Person, phone: &str) -> String {
    let draft = begin(client, &person.number, phone).await;
    assert_eq!(give(client, &draft, &card_of(person)).await.status, 200);
    assert_eq!(accept(client, &draft).await.status, 200);
    let code = codes(app, phone).await.remove(0);
    assert_eq!(enter(client, &draft, &code).await.status, 200);
    draft
}

pub(super) async fn register(app: &TestApp, client: &mut Client, person: &Person, phone: &str) {
    let draft = up_to_password(app, client, person, phone).await;
    assert_eq!(set_password(client, &draft, PASSWORD).await.status, 200);
}

/// Answers with what differs from one registration to the next written alike.
fn alike(answers: &[Answer], draft: &str) -> Vec<String> {
    let id = draft.trim_start_matches("/registration/");
    let answers = answers.iter().map(|answer| {
        let names: Vec<&str> = answer.headers.keys().map(http::HeaderName::as_str).collect();
        let lengths: Vec<usize> = answer.headers.values().map(http::HeaderValue::len).collect();
        format!("{answer}\n{names:?}\n{lengths:?}").replace(id, "DRAFT")
    });
    answers.collect()
}

#[tokio::test]
async fn a_program_goes_the_whole_way() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = app.client();

    let opened = client
        .post(
            "/registration",
            &json!({ "number": person.number, "phone": "0900 000 001" }),
        )
        .await;
    let draft = format!("/registration/{}", opened.at("/draft"));
    let given = give(&mut client, &draft, &card_of(&person)).await;
    let accepted = accept(&mut client, &draft).await;
    let sms = app.mailbox("+84900000001").await.remove(0);
    let code = codes(&app, "0900000001").await.remove(0);
    let entered = enter(&mut client, &draft, &code).await;
    let done = set_password(&mut client, &draft, PASSWORD).await;
    let account = client.get("/account").await;

    let shown = |answer: &Answer| {
        answer
            .to_string()
            .replace(draft.trim_start_matches("/registration/"), "DRAFT")
    };
    insta::assert_snapshot!(shown(&opened), @r#"
    200 OK
    {"draft":"DRAFT","step":"card","masked_number":"09********01","masked_phone":"090****001","expires_at":"2026-11-23T03:00:00Z"}
    "#);
    insta::assert_snapshot!(shown(&given), @r#"
    200 OK
    {"draft":"DRAFT","step":"check","number":"091058953401","full_name":"Phạm Trọng Phúc","date_of_birth":"1958-07-12","sex":"male","old_number":"927182818","address":"Số 1 Đường A, Phường Ba Đình, Hà Nội","issued_on":"2022-07-20","agrees":true,"differs":[],"expires_at":"2026-11-23T03:00:00Z"}
    "#);
    insta::assert_snapshot!(shown(&accepted), @r#"
    200 OK
    {"draft":"DRAFT","step":"code","masked_phone":"090****001","code_expires_at":"2026-11-23T02:05:00Z","expires_at":"2026-11-23T03:00:00Z"}
    "#);
    insta::assert_snapshot!(sms.text.replace(&code, "CODE"), @"VNeID: CODE la ma xac nhan dang ky, co hieu luc 5 phut. Khong dua ma nay cho bat ky ai, ke ca nguoi tu xung la can bo.");
    insta::assert_snapshot!(shown(&entered), @r#"
    200 OK
    {"draft":"DRAFT","step":"password","number":"091058953401","expires_at":"2026-11-23T03:00:00Z"}
    "#);
    insta::assert_snapshot!(shown(&done), @r#"
    200 OK
    {"step":"done","account":"/account","signin":"/signin"}
    "#);
    assert_eq!(account.at("/full_name"), person.full_name);
    assert_eq!(account.at("/state"), "new");
    let history = client.get("/account/history").await;
    assert_eq!(history.at("/looks/0/purpose"), "registration");
}

#[tokio::test]
async fn a_browser_goes_the_whole_way_with_a_picture_of_the_card() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let card = person.valid_card(app.clock.today()).unwrap();
    let picture = nation::picture::code_side(&person, card).unwrap();
    let mut browser = app.client().browser();

    let fields = [("number", person.number.as_str()), ("phone", "0900000001")];
    let to_card = browser.form("/registration", &fields).await.location();
    let page = browser.get(&to_card).await.text();
    let to_check = browser
        .upload(&format!("{to_card}/picture"), &[], &[("picture", &picture)])
        .await
        .location();
    let check = browser.get(&to_check).await.text();
    let without_terms = browser.form(&to_check, &[]).await;
    let to_code = browser.form(&to_check, &[("terms", "yes")]).await.location();
    let code = codes(&app, "0900000001").await.remove(0);
    let to_password = browser.form(&to_code, &[("code", &code)]).await.location();
    let passwords = [("password", PASSWORD), ("repeat", PASSWORD)];
    let to_done = browser.form(&to_password, &passwords).await.location();
    let done = browser.get(&to_done).await.text();

    for id in [
        "id=\"camera\"",
        "id=\"picture-form\"",
        "id=\"card-form\"",
        "id=\"qr-form\"",
    ] {
        assert!(page.contains(id), "{id} is missing");
    }
    assert!(
        check.contains("id=\"agrees\"") && check.contains(&person.full_name),
        "{check}"
    );
    assert_eq!(without_terms.status, 422);
    assert!(without_terms.text().contains("id=\"terms-fault\""));
    assert!(done.contains("id=\"done-account\""));
    assert!(browser.get("/account").await.text().contains(&person.full_name));
}

#[tokio::test]
async fn the_card_can_be_typed_in_the_ways_people_write_dates() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let birth = person.date_of_birth;
    let mut client = app.client();

    for form in ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d%m%Y"] {
        let draft = begin(&mut client, &person.number, "0900000001").await;
        let typed = json!({
            "full_name": person.full_name.to_uppercase(), "date_of_birth": birth.strftime(form).to_string(),
            "sex": person.sex, "address": "Số 1", "issued_on": "2022-07-20",
        });
        let answer = client.post(&format!("{draft}/card"), &typed).await;

        assert_eq!(answer.at("/agrees"), "true", "{form}: {answer}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_number_and_phone_is_told_at_each() {
    let app = TestApp::start().await;
    let mut client = app.client();

    let answer = client
        .post(
            "/registration",
            &json!({ "number": "123456789", "phone": "024 3812 3456" }),
        )
        .await;
    let page = client
        .clone()
        .browser()
        .form("/registration", &[("number", "999"), ("phone", "+1 202 555 0100")])
        .await;

    insta::assert_snapshot!(answer, @r#"
    422 Unprocessable Entity
    {"type":"/problems/form-invalid","status":422,"title":"Some fields are not right","detail":"Please correct the marked fields and send the form again.","errors":[{"field":"number","detail":"This is an old 9-digit number, not valid since 1/1/2025. Enter the 12 digits on your ID card."},{"field":"phone","detail":"This is a landline, which gets no SMS. Use a mobile number."}]}
    "#);
    assert_eq!(page.status, 422);
    assert!(page.text().contains("value=\"999\""));
}

#[tokio::test]
async fn a_number_with_an_account_is_answered_like_any_other_and_its_holder_is_told() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let (known, fresh) = (people.next().unwrap(), people.next().unwrap());
    register(&app, &mut app.client(), &known, "0900000001").await;

    let mut answers = Vec::new();
    for (person, phone) in [(&known, "0900000002"), (&fresh, "0900000003")] {
        let mut client = app.client();
        let number = json!({ "number": person.number, "phone": phone });
        let opened = client.post("/registration", &number).await;
        let draft = format!("/registration/{}", opened.at("/draft"));
        assert_eq!(give(&mut client, &draft, &card_of(person)).await.at("/agrees"), "true");
        let accepted = accept(&mut client, &draft).await;
        let code = codes(&app, phone).await.remove(0);
        let entered = enter(&mut client, &draft, &code).await;
        let done = set_password(&mut client, &draft, "Khac-moi8 hoan toan").await;
        let shown = client.get(&format!("{draft}/done")).await;
        let told = alike(&[accepted, entered, done, shown], &draft).join("\n");
        answers.push(
            told.replace(person.number.as_str(), "NUMBER")
                .replace(&phone[7..], "xxx"),
        );
    }

    assert_eq!(answers[0], answers[1]);
    let inbox = app.mailbox("+84900000001").await;
    let told: Vec<&str> = inbox.iter().map(|sms| sms.text.as_str()).collect();
    let told = told.iter().find(|text| text.contains("Vua co nguoi")).unwrap();
    insta::assert_snapshot!(told, @"VNeID: Vua co nguoi dang ky bang so dinh danh cua quy vi. Quy vi da co tai khoan, hay dang nhap bang mat khau da dat. Neu khong phai quy vi, khong can lam gi: tai khoan khong bi thay doi.");
    let mut client = app.client();
    let mut sign_in = async |password| {
        let form = json!({ "number": known.number, "password": password });
        client.post("/signin", &form).await.status.as_u16()
    };
    assert_eq!(sign_in("Khac-moi8 hoan toan").await, 403);
    assert_eq!(sign_in(PASSWORD).await, 200);
}

#[tokio::test]
async fn of_two_browsers_that_register_one_number_at_once_one_wins_and_the_other_is_told() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let (mut one, mut two) = (app.client(), app.client());
    let first = up_to_password(&app, &mut one, &person, "0900000001").await;
    let second = up_to_password(&app, &mut two, &person, "0900000002").await;

    let (done_one, done_two) = tokio::join!(
        set_password(&mut one, &first, PASSWORD),
        set_password(&mut two, &second, PASSWORD)
    );

    assert_eq!((done_one.status.as_u16(), done_two.status.as_u16()), (200, 200));
    let inside = [one.get("/account").await.status, two.get("/account").await.status];
    assert_eq!(inside.iter().filter(|status| status.is_success()).count(), 1);
    let mut told = app.mailbox("+84900000001").await;
    told.extend(app.mailbox("+84900000002").await);
    let told = told
        .iter()
        .filter(|sms| sms.text.contains("Vua co nguoi dang ky"))
        .count();
    assert_eq!(told, 1);
}

#[tokio::test]
async fn a_second_click_on_the_last_button_changes_nothing() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = app.client();
    let draft = up_to_password(&app, &mut client, &person, "0900000001").await;
    let mut again = client.clone();

    let (one, two) = tokio::join!(
        set_password(&mut client, &draft, PASSWORD),
        set_password(&mut again, &draft, PASSWORD)
    );
    let three = set_password(&mut app.client(), &draft, "Khac-moi8 hoan toan").await;

    assert_eq!(one.to_string(), two.to_string());
    assert_eq!(one.to_string(), three.to_string());
    let cookies = [&one, &two, &three].map(|answer| answer.headers.contains_key("set-cookie"));
    assert_eq!(cookies.iter().filter(|set| **set).count(), 1);
    let inside = [client.get("/account").await.status, again.get("/account").await.status];
    assert_eq!(inside.iter().filter(|status| status.is_success()).count(), 1);
    assert_eq!(app.mailbox("+84900000001").await.len(), 1);
}

#[tokio::test]
async fn a_password_that_is_weak_or_not_repeated_is_refused_and_nothing_is_written() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = app.client();
    let draft = up_to_password(&app, &mut client, &person, "0900000001").await;
    let born = format!("Xin-{}a", person.date_of_birth.strftime("%d%m%Y"));

    let weak = set_password(&mut client, &draft, "abc").await;
    let own = set_password(&mut client, &draft, &born).await;
    let both = json!({ "password": PASSWORD, "repeat": "khac" });
    let differs = client.post(&format!("{draft}/password"), &both).await;

    insta::assert_snapshot!(weak, @r#"
    422 Unprocessable Entity
    {"type":"/problems/form-invalid","status":422,"title":"Some fields are not right","detail":"Please correct the marked fields and send the form again.","errors":[{"field":"password","detail":"A password has 8 to 20 characters."},{"field":"password","detail":"Add at least one digit."},{"field":"password","detail":"Add at least one capital letter."},{"field":"password","detail":"Add at least one special character, for example ! ? @ #."},{"field":"password","detail":"This password is easily guessed. A few words that do not belong together are harder to guess."}]}
    "#);
    insta::assert_snapshot!(own, @r#"
    422 Unprocessable Entity
    {"type":"/problems/form-invalid","status":422,"title":"Some fields are not right","detail":"Please correct the marked fields and send the form again.","errors":[{"field":"password","detail":"Keep your name, date of birth, personal number and phone number out of the password."}]}
    "#);
    insta::assert_snapshot!(differs, @r#"
    422 Unprocessable Entity
    {"type":"/problems/form-invalid","status":422,"title":"Some fields are not right","detail":"Please correct the marked fields and send the form again.","errors":[{"field":"repeat","detail":"The two do not match."}]}
    "#);
    assert_eq!(client.get("/account").await.status, 401);
    assert_eq!(set_password(&mut client, &draft, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_registration_is_gone_after_an_hour() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = app.client();
    let draft = up_to_password(&app, &mut client, &person, "0900000001").await;

    app.advance(SignedDuration::from_mins(59));
    let before = client.get(&draft).await;
    app.advance(SignedDuration::from_mins(1));
    let after = set_password(&mut client, &draft, PASSWORD).await;
    app.run_jobs().await;

    assert_eq!(before.at("/step"), "password");
    insta::assert_snapshot!(after, @r#"
    410 Gone
    {"type":"/problems/registration-gone","status":410,"title":"This registration is no longer there","detail":"A registration is valid for 1 hour. Begin again from the registration page."}
    "#);
    assert_eq!(client.get(&format!("{draft}/card")).await.status, 410);
    let never = "/registration/00000000000000000000000000000000/card";
    assert_eq!(client.get(never).await.to_string(), after.to_string());
    assert_eq!(client.get("/registration/x/card").await.status, 404);
}

#[tokio::test]
async fn no_step_can_be_skipped() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = app.client();
    let draft = begin(&mut client, &person.number, "0900000001").await;

    let early = [
        accept(&mut client, &draft).await,
        enter(&mut client, &draft, "000000").await,
        set_password(&mut client, &draft, PASSWORD).await,
        client.post(&format!("{draft}/code/again"), &json!({})).await,
    ];
    let led = client.clone().browser().get(&format!("{draft}/password")).await;

    for answer in &early {
        assert_eq!(answer.to_string(), early[0].to_string());
    }
    insta::assert_snapshot!(early[0], @r#"
    409 Conflict
    {"type":"/problems/registration-other-step","status":409,"title":"Something else has to be done first","detail":"Go on with the step that is due."}
    "#);
    assert_eq!(led.location(), format!("{draft}/card"));
}
