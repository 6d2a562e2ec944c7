use ::http::header;
use crypto::jwe::DecryptionKey;
use crypto::jwk::JwkSet;
use crypto::jws;
use crypto::sign::Algorithm;
use oidc::id_token::IdToken;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::sso::tests::{PORTAL, VERIFIER, begin, exchange, param, portal, request, userinfo, verified};
use crate::testing::{Answer, Holder, TestApp};

/// Signs in with a `claims` parameter, agreeing to what is asked.
async fn tokens(app: &TestApp, holder: &mut Holder, scope: &str, claims: &Value) -> Answer {
    let asked = request("portal", PORTAL, scope, &[("claims", &claims.to_string())]);
    let asked = holder.client.get(&asked).await;
    let sent = if asked.headers.contains_key(header::LOCATION) {
        asked
    } else {
        let agreed = json!({ "request": asked.at("/request"), "answer": "agree" });
        holder.client.post("/sso/consent", &agreed).await
    };
    let code = param(&sent.location(), "code").unwrap_or_else(|| panic!("no code: {sent}"));
    exchange(app, &code, VERIFIER).await
}

/// What is told at userinfo, and in the ID token beyond who it is about.
async fn told(app: &TestApp, holder: &mut Holder, scope: &str, claims: &Value) -> (Value, Value) {
    let tokens = tokens(app, holder, scope, claims).await;
    let id_token = verified(app, &tokens.at("/id_token")).await;
    let userinfo = userinfo(app, &tokens.at("/access_token")).await.json();
    (userinfo, Value::Object(id_token.more))
}

fn verified_claims(verification: &Value, claims: &Value) -> Value {
    json!({ "verified_claims": { "verification": verification, "claims": claims } })
}

async fn ask_verified(verification: Value, claims: Value) -> (Value, Holder) {
    let (app, mut holder) = begin(Level::Two).await;
    let wish = json!({ "userinfo": verified_claims(&verification, &claims) });
    let (userinfo, _) = told(&app, &mut holder, "openid", &wish).await;
    (userinfo, holder)
}

#[tokio::test]
async fn oidcc_claims_essential() {
    let (app, mut holder) = begin(Level::Two).await;
    let wish = json!({ "userinfo": { "name": { "essential": true } }, "id_token": { "birthdate": null } });

    let (userinfo, id_token) = told(&app, &mut holder, "openid", &wish).await;

    assert_eq!(userinfo["name"], holder.citizen.full_name);
    assert!(
        userinfo.get("gender").is_none() && userinfo.get("birthdate").is_none(),
        "one claim, not its scope: {userinfo}"
    );
    assert_eq!(
        id_token,
        json!({ "birthdate": holder.citizen.date_of_birth.to_string() })
    );
}

#[tokio::test]
async fn the_person_is_asked_for_what_single_claims_reach_into_and_the_client_gets_no_more_than_it_may_have() {
    let (app, mut holder) = begin(Level::Two).await;
    portal(
        &app,
        "plain",
        "https://plain.example/cb",
        json!({ "scope": "openid profile" }),
    )
    .await;
    let claims = json!({ "userinfo": { "vneid_personal_number": { "essential": true }, "name": null } }).to_string();

    let wide = holder
        .client
        .get(&request("portal", PORTAL, "openid", &[("claims", &claims)]))
        .await;
    let narrow = request("plain", "https://plain.example/cb", "openid", &[("claims", &claims)]);
    let narrow = holder.client.get(&narrow).await;

    assert_eq!(wide.json()["data"], json!(["profile", "vneid_number"]));
    assert_eq!(narrow.json()["data"], json!(["profile"]));
}

#[tokio::test]
async fn claims_that_name_somebody_else_are_not_answered_about_this_person() {
    let (_app, mut holder) = begin(Level::Two).await;
    let claims = json!({ "id_token": { "sub": { "value": "another" } } }).to_string();
    let asked = request("portal", PORTAL, "openid", &[("claims", &claims), ("prompt", "none")]);

    let answer = holder.client.get(&asked).await;

    assert_eq!(param(&answer.location(), "error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn an_essential_level_that_is_not_reached_is_a_clear_refusal() {
    let (_app, mut holder) = begin(Level::Two).await;
    let acr = |values: Value| json!({ "id_token": { "acr": { "essential": true, "values": values } } }).to_string();
    let mut errors = Vec::new();

    for values in [json!(["gold"]), json!(["urn:x", "silver"])] {
        let asked = request("portal", PORTAL, "openid", &[("claims", &acr(values))]);
        errors.push(param(&holder.client.get(&asked).await.location(), "error"));
    }

    let unmet = Some("unmet_authentication_requirements".to_owned());
    assert_eq!(errors, [unmet.clone(), unmet]);
}

#[tokio::test]
async fn a_portal_gets_the_names_it_knows_and_the_personal_number_only_with_its_own_grant() {
    let (app, mut holder) = begin(Level::Two).await;
    let more = json!({ "scope": "openid profile vneid_number vneid_portal" });
    portal(&app, "portal", PORTAL, more).await;
    let none = json!({});

    let (without, _) = told(&app, &mut holder, "openid profile vneid_portal", &none).await;
    let (with, _) = told(&app, &mut holder, "openid profile vneid_number vneid_portal", &none).await;

    assert_eq!(without["HoVaTen"], holder.citizen.full_name);
    assert_eq!(without["LoaiTaiKhoan"], "1");
    assert!(without.get("SoDinhDanh").is_none());
    assert_eq!(with["SoDinhDanh"], holder.citizen.number.as_str());
}

#[tokio::test]
async fn userinfo_and_id_tokens_are_signed_and_encrypted_for_who_registered_for_that() {
    let (app, mut holder) = begin(Level::Two).await;
    let key = DecryptionKey::from_number(&[7; 32]).unwrap();
    let more = json!({
        "userinfo_signed_response_alg": "ES256",
        "id_token_encrypted_response_alg": "ECDH-ES", "id_token_encrypted_response_enc": "A256GCM",
        "userinfo_encrypted_response_alg": "ECDH-ES", "userinfo_encrypted_response_enc": "A128GCM",
    });
    let mut metadata = json!({
        "client_id": "portal", "client_name": "Cổng portal", "redirect_uris": [PORTAL], "scope": "openid profile",
        "jwks": { "keys": [key.jwk()] },
    });
    metadata
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let secret = crypto::secret::Secret::new(crate::sso::tests::SECRET.to_owned());
    crate::sso::register(&app, serde_json::from_value(metadata).unwrap(), Some(secret))
        .await
        .unwrap();

    let tokens = tokens(&app, &mut holder, "openid profile", &json!({})).await;
    let told = userinfo(&app, &tokens.at("/access_token")).await;

    let keys = JwkSet::parse(&app.client().get("/sso/jwks").await.body).unwrap();
    let open = |token: &str| String::from_utf8(key.open(token, 1 << 16).unwrap().content).unwrap();
    let id_token: IdToken = jws::verify(&open(&tokens.at("/id_token")), &keys, &[Algorithm::Es256])
        .unwrap()
        .claims()
        .unwrap();
    let userinfo: Value = jws::verify(&open(&told.text()), &keys, &[Algorithm::Es256])
        .unwrap()
        .claims()
        .unwrap();
    assert_eq!(told.headers[header::CONTENT_TYPE], "application/jwt");
    assert_eq!(
        (&userinfo["sub"], &userinfo["aud"]),
        (&json!(id_token.sub), &json!("portal"))
    );
    assert_eq!(userinfo["name"], holder.citizen.full_name);
}

#[tokio::test]
async fn ekyc_server_happypath() {
    let wish = json!({ "trust_framework": null, "assurance_level": null });

    let (told, holder) = ask_verified(wish, json!({ "name": null, "birthdate": null })).await;

    assert_eq!(
        told["verified_claims"],
        json!({
            "verification": { "trust_framework": "vn_vneid", "assurance_level": "vneid_level_2" },
            "claims": { "name": holder.citizen.full_name, "birthdate": holder.citizen.date_of_birth.to_string() },
        })
    );
    assert!(told.get("name").is_none(), "what is verified is told there alone");
}

#[tokio::test]
async fn ekyc_server_happypath_emptyobject() {
    let (told, holder) = ask_verified(json!({ "trust_framework": {} }), json!({ "name": {} })).await;

    assert_eq!(told["verified_claims"]["claims"]["name"], holder.citizen.full_name);
}

#[tokio::test]
async fn ekyc_server_happypath_essentialfalse() {
    let claims = json!({ "name": { "essential": false } });

    let (told, holder) = ask_verified(json!({ "trust_framework": null }), claims).await;

    assert_eq!(told["verified_claims"]["claims"]["name"], holder.citizen.full_name);
}

#[tokio::test]
async fn ekyc_server_unknown_essential_claim_omitted() {
    let claims = json!({ "name": null, "blood_group": { "essential": true } });

    let (told, holder) = ask_verified(json!({ "trust_framework": null }), claims).await;

    assert_eq!(
        told["verified_claims"]["claims"],
        json!({ "name": holder.citizen.full_name })
    );
}

#[tokio::test]
async fn ekyc_server_unknown_claim_specialchars_omitted() {
    let claims = json!({ "name": null, "_a $b.c-d:é": null });

    let (told, holder) = ask_verified(json!({ "trust_framework": null }), claims).await;

    assert_eq!(
        told["verified_claims"]["claims"],
        json!({ "name": holder.citizen.full_name })
    );
}

#[tokio::test]
async fn ekyc_server_request_only_in_idtoken() {
    let (app, mut holder) = begin(Level::Two).await;
    let wish = json!({ "id_token": verified_claims(&json!({ "trust_framework": null }), &json!({ "name": null })) });

    let (userinfo, id_token) = told(&app, &mut holder, "openid", &wish).await;

    assert_eq!(id_token["verified_claims"]["claims"]["name"], holder.citizen.full_name);
    assert!(userinfo.get("verified_claims").is_none());
}

#[tokio::test]
async fn ekyc_server_request_only_in_userinfo() {
    let (app, mut holder) = begin(Level::Two).await;
    let wish = json!({ "userinfo": verified_claims(&json!({ "trust_framework": null }), &json!({ "name": null })) });

    let (userinfo, id_token) = told(&app, &mut holder, "openid", &wish).await;

    assert_eq!(userinfo["verified_claims"]["claims"]["name"], holder.citizen.full_name);
    assert_eq!(id_token, json!({}));
}

#[tokio::test]
async fn ekyc_server_testuserprovidedrequest() {
    let wish = json!({
        "trust_framework": { "value": "vn_vneid" }, "time": { "max_age": 86_400 },
        "evidence": [{ "type": { "value": "electronic_record" }, "record": null }],
    });

    let (told, _) = ask_verified(wish, json!({ "family_name": null })).await;

    let evidence = &told["verified_claims"]["verification"]["evidence"][0];
    assert_eq!(evidence["record"]["type"], "population_register");
}

#[tokio::test]
async fn ekyc_server_testbasedonuserinfo_defaults() {
    let claims = json!({ "name": null, "gender": null, "birthdate": null, "vneid_personal_number": null });

    let (told, holder) = ask_verified(json!({ "trust_framework": null }), claims).await;

    let claims = &told["verified_claims"]["claims"];
    assert_eq!(claims.as_object().unwrap().len(), 4);
    assert_eq!(claims["vneid_personal_number"], holder.citizen.number.as_str());
}

#[tokio::test]
async fn ekyc_server_test_userinfo_notfoundinop() {
    let (told, _) = ask_verified(json!({ "trust_framework": null }), json!({ "nickname": null })).await;

    assert!(told.get("verified_claims").is_none(), "{told}");
}

#[tokio::test]
async fn who_was_never_verified_as_asked_gets_no_verified_claims_and_is_not_told_why() {
    let face = json!({ "trust_framework": null, "evidence": [{ "type": { "value": "document" } }] });

    let (told, _) = ask_verified(face, json!({ "name": null })).await;

    assert!(told.get("verified_claims").is_none(), "{told}");
}

#[tokio::test]
async fn a_stranger_signs_in_in_the_language_that_the_portal_asks_for() {
    let (app, _holder) = begin(Level::One).await;
    let asked = request("portal", PORTAL, "openid", &[("ui_locales", "fr en")]);

    let sent = app.client().get(&asked).await.location();

    assert!(sent.ends_with("&lang=en"), "{sent}");
}

#[tokio::test]
async fn data_for_a_registered_purpose_is_shown_with_its_number_told_and_bound_to_the_token() {
    let (app, mut holder) = begin(Level::Two).await;
    let more = json!({ "authorization_details_types": ["vneid_data"], "vneid_purposes": ["open-account"] });
    portal(&app, "portal", PORTAL, more).await;
    let detail = |purpose: &str| {
        json!([{ "type": "vneid_data", "purpose": purpose, "data": "profile", "reference": "HS-12" }]).to_string()
    };
    let ask = |purpose| {
        request(
            "portal",
            PORTAL,
            "openid",
            &[("authorization_details", &detail(purpose))],
        )
    };

    let refused = holder.client.get(&ask("advertising")).await;
    let asked = holder.client.get(&ask("open-account")).await;
    let agreed = json!({ "request": asked.at("/request"), "answer": "agree" });
    let code = param(&holder.client.post("/sso/consent", &agreed).await.location(), "code").unwrap();
    let tokens = exchange(&app, &code, VERIFIER).await;
    let told = userinfo(&app, &tokens.at("/access_token")).await;

    let error = param(&refused.location(), "error");
    assert_eq!(error.as_deref(), Some("invalid_authorization_details"));
    assert_eq!(
        (asked.at("/matters/0/reference"), asked.at("/data/0")),
        ("HS-12".to_owned(), "profile".to_owned())
    );
    assert_eq!(tokens.at("/authorization_details/0/purpose"), "open-account");
    assert_eq!(told.at("/name"), holder.citizen.full_name);
}
