//! The source databases that the platform reads: the national population database (*Cơ sở dữ liệu quốc gia về dân cư*) and
//! the ID-card database (*Cơ sở dữ liệu căn cước*).
//!
//! # The wire format, version 1
//!
//! HTTPS with mutual authentication: the server asks for a client certificate and answers nobody without one that its
//! authority issued (TLS 1.2 or 1.3). Questions are `POST` with a JSON body, so that no personal number is ever
//! part of an address.
//!
//! | request | question | answer |
//! | --- | --- | --- |
//! | `POST /population/v1/people/query` | [`wire::PersonQuery`] | [`wire::PersonAnswer`] |
//! | `POST /id-card/v1/cards/query` | [`wire::CardsQuery`] | [`wire::CardsAnswer`] |
//!
//! ```text
//! POST /population/v1/people/query
//! {"personal_number":"079193980889","purpose":"registration","request_id":"01J…"}
//!
//! 200 {"provenance":{"source":"population","record_id":"dc-…","as_of":"2026-11-22T02:00:00Z","request_id":"01J…"},
//!      "record":{"personal_number":"079193980889","full_name":"Nguyễn Thị Thơm",…}}
//!
//! POST /id-card/v1/cards/query
//! {"personal_number":"079193980889","purpose":"counter","request_id":"01J…","include_portrait":true}
//!
//! 200 {"provenance":{"source":"id-card",…},"cards":[{"card_id":"cc-…","kind":"cccd2021","state":"valid",…}],
//!      "portrait":{"media_type":"image/jpeg","base64":"…"}}
//! ```
//!
//! Refusals are [`wire::SourceProblem`]s: 404 `unknown-person`, 400 `bad-request`, 500 `source-error`, 503 `source-down`.
//! A client that asks twice with the same `request_id` gets the same answer as with two: questions change nothing.
//!
//! Whose a phone is, neither database says.
//!
//! # Faults
//!
//! [`Faults`] makes a source slow, down, erroneous or stale while it runs.

pub mod wire;
