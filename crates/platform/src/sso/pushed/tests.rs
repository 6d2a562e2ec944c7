use ::http::{Method, Request, StatusCode, header};
use axum::body::Body;
use crypto::base64url;
use crypto::digest::sha256;
use crypto::jws;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::SignedDuration;
use oidc::authentication::ASSERTION_TYPE;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::sso::tests::{VERIFIER, begin, param, portal};
use crate::testing::{Answer, Holder, TestApp};

const CALLBACK: &str = "https://bank.example/cb";
const ISSUER: &str = "http://localhost:8080";

/// A bank under FAPI 2.0, with the key it signs with and the key it binds its tokens to.
struct Bank {
    id: &'static str,
    own: SoftKey,
    dpop: SoftKey,
    drawn: std::cell::Cell<u32>,
}

fn key(seed: u8) -> SoftKey {
    SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap()
}

impl Bank {
    async fn register(app: &TestApp, id: &'static str, profile: &str) -> Self {
        let own = key(21);
        let more = json!({
            "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [own.public()]}, "vneid_profile": profile,
            "grant_types": ["authorization_code", "refresh_token"],
        });
        portal(app, id, CALLBACK, more).await;
        Self {
            id,
            own,
            dpop: key(22),
            drawn: std::cell::Cell::new(0),
        }
    }

    fn name(&self) -> String {
        self.drawn.set(self.drawn.get() + 1);
        format!("j{}", self.drawn.get())
    }

    fn assertion(&self, app: &TestApp) -> String {
        let now = app.now().as_second();
        let claims = json!({"iss": self.id, "sub": self.id, "aud": ISSUER, "exp": now + 60, "jti": self.name()});
        jws::sign(&self.own, None, claims.to_string().as_bytes()).unwrap()
    }

    fn proof(&self, app: &TestApp, method: &str, path: &str, token: Option<&str>) -> String {
        prove(&self.dpop, app, method, path, token, &self.name())
    }

    async fn post(&self, app: &TestApp, path: &str, fields: &[(&str, &str)], proofs: &[&str]) -> Answer {
        let assertion = self.assertion(app);
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        form.extend_pairs([
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ]);
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for proof in proofs {
            request = request.header("DPoP", *proof);
        }
        app.client().send(request, Body::from(form.finish())).await
    }

    async fn push(&self, app: &TestApp, more: &[(&str, &str)], proofs: &[&str]) -> Answer {
        let challenge = base64url::encode(sha256(VERIFIER.as_bytes()));
        let mut fields = vec![
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid profile"),
            ("state", "s1"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        fields.extend_from_slice(more);
        self.post(app, "/sso/par", &fields, proofs).await
    }

    fn address(&self, pushed: &Answer) -> String {
        let mut query = url::form_urlencoded::Serializer::new("/sso/authorize?".to_owned());
        query.extend_pairs([("client_id", self.id), ("request_uri", &pushed.at("/request_uri"))]);
        query.finish()
    }

    async fn exchange(&self, app: &TestApp, code: &str, proofs: &[&str]) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.post(app, "/sso/token", &fields, proofs).await
    }

    /// The whole way to tokens that are bound to the bank's key.
    async fn tokens(&self, app: &TestApp, holder: &mut Holder) -> Answer {
        let pushed = self.push(app, &[], &[]).await;
        let code = agree(holder, &self.address(&pushed)).await;
        let proof = self.proof(app, "POST", "/sso/token", None);
        self.exchange(app, &code, &[&proof]).await
    }
}

fn prove(key: &SoftKey, app: &TestApp, method: &str, path: &str, token: Option<&str>, jti: &str) -> String {
    let mut claims = json!({"htm": method, "htu": format!("{ISSUER}{path}"), "jti": jti, "iat": app.now().as_second()});
    if let Some(token) = token {
        claims["ath"] = json!(base64url::encode(sha256(token.as_bytes())));
    }
    let header = json!({"typ": "dpop+jwt", "jwk": key.public()});
    jws::sign_with(key, header.as_object().unwrap().clone(), claims.to_string().as_bytes()).unwrap()
}

async fn agree(holder: &mut Holder, address: &str) -> String {
    let sent = answer(holder, address, "agree").await;
    param(&sent.location(), "code").unwrap_or_else(|| panic!("no code: {sent}"))
}

async fn answer(holder: &mut Holder, address: &str, answer: &str) -> Answer {
    let asked = holder.client.get(address).await;
    if asked.status == StatusCode::SEE_OTHER {
        return asked;
    }
    let answer = json!({ "request": asked.at("/request"), "answer": answer });
    holder.client.post("/sso/consent", &answer).await
}

async fn userinfo(app: &TestApp, scheme: &str, token: &str, proofs: &[&str]) -> Answer {
    let mut request = Request::builder()
        .method(Method::GET)
        .uri("/sso/userinfo")
        .header(header::AUTHORIZATION, format!("{scheme} {token}"));
    for proof in proofs {
        request = request.header("DPoP", *proof);
    }
    app.client().send(request, Body::empty()).await
}

async fn bank() -> (TestApp, Holder, Bank) {
    let (app, holder) = begin(Level::Two).await;
    let bank = Bank::register(&app, "bank", "fapi2").await;
    (app, holder, bank)
}

#[tokio::test]
async fn fapi2_security_profile_final_happy_flow() {
    let (app, mut holder, bank) = bank().await;

    let pushed = bank.push(&app, &[], &[]).await;
    let tokens = bank.tokens(&app, &mut holder).await;
    let token = tokens.at("/access_token");
    let proof = bank.proof(&app, "GET", "/sso/userinfo", Some(&token));
    let told = userinfo(&app, "dpop", &token, &[&proof]).await;

    assert_eq!(
        (pushed.status, pushed.at("/expires_in")),
        (StatusCode::CREATED, "90".to_owned())
    );
    assert_eq!(pushed.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(tokens.at("/token_type"), "DPoP");
    assert_eq!(told.at("/name"), holder.citizen.full_name);
}

#[tokio::test]
async fn fapi2_security_profile_final_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds() {
    let (app, mut holder, bank) = bank().await;
    let pushed = bank.push(&app, &[], &[]).await;

    let first = holder.client.get(&bank.address(&pushed)).await;
    let second = holder.client.get(&bank.address(&pushed)).await;
    agree(&mut holder, &bank.address(&pushed)).await;

    assert_eq!((first.status, second.status), (StatusCode::OK, StatusCode::OK));
}

#[tokio::test]
async fn fapi2_security_profile_final_par_attempt_reuse_request_uri() {
    let (app, mut holder, bank) = bank().await;
    let pushed = bank.push(&app, &[], &[]).await;
    let other_tab = holder.client.get(&bank.address(&pushed)).await.at("/request");
    agree(&mut holder, &bank.address(&pushed)).await;

    let again = holder.client.get(&bank.address(&pushed)).await;
    let late = json!({ "request": other_tab, "answer": "agree" });
    let late = holder.client.post("/sso/consent", &late).await;

    assert_eq!(again.at("/type"), "/problems/sso-request-malformed");
    assert_eq!(
        late.at("/type"),
        "/problems/sso-request-malformed",
        "the page of another tab"
    );
}

#[tokio::test]
async fn fapi2_security_profile_final_user_rejects_authentication() {
    let (app, mut holder, bank) = bank().await;
    let pushed = bank.push(&app, &[], &[]).await;

    let refused = answer(&mut holder, &bank.address(&pushed), "refuse").await;
    let again = holder.client.get(&bank.address(&pushed)).await;

    assert_eq!(param(&refused.location(), "error").as_deref(), Some("access_denied"));
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn fapi2_security_profile_final_par_attempt_to_use_expired_request_uri() {
    let (app, mut holder, bank) = bank().await;
    let pushed = bank.push(&app, &[], &[]).await;

    app.advance(SignedDuration::from_secs(91));

    assert_eq!(
        holder.client.get(&bank.address(&pushed)).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn fapi2_security_profile_final_par_attempt_to_use_request_uri_for_different_client() {
    let (app, mut holder, bank) = bank().await;
    let other = Bank::register(&app, "other", "fapi2").await;
    let pushed = bank.push(&app, &[], &[]).await;

    assert_eq!(
        holder.client.get(&other.address(&pushed)).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn fapi2_security_profile_final_par_attempt_invalid_http_method() {
    let app = TestApp::start().await;

    assert_eq!(
        app.client().get("/sso/par").await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn fapi2_security_profile_final_ensure_holder_of_key_required() {
    let (app, mut holder, bank) = bank().await;
    let pushed = bank.push(&app, &[], &[]).await;
    let code = agree(&mut holder, &bank.address(&pushed)).await;

    let refused = bank.exchange(&app, &code, &[]).await;

    assert_eq!(
        (refused.status, refused.at("/error")),
        (StatusCode::BAD_REQUEST, "invalid_dpop_proof".to_owned())
    );
}

#[tokio::test]
async fn fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt() {
    let (app, mut holder, bank) = bank().await;
    let proof = bank.proof(&app, "POST", "/sso/par", None);
    let pushed = bank.push(&app, &[], &[&proof]).await;
    let code = agree(&mut holder, &bank.address(&pushed)).await;

    let stranger = prove(&key(30), &app, "POST", "/sso/token", None, "x");
    let refused = bank.exchange(&app, &code, &[&stranger]).await;
    let own = bank.proof(&app, "POST", "/sso/token", None);
    let given = bank.exchange(&app, &code, &[&own]).await;

    assert_eq!(refused.at("/error"), "invalid_grant");
    assert_eq!(given.status, StatusCode::OK, "{given}");
}

#[tokio::test]
async fn fapi2_security_profile_final_ensure_mismatched_dpop_jkt_fails() {
    let (app, _, bank) = bank().await;
    let proof = bank.proof(&app, "POST", "/sso/par", None);
    let other = key(30).public().thumbprint();

    let refused = bank.push(&app, &[("dpop_jkt", &other)], &[&proof]).await;

    assert_eq!(refused.at("/error"), "invalid_dpop_proof");
}

#[tokio::test]
async fn fapi2_security_profile_final_dpop_negative_tests() {
    let (app, mut holder, bank) = bank().await;
    let token = bank.tokens(&app, &mut holder).await.at("/access_token");
    let good = bank.proof(&app, "GET", "/sso/userinfo", Some(&token));
    let unbound = bank.proof(&app, "GET", "/sso/userinfo", None);
    let elsewhere = bank.proof(&app, "GET", "/sso/token", Some(&token));
    let stranger = prove(&key(30), &app, "GET", "/sso/userinfo", Some(&token), "x");

    let mut errors = Vec::new();
    for (scheme, proofs) in [
        ("DPoP", vec![good.as_str(), good.as_str()]),
        ("DPoP", vec![]),
        ("DPoP", vec![unbound.as_str()]),
        ("DPoP", vec![elsewhere.as_str()]),
        ("DPoP", vec![stranger.as_str()]),
        ("Bearer", vec![good.as_str()]),
        ("Bearer", vec![]),
    ] {
        let refused = userinfo(&app, scheme, &token, &proofs).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        let challenge = refused.headers[header::WWW_AUTHENTICATE].to_str().unwrap();
        assert!(challenge.starts_with(scheme), "{challenge}");
        errors.push(refused.at("/error"));
    }
    let first = userinfo(&app, "DPoP", &token, &[&good]).await;
    let second = userinfo(&app, "DPoP", &token, &[&good]).await;

    let (proof, token) = ("invalid_dpop_proof", "invalid_token");
    assert_eq!(errors, [proof, proof, proof, proof, token, token, token]);
    assert_eq!((first.status, second.at("/error")), (StatusCode::OK, proof.to_owned()));
}

#[tokio::test]
async fn fapi2_security_profile_final_refresh_token() {
    let (app, mut holder, bank) = bank().await;
    let tokens = bank.tokens(&app, &mut holder).await;
    let refresh = tokens.at("/refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];

    let without = bank.post(&app, "/sso/token", &fields, &[]).await;
    let mut renewed = Vec::new();
    for _ in 0..2 {
        let proof = bank.proof(&app, "POST", "/sso/token", None);
        renewed.push(bank.post(&app, "/sso/token", &fields, &[&proof]).await);
    }

    assert_eq!(without.at("/error"), "invalid_dpop_proof");
    for answer in renewed {
        assert_eq!(
            (answer.status, answer.at("/token_type")),
            (StatusCode::OK, "DPoP".to_owned())
        );
        assert_eq!(answer.json().get("refresh_token"), None, "it stays");
    }
}

#[tokio::test]
async fn fapi2_security_profile_final_ensure_unsigned_authorization_request_without_using_par_fails() {
    let (_app, mut holder, _bank) = bank().await;

    let refused = holder
        .client
        .get(&crate::sso::tests::request("bank", CALLBACK, "openid", &[]))
        .await;

    assert_eq!(param(&refused.location(), "error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn message_signing_takes_signed_requests_and_gives_signed_answers() {
    let (app, mut holder) = begin(Level::Two).await;
    let bank = Bank::register(&app, "notary", "fapi2_message_signing").await;
    let now = app.now().as_second();
    let object = json!({
        "iss": "notary", "client_id": "notary", "aud": ISSUER, "nbf": now, "exp": now + 60, "response_type": "code",
        "redirect_uri": CALLBACK, "scope": "openid", "state": "inside", "code_challenge_method": "S256",
        "code_challenge": base64url::encode(sha256(VERIFIER.as_bytes())),
    });
    let object = jws::sign(&bank.own, Some("oauth-authz-req+jwt"), object.to_string().as_bytes()).unwrap();

    let unsigned = bank.push(&app, &[], &[]).await;
    let pushed = bank.post(&app, "/sso/par", &[("request", &object)], &[]).await;
    let sent = answer(&mut holder, &bank.address(&pushed), "agree").await;

    assert_eq!(unsigned.at("/error"), "invalid_request");
    let response = param(&sent.location(), "response").unwrap();
    let keys = crypto::jwk::JwkSet::parse(&app.client().get("/sso/jwks").await.body).unwrap();
    let claims: Value = jws::verify(&response, &keys, &[Algorithm::Es256])
        .unwrap()
        .claims()
        .unwrap();
    assert_eq!((&claims["aud"], &claims["state"]), (&json!("notary"), &json!("inside")));
    assert!(claims["code"].is_string() && !sent.location().contains("code="));
}

#[tokio::test]
async fn a_client_that_must_show_nonces_is_told_one_and_gets_on_with_it() {
    let (app, mut holder) = begin(Level::Two).await;
    let own = key(21);
    let more = json!({
        "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [own.public()]}, "vneid_profile": "fapi2",
        "vneid_dpop_nonces": true,
    });
    portal(&app, "bank", CALLBACK, more).await;
    let bank = Bank {
        id: "bank",
        own,
        dpop: key(22),
        drawn: std::cell::Cell::new(0),
    };
    let code = agree(&mut holder, &bank.address(&bank.push(&app, &[], &[]).await)).await;

    let refused = bank
        .exchange(&app, &code, &[&bank.proof(&app, "POST", "/sso/token", None)])
        .await;
    let nonce = refused.headers["dpop-nonce"].to_str().unwrap().to_owned();
    let prove = |method: &str, path: &str, ath: Option<&str>, nonce: &str| {
        let claims = json!({
            "htm": method, "htu": format!("{ISSUER}{path}"), "jti": bank.name(), "iat": app.now().as_second(), "nonce": nonce,
            "ath": ath.map(|token| base64url::encode(sha256(token.as_bytes()))),
        });
        let header = json!({"typ": "dpop+jwt", "jwk": bank.dpop.public()});
        jws::sign_with(
            &bank.dpop,
            header.as_object().unwrap().clone(),
            claims.to_string().as_bytes(),
        )
        .unwrap()
    };
    let proof = prove("POST", "/sso/token", None, &nonce);
    let tokens = bank.exchange(&app, &code, &[&proof]).await;
    let token = tokens.at("/access_token");
    let without = bank.proof(&app, "GET", "/sso/userinfo", Some(&token));
    let asked = userinfo(&app, "DPoP", &token, &[&without]).await;
    let fresh = asked.headers["dpop-nonce"].to_str().unwrap().to_owned();
    let with = prove("GET", "/sso/userinfo", Some(&token), &fresh);
    let told = userinfo(&app, "DPoP", &token, &[&with]).await;

    assert_eq!(refused.at("/error"), "use_dpop_nonce");
    assert_eq!(tokens.status, StatusCode::OK, "{tokens}");
    assert_eq!(
        (asked.status, asked.at("/error").as_str()),
        (StatusCode::UNAUTHORIZED, "use_dpop_nonce")
    );
    let challenge = asked.headers[header::WWW_AUTHENTICATE].to_str().unwrap();
    assert!(
        challenge.starts_with("DPoP ") && challenge.contains(r#"error="use_dpop_nonce""#),
        "{challenge}"
    );
    assert_eq!(told.status, StatusCode::OK, "{told}");
}
