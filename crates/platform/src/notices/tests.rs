use super::*;
use crate::shell::jobs as outbox;
use crate::shell::texts::Lang;
use crate::statistics::Measure;
use crate::testing::TestApp;

#[tokio::test]
async fn a_message_is_sent_only_if_its_unit_of_work_was_committed() {
    let app = TestApp::start().await;
    let (kept, lost) = (
        sms(&app, "+84900000001", "kept".to_owned()),
        sms(&app, "+84900000001", "lost".to_owned()),
    );

    app.db.write(move |tx| outbox::enqueue(tx, &kept)).await.unwrap();
    let undone: Result<(), db::Error> = app
        .db
        .write(move |tx| {
            outbox::enqueue(tx, &lost)?;
            Err(db::Error::NoRow)
        })
        .await;

    assert!(undone.is_err());
    let texts: Vec<String> = app
        .mailbox("+84900000001")
        .await
        .into_iter()
        .map(|message| message.text)
        .collect();
    assert_eq!(texts, ["kept"]);
}

#[tokio::test]
async fn a_message_handed_over_twice_is_there_once() {
    let app = TestApp::start().await;
    let id = outbox::JobId::draw(&app.chance);
    let send = Send {
        channel: Channel::Email,
        to: "an@example.vn".to_owned(),
        text: "xin chào".to_owned(),
        until: None,
        lang: Lang::Vi,
    };

    for _ in 0..2 {
        outbox::Job::run(send.clone(), app.clone(), id).await.unwrap();
    }

    assert_eq!(app.mailbox("an@example.vn").await.len(), 1);
    assert_eq!(app.tallies.of(Measure::Messages, "email"), 1, "and counted once");
}

#[tokio::test]
async fn the_spool_holds_whole_messages_one_file_each() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let send = Send {
        channel: Channel::Sms,
        to: "+84900000001".to_owned(),
        text: "123456".to_owned(),
        until: None,
        lang: Lang::Vi,
    };

    let id = outbox::JobId::draw(&app.chance);
    let left = [0, 1].map(|_| jobs::spool(&app, folder.path(), id, &send).unwrap());

    assert_eq!(left, [true, false]);
    let files: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1);
    let message: serde_json::Value = serde_json::from_slice(&std::fs::read(&files[0]).unwrap()).unwrap();
    assert_eq!(message["text"], "123456");
}

#[tokio::test]
async fn a_code_overtakes_what_can_wait_and_one_that_is_too_old_is_not_sent() {
    let app = TestApp::start().await;
    let now = app.clock.now();
    let greetings: Vec<Order> = (0..100)
        .map(|one| sms(&app, "+84900000001", format!("greeting {one}")))
        .collect();
    let waited_for = code(
        &app,
        "+84900000001",
        "code".to_owned(),
        now + jiff::SignedDuration::from_mins(5),
    );
    let too_old = code(
        &app,
        "+84900000002",
        "old".to_owned(),
        now - jiff::SignedDuration::from_secs(1),
    );
    app.db
        .write(move |tx| {
            greetings
                .iter()
                .chain([&waited_for, &too_old])
                .try_for_each(|order| outbox::enqueue(tx, order))
        })
        .await
        .unwrap();

    outbox::run_due(&app).await.unwrap();

    let first = mailbox(&app, Some("+84900000001"), 200).await.unwrap();
    assert!(first.iter().any(|message| message.text == "code") && first.len() < 100);
    assert_eq!(app.mailbox("+84900000002").await, []);
}
