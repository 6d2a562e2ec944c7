use std::error::Error as _;

use ::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use futures_util::StreamExt as _;
use nation::sources::{Fault, Source as Database, Twist};
use serde_json::{Value, json};

use super::*;
use crate::registries::{HealthInsurance, TaxCode};
use crate::testing::TestApp;

fn subject(person: &nation::Person) -> Subject {
    Subject {
        number: person.number.clone(),
        full_name: person.full_name.clone(),
        date_of_birth: person.date_of_birth,
    }
}

/// Somebody whom the insurance knows.
async fn insured(app: &TestApp) -> Subject {
    for person in app.citizens() {
        let known = record::<HealthInsurance>(app, &subject(&person), "test").await.unwrap();
        if known.is_some() {
            return subject(&person);
        }
    }
    panic!("nobody is insured");
}

#[tokio::test]
async fn no_spoilt_answer_is_believed_and_each_is_named() {
    let spoilt = [
        (Twist::OtherPerson, "another person or question"),
        (Twist::Forged, "signature"),
        (Twist::Replayed, "signature"),
        (Twist::Drifted, "missing field"),
        (Twist::Huge, "too long"),
        (Twist::WrongClock, "clock"),
    ];
    for (twist, named) in spoilt {
        let app = TestApp::start().await;
        let subject = insured(&app).await;
        let fault = Fault {
            twist: Some(twist),
            ..Fault::default()
        };
        app.faults().set(Database::HealthInsurance, fault);

        let silent = record::<HealthInsurance>(&app, &subject, "own-data").await.unwrap_err();

        let words = silent.source().unwrap().to_string();
        assert!(words.contains(named), "{twist:?}: {words}");
    }
}

#[tokio::test]
async fn an_answer_without_signature_is_not_believed_where_the_key_is_known() {
    let app = TestApp::start_with_lines(|config, _| {
        let unsigned = Router::new().fallback(|Json(question): Json<Value>| async move {
            Json(
                json!({ "provenance": { "source": "tax", "record_id": "t", "as_of": "2026-11-23T02:00:00Z",
                "request_id": question["request_id"] }, "subject": null, "record": null }),
            )
        });
        let keys = nation::sources::signers(&nation::Nation::new(1, 100));
        let signers = [(Source::Tax, keys["tax"].clone())].into_iter().collect();
        crate::registries::Registries::new(&config.registries, crate::registries::Transport::Inside(unsigned))
            .signed_by(&signers)
    })
    .await;

    let silent = record::<TaxCode>(&app, &subject(&app.citizen()), "own-data")
        .await
        .unwrap_err();

    assert!(
        silent.source().unwrap().to_string().contains("signature")
            || silent.source().unwrap().to_string().contains("digest")
    );
}

#[tokio::test]
async fn a_record_under_another_name_or_birth_date_is_refused_but_not_for_its_accents() {
    let answer = |name: &'static str, birth: &'static str| {
        Router::new().fallback(move |Json(question): Json<Value>| async move {
            Json(json!({
                "provenance": { "source": "tax", "record_id": "t", "as_of": "2026-11-23T02:00:00Z", "request_id": question["request_id"] },
                "subject": { "personal_number": question["personal_number"], "full_name": name, "date_of_birth": birth },
                "record": { "code": "1", "former_code": null, "registered_on": "2020-01-01", "authority": "A", "state": "active", "colour": "red" },
            }))
        })
    };
    let whom = Subject {
        number: PersonalNumber::parse("001090912345").unwrap(),
        full_name: "Nguyễn Văn An".to_owned(),
        date_of_birth: jiff::civil::date(1990, 5, 1),
    };
    let cases = [
        ("Nguyễn Văn An", "1990-05-01", true),
        ("NGUYEN VAN AN", "1990-05-01", true),
        ("Nguyễn Văn Bình", "1990-05-01", false),
        ("Nguyễn Văn An", "1990-01-05", false),
    ];
    for (name, birth, believed) in cases {
        let app = TestApp::start_with_sources(answer(name, birth), |_| {}).await;

        assert_eq!(
            record::<TaxCode>(&app, &whom, "own-data").await.is_ok(),
            believed,
            "{name} {birth}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_drips_ends_with_the_time_of_the_line() {
    let drip = Router::new().fallback(|| async {
        let byte = futures_util::stream::once(async { Ok::<_, std::io::Error>(" ") });
        let never = futures_util::stream::pending();
        (StatusCode::OK, axum::body::Body::from_stream(byte.chain(never))).into_response() as Response
    });
    let app = TestApp::start_with_sources(drip, |config| config.registries.total_ms = 60).await;

    let silent = record::<TaxCode>(&app, &subject(&app.citizen()), "own-data")
        .await
        .unwrap_err();

    assert!(silent.source().unwrap().to_string().contains("too long"));
}

#[tokio::test]
async fn a_source_that_is_not_connected_says_so_without_being_asked() {
    let app = TestApp::start_with_lines(|config, _| {
        crate::registries::Registries::new(
            &config.registries,
            crate::registries::Transport::Https(reqwest::Client::new()),
        )
    })
    .await;

    let silent = record::<TaxCode>(&app, &subject(&app.citizen()), "own-data")
        .await
        .unwrap_err();

    assert!(silent.is_unconnected());
}

#[tokio::test]
async fn a_printed_number_leads_to_the_paper_and_to_whom_it_is_kept_under() {
    let app = TestApp::start().await;
    let subject = insured(&app).await;
    let card = record::<HealthInsurance>(&app, &subject, "test")
        .await
        .unwrap()
        .unwrap()
        .record;

    let found = search::<HealthInsurance>(&app, Source::HealthInsurance, &card.number, "integration")
        .await
        .unwrap()
        .unwrap();
    let nobody = search::<HealthInsurance>(&app, Source::HealthInsurance, "1234567890", "integration")
        .await
        .unwrap();

    assert_eq!(
        (found.full_name.as_str(), found.number.as_ref()),
        (subject.full_name.as_str(), Some(&subject.number))
    );
    assert!(nobody.is_none());
}

#[tokio::test]
async fn what_is_shown_to_others_is_asked_for_with_the_persons_consent() {
    let app = TestApp::start().await;
    let subject = insured(&app).await;

    let without = record::<HealthInsurance>(&app, &subject, "handover").await.unwrap_err();
    let agreed = Cause::agreed("handover", &"c0ffee");
    let with = record::<HealthInsurance>(&app, &subject, agreed).await;

    assert!(without.source().unwrap().to_string().contains("refused the question"));
    assert!(with.unwrap().is_some());
}

#[tokio::test]
async fn what_no_document_names_is_kept_out_of_every_record() {
    let app = TestApp::start_with_sources(
        Router::new().fallback(|Json(question): Json<Value>| async move {
            let born = "1990-05-01";
            Json(json!({
                "provenance": { "source": "tax", "record_id": "t", "as_of": "2026-11-23T02:00:00Z", "request_id": question["request_id"], "clerk": "x" },
                "subject": { "personal_number": question["personal_number"], "full_name": "Nguyễn Văn An", "date_of_birth": born, "mood": "secret" },
                "record": { "code": "001090912345", "former_code": null, "registered_on": "2020-01-01", "authority": "Chi cục", "state": "active", "income": "secret" },
                "extra": "secret",
            }))
        }),
        |_| {},
    )
    .await;
    let subject = Subject {
        number: PersonalNumber::parse("001090912345").unwrap(),
        full_name: "Nguyễn Văn An".to_owned(),
        date_of_birth: jiff::civil::date(1990, 5, 1),
    };

    let told = record::<TaxCode>(&app, &subject, "own-data").await.unwrap().unwrap();

    let text = serde_json::to_string(&told).unwrap();
    assert!(text.contains("Chi cục") && !text.contains("secret"), "{text}");
}
