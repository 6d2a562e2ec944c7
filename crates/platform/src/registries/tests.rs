use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use jiff::SignedDuration;
use nation::sources::{Fault, Pki, ServerTls};
use serde_json::{Value, json};

use super::*;
use crate::shell::config;
use crate::testing::TestApp;

const NUMBER: &str = "001090912345";

fn number() -> PersonalNumber {
    PersonalNumber::parse(NUMBER).unwrap()
}

/// A source that answers every question by a script; it counts the questions.
fn scripted(script: impl Fn(usize, Value) -> Response + Clone + Send + Sync + 'static) -> (Router, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let router = Router::new().fallback(move |Json(question): Json<Value>| {
        let turn = count.fetch_add(1, Ordering::Relaxed);
        let answer = script(turn, question);
        async move { answer }
    });
    (router, asked)
}

/// A good answer to a question, as of an instant.
fn good(question: &Value, as_of: &str) -> Value {
    let home = json!({ "text": "Số 1", "former_text": null, "commune_code": "00004", "province_code": "01" });
    json!({
        "provenance": { "source": "population", "record_id": "dc-1", "as_of": as_of, "request_id": question["request_id"] },
        "record": {
            "personal_number": question["personal_number"], "full_name": "Nguyễn Văn An", "date_of_birth": "1990-05-01", "sex": "male",
            "birthplace": "Hà Nội", "birth_registration_place": "Hà Nội", "origin": "Hà Nội", "ethnicity": "Kinh", "religion": null,
            "nationality": "Việt Nam", "blood_group": null, "old_number": null, "relatives": [], "permanent_residence": home,
            "temporary_residence": null, "current_residence": home, "residence_file": "hs-1", "marital_status": null, "relation_to_head": null,
            "household": [], "life": "alive", "life_since": null, "emigrated_on": null, "incapable": false, "shoe_size": 41,
        },
    })
}

const NOW: &str = "2026-11-23T02:00:00Z";

fn answered(question: &Value) -> Response {
    Json(good(question, NOW)).into_response()
}

fn failing() -> Response {
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// The words of an error and of all its causes.
fn words(silent: &Silent) -> String {
    format!("{silent}: {}", silent.source().unwrap())
}

#[tokio::test]
async fn a_person_is_told_as_the_population_database_knows_them() {
    let app = TestApp::start().await;
    let someone = app.nation().person(4).unwrap();

    let answer = person(&app, &someone.number, "registration").await.unwrap().unwrap();

    assert!(answer.fresh);
    assert_eq!(answer.record.full_name, someone.full_name);
    assert_eq!(answer.record.number, someone.number);
    assert_eq!(answer.as_of, app.now());
}

#[tokio::test]
async fn a_number_that_nobody_has_is_unknown() {
    let app = TestApp::start().await;

    let answer = person(&app, &number(), "registration").await.unwrap();

    assert!(answer.is_none());
}

#[tokio::test]
async fn cards_are_told_as_the_card_database_knows_them() {
    let app = TestApp::start().await;
    let someone = app.citizen();

    let answer = cards(&app, &someone.number, "registration").await.unwrap().unwrap();

    assert_eq!(answer.record.len(), someone.cards.len());
    assert!(valid(&answer.record).is_some());
}

#[tokio::test]
async fn a_failure_that_passes_is_tried_again() {
    let (source, asked) = scripted(|turn, question| if turn < 2 { failing() } else { answered(&question) });
    let app = TestApp::start_with_sources(source, |_| {}).await;

    let answer = person(&app, &number(), "registration").await.unwrap().unwrap();

    assert_eq!(answer.record.full_name, "Nguyễn Văn An");
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_source_that_does_not_answer_in_time_is_silent() {
    let source = Router::new().fallback(std::future::pending::<Response>);
    let app = TestApp::start_with_sources(source, |config| config.registries.total_ms = 30).await;

    let silent = person(&app, &number(), "registration").await.unwrap_err();

    assert_eq!(words(&silent), "the source population gave no answer: it took too long");
}

#[tokio::test]
async fn while_a_source_is_down_its_last_answer_is_shown_with_its_date_but_never_decided_on() {
    let (source, _) = scripted(|turn, question| if turn == 0 { answered(&question) } else { failing() });
    let app = TestApp::start_with_sources(source, |_| {}).await;
    person(&app, &number(), "own-data").await.unwrap();
    app.advance(SignedDuration::from_hours(3));

    let copy = person_or_copy(&app, &number(), "own-data").await.unwrap().unwrap();
    app.advance(SignedDuration::from_secs(10));
    let for_decision = person(&app, &number(), "registration").await;

    assert!(!copy.fresh);
    assert_eq!(copy.as_of.to_string(), NOW);
    assert_eq!(copy.record.full_name, "Nguyễn Văn An");
    assert!(for_decision.is_err());
}

#[tokio::test]
async fn a_copy_is_given_for_thirty_days_and_no_longer() {
    let (source, _) = scripted(|turn, question| if turn == 0 { answered(&question) } else { failing() });
    let app = TestApp::start_with_sources(source, |_| {}).await;
    person(&app, &number(), "own-data").await.unwrap();

    app.advance(SignedDuration::from_hours(24 * KEPT_FOR_DAYS));
    let on_the_last_day = person_or_copy(&app, &number(), "own-data").await;
    app.advance(SignedDuration::from_secs(10));
    let afterwards = person_or_copy(&app, &number(), "own-data").await;

    assert!(on_the_last_day.is_ok());
    assert!(afterwards.is_err());
}

#[tokio::test]
async fn a_number_that_was_cancelled_leaves_no_copy() {
    let (source, _) = scripted(|turn, question| match turn {
        0 => answered(&question),
        1 => (
            StatusCode::NOT_FOUND,
            Json(json!({ "type": "/problems/unknown-person" })),
        )
            .into_response(),
        _ => failing(),
    });
    let app = TestApp::start_with_sources(source, |_| {}).await;

    let first = person_or_copy(&app, &number(), "own-data").await.unwrap();
    let then = person_or_copy(&app, &number(), "own-data").await.unwrap();
    let down = person_or_copy(&app, &number(), "own-data").await;

    assert!(first.is_some() && then.is_none() && down.is_err());
}

#[tokio::test]
async fn an_answer_about_another_person_or_question_is_refused_and_not_tried_again() {
    let twists: [fn(&mut Value); 3] = [
        |answer| answer["record"]["personal_number"] = json!("001090954321"),
        |answer| answer["provenance"]["request_id"] = json!("another"),
        |answer| answer["provenance"]["source"] = json!("id-card"),
    ];
    for twist in twists {
        let (source, asked) = scripted(move |_, question| {
            let mut answer = good(&question, NOW);
            twist(&mut answer);
            Json(answer).into_response()
        });
        let app = TestApp::start_with_sources(source, |_| {}).await;

        let silent = person_or_copy(&app, &number(), "registration").await.unwrap_err();

        assert!(
            words(&silent).ends_with("another person or question"),
            "{}",
            words(&silent)
        );
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test]
async fn a_malformed_answer_is_refused_by_the_name_of_the_missing_field_and_without_its_data() {
    type Spoil = fn(&mut Value);
    let spoilt: [(Spoil, &str); 3] = [
        (
            |answer| drop(answer["record"].as_object_mut().unwrap().remove("full_name")),
            "missing field `full_name`",
        ),
        (
            |answer| answer["record"]["date_of_birth"] = json!("1990-13-41"),
            "line 1",
        ),
        (|answer| answer["record"]["personal_number"] = json!("12"), "line 1"),
    ];
    for (spoil, named) in spoilt {
        let (source, _) = scripted(move |_, question| {
            let mut answer = good(&question, NOW);
            spoil(&mut answer);
            Json(answer).into_response()
        });
        let app = TestApp::start_with_sources(source, |_| {}).await;

        let silent = person(&app, &number(), "registration").await.unwrap_err();

        let words = words(&silent);
        assert!(words.contains(named), "{words}");
        assert!(!words.contains("1990-13-41") && !words.contains(NUMBER), "{words}");
    }
}

#[tokio::test]
async fn an_address_without_a_source_does_not_mean_that_nobody_has_the_number() {
    let (source, _) = scripted(|_, _| StatusCode::NOT_FOUND.into_response());
    let app = TestApp::start_with_sources(source, |_| {}).await;

    let answer = person(&app, &number(), "registration").await;

    assert!(answer.is_err());
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let (source, _) = scripted(|_, _| vec![b' '; 5 * 1024 * 1024].into_response());
    let app = TestApp::start_with_sources(source, |_| {}).await;

    let answer = person(&app, &number(), "registration").await;

    assert!(answer.is_err());
}

#[tokio::test]
async fn data_that_the_source_itself_calls_old_are_not_called_fresh() {
    let (source, _) = scripted(|_, question| Json(good(&question, "2026-11-20T02:00:00Z")).into_response());
    let app = TestApp::start_with_sources(source, |_| {}).await;

    let answer = person(&app, &number(), "registration").await.unwrap().unwrap();

    assert!(!answer.fresh);
    assert_eq!(answer.as_of.to_string(), "2026-11-20T02:00:00Z");
}

#[tokio::test]
async fn a_source_that_keeps_failing_is_left_alone_until_one_question_finds_it_well() {
    let (source, asked) = scripted(|turn, question| if turn < 6 { failing() } else { answered(&question) });
    let app = TestApp::start_with_sources(source, |_| {}).await;
    let ask = || async { person(&app, &number(), "registration").await.is_ok() };
    let count = || asked.load(Ordering::Relaxed);

    let opened = [ask().await, ask().await, ask().await];
    let asked_until_open = count();
    app.advance(SignedDuration::from_secs(10));
    let trial_failed = ask().await;
    let still_alone = ask().await;
    let asked_by_trial = count();
    app.advance(SignedDuration::from_secs(10));
    let well_again = [ask().await, ask().await];

    assert_eq!((opened, asked_until_open), ([false; 3], 5));
    assert_eq!((trial_failed, still_alone, asked_by_trial), (false, false, 6));
    assert_eq!((well_again, count()), ([true; 2], 8));
    assert!(!app.registries.leaves_alone(Source::Population));
}

#[tokio::test]
async fn one_source_that_fails_does_not_take_the_other_with_it() {
    let (source, _) = scripted(|_, question| {
        match question.get("include_portrait") {
        None => failing(),
        Some(_) => Json(json!({
            "provenance": { "source": "id-card", "record_id": "cc-1", "as_of": NOW, "request_id": question["request_id"] },
            "cards": [], "portrait": null,
        }))
        .into_response(),
    }
    });
    let app = TestApp::start_with_sources(source, |_| {}).await;
    for _ in 0..2 {
        person(&app, &number(), "registration").await.unwrap_err();
    }

    let answer = cards(&app, &number(), "registration").await.unwrap();

    assert!(app.registries.leaves_alone(Source::Population));
    assert_eq!(answer.unwrap().record, []);
}

#[tokio::test]
async fn when_too_many_questions_are_under_way_the_next_is_turned_away() {
    let source = Router::new().fallback(std::future::pending::<Response>);
    let app = TestApp::start_with_sources(source, |config| {
        config.registries.total_ms = 150;
        config.registries.at_once = 1;
    })
    .await;

    let number = number();
    let (one, other) = tokio::join!(
        person(&app, &number, "registration"),
        person(&app, &number, "registration")
    );

    let words = [words(&one.unwrap_err()), words(&other.unwrap_err())];
    assert!(
        words[0].ends_with("too long") && words[1].ends_with("under way"),
        "{words:?}"
    );
}

#[tokio::test]
async fn a_silent_source_is_a_503_that_says_when_to_come_back() {
    let silent = Silent {
        source: Source::IdCard,
        why: Why::Slow,
    };
    let app = TestApp::start().await;

    let problem = Problem::from(silent);

    assert_eq!(problem.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(problem.seconds_to_wait(), Some(10));
    assert_eq!(
        problem.title(&app.texts, texts::Lang::En),
        "The ID-card database does not answer at present"
    );
}

/// The source databases on a socket of their own, with certificates that one authority issued, and how to reach them.
struct Served {
    pki: Pki,
    folder: tempfile::TempDir,
}

impl Served {
    fn new() -> Self {
        Self {
            pki: Pki::generate(&["127.0.0.1"]).unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Serves, and makes lines with an identity that `client` issued.
    fn lines(&self, client: &Pki, sources: Router) -> Registries {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let tls = ServerTls::new(&self.pki.server, &self.pki.ca_pem).unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        tokio::spawn(nation::sources::serve(listener, tls, sources, std::future::pending()));

        let file = |name: &str, text: &str| {
            let path = self.folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let identity = format!("{}{}", client.client.certificate_pem, client.client.key_pem.expose());
        Registries::open(&config::Registries {
            population: url.clone(),
            id_card: url,
            authority: file("authority.pem", &client.ca_pem),
            identity: file("identity.pem", &identity),
            ..config::Registries::default()
        })
        .unwrap()
    }
}

#[tokio::test]
async fn the_sources_answer_over_mutual_tls() {
    let served = Served::new();
    let app = TestApp::start_with_lines(|_, sources| served.lines(&served.pki, sources)).await;
    let someone = app.citizen();

    let person = person(&app, &someone.number, "registration").await.unwrap().unwrap();
    let face = portrait(&app, &someone.number, "review").await.unwrap().unwrap();

    assert_eq!(person.record.full_name, someone.full_name);
    assert_eq!(face.record.media_type, "image/jpeg");
    assert!(face.record.bytes.starts_with(&[0xff, 0xd8]));
}

#[tokio::test]
async fn a_source_with_certificates_of_another_authority_is_not_believed() {
    let (served, other) = (Served::new(), Pki::generate(&["127.0.0.1"]).unwrap());
    let app = TestApp::start_with_lines(|_, sources| served.lines(&other, sources)).await;

    let silent = person(&app, &app.citizen().number, "registration").await.unwrap_err();

    assert!(words(&silent).ends_with("cannot be reached"), "{}", words(&silent));
}

#[tokio::test]
async fn every_fault_of_the_sources_ends_in_an_answer_or_in_an_honest_silence() {
    let served = Served::new();
    let app = TestApp::start_with_lines(|_, sources| {
        let mut lines = served.lines(&served.pki, sources);
        lines.total = Duration::from_millis(500);
        lines
    })
    .await;
    let number = app.citizen().number;
    person(&app, &number, "own-data").await.unwrap();
    let faults = [
        (
            Fault {
                down: true,
                ..Fault::default()
            },
            (false, false),
        ),
        (
            Fault {
                slow_ms: 60_000,
                ..Fault::default()
            },
            (false, false),
        ),
        (
            Fault {
                errors_per_mille: 1000,
                ..Fault::default()
            },
            (false, false),
        ),
        (
            Fault {
                stale_days: 3,
                ..Fault::default()
            },
            (true, false),
        ),
        (Fault::default(), (true, true)),
    ];

    for (fault, (answers, is_fresh)) in faults {
        app.faults().set(nation::sources::Source::Population, fault);
        app.advance(SignedDuration::from_secs(30));

        let decided = person(&app, &number, "registration").await.is_ok();
        let shown = person_or_copy(&app, &number, "own-data").await.unwrap().unwrap();

        assert_eq!((decided, shown.fresh), (answers, is_fresh), "{fault:?}");
    }
}

/// All that is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_number_nor_name_reaches_the_log() {
    let (source, _) = scripted(|turn, question| {
        let mut answer = good(&question, NOW);
        match turn {
            0 => return answered(&question),
            1 => answer["record"]["personal_number"] = json!("001090954321"),
            2 => answer["record"]["date_of_birth"] = json!("Nguyễn Văn An"),
            _ => return failing(),
        }
        Json(answer).into_response()
    });
    let app = TestApp::start_with_sources(source, |_| {}).await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let listening = tracing::subscriber::set_default(subscriber);
    tracing::callsite::rebuild_interest_cache();

    for _ in 0..5 {
        if let Err(silent) = person(&app, &number(), "registration").await {
            tracing::error!(%silent, debug = ?silent, "as the edge logs it");
        }
    }

    drop(listening);
    let told = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(told.contains("Malformed") && told.contains("LeftAlone"), "{told}");
    for personal in [NUMBER, "001090954321", "Nguyễn"] {
        assert!(
            !told.split_whitespace().any(|word| word.contains(personal)),
            "{personal} is in: {told}"
        );
    }
}
