//! Puzzles through the router, and by their rules.

use serde_json::json;

use super::*;
use crate::testing::{Client, TestApp};

const BITS: u32 = 8;

async fn house() -> TestApp {
    TestApp::start_with(|config| config.toll.bits = BITS).await
}

/// An answer by the reference, which tries one text after another.
fn solved(puzzle: &str, bits: u32) -> String {
    let payment = |count: u32| Payment {
        toll: puzzle.to_owned(),
        toll_answer: count.to_string(),
    };
    let right = (0..u32::MAX).find(|count| is_solved(&payment(*count), bits));
    right.unwrap().to_string()
}

async fn drawn(client: &mut Client) -> (String, u32) {
    let shown = client.get("/toll").await.json();
    let bits = shown["bits"].as_u64().unwrap();
    (
        shown["puzzle"].as_str().unwrap().to_owned(),
        u32::try_from(bits).unwrap(),
    )
}

/// Asks for a code with a puzzle and an answer.
async fn ask(client: &mut Client, puzzle: &str, answer: &str) -> String {
    let form = json!({
        "number": "001199000001", "phone": "0900000001", "full_name": "Trần Thị An", "date_of_birth": "1999-01-15",
        "card_issued_on": "2022-01-01", "toll": puzzle, "toll_answer": answer,
    });
    let answer = client.post("/recovery/password", &form).await;
    if answer.status == 200 {
        "ok".to_owned()
    } else {
        answer.at("/type")
    }
}

#[tokio::test]
async fn a_puzzle_that_is_solved_pays_once_and_in_time() {
    let app = house().await;
    let mut client = app.client();
    let (puzzle, bits) = drawn(&mut client).await;
    let answer = solved(&puzzle, bits);

    let unpaid = ask(&mut client, "", "").await;
    let forged = ask(&mut client, &puzzle.to_ascii_lowercase(), &answer).await;
    let paid = ask(&mut client, &puzzle, &answer).await;
    let replayed = ask(&mut client, &puzzle, &answer).await;
    let (puzzle, bits) = drawn(&mut client).await;
    let answer = solved(&puzzle, bits);
    app.advance(SignedDuration::from_mins(30));
    let late = ask(&mut client, &puzzle, &answer).await;

    assert_eq!((bits, paid.as_str()), (BITS, "ok"));
    for refused in [unpaid, forged, replayed, late] {
        assert_eq!(refused, "/problems/toll-needed");
    }
}

#[tokio::test]
async fn of_many_that_pay_with_one_puzzle_at_once_one_gets_a_code() {
    let app = house().await;
    let (puzzle, bits) = drawn(&mut app.client()).await;
    let answer = solved(&puzzle, bits);

    let asking = (0..8).map(|_| {
        let (mut client, puzzle, answer) = (app.client(), puzzle.clone(), answer.clone());
        async move { ask(&mut client, &puzzle, &answer).await }
    });
    let answers = futures_util::future::join_all(asking).await;

    assert_eq!(
        answers.iter().filter(|answer| *answer == "ok").count(),
        1,
        "{answers:?}"
    );
}

#[tokio::test]
async fn without_script_a_short_wait_pays_and_from_one_network_only_so_often() {
    let app = TestApp::start_with(|config| {
        config.toll.bits = BITS;
        config.toll.waits_per_hour = 2;
    })
    .await;
    let mut client = app.client();
    let wait = SignedDuration::from_secs(5);

    let (puzzle, _) = drawn(&mut client).await;
    let early = ask(&mut client, &puzzle, "").await;
    app.advance(wait);
    let ripe = ask(&mut client, &puzzle, "").await;
    let mut more = Vec::new();
    for _ in 0..2 {
        let (puzzle, _) = drawn(&mut client).await;
        app.advance(wait);
        more.push(ask(&mut client, &puzzle, "").await);
    }
    let (puzzle, bits) = drawn(&mut client).await;
    let worked = ask(&mut client, &puzzle, &solved(&puzzle, bits)).await;

    assert_eq!((early.as_str(), ripe.as_str()), ("/problems/toll-wait", "ok"));
    assert_eq!(more, ["ok", "/problems/toll-crowded"]);
    assert_eq!(worked, "ok", "work pays all the same");
}

#[tokio::test]
async fn every_form_that_sends_a_code_carries_a_puzzle_and_says_what_to_do_without_script() {
    let app = house().await;
    let mut browser = app.client().browser();

    for page in ["/recovery/password", "/recovery/cases", "/activation"] {
        let page = browser.get(page).await.text();
        assert!(
            page.contains("name=\"toll\"") && page.contains("data-bits=\"8\""),
            "{page}"
        );
        assert!(page.contains("id=\"toll-wait\""), "{page}");
    }
}

#[test]
fn the_more_a_network_asks_for_the_dearer_it_gets() {
    let dear: Vec<u32> = [0, 15, 16, 31, 32, 64, 128, 1000]
        .map(|paid| dearer(paid, false))
        .to_vec();

    assert_eq!(dear, [0, 0, 1, 1, 2, 3, 4, 6]);
    assert_eq!(dearer(0, true), AT_OVERLOAD);
}

#[test]
fn a_digest_has_as_many_zero_bits_as_it_begins_with() {
    let payment = |answer: &str| Payment {
        toll: "abc".to_owned(),
        toll_answer: answer.to_owned(),
    };
    let zeros = |answer: &str| (0..=256).take_while(|bits| is_solved(&payment(answer), *bits)).count() - 1;
    let first = |answer: &str| sha256(format!("abc.{answer}").as_bytes())[0].leading_zeros();

    for answer in ["1", "2", "3", "17", "99"] {
        assert_eq!(u32::try_from(zeros(answer)).unwrap().min(8), first(answer), "{answer}");
    }
    assert!(
        !is_solved(&payment(&"9".repeat(33)), 0),
        "a long answer is not looked at"
    );
}
