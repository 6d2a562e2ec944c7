use ::http::StatusCode;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::applications::tests::{PASSCODE, citizen, newest_sms, officer};
use crate::officers::Role;
use crate::testing::TestApp;

async fn lock(client: &mut crate::testing::Client) -> crate::testing::Answer {
    let form = json!({ "reason": "mất điện thoại", "confirm": "yes" });
    client.post("/account/locks", &form).await
}

async fn sign_in(app: &TestApp, person: &nation::Person) -> crate::testing::Client {
    let mut client = app.client();
    let form = json!({ "number": person.number.as_str(), "password": crate::sandbox::holders::PASSWORD });
    let answer = client.post("/signin", &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    client
}

#[tokio::test]
async fn a_holder_locks_at_once_and_unlocks_with_the_passcode() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await;
    let mut other_phone = sign_in(&app, &person).await;

    let before = client.get("/account/locks").await;
    let locked = lock(&mut client).await;
    let told = newest_sms(&app, &person).await;
    let ended = other_phone.get("/account").await;
    let mut again = sign_in(&app, &person).await;
    let closed = again.get("/eid").await;
    let shown = again.get("/account/locks").await;
    let wrong = json!({ "reason": "đã tìm thấy", "passcode": "000999" });
    let refused = again.post("/account/locks/unlock", &wrong).await;
    let right = json!({ "reason": "đã tìm thấy", "passcode": PASSCODE });
    let unlocked = again.post("/account/locks/unlock", &right).await;
    let open = again.get("/eid").await;
    app.run_jobs().await;

    assert_eq!(before.at("/account_locked"), "false");
    assert_eq!(before.at("/preview/sessions"), "2");
    assert_eq!(locked.at("/locked"), "true", "{locked}");
    assert!(told.contains("bi khoa"), "{told}");
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
    assert_eq!(closed.at("/type"), "/problems/locks-account-locked");
    assert_eq!(
        (shown.at("/eid_locked"), shown.at("/grounds/0/ground")),
        ("true".to_owned(), "holder-request".to_owned())
    );
    assert_eq!(shown.at("/grounds/0/law"), "Luật Căn cước 26/2023/QH15, Điều 34.1.a");
    assert_eq!(refused.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(unlocked.at("/account_locked"), "false", "{unlocked}");
    assert_eq!(unlocked.at("/acts/0/word"), "clear");
    assert_eq!(open.status, StatusCode::OK);
}

#[tokio::test]
async fn a_lock_needs_a_reason_and_a_confirmation_and_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let mut client = citizen(&app, &app.citizen(), 2).await;

    let refused = client.post("/account/locks", &json!({ "reason": "" })).await;
    let page = client
        .clone()
        .browser()
        .form("/account/locks", &[("reason", "mất máy")])
        .await;
    let nothing = client
        .post(
            "/account/locks/unlock",
            &json!({ "reason": "thử", "passcode": PASSCODE }),
        )
        .await;

    let fields = [refused.at("/errors/0/field"), refused.at("/errors/1/field")];
    assert_eq!(fields, ["reason", "confirm"]);
    assert!(page.text().contains("mất máy"), "{page}");
    assert_eq!(nothing.at("/type"), "/problems/locks-nothing-to-unlock");
}

#[tokio::test]
async fn a_counter_locks_only_whom_number_and_name_both_name_and_can_undo_it() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await;
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
    let mut other = officer(&app, "tiepnhan2", Role::Counter).await;
    let find = |name: &str| json!({ "number": person.number.as_str(), "full_name": name });

    let wrong = counter.post("/counter/locks", &find("Nguyễn Văn Khác")).await;
    let found = counter.post("/counter/locks", &find(&person.full_name)).await;
    let act = json!({ "subject": found.at("/found/subject"), "reason": "mất điện thoại, theo TK03" });
    let foreign = other.post("/counter/locks/lock", &act).await;
    let locked = counter.post("/counter/locks/lock", &act).await;
    let twice = counter.post("/counter/locks/lock", &act).await;
    let ended = client.get("/account").await.status;
    let undo = json!({ "subject": found.at("/found/subject"), "reason": "gõ nhầm số" });
    let undone = counter.post("/counter/locks/undo", &undo).await;
    let mut again = sign_in(&app, &person).await;
    let history = again.get("/account/history").await;
    let shown = again.get("/account/locks").await;
    app.run_jobs().await;

    assert_eq!(wrong.at("/errors/0/field"), "full_name");
    assert_eq!(foreign.at("/type"), "/problems/locks-find-again");
    assert_eq!(locked.at("/found/eid_locked"), "true", "{locked}");
    assert_eq!(twice.at("/type"), "/problems/locks-already-locked");
    assert_eq!(ended, StatusCode::UNAUTHORIZED);
    assert_eq!(undone.at("/found/account_locked"), "false", "{undone}");
    assert!(
        shown.at("/acts/0/reason").contains("Khóa nhầm người: gõ nhầm số"),
        "{shown}"
    );
    assert!(history.text().contains("\"purpose\":\"lock\""), "{history}");
}

#[tokio::test]
async fn only_the_counter_locks_for_others() {
    let app = TestApp::start().await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;

    let asked = reviewer.get("/counter/locks").await;
    let found = reviewer.post("/counter/locks", &json!({})).await;

    assert_eq!([asked.status, found.status], [StatusCode::FORBIDDEN; 2]);
}

/// What may happen to the grounds, in any order.
#[derive(Clone, Copy, Debug)]
struct Step {
    word: Word,
    ground: Ground,
    /// The clock may stand, go on, or jump back.
    minutes: i64,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let word = prop_oneof![Just(Word::Raise), Just(Word::Clear)];
    let step = (word, 0..Ground::ALL.len(), -30..30_i64).prop_map(|(word, at, minutes)| Step {
        word,
        ground: Ground::ALL[at],
        minutes,
    });
    prop::collection::vec(step, 1..24)
}

async fn act(app: &TestApp, person: PersonId, step: Step) -> Act {
    let drawn = match step.word {
        Word::Raise => Act::raise(app, person, step.ground, By::Platform, "mô hình").await,
        Word::Clear => Act::clear(app, person, step.ground, By::Platform, "mô hình").await,
    };
    let mut act = drawn.unwrap();
    act.kept.at += jiff::SignedDuration::from_mins(step.minutes);
    act
}

#[test]
fn it_is_locked_if_and_only_if_a_ground_stands() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let app = runtime.block_on(TestApp::start());
    let holder = runtime.block_on(async {
        let person = app.citizen();
        citizen(&app, &person, 2).await;
        let (vault, number) = (app.vault.clone(), person.number.clone());
        app.db
            .read(move |conn| accounts::person_of(conn, &vault, &number))
            .await
    });
    let person = holder.unwrap().unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(24));

    runner
        .run(&steps(), |steps| {
            runtime.block_on(async {
                let mut stand = std::collections::BTreeSet::new();
                for ground in app
                    .db
                    .read(move |conn| standing(conn, &person))
                    .await
                    .unwrap()
                    .grounds()
                {
                    stand.insert(ground.ground);
                }
                for step in steps {
                    let expected = match step.word {
                        Word::Raise => stand.insert(step.ground),
                        Word::Clear => stand.remove(&step.ground),
                    };
                    let act = act(&app, person, step).await;
                    let outcome = app.db.write(move |tx| apply(tx, &act)).await.unwrap();
                    assert_eq!(outcome.changed, expected, "{step:?}");
                    assert_eq!(outcome.account_locked, !stand.is_empty(), "{step:?}");
                    let eid = stand.iter().any(|ground| *ground != Ground::CardExpired);
                    assert_eq!(outcome.eid_locked, eid, "{step:?}");
                }
            });
            Ok(())
        })
        .unwrap();
    runtime.block_on(app.run_jobs());
}

#[tokio::test]
async fn lock_and_unlock_at_once_end_in_one_of_the_two_orders() {
    let app = TestApp::start().await;
    let person = app.citizen();
    citizen(&app, &person, 2).await;
    let (vault, number) = (app.vault.clone(), person.number.clone());
    let id = app
        .db
        .read(move |conn| accounts::person_of(conn, &vault, &number))
        .await;
    let person = id.unwrap().unwrap();
    let step = |word| Step {
        word,
        ground: Ground::HolderRequest,
        minutes: 0,
    };

    for _ in 0..20 {
        let acts = [Word::Raise, Word::Clear, Word::Raise, Word::Clear].map(|word| act(&app, person, step(word)));
        let [a, b, c, d] = acts;
        let (a, b, c, d) = (a.await, b.await, c.await, d.await);
        let write = |act: Act| app.db.write(move |tx| apply(tx, &act));
        let (a, b, c, d) = tokio::join!(write(a), write(b), write(c), write(d));
        let changed = [&a, &c]
            .into_iter()
            .filter(|outcome| outcome.as_ref().unwrap().changed)
            .count();
        let cleared = [&b, &d]
            .into_iter()
            .filter(|outcome| outcome.as_ref().unwrap().changed)
            .count();
        let standing = app.db.read(move |conn| standing(conn, &person)).await.unwrap();

        assert_eq!(standing.account_locked(), changed > cleared, "{changed} {cleared}");
        assert!(standing.grounds().len() <= 1);
        let last = act(&app, person, step(Word::Clear)).await;
        app.db.write(move |tx| apply(tx, &last)).await.unwrap();
    }
    app.run_jobs().await;
}
