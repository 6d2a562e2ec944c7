use std::net::SocketAddr;

use jiff::civil::Date;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::card::{CardState, Layout};
use crate::people::{Kinship, Life};
use crate::testing::{TODAY, holder, nation, stranger};

const PEOPLE: &str = "population/v1/people/query";
const CARDS: &str = "id-card/v1/cards/query";
const LICENCES: &str = "driving-licence/v1/licences/query";

/// The sources on a port of their own, and a client with the certificate they want.
struct Served {
    address: SocketAddr,
    pki: Pki,
    faults: Faults,
    client: reqwest::Client,
}

async fn served() -> Served {
    let pki = Pki::generate(&["localhost", "127.0.0.1"]).unwrap();
    let faults = Faults::default();
    let noon: Clock = Arc::new(|| TODAY.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp());
    let router = router(nation(), faults.clone(), noon);
    let tls = ServerTls::new(&pki.server, &pki.ca_pem).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, tls, router, std::future::pending()));
    let client = client(&pki.ca_pem, Some(&pki.client));
    Served {
        address,
        pki,
        faults,
        client,
    }
}

fn client(ca_pem: &str, identity: Option<&Identity>) -> reqwest::Client {
    let authority = reqwest::Certificate::from_pem(ca_pem.as_bytes()).unwrap();
    let builder = reqwest::Client::builder().tls_certs_only([authority]);
    let identity = identity.map(|own| format!("{}{}", own.certificate_pem, own.key_pem.expose()));
    let identity = identity.map(|pem| reqwest::Identity::from_pem(pem.as_bytes()).unwrap());
    identity
        .into_iter()
        .fold(builder, reqwest::ClientBuilder::identity)
        .build()
        .unwrap()
}

impl Served {
    async fn post(&self, path: &str, question: &Value) -> (u16, Value) {
        let url = format!("https://{}/{path}", self.address);
        let answer = self.client.post(url).json(question).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn person(&self, number: &PersonalNumber) -> PersonAnswer {
        let (status, answer) = self.post(PEOPLE, &question(number)).await;
        assert_eq!(status, 200);
        serde_json::from_value(answer).unwrap()
    }
}

fn question(number: &PersonalNumber) -> Value {
    json!({"personal_number": number, "purpose": "registration", "request_id": "q-1"})
}

#[tokio::test]
async fn the_population_database_knows_a_person_and_the_family() {
    let served = served().await;
    let (person, card) = holder(Layout::Cccd2021);

    let answer = served.person(&person.number).await;

    assert_eq!(answer.provenance.source, "population");
    assert_eq!(answer.provenance.request_id, "q-1");
    assert_eq!(answer.record.full_name, person.full_name);
    assert_eq!(answer.record.date_of_birth, person.date_of_birth);
    assert_eq!(answer.record.cards.last().unwrap().issued_on, card.issued_on);
    assert_eq!(answer.record.relatives.len(), person.relations.len());
    assert!(
        answer
            .record
            .household
            .iter()
            .any(|entry| entry.personal_number == person.number)
    );
    assert!(answer.record.relation_to_head.is_some());
}

#[tokio::test]
async fn the_card_database_knows_the_cards_and_the_face() {
    let served = served().await;
    let (person, card) = holder(Layout::CanCuoc2024);
    let mut question = question(&person.number);

    let (_, without) = served.post(CARDS, &question).await;
    question["include_portrait"] = json!(true);
    let (status, with) = served.post(CARDS, &question).await;

    let (without, with): (CardsAnswer, CardsAnswer) = (
        serde_json::from_value(without).unwrap(),
        serde_json::from_value(with).unwrap(),
    );
    let newest = with.cards.last().unwrap();
    assert_eq!(
        (status, newest.state, newest.kind),
        (200, CardState::Valid, Layout::CanCuoc2024)
    );
    assert_eq!(newest.address, card.address(&person));
    assert!(without.portrait.is_none());
    assert!(with.portrait.unwrap().base64.starts_with("/9j/"));
}

#[tokio::test]
async fn the_dead_are_known_as_dead() {
    let served = served().await;
    let dead = (0..5_000)
        .filter_map(|index| nation().person(index))
        .find(|one| one.life(TODAY) == Life::Dead)
        .unwrap();

    let record = served.person(&dead.number).await.record;

    assert_eq!((record.life, record.life_since), (wire::LifeState::Dead, dead.died_on));
    assert_eq!(record.permanent_residence, None);
}

#[tokio::test]
async fn a_child_is_known_with_those_who_act_for_it() {
    let served = served().await;
    let child = (0..5_000)
        .filter_map(|index| nation().person(index))
        .find(|one| one.age(TODAY) < 10)
        .unwrap();

    let record = served.person(&child.number).await.record;

    assert!(
        record
            .relatives
            .iter()
            .any(|other| other.relation == Kinship::LegalRepresentative)
    );
}

#[tokio::test]
async fn an_unknown_number_and_a_bad_question_are_refused() {
    let served = served().await;
    let bad = json!({"personal_number": "123", "purpose": "x", "request_id": "1"});
    let shouted = json!({"personal_number": stranger(), "purpose": "Why not", "request_id": "1"});

    let (unknown, problem) = served.post(PEOPLE, &question(&stranger())).await;

    assert_eq!(
        (unknown, problem["type"].as_str()),
        (404, Some("/problems/unknown-person"))
    );
    assert_eq!(problem["request_id"], "q-1");
    assert_eq!(served.post(CARDS, &bad).await.0, 400);
    assert_eq!(served.post(CARDS, &shouted).await.0, 400);
}

#[tokio::test]
async fn nobody_is_answered_without_a_certificate_of_the_authority() {
    let served = served().await;
    let url = format!("https://{}/{PEOPLE}", served.address);
    let other = Pki::generate(&["localhost"]).unwrap();
    let nobody = stranger();

    for identity in [None, Some(&other.client)] {
        let stranger = client(&served.pki.ca_pem, identity);
        assert!(stranger.post(&url).json(&question(&nobody)).send().await.is_err());
    }

    assert!(
        client(&other.ca_pem, Some(&served.pki.client))
            .post(&url)
            .send()
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_source_can_be_down_while_the_other_works() {
    let served = served().await;
    let (person, _) = holder(Layout::Cccd2021);
    served.faults.set(
        Source::Population,
        Fault {
            down: true,
            ..Fault::default()
        },
    );

    let down = served.post(PEOPLE, &question(&person.number)).await;
    let works = served.post(CARDS, &question(&person.number)).await;
    served.faults.clear();
    let again = served.post(PEOPLE, &question(&person.number)).await;

    assert_eq!((down.0, down.1["type"].as_str()), (503, Some("/problems/source-down")));
    assert_eq!((works.0, again.0), (200, 200));
}

#[tokio::test]
async fn a_source_can_fail_now_and_then() {
    let served = served().await;
    let (person, _) = holder(Layout::Cccd2021);
    served.faults.set(
        Source::IdCard,
        Fault {
            errors_per_mille: 500,
            ..Fault::default()
        },
    );

    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(served.post(CARDS, &question(&person.number)).await.0);
    }

    assert_eq!(statuses, [200, 500, 200, 500]);
}

#[tokio::test]
async fn a_source_can_be_slow() {
    let served = served().await;
    let (person, _) = holder(Layout::Cccd2021);
    served.faults.set(
        Source::Population,
        Fault {
            slow_ms: 300,
            ..Fault::default()
        },
    );

    let started = std::time::Instant::now();
    let (status, _) = served.post(PEOPLE, &question(&person.number)).await;

    assert_eq!(status, 200);
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_stale_source_does_not_know_what_happened_since() {
    let served = served().await;
    let (person, card) = holder(Layout::CanCuoc2024);
    let days = card.issued_on.until(TODAY).unwrap().get_days() + 10;
    let stale_days = u16::try_from(days).unwrap();
    served.faults.set(
        Source::IdCard,
        Fault {
            stale_days,
            ..Fault::default()
        },
    );

    let (_, answer) = served.post(CARDS, &question(&person.number)).await;

    let answer: CardsAnswer = serde_json::from_value(answer).unwrap();
    let as_of: Date = TimeZone::UTC.to_datetime(answer.provenance.as_of).date();
    assert_eq!(as_of.until(TODAY).unwrap().get_days(), days);
    assert!(answer.cards.iter().all(|known| known.issued_on < card.issued_on));
}

/// The sources that share the contract, and the record of somebody at each.
const CONTRACT: [Source; 10] = [
    Source::FormerLicence,
    Source::Residence,
    Source::CivilStatus,
    Source::Vehicle,
    Source::HealthInsurance,
    Source::SocialInsurance,
    Source::Tax,
    Source::Passport,
    Source::Justice,
    Source::HealthRecord,
];

async fn some_record(served: &Served, source: Source) -> Value {
    for person in (0..400).filter_map(|index| nation().person(index)) {
        let path = format!("{}/v1/query", source.name());
        let (status, answer) = served.post(&path, &question(&person.number)).await;
        assert_eq!(status, 200, "{answer}");
        if !answer["record"].is_null() {
            assert_eq!(answer["subject"]["full_name"], person.full_name.as_str());
            return answer["record"].clone();
        }
    }
    panic!("{} knows nobody", source.name());
}

#[tokio::test]
async fn each_record_has_the_properties_of_its_document() {
    let served = served().await;
    for source in CONTRACT {
        let document = document(source.name());

        let record = some_record(&served, source).await;

        compare(&document["components"]["schemas"]["Record"], &record, source.name());
    }
}

fn document(source: &str) -> Value {
    let file = format!(
        "{}/../../docs/sources/{source}.openapi.json",
        env!("CARGO_MANIFEST_DIR")
    );
    serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap()
}

#[tokio::test]
async fn each_answer_of_an_older_wire_has_the_properties_of_its_document() {
    let served = served().await;
    for (source, path) in [
        ("population", PEOPLE),
        ("id-card", CARDS),
        ("driving-licence", LICENCES),
    ] {
        let document = document(source);
        assert!(document["paths"][format!("/{path}")].is_object(), "{path}");
        let schema = &document["components"]["schemas"]["Answer"];
        for person in (0..200).filter_map(|index| nation().person(index)) {
            let (status, answer) = served.post(path, &question(&person.number)).await;
            assert_eq!(status, 200, "{answer}");
            compare(schema, &answer, source);
        }
    }
}

/// Whether a record has the properties that a schema names and no others, all the way down.
fn compare(schema: &Value, record: &Value, at: &str) {
    if let (Some(properties), Some(members)) = (schema["properties"].as_object(), record.as_object()) {
        let named: std::collections::BTreeSet<&String> = properties.keys().collect();
        assert_eq!(members.keys().collect::<std::collections::BTreeSet<_>>(), named, "{at}");
        for (name, member) in members {
            compare(&properties[name], member, &format!("{at}.{name}"));
        }
    }
    for item in record.as_array().into_iter().flatten() {
        if schema["items"]["properties"].is_object() {
            compare(&schema["items"], item, &format!("{at}[]"));
        }
    }
}

#[tokio::test]
async fn an_answer_is_signed_over_its_question() {
    let served = served().await;
    let (person, _) = holder(Layout::Cccd2021);
    let body = question(&person.number).to_string();
    let url = format!("https://{}/residence/v1/query", served.address);

    let answer = served
        .client
        .post(url)
        .header("content-type", "application/json")
        .body(body.clone())
        .send()
        .await
        .unwrap();

    let header = |name: &str| answer.headers().get(name).unwrap().to_str().unwrap().to_owned();
    let headers = crypto::message::Headers {
        content_digest: header("content-digest"),
        signature_input: header("signature-input"),
        signature: header("signature"),
    };
    let told = answer.bytes().await.unwrap();
    let exchange = crypto::message::Exchange {
        method: "POST",
        path: "/residence/v1/query",
        question: body.as_bytes(),
        status: 200,
        answer: &told,
    };
    let noon = TODAY.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
    let signers = signers(&nation());
    assert_eq!(exchange.verify(&signers["residence"], &headers, noon), Ok(()));
    assert!(exchange.verify(&signers["tax"], &headers, noon).is_err());
}

#[tokio::test]
async fn what_befalls_somebody_is_told_in_the_feed_of_the_sources_that_learn_of_it() {
    let served = served().await;
    let (person, _) = holder(Layout::Cccd2021);
    let fate = Fate {
        died_on: Some(TODAY),
        ..Fate::default()
    };
    let ask = json!({ "after": 0, "request_id": "q-1" });

    served.faults.fates().set(person.number.as_str(), fate);
    let (_, told) = served.post("population/v1/changes", &ask).await;
    let (_, nothing) = served.post("tax/v1/changes", &ask).await;

    assert_eq!(
        (told["last"].as_u64(), told["changes"][0]["kind"].as_str()),
        (Some(1), Some("death"))
    );
    assert_eq!(nothing["changes"], json!([]));
}
