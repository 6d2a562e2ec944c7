//! Wallets under the High Assurance Interoperability Profile at the authorization server: what its plan asks beside the FAPI 2.0 modules of
//! [`crate::sso::pushed`].

use ::http::StatusCode;
use jiff::SignedDuration;
use oidc::credential::PRE_AUTHORIZED;
use serde_json::json;

use crate::sandbox::holders::PASSCODE;
use crate::testing::wallet::{CALLBACK, VERIFIER, Wallet, card_holder, key};
use crate::testing::{Answer, Holder, TestApp};

const EID: &str = "vneid_eid_sd_jwt";

async fn begin() -> (TestApp, Holder, Wallet) {
    let app = TestApp::start().await;
    let holder = card_holder(&app).await;
    let wallet = Wallet::register(&app, "vi-mau").await;
    (app, holder, wallet)
}

fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.at("/error"))
}

#[tokio::test]
async fn fapi2_security_profile_final_ensure_authorization_code_is_bound_to_client() {
    let (app, mut holder, wallet) = begin().await;
    let other = Wallet::register(&app, "vi-khac").await;
    let code = wallet.code(&app, &mut holder, EID).await;

    let answer = other.exchange(&app, &code, VERIFIER).await;

    assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn fapi2_security_profile_final_attempt_reuse_authorization_code_after_one_second() {
    let (app, mut holder, wallet) = begin().await;
    let code = wallet.code(&app, &mut holder, EID).await;

    let first = wallet.exchange(&app, &code, VERIFIER).await;
    app.advance(SignedDuration::from_secs(1));
    let second = wallet.exchange(&app, &code, VERIFIER).await;

    assert_eq!(first.status, StatusCode::OK, "{first}");
    assert_eq!(refusal(&second), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn fapi2_security_profile_final_ensure_token_endpoint_fails_with_expired_auth_code() {
    let (app, mut holder, wallet) = begin().await;
    let code = wallet.code(&app, &mut holder, EID).await;
    app.advance(SignedDuration::from_secs(61));

    let answer = wallet.exchange(&app, &code, VERIFIER).await;

    assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn fapi2_security_profile_final_ensure_pkce_code_verifier_required() {
    let (app, mut holder, wallet) = begin().await;
    let code = wallet.code(&app, &mut holder, EID).await;

    let answer = wallet.exchange(&app, &code, "").await;

    assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn fapi2_security_profile_final_incorrect_pkce_code_verifier_rejected() {
    let (app, mut holder, wallet) = begin().await;
    let code = wallet.code(&app, &mut holder, EID).await;

    let answer = wallet
        .exchange(&app, &code, "another-verifier-of-at-least-forty-three-characters")
        .await;

    assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn fapi2_security_profile_final_par_without_duplicate_parameters() {
    let (app, mut holder, wallet) = begin().await;
    let pushed = wallet.push(&app, EID).await;
    let mut query = url::form_urlencoded::Serializer::new("/sso/authorize?".to_owned());
    query.extend_pairs([("client_id", wallet.id), ("request_uri", &pushed.at("/request_uri"))]);

    let asked = holder.client.get(&query.finish()).await;

    assert_eq!(asked.at("/needs_passcode"), "true", "{asked}");
    assert_eq!(asked.at("/data/0"), EID);
}

#[tokio::test]
async fn a_code_for_a_credential_is_given_for_the_passcode_alone() {
    let (app, mut holder, wallet) = begin().await;
    let pushed = wallet.push(&app, EID).await;
    let mut query = url::form_urlencoded::Serializer::new("/sso/authorize?".to_owned());
    query.extend_pairs([("client_id", wallet.id), ("request_uri", &pushed.at("/request_uri"))]);
    let asked = holder.client.get(&query.finish()).await;
    let mut agree = json!({"request": asked.at("/request"), "answer": "agree", "passcode": "000999"});

    let wrong = holder.client.post("/sso/consent", &agree).await;
    agree["passcode"] = PASSCODE.into();
    let right = holder.client.post("/sso/consent", &agree).await;

    assert_eq!(wrong.at("/type"), "/problems/signin-wrong-passcode");
    assert!(right.location().starts_with(CALLBACK), "{right}");
}

#[tokio::test]
async fn a_wallet_renews_what_it_holds_without_the_person() {
    let (app, mut holder, wallet) = begin().await;
    let code = wallet.code(&app, &mut holder, EID).await;
    let first = wallet.exchange(&app, &code, VERIFIER).await;
    app.advance(SignedDuration::from_hours(24 * 20));
    let refresh = first.at("/refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];

    let renewed = wallet.post(&app, "/sso/token", &fields).await;
    let nonce = app.client().post("/issuance/nonce", &json!({})).await.at("/c_nonce");
    let proof = wallet.proof(&app, &[key(1)], &nonce);
    let body = json!({"credential_configuration_id": EID, "proofs": {"jwt": [proof]}});
    let issued = wallet
        .ask(&app, "/issuance/credential", &renewed.at("/access_token"), &body)
        .await;

    assert_eq!(issued.status, StatusCode::OK, "{issued}");
}

#[tokio::test]
async fn five_wrong_transaction_codes_end_an_offer() {
    let (app, mut holder, wallet) = begin().await;
    let told = holder
        .client
        .post("/wallets/offer", &json!({"eid": "on", "passcode": PASSCODE}))
        .await;
    let link = url::Url::parse(&told.at("/credential_offer")).unwrap();
    let (_, offer) = link.query_pairs().next().unwrap();
    let offer: serde_json::Value = serde_json::from_str(&offer).unwrap();
    let code = offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"].as_str().unwrap();
    let exchange = async |wallet: &Wallet, tx_code: &str| {
        let fields = [
            ("grant_type", PRE_AUTHORIZED),
            ("pre-authorized_code", code),
            ("tx_code", tx_code),
        ];
        wallet.post(&app, "/sso/token", &fields).await
    };
    for _ in 0..5 {
        assert_eq!(
            refusal(&exchange(&wallet, "wrong1").await),
            (400, "invalid_grant".to_owned())
        );
    }

    let right = exchange(&wallet, &told.at("/tx_code")).await;
    let stranger = Wallet {
        provider: key(99),
        ..wallet.again()
    };
    let unattested = exchange(&stranger, &told.at("/tx_code")).await;

    assert_eq!(refusal(&right), (400, "invalid_grant".to_owned()));
    assert_eq!(refusal(&unattested), (401, "invalid_client".to_owned()));
}
