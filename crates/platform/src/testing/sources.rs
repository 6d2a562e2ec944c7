//! The source databases of the platform under test, inside the process.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use civil::PersonalNumber;
use http::StatusCode;
use nation::people::{Kinship, Life};
use nation::{Nation, Person};
use serde_json::{Value, json};

use crate::shell::clock::Clock;

type Sources = (Nation, Clock);

pub(super) fn router(nation: Nation, clock: Clock) -> Router {
    Router::new()
        .route("/population/v1/people/query", post(person))
        .route("/id-card/v1/cards/query", post(cards))
        .with_state((nation, clock))
}

fn find(nation: &Nation, question: &Value) -> Option<Person> {
    let number = PersonalNumber::parse(question["personal_number"].as_str().unwrap()).unwrap();
    nation.person_with(&number)
}

fn unknown() -> Response {
    (
        StatusCode::NOT_FOUND,
        axum::Json(json!({ "type": "/problems/unknown-person", "status": 404, "title": "unknown" })),
    )
        .into_response()
}

async fn person(State((nation, clock)): State<Sources>, axum::Json(question): axum::Json<Value>) -> Response {
    let Some(person) = find(&nation, &question) else {
        return unknown();
    };
    let today = clock.today();
    let life = person.life(today);
    let home = &person.permanent_residence;
    let residence = json!({ "text": home.text(), "former_text": home.former_text(), "commune_code": home.commune.code, "province_code": home.commune.province });
    let relatives: Vec<Value> = person
        .relations
        .iter()
        .filter_map(|relation| Some((relation.kind, nation.person(relation.index)?)))
        .map(|(kind, other): (Kinship, Person)| {
            json!({ "relation": kind, "personal_number": other.number, "full_name": other.full_name, "nationality": "Việt Nam" })
        })
        .collect();
    axum::Json(json!({
        "provenance": { "source": "population", "record_id": format!("dc-{}", person.index), "as_of": clock.now(), "request_id": question["request_id"] },
        "record": {
            "personal_number": person.number, "full_name": person.full_name, "date_of_birth": person.date_of_birth, "sex": person.sex,
            "birthplace": person.birthplace, "birth_registration_place": person.birthplace, "origin": person.origin,
            "ethnicity": person.ethnicity, "religion": person.religion, "nationality": "Việt Nam", "blood_group": person.blood_group,
            "old_number": person.old_number, "cards": [], "relatives": relatives,
            "permanent_residence": residence, "temporary_residence": null, "current_residence": residence,
            "residence_file": format!("hs-{}", person.household), "marital_status": person.marital_status, "relation_to_head": null, "household": [],
            "life": if life == Life::Emigrated { Life::Alive } else { life }, "life_since": person.died_on.or(person.missing_since),
            "emigrated_on": person.emigrated_on, "incapable": person.incapable,
        },
    }))
    .into_response()
}

async fn cards(State((nation, clock)): State<Sources>, axum::Json(question): axum::Json<Value>) -> Response {
    let Some(person) = find(&nation, &question) else {
        return unknown();
    };
    let today = clock.today();
    let cards: Vec<Value> = person
        .cards
        .iter()
        .enumerate()
        .map(|(at, card)| {
            json!({
                "card_id": format!("cc-{}-{at}", person.index), "kind": card.layout,
                "number": if card.layout == nation::card::Layout::Cmnd { person.old_number.clone().unwrap_or_default() } else { person.number.as_str().to_owned() },
                "full_name": person.full_name, "date_of_birth": person.date_of_birth, "sex": person.sex, "address": card.address(&person),
                "old_number": person.old_number, "issued_on": card.issued_on, "expires_on": card.expires_on, "issued_by": card.issuer(),
                "state": card.state(today), "state_since": card.since(today),
            })
        })
        .collect();
    axum::Json(json!({
        "provenance": { "source": "id-card", "record_id": format!("cc-{}", person.index), "as_of": clock.now(), "request_id": question["request_id"] },
        "cards": cards, "portrait": null,
    }))
    .into_response()
}
