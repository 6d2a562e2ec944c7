use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use jiff::SignedDuration;

use super::*;
use crate::notices::costs;
use crate::notices::smpp::Fate;
use crate::notices::smpp::tests::{Does, centre, session};
use crate::shell::texts::Lang;
use crate::testing::TestApp;

/// A message on its way.
fn message(channel: Channel, to: &str) -> Send {
    Send {
        channel,
        to: to.to_owned(),
        text: "Ma OTP 123456".to_owned(),
        until: None,
        lang: Lang::Vi,
    }
}

#[tokio::test]
async fn what_a_centre_has_taken_is_not_handed_over_again_and_its_receipt_is_kept_once() {
    let app = TestApp::start().await;
    let id = JobId::draw(&app.chance);
    let now = app.clock.now();
    app.db
        .write(move |tx| store::insert(tx, &id, ("sms", "smsc"), &["m1".to_owned(), "m2".to_owned()], now))
        .await
        .unwrap();

    // No centre is configured, so handing it over again would fail.
    let again = Lines::default()
        .deliver(&app, id, &message(Channel::Sms, "+84900000001"))
        .await;
    let receipt = |fate| Receipt {
        id: "m2".to_owned(),
        fate,
    };
    let kept = keep(&app.db, "smsc".to_owned(), receipt(Fate::Delivered), now).await;
    keep(&app.db, "smsc".to_owned(), receipt(Fate::Failed), now).await;

    assert!(again.is_ok() && kept);
    let parts = states(&app, id).await;
    assert_eq!(
        parts
            .iter()
            .map(|part| (part.is_delivered, part.has_failed))
            .collect::<Vec<_>>(),
        [(false, false), (true, false)]
    );
}

#[tokio::test]
async fn a_receipt_that_comes_before_the_line_that_its_message_was_taken_is_taken_up_with_it() {
    let app = TestApp::start().await;
    let id = JobId::draw(&app.chance);
    for (fate, remote) in [
        (Fate::Failed, "m2"),
        (Fate::Delivered, "m2"),
        (Fate::Delivered, "other"),
    ] {
        let receipt = Receipt {
            id: remote.to_owned(),
            fate,
        };
        assert!(keep(&app.db, "smsc".to_owned(), receipt, app.now()).await);
    }

    let remotes = vec!["m1".to_owned(), "m2".to_owned()];
    took(&app, id, ("sms", "smsc"), remotes).await.unwrap();

    let parts = states(&app, id).await;
    let fates: Vec<_> = parts.iter().map(|part| (part.is_delivered, part.has_failed)).collect();
    assert_eq!(fates, [(false, false), (false, true)], "the first word counts");
    assert_eq!(receipts(&app).await, 1);
    app.advance(SignedDuration::from_hours(24 * 8));
    costs::begin(&app).await.unwrap();
    app.run_jobs().await;
    assert_eq!(receipts(&app).await, 0, "of a message that never came to be known");
}

async fn receipts(app: &TestApp) -> i64 {
    app.db.read(store::count_receipts).await.unwrap()
}

/// Lines to centres that do these things.
async fn lines<const N: usize>(does: [Does; N]) -> Lines {
    let mut centres = Vec::new();
    for does in does {
        centres.push(session(centre(does).await).0);
    }
    Lines { centres, mail: None }
}

#[tokio::test]
async fn what_one_centre_throttles_the_next_takes_and_it_is_written_down_there() {
    let app = TestApp::start().await;
    let lines = lines([Does::Throttles, Does::Takes]).await;
    let id = JobId::draw(&app.chance);

    let mut left = Vec::new();
    for _ in 0..2 {
        let to = message(Channel::Sms, "+84900000001");
        left.push(lines.deliver(&app, id, &to).await.unwrap());
    }

    assert_eq!(states(&app, id).await.len(), 1);
    assert_eq!(left, [true, false]);
}

#[tokio::test]
async fn when_every_centre_throttles_the_message_waits_and_a_bad_number_is_given_up_at_once() {
    let app = TestApp::start().await;
    let (busy, strict) = (
        lines([Does::Throttles, Does::Throttles]).await,
        lines([Does::RefusesForGood, Does::Takes]).await,
    );
    let to = message(Channel::Sms, "+84900000001");

    let waits = busy.deliver(&app, JobId::draw(&app.chance), &to).await;
    let given_up = strict.deliver(&app, JobId::draw(&app.chance), &to).await;

    assert!(matches!(waits, Err(Failure::Again(_))));
    assert!(matches!(given_up, Err(Failure::Never(_))));
}

#[tokio::test]
async fn a_line_that_breaks_between_message_and_answer_sends_no_greeting_twice_but_a_code_again() {
    let app = TestApp::start().await;
    let lines = lines([Does::HangsUp, Does::Takes]).await;
    let greeting = message(Channel::Sms, "+84900000001");
    let code = Send {
        until: Some(app.now() + SignedDuration::from_mins(5)),
        ..greeting.clone()
    };
    let [first, second] = [0, 1].map(|_| JobId::draw(&app.chance));

    let greeted = lines.deliver(&app, first, &greeting).await;
    let sent = lines.deliver(&app, second, &code).await;

    assert!(matches!(greeted, Ok(false)) && matches!(sent, Err(Failure::Again(_))));
    assert_eq!(states(&app, first).await, [], "the next centre was not asked");
}

#[tokio::test]
async fn a_text_that_a_centre_takes_half_of_is_billed_and_not_sent_again() {
    let app = TestApp::start().await;
    let lines = lines([Does::ThrottlesAfterTheFirst, Does::Takes]).await;
    let id = JobId::draw(&app.chance);
    let long = Send {
        text: "a".repeat(161),
        ..message(Channel::Sms, "+84900000001")
    };

    for _ in 0..2 {
        assert!(!lines.deliver(&app, id, &long).await.unwrap(), "not counted as sent");
    }

    let parts = states(&app, id).await;
    assert_eq!(
        parts.iter().map(|part| part.remote.as_str()).collect::<Vec<_>>(),
        ["m1"]
    );
}

#[tokio::test]
async fn without_a_line_a_message_waits() {
    let app = TestApp::start().await;

    for channel in [Channel::Sms, Channel::Email] {
        let told = Lines::default()
            .deliver(&app, JobId::draw(&app.chance), &message(channel, "an@thu.example"))
            .await;

        assert!(matches!(told, Err(Failure::Again(_))));
    }
}

#[tokio::test]
async fn an_e_mail_reaches_the_server_with_the_name_of_its_order() {
    let app = TestApp::start().await;
    let (port, heard) = mail_server(b"250 good").await;
    let lines = Lines {
        mail: Some(Server::open_unprotected(port, "VNeID <no-reply@id.example>").unwrap()),
        ..Lines::default()
    };
    let id = JobId::draw(&app.chance);

    lines
        .deliver(&app, id, &message(Channel::Email, "an@thu.example"))
        .await
        .unwrap();

    let heard = heard.await.unwrap();
    assert!(heard.contains(&format!("Message-ID: <{id}@id.example>")), "{heard}");
    assert!(heard.contains("Ma OTP 123456"), "{heard}");
}

#[tokio::test]
async fn an_order_to_nobody_is_dead_at_once() {
    let app = TestApp::start().await;
    let (port, _heard) = mail_server(b"250 good").await;
    let lines = Lines {
        mail: Some(Server::open_unprotected(port, "no-reply@id.example").unwrap()),
        ..Lines::default()
    };

    let told = lines
        .deliver(&app, JobId::draw(&app.chance), &message(Channel::Email, "nobody"))
        .await;

    assert!(matches!(told, Err(Failure::Never(_))));
}

#[tokio::test]
async fn a_mail_server_that_refuses_us_is_tried_again_and_one_that_refuses_the_message_is_not() {
    let app = TestApp::start().await;
    let mut told = Vec::new();
    for says in [
        "530 authentication required",
        "535 wrong password",
        "550 no such person",
        "451 busy",
    ] {
        let (port, _heard) = mail_server(says.as_bytes()).await;
        let lines = Lines {
            mail: Some(Server::open_unprotected(port, "no-reply@id.example").unwrap()),
            ..Lines::default()
        };
        let to = message(Channel::Email, "an@thu.example");
        let refused = lines.deliver(&app, JobId::draw(&app.chance), &to).await;
        told.push(matches!(refused, Err(Failure::Again(_))));
    }

    assert_eq!(told, [true, true, false, true]);
}

/// A mail server that takes one message and tells what it heard; to who a message is from it says something of its own.
async fn mail_server(to_sender: &'static [u8]) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let (mut lines, mut heard, mut in_message) = (BufReader::new(read).lines(), String::new(), false);
        write.write_all(b"220 here\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            heard = heard + &line + "\n";
            let said: &[u8] = match (line.get(..4), in_message) {
                _ if line == "." => {
                    write.write_all(b"250 taken\r\n").await.unwrap();
                    return heard;
                }
                (_, true) => continue,
                (Some("DATA"), false) => {
                    in_message = true;
                    b"354 go on\r\n"
                }
                (Some("MAIL"), false) => &[to_sender, b"\r\n"].concat(),
                (Some("EHLO"), false) => b"250-here\r\n250 8BITMIME\r\n",
                _ => b"250 good\r\n",
            };
            write.write_all(said).await.unwrap();
        }
        heard
    });
    (port, heard)
}
