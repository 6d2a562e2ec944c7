//! The ways back, through the router.

use serde_json::json;

use crate::accounts::{self, Level};
use crate::applications;
use crate::locks;
use crate::officers::Role;
use crate::registries;
use crate::signin::{Answers, set_questions};
use crate::testing::{Answer, Client, DeviceKey, Holder, PASSCODE, PASSWORD, TestApp};

const NEW_PASSWORD: &str = "Buom-Vang#33x";
const NEW_PASSCODE: &str = "802913";

async fn holder(app: &TestApp, nth: usize) -> Holder {
    let holder = app.holder(app.citizens().nth(nth).unwrap(), Level::Two).await;
    app.secrets(&holder).await;
    holder
}

fn hours(hours: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_hours(hours)
}

/// Somebody's session again, after the time of the last one.
async fn again(app: &TestApp, holder: &mut Holder) {
    app.sign_in(holder).await;
}

async fn facts(app: &TestApp, holder: &Holder) -> serde_json::Value {
    let cards = registries::cards(app, &holder.citizen.number, "test")
        .await
        .unwrap()
        .unwrap();
    let card = registries::valid(&cards.record).unwrap();
    json!({
        "number": holder.citizen.number.as_str(),
        "phone": holder.citizen.phone.clone().unwrap().national(),
        "full_name": holder.citizen.full_name,
        "date_of_birth": holder.citizen.date_of_birth.to_string(),
        "card_issued_on": card.issued_on.strftime("%d/%m/%Y").to_string(),
    })
}

async fn signs_in(app: &TestApp, holder: &Holder, password: &str) -> u16 {
    let form = json!({ "number": holder.citizen.number.as_str(), "password": password });
    app.client().post("/signin", &form).await.status.as_u16()
}

/// The link of the newest alarm.
async fn link(app: &TestApp, holder: &Holder) -> String {
    let phone = holder.citizen.phone.clone().unwrap().e164();
    let messages = app.mailbox(&phone).await;
    let text = messages
        .iter()
        .find(|message| message.text.contains("/recovery/not-me/"))
        .unwrap();
    let at = text.text.find("/recovery/not-me/").unwrap();
    text.text[at..].to_owned()
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_facts_and_a_code_and_ends_every_session() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, 0).await;
    let mut stranger = app.client();

    let begun = stranger.post("/recovery/password", &facts(&app, &holder).await).await;
    let page = format!("/recovery/password/{}", begun.at("/reset"));
    let code = app.code_to(&holder.citizen.phone.clone().unwrap()).await;
    let wrong = stranger
        .post(&format!("{page}/code"), &json!({ "code": "000000" }))
        .await;
    let too_early = stranger.post(&page, &json!({ "password": NEW_PASSWORD })).await;
    let confirmed = stranger.post(&format!("{page}/code"), &json!({ "code": code })).await;
    let weak = stranger.post(&page, &json!({ "password": "password" })).await;
    let set = stranger.post(&page, &json!({ "password": NEW_PASSWORD })).await;
    let twice = stranger.post(&page, &json!({ "password": NEW_PASSWORD })).await;
    app.run_jobs().await;

    assert_eq!(wrong.at("/type"), "/problems/recovery-wrong-code");
    assert_eq!(too_early.at("/type"), "/problems/recovery-code-first");
    assert_eq!(
        (confirmed.at("/step"), set.at("/step")),
        ("password".to_owned(), "done".to_owned())
    );
    assert_eq!(weak.at("/type"), "/problems/form-invalid");
    assert_eq!(twice.at("/type"), "/problems/recovery-code-first");
    assert_eq!(holder.client.get("/account").await.status, 401);
    assert_eq!(
        [
            signs_in(&app, &holder, PASSWORD).await,
            signs_in(&app, &holder, NEW_PASSWORD).await
        ],
        [403, 200]
    );
}

#[tokio::test]
async fn a_stranger_cannot_tell_from_a_forgotten_password_who_has_an_account() {
    let app = TestApp::start().await;
    let holder = holder(&app, 0).await;
    let known = facts(&app, &holder).await;
    let mut unknown = known.clone();
    unknown["number"] = json!(app.citizens().nth(5).unwrap().number.as_str());
    let mut wrong_day = known.clone();
    wrong_day["card_issued_on"] = json!("01/01/2001");

    let mut answers = Vec::new();
    for form in [&known, &unknown, &wrong_day] {
        let answer = app.client().post("/recovery/password", form).await;
        answers.push((answer.status, answer.at("/step")));
    }
    let sent = app.mailbox(&holder.citizen.phone.clone().unwrap().e164()).await.len();
    let mut slugs = Vec::new();
    for _ in 0..5 {
        slugs.push(app.client().post("/recovery/password", &unknown).await.status.as_u16());
    }

    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    assert_eq!(sent, 1);
    assert_eq!(slugs, [200, 200, 200, 200, 429]);
}

#[tokio::test]
async fn after_a_reset_by_phone_the_phone_lets_nobody_in_beside_the_device() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, 0).await;
    bind(&app, &mut holder, &DeviceKey::new(1)).await;
    let mut thief = app.client();

    let begun = thief.post("/recovery/password", &facts(&app, &holder).await).await;
    let page = format!("/recovery/password/{}", begun.at("/reset"));
    let code = app.code_to(&holder.citizen.phone.clone().unwrap()).await;
    thief.post(&format!("{page}/code"), &json!({ "code": code })).await;
    thief.post(&page, &json!({ "password": NEW_PASSWORD })).await;
    let form = json!({ "number": holder.citizen.number.as_str(), "password": NEW_PASSWORD });
    let second = thief.post("/signin", &form).await;
    thief
        .post("/signin/second/code", &json!({ "ticket": second.at("/ticket") }))
        .await;
    let code = app.code_to(&holder.citizen.phone.clone().unwrap()).await;
    let entered = thief
        .post(
            "/signin/second",
            &json!({ "ticket": second.at("/ticket"), "code": code }),
        )
        .await;

    assert_eq!(entered.at("/type"), "/problems/devices-phone-fresh");
    assert_eq!(thief.get("/account").await.status, 401);
}

/// Makes a key the device of somebody who is signed in, as a move does.
async fn bind(app: &TestApp, holder: &mut Holder, key: &DeviceKey) {
    let challenge = holder.client.get("/account/security/device").await.at("/challenge");
    let begun = holder
        .client
        .post(
            "/account/security/device/moves",
            &json!({ "proof": key.proof(&challenge) }),
        )
        .await;
    let page = format!("/account/security/device/moves/{}", begun.at("/ask"));
    holder.client.form(&format!("{page}/code"), &[]).await;
    let code = app.code_to(&holder.citizen.phone.clone().unwrap()).await;
    let bound = holder
        .client
        .form(&page, &[("passcode", PASSCODE), ("code", &code)])
        .await;
    assert_eq!(bound.at("/done"), "true", "{bound}");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_forgotten_passcode_needs_the_phone_and_both_answers() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, 0).await;
    let answers = Answers::check(("dish", "Phở gà"), ("teacher", "Cô Lan")).unwrap();
    let (vault, person, now) = (app.vault.clone(), holder.person, app.now());
    app.db
        .write(move |tx| set_questions(tx, &vault, &person, &answers, now))
        .await
        .unwrap();

    let mut set = Vec::new();
    for answer in ["Cô Hoa", " cô  lan "] {
        holder.client.form("/recovery/passcode/code", &[]).await;
        let code = app.code_to(&holder.citizen.phone.clone().unwrap()).await;
        let form = [
            ("code", code.as_str()),
            ("answer_1", "phở gà"),
            ("answer_2", answer),
            ("passcode", NEW_PASSCODE),
        ];
        set.push(holder.client.form("/recovery/passcode", &form).await);
    }
    app.run_jobs().await;

    assert_eq!(set[0].at("/type"), "/problems/recovery-wrong-answers");
    assert_eq!(set[1].at("/changed"), "true");
    assert!(
        crate::signin::check_passcode(&app, &holder.person, NEW_PASSCODE)
            .await
            .is_ok()
    );
}

/// Names somebody, who agrees.
async fn trust(holder: &mut Holder, relative: &mut Holder) {
    let form = json!({ "number": relative.citizen.number.as_str(), "label": "My relative", "secret": PASSCODE });
    holder.client.post("/account/security/relatives", &form).await;
    let relation = relation(relative).await;
    relative
        .client
        .form(&format!("/account/security/relatives/{relation}/agree"), &[])
        .await;
}

async fn relation(relative: &mut Holder) -> String {
    relative
        .client
        .get("/account/security/relatives")
        .await
        .at("/trusting/0/relation")
}

async fn confirm(relative: &mut Holder) -> Answer {
    let relation = relation(relative).await;
    relative
        .client
        .form(
            &format!("/account/security/relatives/{relation}/confirm"),
            &[("passcode", PASSCODE)],
        )
        .await
}

async fn begin(app: &TestApp, client: &mut Client, holder: &Holder) -> String {
    let form = json!({
        "number": holder.citizen.number.as_str(),
        "full_name": holder.citizen.full_name,
        "date_of_birth": holder.citizen.date_of_birth.to_string(),
    });
    let begun = client.post("/recovery/cases", &form).await;
    app.run_jobs().await;
    app.advance(jiff::SignedDuration::from_secs(1));
    format!("/recovery/cases/{}", begun.at("/ticket"))
}

struct Family {
    app: TestApp,
    holder: Holder,
    one: Holder,
    two: Holder,
}

/// A person with two relatives who agreed a week ago, all signed in.
async fn family() -> Family {
    let app = TestApp::start().await;
    let (mut holder, mut one, mut two) = (holder(&app, 0).await, holder(&app, 1).await, holder(&app, 2).await);
    trust(&mut holder, &mut one).await;
    trust(&mut holder, &mut two).await;
    app.advance(hours(7 * 24));
    for person in [&mut holder, &mut one, &mut two] {
        again(&app, person).await;
    }
    Family { app, holder, one, two }
}

#[tokio::test]
async fn two_relatives_bring_somebody_back_after_three_days_and_rights_return_in_steps() {
    let Family {
        app,
        holder,
        mut one,
        mut two,
    } = family().await;
    let mut browser = app.client();
    let page = begin(&app, &mut browser, &holder).await;
    let new = json!({ "password": NEW_PASSWORD, "passcode": NEW_PASSCODE });

    let alone = confirm(&mut one).await;
    let twice = confirm(&mut one).await;
    let gathering = browser.get(&page).await.at("/state");
    confirm(&mut two).await;
    let cooling = browser.get(&page).await.at("/state");
    let too_early = browser.post(&page, &new).await;
    app.run_jobs().await;
    app.advance(hours(73));
    let challenge = browser.get(&page).await.at("/challenge");
    let mut new = new;
    new["proof"] = json!(DeviceKey::new(4).proof(&challenge));
    let back = browser.post(&page, &new).await;
    let twice_finished = app.client().post(&page, &new).await;
    let card = browser.form("/eid", &[("passcode", NEW_PASSCODE)]).await;
    let relatives = browser
        .post(
            "/account/security/relatives",
            &json!({ "number": one.citizen.number.as_str(), "label": "X", "secret": NEW_PASSCODE }),
        )
        .await;
    app.run_jobs().await;

    assert_eq!(alone.status, 200);
    assert_eq!(twice.status, 404);
    assert_eq!((gathering.as_str(), cooling.as_str()), ("gathering", "cooling"));
    assert_eq!(too_early.at("/type"), "/problems/recovery-not-open");
    assert_eq!(back.at("/state"), "finished", "{back}");
    assert_eq!(twice_finished.at("/type"), "/problems/recovery-not-open");
    assert_eq!(browser.get("/account/security/device").await.at("/here"), "true");
    assert_eq!(relatives.at("/type"), "/problems/recovery-right-waits");
    assert_eq!(card.at("/type"), "/problems/recovery-right-waits");
}

#[tokio::test]
async fn the_old_phone_stops_a_recovery_by_one_tap_while_it_cools_off() {
    let Family {
        app,
        mut holder,
        mut one,
        mut two,
    } = family().await;
    let mut thief = app.client();
    let page = begin(&app, &mut thief, &holder).await;
    confirm(&mut one).await;
    confirm(&mut two).await;

    let link = link(&app, &holder).await;
    let looked = app.client().get(&link).await;
    let untouched = thief.get(&page).await.at("/state");
    let stopped = app.client().form(&link, &[]).await;
    let again = app.client().form(&link, &[]).await;
    let person = holder.person;
    let standing = app.db.read(move |conn| locks::standing(conn, &person)).await.unwrap();
    app.run_jobs().await;
    app.advance(hours(73));
    let new = json!({ "password": NEW_PASSWORD, "passcode": NEW_PASSCODE });
    let finished = thief.post(&page, &new).await;

    assert_eq!(
        (looked.at("/what"), looked.at("/stopped")),
        ("proven".to_owned(), "false".to_owned())
    );
    assert_eq!(untouched, "cooling");
    assert_eq!(stopped.at("/stopped"), "true");
    assert_eq!(again.status, 410);
    assert!(standing.account_locked(), "one tap locks");
    assert_eq!(finished.at("/type"), "/problems/recovery-not-open");
    assert_eq!(holder.client.get("/account").await.status, 401);
}

#[tokio::test]
async fn the_holder_sees_a_recovery_and_stops_it_signed_in() {
    let Family {
        app,
        mut holder,
        mut one,
        ..
    } = family().await;
    let mut thief = app.client();
    let page = begin(&app, &mut thief, &holder).await;

    let seen = holder.client.get("/account/security").await.at("/recovery");
    let stopped = holder.client.form("/account/security/recovery/stop", &[]).await;
    let confirmed = confirm(&mut one).await;
    app.run_jobs().await;

    assert_ne!(seen, "null");
    assert_eq!(stopped.at("/stopped"), "true");
    assert_eq!(thief.get(&page).await.at("/state"), "stopped");
    assert_eq!(confirmed.status, 404);
}

#[tokio::test]
async fn a_recovery_of_nobody_looks_like_any_other() {
    let app = TestApp::start().await;
    let holder = holder(&app, 0).await;
    let form = |number: &str, name: &str| json!({ "number": number, "full_name": name, "date_of_birth": holder.citizen.date_of_birth.to_string() });

    let real = app
        .client()
        .post(
            "/recovery/cases",
            &form(holder.citizen.number.as_str(), &holder.citizen.full_name),
        )
        .await;
    let unknown = app.citizens().nth(7).unwrap().number;
    let nobody = app
        .client()
        .post("/recovery/cases", &form(unknown.as_str(), &holder.citizen.full_name))
        .await;
    let page = format!("/recovery/cases/{}", nobody.at("/ticket"));
    let later = app.client().get(&page).await;
    app.run_jobs().await;

    for pointer in ["/state", "/until"] {
        assert_eq!(real.at(pointer), nobody.at(pointer));
        assert_eq!(nobody.at(pointer), later.at(pointer));
    }
    assert_eq!(real.at("/ticket").len(), nobody.at("/ticket").len());
}

async fn change(app: &TestApp, holder: &mut Holder, to: &civil::Phone) -> (String, String) {
    let form = json!({ "phone": to.national(), "passcode": PASSCODE });
    let begun = holder.client.post("/account/security/phone", &form).await;
    let code = app.code_to(to).await;
    (format!("/account/security/phone/{}", begun.at("/change/change")), code)
}

#[tokio::test]
async fn with_the_old_phone_at_hand_the_number_changes_at_once_and_the_old_one_is_told() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, 0).await;
    let (old, new) = (
        holder.citizen.phone.clone().unwrap(),
        civil::Phone::parse("0987654321").unwrap(),
    );

    let (page, code) = change(&app, &mut holder, &new).await;
    let old_code = app.code_to(&old).await;
    let without = holder.client.post(&page, &json!({ "code": code })).await;
    let changed = holder
        .client
        .post(&page, &json!({ "code": code, "old_code": old_code }))
        .await;
    let told = link(&app, &holder).await;
    let undone = app.client().form(&told, &[]).await;
    again(&app, &mut holder).await;
    app.run_jobs().await;

    assert_eq!(without.at("/type"), "/problems/recovery-old-phone-needed");
    assert_eq!(changed.at("/masked_phone"), new.masked());
    assert_eq!(undone.at("/stopped"), "true");
    let now = holder.client.get("/account/security/phone").await.at("/masked_phone");
    assert_eq!(now, old.masked(), "not me: the old number is back");
}

#[tokio::test]
async fn without_the_old_phone_the_own_device_changes_the_number_after_three_days() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, 0).await;
    let key = DeviceKey::new(1);
    bind(&app, &mut holder, &key).await;
    let new = civil::Phone::parse("0987654321").unwrap();

    let (page, code) = change(&app, &mut holder, &new).await;
    let cooling = holder.client.post(&page, &json!({ "code": code })).await;
    app.run_jobs().await;
    let (vault, person) = (app.vault.clone(), holder.person);
    let before = app
        .db
        .read(move |conn| accounts::own(conn, &vault, &person))
        .await
        .unwrap();
    app.advance(hours(73));
    app.run_jobs().await;
    let vault = app.vault.clone();
    let after = app
        .db
        .read(move |conn| accounts::own(conn, &vault, &person))
        .await
        .unwrap();

    assert_eq!(cooling.at("/change/effective_at"), "2026-11-26T02:00:02Z");
    assert_eq!(
        (before.phone, after.phone),
        (holder.citizen.phone.clone().unwrap(), new)
    );
}

#[tokio::test]
async fn a_number_that_its_new_owner_proves_is_lost_to_the_account_that_had_it() {
    let app = TestApp::start().await;
    let (mut former, mut owner) = (holder(&app, 0).await, holder(&app, 1).await);
    let number = former.citizen.phone.clone().unwrap();

    let (page, code) = change(&app, &mut owner, &number).await;
    let old_code = app.code_to(&owner.citizen.phone.clone().unwrap()).await;
    owner
        .client
        .post(&page, &json!({ "code": code, "old_code": old_code }))
        .await;
    app.run_jobs().await;
    let told = former.client.get("/account/security/phone").await;
    let no_code = former.client.post("/signin/raise/code", &json!({ "level": 2 })).await;

    assert_eq!(told.at("/lost"), "true");
    assert_eq!(no_code.at("/type"), "/problems/signin-phone-lost");
}

#[tokio::test]
async fn an_officer_who_saw_the_person_brings_somebody_back_at_once_and_it_is_in_the_history() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, 0).await;
    let mut officer = applications::tests::officer(&app, "canbo", Role::Counter).await;
    let form = json!({ "number": holder.citizen.number.as_str(), "card_seen": "yes" });

    let citizen = holder.client.post("/officers/recovery", &form).await;
    let unseen = officer
        .post(
            "/officers/recovery",
            &json!({ "number": holder.citizen.number.as_str() }),
        )
        .await;
    let given = officer.post("/officers/recovery", &form).await;
    let mut browser = app.client();
    let challenge = browser.get("/recovery/counter").await.at("/challenge");
    let mut new = json!({
        "number": holder.citizen.number.as_str(), "voucher": "000000000000",
        "password": NEW_PASSWORD, "passcode": NEW_PASSCODE, "proof": DeviceKey::new(4).proof(&challenge),
    });
    let wrong = browser.post("/recovery/counter", &new).await;
    new["voucher"] = json!(given.at("/voucher"));
    let back = browser.post("/recovery/counter", &new).await;
    let twice = app.client().post("/recovery/counter", &new).await;
    app.run_jobs().await;
    let looks = browser.get("/account/history").await.text();
    let form =
        json!({ "number": app.citizens().nth(3).unwrap().number.as_str(), "label": "X", "secret": NEW_PASSCODE });
    let named = browser.post("/account/security/relatives", &form).await;

    assert_eq!(citizen.at("/type"), "/problems/officer-signin-needed");
    assert_eq!(unseen.at("/errors/0/field"), "card_seen");
    assert_eq!(wrong.at("/type"), "/problems/recovery-wrong-voucher");
    assert_eq!(back.at("/done"), "true", "{back}");
    assert_eq!(twice.at("/type"), "/problems/recovery-wrong-voucher");
    assert!(looks.contains("\"recovery\""), "{looks}");
    assert_eq!(named.status, 200, "all rights are back: {named}");
    assert_eq!(holder.client.get("/account").await.status, 401);
}
