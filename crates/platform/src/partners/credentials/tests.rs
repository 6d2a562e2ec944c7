use oidc::client::AuthMethod;
use serde_json::json;

use crate::accounts::Level;
use crate::applications::tests::officer;
use crate::officers::Role;
use crate::partners::tests::{Site, ask_with, decide, key, proof};
use crate::sso;
use crate::testing::TestApp;

#[tokio::test]
async fn a_partner_may_prove_itself_by_the_certificate_of_its_key_where_we_take_certificates() {
    let app = TestApp::start_with(|config| config.client_certificates.from_proxy = true).await;
    let citizen = app.citizen();
    let mut holder = app.holder(citizen, Level::Two).await;
    let mut ministry = officer(&app, "canbobo", Role::Ministry).await;
    let site = Site::open(true).await;
    let made = ask_with(&mut holder, &site.back).await;
    site.pass(&app, &mut holder, &made).await;
    let grant = json!({"decision": "grant", "answer": "Chấp thuận toàn bộ."});
    decide(&mut ministry, &made.at("/connection"), &grant).await;
    let (key, jwks) = key(7);
    let keys =
        json!({ "jwks": jwks.to_string(), "proof": proof(&key, &made), "method": "self_signed_tls_client_auth" });

    let address = format!("/partners/connections/{}", made.at("/connection"));
    let live = holder.client.post(&format!("{address}/keys"), &keys).await;

    assert_eq!(live.at("/by_certificate"), "true", "{live}");
    let client = sso::find(&app, &live.at("/live_client")).await.unwrap().unwrap();
    let metadata = client.metadata();
    assert_eq!(metadata.token_endpoint_auth_method, AuthMethod::SelfSignedTlsClientAuth);
    assert!(metadata.tls_client_certificate_bound_access_tokens);
    app.run_jobs().await;
}
