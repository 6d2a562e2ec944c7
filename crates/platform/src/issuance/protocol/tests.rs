//! The modules of the issuer plan (`OpenID4VCI` 1.0, HAIP), by name, against the whole platform.

use ::http::{Request, StatusCode, header};
use axum::body::Body;
use credentials::mdoc::IssuerSigned;
use credentials::sdjwt::SdJwt;
use crypto::base64url;
use crypto::jwe::{self, DecryptionKey, Dice, Encryption, Recipient};
use crypto::sign::{Signer as _, SoftKey};
use jiff::SignedDuration;
use nation::sources::{Fault, Source};
use oidc::credential::PRE_AUTHORIZED;
use serde_json::{Map, Value, json};

use super::{CREDENTIAL, DEFERRED, NONCE, NOTIFICATION};
use crate::sandbox::holders::PASSCODE;
use crate::testing::wallet::{CALLBACK, ISSUER, Wallet, card_holder, key};
use crate::testing::{Answer, Holder, TestApp};

const EID: &str = "vneid_eid_sd_jwt";
const LICENCE: &str = "vneid_driving_licence_mdoc";

async fn begin() -> (TestApp, Holder, Wallet) {
    let app = TestApp::start().await;
    let holder = card_holder(&app).await;
    let wallet = Wallet::register(&app, "vi-mau").await;
    (app, holder, wallet)
}

async fn nonce(app: &TestApp) -> String {
    app.client().post(NONCE, &json!({})).await.at("/c_nonce")
}

fn request(configuration: &str, proof: &str) -> Value {
    json!({"credential_configuration_id": configuration, "proofs": {"jwt": [proof]}})
}

/// A wallet with a token for the electronic identity card asks with one thing changed.
async fn asked(change: impl FnOnce(&mut Value)) -> Answer {
    let (app, mut holder, wallet) = begin().await;
    let token = wallet.token(&app, &mut holder, EID).await;
    let mut body = request(EID, &wallet.proof(&app, &[key(1)], &nonce(&app).await));
    change(&mut body);
    wallet.ask(&app, CREDENTIAL, &token, &body).await
}

/// The status and the error code.
fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.at("/error"))
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn oid4vci_1_0_issuer_metadata_test() {
    let app = TestApp::start().await;

    let issuer = app.client().get("/.well-known/openid-credential-issuer").await.json();
    let server = app.client().get("/.well-known/oauth-authorization-server").await.json();

    assert_eq!(issuer["credential_issuer"], ISSUER);
    for (name, path) in [
        ("credential_endpoint", CREDENTIAL),
        ("nonce_endpoint", NONCE),
        ("deferred_credential_endpoint", DEFERRED),
        ("notification_endpoint", NOTIFICATION),
    ] {
        assert_eq!(issuer[name], format!("{ISSUER}{path}"));
    }
    let configurations = issuer["credential_configurations_supported"].as_object().unwrap();
    assert_eq!(configurations.len(), 10);
    for (id, configuration) in configurations {
        assert_eq!(configuration["scope"], *id);
        assert!(configuration["proof_types_supported"]["jwt"]["key_attestations_required"].is_object());
        let kind = if configuration["format"] == "mso_mdoc" {
            "doctype"
        } else {
            "vct"
        };
        assert!(configuration[kind].is_string(), "{id}");
    }
    assert_eq!(configurations[EID]["vct"], "urn:vneid:eid:1");
    assert_eq!(configurations[LICENCE]["doctype"], "org.iso.18013.5.1.mDL");
    assert_eq!(issuer["batch_credential_issuance"]["batch_size"], 20);
    assert_eq!(server["issuer"], ISSUER);
    let has = |name: &str, value: &str| server[name].as_array().unwrap().contains(&json!(value));
    assert!(has("grant_types_supported", PRE_AUTHORIZED));
    assert!(has("token_endpoint_auth_methods_supported", "attest_jwt_client_auth"));
    assert!(has("scopes_supported", EID));
    assert_eq!(server["pre-authorized_grant_anonymous_access_supported"], false);
}

#[tokio::test]
async fn oid4vci_1_0_issuer_metadata_test_signed() {
    let app = TestApp::start().await;
    let request = Request::get("/.well-known/openid-credential-issuer").header(header::ACCEPT, "application/jwt");

    let signed = app.client().send(request, Body::empty()).await;

    assert_eq!(signed.headers[header::CONTENT_TYPE], "application/jwt");
    let keys = app.keys.jwks(crate::shell::keys::ISSUER, app.now());
    let text = signed.text();
    let verified = crypto::jws::verify(&text, &keys, crypto::sign::Algorithm::ALL).unwrap();
    assert_eq!(verified.header().typ(), Some("openidvci-issuer-metadata+jwt"));
    assert!(verified.header().get("x5c").is_some());
    let claims: Value = verified.claims().unwrap();
    assert_eq!(claims["sub"], ISSUER);
    assert_eq!(claims["credential_endpoint"], format!("{ISSUER}{CREDENTIAL}"));
}

#[tokio::test]
async fn oid4vci_1_0_issuer_happy_flow() {
    let (app, mut holder, wallet) = begin().await;
    let token = wallet.token(&app, &mut holder, &format!("{EID} {LICENCE}")).await;

    let eid = request(EID, &wallet.proof(&app, &[key(1)], &nonce(&app).await));
    let eid = wallet.ask(&app, CREDENTIAL, &token, &eid).await;
    let licence = request(LICENCE, &wallet.proof(&app, &[key(2)], &nonce(&app).await));
    let licence = wallet.ask(&app, CREDENTIAL, &token, &licence).await;
    let heard = json!({"notification_id": eid.at("/notification_id"), "event": "credential_accepted"});
    let heard = wallet.ask(&app, NOTIFICATION, &token, &heard).await;
    let history = holder.client.get("/account/history").await;

    assert_eq!(eid.status, StatusCode::OK, "{eid}");
    assert_eq!(eid.headers[header::CACHE_CONTROL], "no-store");
    let text = eid.at("/credentials/0/credential");
    let opened = SdJwt::parse(&text).unwrap();
    assert_eq!(opened.chain().len(), 1);
    let claims = opened.open_unverified().unwrap().claims;
    assert_eq!(claims["full_name"], holder.citizen.full_name);
    assert_eq!(
        claims["cnf"]["jwk"]["x"],
        serde_json::to_value(key(1).public()).unwrap()["x"]
    );
    let bytes = base64url::decode(licence.at("/credentials/0/credential")).unwrap();
    let issued = IssuerSigned::parse(&bytes).unwrap();
    assert_eq!(issued.unverified_type().unwrap(), "org.iso.18013.5.1.mDL");
    assert!(
        issued
            .items()
            .iter()
            .any(|item| item.identifier == "driving_privileges")
    );
    assert_eq!(heard.status, StatusCode::NO_CONTENT, "{heard}");
    let looks = history.json()["looks"].as_array().unwrap().clone();
    let issued = looks
        .iter()
        .filter(|look| look["purpose"] == "issuance" && look["name"] == "Ví mẫu");
    assert_eq!(issued.count(), 2);
}

#[tokio::test]
async fn oid4vci_1_0_issuer_happy_flow_additional_requests() {
    let (app, mut holder, wallet) = begin().await;
    let token = wallet.token(&app, &mut holder, EID).await;

    let mut answers = Vec::new();
    for seed in [1, 2, 3] {
        let body = request(EID, &wallet.proof(&app, &[key(seed)], &nonce(&app).await));
        answers.push(wallet.ask(&app, CREDENTIAL, &token, &body).await.status);
    }

    assert_eq!(answers, [StatusCode::OK; 3]);
}

#[tokio::test]
async fn oid4vci_1_0_issuer_happy_flow_multiple_clients() {
    let (app, mut holder, first) = begin().await;
    let second = Wallet::register(&app, "vi-khac").await;
    let (one, other) = (
        first.token(&app, &mut holder, EID).await,
        second.token(&app, &mut holder, EID).await,
    );
    let own = request(EID, &second.proof(&app, &[key(2)], &nonce(&app).await));
    let foreign = request(EID, &first.proof(&app, &[key(3)], &nonce(&app).await));

    let answers = [
        second.ask(&app, CREDENTIAL, &other, &own).await,
        first.ask(&app, CREDENTIAL, &other, &foreign).await,
    ];

    assert_ne!(one, other);
    assert_eq!(answers[0].status, StatusCode::OK);
    assert_eq!(refusal(&answers[1]), refused(400, "invalid_proof"));
}

#[tokio::test]
async fn a_request_of_another_content_type_is_refused() {
    let (app, mut holder, wallet) = begin().await;
    let token = wallet.token(&app, &mut holder, EID).await;
    let body = request(EID, &wallet.proof(&app, &[key(1)], &nonce(&app).await)).to_string();

    let mut answers = Vec::new();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/cbor"] {
        let refused = wallet.send(&app, CREDENTIAL, &token, (kind, body.clone())).await;
        answers.push(refusal(&refused));
    }

    assert_eq!(answers, vec![refused(400, "invalid_credential_request"); 3]);
}

#[tokio::test]
async fn a_credential_is_asked_for_by_authorization_details_and_fetched_by_its_identifier() {
    let (app, mut holder, wallet) = begin().await;
    let details = json!([{"type": "openid_credential", "credential_configuration_id": EID}]).to_string();
    let answer = wallet
        .token_for(&app, &mut holder, "", &[("authorization_details", &details)])
        .await;
    let token = answer.at("/access_token");
    let fetch = |name: &str, proof: &str| json!({"credential_identifier": name, "proofs": {"jwt": [proof]}});

    let proof = wallet.proof(&app, &[key(1)], &nonce(&app).await);
    let fetched = wallet.ask(&app, CREDENTIAL, &token, &fetch(EID, &proof)).await;
    let proof = wallet.proof(&app, &[key(2)], &nonce(&app).await);
    let another = wallet.ask(&app, CREDENTIAL, &token, &fetch(LICENCE, &proof)).await;
    let unknown = json!([{"type": "openid_credential", "credential_configuration_id": "passport"}]).to_string();
    let attestation = wallet.attestation(&app, &json!({}), &json!({}));
    let unknown = wallet
        .push_with(&app, "", &[("authorization_details", &unknown)], &attestation)
        .await;

    assert_eq!(
        answer.at("/authorization_details/0/credential_identifiers/0"),
        EID,
        "{answer}"
    );
    assert_eq!(fetched.status, StatusCode::OK, "{fetched}");
    assert!(fetched.at("/credentials/0/credential").contains('~'));
    assert_eq!(refusal(&another), refused(400, "unknown_credential_identifier"));
    assert_eq!(unknown.at("/error"), "invalid_authorization_details", "{unknown}");
}

#[tokio::test]
async fn oid4vci_1_0_issuer_happy_flow_skip_notification() {
    assert_eq!(asked(|_| {}).await.status, StatusCode::OK);
}

#[tokio::test]
async fn oid4vci_1_0_issuer_batch_issuance() {
    let (app, mut holder, wallet) = begin().await;
    let token = wallet.token(&app, &mut holder, EID).await;
    let keys: Vec<SoftKey> = (1..=20).map(key).collect();
    let attested = json!({"credential_configuration_id": EID, "proofs": {
        "attestation": [wallet.attested(&app, &keys, Some(&nonce(&app).await))],
    }});
    let carried = request(EID, &wallet.proof(&app, &keys[..3], &nonce(&app).await));

    let twenty = wallet.ask(&app, CREDENTIAL, &token, &attested).await.json();
    let three = wallet.ask(&app, CREDENTIAL, &token, &carried).await.json();

    let texts: Vec<&str> = twenty["credentials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["credential"].as_str().unwrap())
        .collect();
    assert_eq!((texts.len(), three["credentials"].as_array().unwrap().len()), (20, 3));
    let places: std::collections::BTreeSet<_> = texts
        .iter()
        .map(|text| SdJwt::parse(text).unwrap().unverified_status().unwrap())
        .map(|status| (status.uri, status.index))
        .collect();
    assert_eq!(
        places.len(),
        20,
        "each credential has its own place in the status lists"
    );
}

#[tokio::test]
async fn oid4vci_1_0_issuer_fail_invalid_nonce() {
    let (app, mut holder, wallet) = begin().await;
    let token = wallet.token(&app, &mut holder, EID).await;
    let old = nonce(&app).await;
    let unknown = request(EID, &wallet.proof(&app, &[key(1)], "not-a-nonce-of-ours"));
    let answer = wallet.ask(&app, CREDENTIAL, &token, &unknown).await;
    app.advance(SignedDuration::from_mins(6));
    let over = request(EID, &wallet.proof(&app, &[key(1)], &old));
    let over = wallet.ask(&app, CREDENTIAL, &token, &over).await;

    assert_eq!(refusal(&answer), refused(400, "invalid_nonce"));
    assert_eq!(refusal(&over), refused(400, "invalid_nonce"));
}

#[tokio::test]
async fn oid4vci_1_0_issuer_fail_invalid_jwt_proof_signature() {
    let answer = asked(|body| {
        let proof = body["proofs"]["jwt"][0].as_str().unwrap();
        body["proofs"]["jwt"][0] = broken(proof).into();
    })
    .await;

    assert_eq!(refusal(&answer), refused(400, "invalid_proof"));
}

#[tokio::test]
async fn oid4vci_1_0_issuer_fail_invalid_key_attestation_signature() {
    let (app, mut holder, mut wallet) = begin().await;
    let token = wallet.token(&app, &mut holder, EID).await;
    wallet.provider = key(99);
    let body = request(EID, &wallet.proof(&app, &[key(1)], &nonce(&app).await));

    let answer = wallet.ask(&app, CREDENTIAL, &token, &body).await;

    assert_eq!(refusal(&answer), refused(400, "invalid_proof"));
}

/// A JWT with the last bits of its signature changed.
fn broken(jwt: &str) -> String {
    let (message, signature) = jwt.rsplit_once('.').unwrap();
    let mut bytes = base64url::decode(signature).unwrap();
    bytes[10] ^= 1;
    format!("{message}.{}", base64url::encode(bytes))
}

/// What the pushed request of a wallet with something wrong in its attestation is answered.
async fn pushed(change: impl FnOnce(&TestApp, &Wallet) -> [String; 2]) -> (u16, String) {
    let app = TestApp::start().await;
    let wallet = Wallet::register(&app, "vi-mau").await;
    let attestation = change(&app, &wallet);
    refusal(&wallet.push_with(&app, EID, &[], &attestation).await)
}

#[tokio::test]
async fn oid4vci_1_0_issuer_fail_invalid_client_attestation_signature() {
    let answer = pushed(|app, wallet| {
        let [statement, proof] = wallet.attestation(app, &json!({}), &json!({}));
        [broken(&statement), proof]
    });

    assert_eq!(answer.await, refused(401, "invalid_client"));
}

#[tokio::test]
async fn oid4vci_1_0_issuer_fail_invalid_client_attestation_pop_signature() {
    let answer = pushed(|app, wallet| {
        let [statement, proof] = wallet.attestation(app, &json!({}), &json!({}));
        [statement, broken(&proof)]
    });

    assert_eq!(answer.await, refused(401, "invalid_client"));
}

#[tokio::test]
async fn oid4vci_1_0_issuer_fail_client_attestation_exp_in_past() {
    let answer = pushed(|app, wallet| wallet.attestation(app, &json!({"exp": app.now().as_second() - 60}), &json!({})));

    assert_eq!(answer.await, refused(401, "invalid_client"));
}

#[tokio::test]
async fn oid4vci_1_0_issuer_fail_client_attestation_no_sub() {
    let answer = pushed(|app, wallet| wallet.attestation(app, &json!({"sub": null}), &json!({})));

    assert_eq!(answer.await, refused(401, "invalid_client"));
}

#[tokio::test]
async fn oid4vci_1_0_issuer_fail_client_attestation_pop_wrong_aud() {
    let answer = pushed(|app, wallet| wallet.attestation(app, &json!({}), &json!({"aud": "https://other.example"})));

    assert_eq!(answer.await, refused(401, "invalid_client"));
}

#[tokio::test]
async fn oid4vci_1_0_issuer_fail_mismatched_client_attestation_pop_key() {
    let answer = pushed(|app, wallet| {
        let [statement, _] = wallet.attestation(app, &json!({}), &json!({}));
        let stranger = Wallet {
            instance: key(77),
            ..wallet.again()
        };
        let [_, proof] = stranger.attestation(app, &json!({}), &json!({}));
        [statement, proof]
    });

    assert_eq!(answer.await, refused(401, "invalid_client"));
}

#[tokio::test]
async fn a_wallet_without_attestation_or_with_one_twice_is_refused() {
    let app = TestApp::start().await;
    let wallet = Wallet::register(&app, "vi-mau").await;
    let attestation = wallet.attestation(&app, &json!({}), &json!({}));
    let [statement, _] = attestation.clone();

    let first = wallet.push_with(&app, EID, &[], &attestation).await;
    let again = wallet.push_with(&app, EID, &[], &attestation).await;
    let alone = wallet.push_with(&app, EID, &[], &[statement, String::new()]).await;
    let none = app
        .client()
        .form(
            "/sso/par",
            &[("client_id", "vi-mau"), ("scope", EID), ("redirect_uri", CALLBACK)],
        )
        .await;

    assert_eq!(first.status, StatusCode::CREATED, "{first}");
    for answer in [again, alone, none] {
        assert_eq!(refusal(&answer), refused(401, "invalid_client"));
    }
}

#[tokio::test]
async fn oid4vci_1_0_issuer_fail_missing_proof() {
    let answer = asked(|body| drop(body.as_object_mut().unwrap().remove("proofs"))).await;

    assert_eq!(refusal(&answer), refused(400, "invalid_proof"));
}

#[tokio::test]
async fn oid4vci_1_0_issuer_fail_unsupported_encryption_algorithm() {
    let jwk = DecryptionKey::from_number(&[5; 32]).unwrap().jwk();
    let answer = asked(|body| {
        body["credential_response_encryption"] = json!({"jwk": jwk, "enc": "A128CBC-HS256"});
    })
    .await;

    assert_eq!(refusal(&answer), refused(400, "invalid_encryption_parameters"));
}

#[tokio::test]
async fn oid4vci_1_0_issuer_fail_unknown_credential_configuration() {
    let answer = asked(|body| body["credential_configuration_id"] = "unknown".into()).await;

    assert_eq!(refusal(&answer), refused(400, "unknown_credential_configuration"));
}

#[tokio::test]
async fn oid4vci_1_0_issuer_fail_unknown_credential_identifier() {
    let answer = asked(|body| {
        let members = body.as_object_mut().unwrap();
        members.remove("credential_configuration_id");
        members.insert("credential_identifier".to_owned(), "unknown".into());
    })
    .await;

    assert_eq!(refusal(&answer), refused(400, "unknown_credential_identifier"));
}

#[tokio::test]
async fn oid4vci_1_0_issuer_fail_on_access_token_in_query() {
    let (app, mut holder, wallet) = begin().await;
    let token = wallet.token(&app, &mut holder, EID).await;
    let body = request(EID, &wallet.proof(&app, &[key(1)], &nonce(&app).await));

    let answer = app
        .client()
        .post(&format!("{CREDENTIAL}?access_token={token}"), &body)
        .await;

    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE));
}

#[tokio::test]
async fn a_wallet_gets_no_more_than_its_token_was_given_for() {
    let answer = asked(|body| body["credential_configuration_id"] = LICENCE.into()).await;

    assert_eq!(refusal(&answer), refused(400, "credential_request_denied"));
}

#[tokio::test]
async fn request_and_answer_travel_encrypted_where_the_wallet_wishes() {
    let (app, mut holder, wallet) = begin().await;
    let token = wallet.token(&app, &mut holder, EID).await;
    let own = DecryptionKey::from_number(&[5; 32]).unwrap();
    let mut body = request(EID, &wallet.proof(&app, &[key(1)], &nonce(&app).await));
    body["credential_response_encryption"] = json!({"jwk": own.jwk(), "enc": "A256GCM"});
    let metadata = app.client().get("/.well-known/openid-credential-issuer").await.json();
    let ours = Recipient::from_jwk(&metadata["credential_request_encryption"]["jwks"]["keys"][0]).unwrap();
    let dice = Dice {
        number: [6; 32],
        nonce: [7; 12],
    };
    let token_of_request = jwe::encrypt(
        &ours,
        Encryption::A128Gcm,
        Map::new(),
        body.to_string().as_bytes(),
        dice,
    )
    .unwrap();

    let answer = wallet
        .send(&app, CREDENTIAL, &token, ("application/jwt", token_of_request))
        .await;
    let foreign = wallet
        .send(&app, CREDENTIAL, &token, ("application/jwt", "a.b.c.d.e".to_owned()))
        .await;
    let other = wallet
        .send(&app, CREDENTIAL, &token, ("text/plain", body.to_string()))
        .await;

    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/jwt", "{answer}");
    let opened = own.open(&answer.text(), 1 << 20).unwrap();
    let opened: Value = serde_json::from_slice(&opened.content).unwrap();
    assert!(opened["credentials"][0]["credential"].as_str().unwrap().contains('~'));
    assert_eq!(refusal(&foreign), refused(400, "invalid_encryption_parameters"));
    assert_eq!(refusal(&other), refused(400, "invalid_credential_request"));
}

#[tokio::test]
async fn while_a_source_is_silent_the_credential_is_deferred_and_fetched_once_later() {
    let (app, mut holder, wallet) = begin().await;
    let token = wallet.token(&app, &mut holder, LICENCE).await;
    let down = Fault {
        down: true,
        ..Fault::default()
    };
    app.faults().set(Source::DrivingLicence, down);
    let body = request(LICENCE, &wallet.proof(&app, &[key(1)], &nonce(&app).await));

    let deferred = wallet.ask(&app, CREDENTIAL, &token, &body).await;
    let name = json!({"transaction_id": deferred.at("/transaction_id")});
    let still = wallet.ask(&app, DEFERRED, &token, &name).await;
    app.faults().clear();
    app.advance(SignedDuration::from_secs(60));
    let issued = wallet.ask(&app, DEFERRED, &token, &name).await;
    let again = wallet.ask(&app, DEFERRED, &token, &name).await;

    assert_eq!(
        (deferred.status, still.status),
        (StatusCode::ACCEPTED, StatusCode::ACCEPTED),
        "{deferred}"
    );
    assert_eq!(issued.status, StatusCode::OK, "{issued}");
    assert_eq!(refusal(&again), refused(400, "invalid_transaction_id"));
}

#[tokio::test]
async fn nothing_is_issued_while_the_card_is_locked() {
    let (app, mut holder, wallet) = begin().await;
    let token = wallet.token(&app, &mut holder, EID).await;
    let (person, now) = (holder.person, app.now());
    let standing = crate::issuance::Standing::Suspended;
    app.db
        .write(move |tx| crate::issuance::set_status(tx, &person, standing, now))
        .await
        .unwrap();
    let body = request(EID, &wallet.proof(&app, &[key(1)], &nonce(&app).await));

    let answer = wallet.ask(&app, CREDENTIAL, &token, &body).await;

    assert_eq!(refusal(&answer), refused(400, "credential_request_denied"));
}

#[tokio::test]
async fn an_offer_is_taken_up_once_with_its_transaction_code() {
    let (app, mut holder, wallet) = begin().await;
    let form = json!({"eid": "on", "passcode": PASSCODE});
    let told = holder.client.post("/wallets/offer", &form).await;
    let link = url::Url::parse(&told.at("/credential_offer")).unwrap();
    let (_, offer) = link.query_pairs().next().unwrap();
    let offer: Value = serde_json::from_str(&offer).unwrap();
    let code = offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"].as_str().unwrap();
    let exchange = async |tx_code: &str| {
        let fields = [
            ("grant_type", PRE_AUTHORIZED),
            ("pre-authorized_code", code),
            ("tx_code", tx_code),
        ];
        wallet.post(&app, "/sso/token", &fields).await
    };

    let wrong = exchange("00000x").await;
    let right = exchange(&told.at("/tx_code")).await;
    let again = exchange(&told.at("/tx_code")).await;
    let token = right.at("/access_token");
    let body = request(EID, &wallet.proof(&app, &[key(1)], &nonce(&app).await));
    let issued = wallet.ask(&app, CREDENTIAL, &token, &body).await;

    assert_eq!(
        offer["credential_configuration_ids"],
        json!(["vneid_eid_sd_jwt", "vneid_eid_mdoc"])
    );
    assert_eq!(refusal(&wrong), refused(400, "invalid_grant"));
    assert_eq!(refusal(&again), refused(400, "invalid_grant"));
    assert_eq!(issued.status, StatusCode::OK, "{issued}");
}
