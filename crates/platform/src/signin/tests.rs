use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::accounts::{self, Identity, NewAccount};
use crate::testing::{Client, TestApp};

const NUMBER: &str = "001199000001";
const PASSWORD: &str = "Ghe-xanh7 troi";

/// Opens an account with a password.
async fn account(app: &TestApp) -> PersonId {
    let identity = Identity {
        number: NUMBER.parse_number(),
        full_name: "Trần Thị An".to_owned(),
        date_of_birth: jiff::civil::date(1999, 1, 15),
        sex: civil::Sex::Female,
    };
    let phone = civil::Phone::parse("0900000001").unwrap();
    let account = NewAccount::draw(app, PersonId::draw(&app.chance), &identity, &phone).unwrap();
    let hash = hash(app, &Password::check(PASSWORD, &[]).unwrap()).await.unwrap();
    let (person, vault, now) = (account.person(), app.vault.clone(), app.now());
    app.db
        .write(move |tx| {
            accounts::open(tx, &account)?;
            set_password(tx, &vault, &person, &hash, now)
        })
        .await
        .unwrap();
    person
}

trait ParseNumber {
    fn parse_number(&self) -> civil::PersonalNumber;
}

impl ParseNumber for str {
    fn parse_number(&self) -> civil::PersonalNumber {
        civil::PersonalNumber::parse(self).unwrap()
    }
}

async fn attempt(client: &mut Client, number: &str, password: &str) -> String {
    client
        .post("/signin", &json!({ "number": number, "password": password }))
        .await
        .to_string()
}

#[tokio::test]
async fn the_right_password_opens_a_session_and_signing_out_ends_it() {
    let app = TestApp::start().await;
    account(&app).await;
    let mut client = app.client();

    let answer = attempt(&mut client, NUMBER, PASSWORD).await;
    let inside = client.get("/account").await;
    let mut copy = client.clone();
    let out = client.post("/signout", &json!({})).await;
    let after = copy.get("/account").await;

    insta::assert_snapshot!(answer, @r#"
    200 OK
    {"next":"/account"}
    "#);
    assert_eq!(inside.at("/full_name"), "Trần Thị An");
    insta::assert_snapshot!(out, @r#"
    200 OK
    {"signed_out":true}
    "#);
    assert_eq!(after.status, 401);
}

#[tokio::test]
async fn a_wrong_password_and_a_number_without_account_are_answered_alike() {
    let app = TestApp::start().await;
    account(&app).await;
    let mut client = app.client();

    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..6 {
        known.push(attempt(&mut client, NUMBER, "Wrong-1234").await);
        unknown.push(attempt(&mut client, "001099000002", "Wrong-1234").await);
    }

    assert_eq!(known, unknown);
    insta::assert_snapshot!(known[0], @r#"
    403 Forbidden
    {"type":"/problems/signin-wrong","status":403,"title":"The personal number or the password is not right","detail":"Check both. After 5 wrong attempts in a row, sign-in is locked for a while."}
    "#);
    insta::assert_snapshot!(known[4], @r#"
    429 Too Many Requests
    {"type":"/problems/signin-locked","status":429,"title":"Sign-in is locked for a while","detail":"The password was wrong 5 times in a row. Try again in 15 minutes."}
    "#);
    let told = app.mailbox("+84900000001").await;
    insta::assert_snapshot!(told[0].text, @"VNeID: Dang nhap bang so dinh danh cua quy vi bi tam khoa 15 phut vi nhap sai mat khau 5 lan. Neu khong phai quy vi, hay doi mat khau sau khi dang nhap lai.");
    assert_eq!(told.len(), 1);
}

#[tokio::test]
async fn a_lock_keeps_the_right_password_out_until_its_time_is_over() {
    let app = TestApp::start().await;
    account(&app).await;
    let mut client = app.client();
    for _ in 0..5 {
        attempt(&mut client, NUMBER, "Wrong-1234").await;
    }

    app.advance(SignedDuration::from_secs(14 * 60 + 59));
    let early = attempt(&mut client, NUMBER, PASSWORD).await;
    app.advance(SignedDuration::from_secs(1));
    let wrong = attempt(&mut client, NUMBER, "Wrong-1234").await;
    let right = attempt(&mut client, NUMBER, PASSWORD).await;

    assert!(early.starts_with("429"), "{early}");
    assert!(wrong.starts_with("403"), "{wrong}");
    assert!(right.starts_with("200"), "{right}");
    app.run_jobs().await;
}

#[tokio::test]
async fn many_guesses_at_once_are_not_more_than_five() {
    let app = TestApp::start().await;
    account(&app).await;

    let guesses = (0..20).map(|guess| {
        let mut client = app.client();
        async move { attempt(&mut client, NUMBER, &format!("Wrong-{guess}xyz")).await }
    });
    let answers = futures_util::future::join_all(guesses).await;

    let tried = answers.iter().filter(|answer| answer.starts_with("403")).count();
    assert_eq!(tried, 4, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.starts_with("429")).count(), 16);
    assert_eq!(app.mailbox("+84900000001").await.len(), 1);
}

#[tokio::test]
async fn a_browser_goes_on_to_a_page_of_ours_and_nowhere_else() {
    let app = TestApp::start().await;
    account(&app).await;
    let mut client = app.client().browser();

    let page = client.get("/signin?next=/account/history").await.text();
    let mut sign_in = async |next| {
        let fields = [("number", NUMBER), ("password", PASSWORD), ("next", next)];
        client.form("/signin", &fields).await.location()
    };

    assert!(page.contains(r#"value="/account/history""#), "{page}");
    assert_eq!(sign_in("/account/history").await, "/account/history");
    assert_eq!(sign_in("https://evil.example/").await, "/account");
    assert_eq!(sign_in("//evil.example").await, "/account");
}

#[tokio::test]
async fn a_browser_sees_what_it_typed_again_but_never_the_password() {
    let app = TestApp::start().await;
    let mut client = app.client().browser();

    let answer = client
        .form("/signin", &[("number", "12345"), ("password", "Wrong-1234")])
        .await;

    assert_eq!(answer.status, 422);
    assert!(answer.text().contains(r#"value="12345""#));
    assert!(answer.text().contains("exactly 12 digits"));
    assert!(!answer.text().contains("Wrong-1234"));
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before_and_is_written_in_the_history() {
    let app = TestApp::start().await;
    account(&app).await;
    let mut client = app.client();
    attempt(&mut client, NUMBER, PASSWORD).await;
    let mut before = client.clone();

    attempt(&mut client, NUMBER, PASSWORD).await;

    assert_eq!(before.get("/account").await.status, 401);
    let history = client.get("/account/history").await;
    assert_eq!(history.json()["looks"].as_array().unwrap().len(), 2);
    assert_eq!(history.at("/looks/0/purpose"), "sign-in");
}

#[tokio::test]
async fn five_wrong_passcodes_lock_until_the_next_day_in_viet_nam() {
    let app = TestApp::start().await;
    let person = account(&app).await;
    let unset = check_passcode(&app, &person, "739154").await.unwrap_err();
    let hash = hash_passcode(&app, &Passcode::check("739154", &[]).unwrap())
        .await
        .unwrap();
    let (vault, now) = (app.vault.clone(), app.now());
    app.db
        .write(move |tx| set_passcode(tx, &vault, &person, &hash, now))
        .await
        .unwrap();

    check_passcode(&app, &person, "739154").await.unwrap();
    let guesses = (0..12).map(|_| check_passcode(&app, &person, "000001"));
    let answers = futures_util::future::join_all(guesses).await;
    app.advance(SignedDuration::from_hours(14));
    let today = check_passcode(&app, &person, "739154").await.unwrap_err();
    app.advance(SignedDuration::from_hours(1));
    let tomorrow = check_passcode(&app, &person, "739154").await;

    assert_eq!(unset.slug(), "signin-no-passcode");
    let slugs: Vec<&str> = answers
        .iter()
        .map(|answer| answer.as_ref().unwrap_err().slug())
        .collect();
    assert_eq!(slugs.iter().filter(|slug| **slug == "signin-wrong-passcode").count(), 4);
    assert_eq!(
        slugs.iter().filter(|slug| **slug == "signin-passcode-locked").count(),
        8
    );
    assert_eq!(today.slug(), "signin-passcode-locked");
    assert_eq!(today.seconds_to_wait(), Some(3600));
    assert!(tomorrow.is_ok());
}

#[test]
fn a_password_is_refused_with_every_reason() {
    let faults = |text: &str| -> Vec<&str> {
        let own = ["Trần Thị An", "001199000001", "0900000001", "15011999"];
        Password::check(text, &own)
            .err()
            .unwrap_or_default()
            .iter()
            .map(|fault| fault.text)
            .collect()
    };

    assert_eq!(faults("Aa1!"), ["signin-password-length", "signin-password-guessable"]);
    assert_eq!(
        faults("aaaaaaaaaaaaaaaaaaaaa"),
        [
            "signin-password-length",
            "signin-password-digit",
            "signin-password-upper",
            "signin-password-sign"
        ]
    );
    assert_eq!(faults("TranThiAn-7x"), ["signin-password-own"]);
    assert_eq!(faults("Xin15011999!z"), ["signin-password-own"]);
    assert_eq!(faults("K-0900000001q"), ["signin-password-own"]);
    assert_eq!(faults("NguyenVanAnh1998!"), ["signin-password-guessable"]);
    assert_eq!(faults("Matkhau@123"), ["signin-password-guessable"]);
    assert_eq!(faults("Password1!"), ["signin-password-guessable"]);
    assert_eq!(faults(PASSWORD), [""; 0]);
}

#[test]
fn a_passcode_is_neither_a_pattern_nor_the_holders_own_digits() {
    let own = ["001199000001", "0912345679", "15011999", "150199"];
    for text in [
        "000000", "123456", "654321", "121212", "123123", "150199", "234567", "011999", "12345", "1234567", "12345a",
        "",
    ] {
        assert!(Passcode::check(text, &own).is_err(), "{text}");
    }
    for text in ["739154", "802913"] {
        assert!(Passcode::check(text, &own).is_ok(), "{text}");
    }
}

#[test]
fn two_questions_differ_and_so_do_their_answers() {
    let faults = |one, two| -> Vec<(std::borrow::Cow<'static, str>, &str)> {
        Answers::check(one, two)
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|fault| (fault.field, fault.text))
            .collect()
    };

    assert_eq!(faults(("dish", "Phở gà"), ("teacher", "Cô Lan")), []);
    assert_eq!(
        faults(("dish", "Phở"), ("dish", "  phở ")),
        [
            ("question_2".into(), "signin-question-other"),
            ("answer_2".into(), "signin-answer-other")
        ]
    );
    assert_eq!(
        faults(("", "Phở"), ("teacher", "")),
        [
            ("question_1".into(), "signin-question-choose"),
            ("answer_2".into(), "signin-answer-length")
        ]
    );
}

proptest::proptest! {
    #[test]
    fn whatever_is_typed_is_taken_or_refused(text in "\\PC{0,40}", own in "\\PC{0,20}") {
        let _ = Password::check(&text, &[&own]);
        let _ = Passcode::check(&text, &[&own]);
        let _ = Answers::check((&text, &own), ("dish", &text));
    }

    #[test]
    fn a_password_that_is_taken_fulfils_the_law_of_the_house(text in "[a-zA-Z0-9!?#-]{6,22}") {
        if Password::check(&text, &[]).is_ok() {
            proptest::prop_assert!((8..=20).contains(&text.len()));
            proptest::prop_assert!(text.contains(|c: char| c.is_ascii_digit()) && text.contains(|c: char| c.is_ascii_uppercase()));
        }
    }
}

#[tokio::test]
async fn an_attempt_that_is_refused_at_overload_does_not_count() {
    let app = TestApp::start().await;
    let person = account(&app).await;
    let passcode = hash_passcode(&app, &Passcode::check("528491", &[]).unwrap())
        .await
        .unwrap();
    let (vault, now) = (app.vault.clone(), app.now());
    app.db
        .write(move |tx| set_passcode(tx, &vault, &person, &passcode, now))
        .await
        .unwrap();
    let mut client = app.client();
    for _ in 0..4 {
        attempt(&mut client, NUMBER, "Wrong-1234").await;
        check_passcode(&app, &person, "111222").await.unwrap_err();
    }

    let crowd = app.workshop.crowd_out().await;
    for _ in 0..6 {
        assert!(attempt(&mut client, NUMBER, PASSWORD).await.starts_with("503"));
        let refused = check_passcode(&app, &person, "528491").await.unwrap_err();
        assert_eq!(refused.slug(), "overloaded");
    }
    drop(crowd);

    let right = attempt(&mut client, NUMBER, PASSWORD).await;
    assert!(right.starts_with("200"), "{right}");
    check_passcode(&app, &person, "528491").await.unwrap();
}
