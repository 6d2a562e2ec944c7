//! Our own wallet on a person's device, as its page's script has it.

use std::cell::Cell;
use std::collections::BTreeMap;

use axum::body::Body;
use crypto::base64url;
use crypto::digest::sha256;
use crypto::jwk::Jwk;
use crypto::jws;
use crypto::sign::{Signer as _, SoftKey};
use http::{Request, header};
use oidc::credential::PRE_AUTHORIZED;
use serde_json::{Value, json};

use super::wallet::{ISSUER, key};
use super::{Answer, Holder, TestApp};
use crate::devices::{Binding, Way};
use crate::sandbox::holders::PASSCODE;
use crate::wallet;

/// The wallet, which holds the key of its device.
pub(crate) struct AppWallet {
    pub(crate) device: SoftKey,
    drawn: Cell<u32>,
}

impl AppWallet {
    pub(crate) fn new(seed: u8) -> Self {
        Self {
            device: key(seed),
            drawn: Cell::new(0),
        }
    }

    /// The device becomes the person's, who signs in anew.
    pub(crate) async fn bind(&self, app: &TestApp, holder: &mut Holder) {
        let key = Jwk::unnamed(self.device.public().key().clone());
        let binding = Binding::draw(app, holder.person, &key, Way::First);
        app.db.write(move |tx| binding.carry_out(tx)).await.unwrap();
        app.sign_in(holder).await;
    }

    pub(crate) fn proof(&self, app: &TestApp) -> String {
        wallet::proof_by(&self.device, app)
    }

    pub(crate) async fn offer(&self, app: &TestApp, holder: &mut Holder) -> Answer {
        let form = json!({ "passcode": PASSCODE, "proof": self.proof(app) });
        holder.client.post("/wallet/offer", &form).await
    }

    /// Takes an offer up; the access token is bound to the device's key.
    pub(crate) async fn token(&self, app: &TestApp, offered: &Answer) -> Answer {
        let offered = offered.json();
        let grant = &offered["credential_offer"]["grants"][PRE_AUTHORIZED];
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", PRE_AUTHORIZED)
            .append_pair("client_id", offered["client_id"].as_str().unwrap())
            .append_pair("pre-authorized_code", grant["pre-authorized_code"].as_str().unwrap())
            .append_pair("tx_code", offered["tx_code"].as_str().unwrap())
            .finish();
        let request = Request::post("/sso/token")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("DPoP", self.dpop(app, "/sso/token", None));
        app.client().send(request, Body::from(form)).await
    }

    /// Fetches a credential for a key.
    pub(crate) async fn credential(&self, app: &TestApp, token: &str, configuration: &str, key: &SoftKey) -> Answer {
        let nonce = app.client().post("/issuance/nonce", &json!({})).await.at("/c_nonce");
        let claims = json!({"aud": ISSUER, "iat": app.now().as_second(), "nonce": nonce});
        let members = json!({"typ": "openid4vci-proof+jwt", "jwk": key.public()});
        let proof = signed(key, &members, &claims);
        let body = json!({"credential_configuration_id": configuration, "proofs": {"jwt": [proof]}});
        let request = Request::post("/issuance/credential")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("DPoP {token}"))
            .header("DPoP", self.dpop(app, "/issuance/credential", Some(token)));
        app.client().send(request, Body::from(body.to_string())).await
    }

    /// The whole way: every credential that is offered, by its configuration.
    pub(crate) async fn take(&self, app: &TestApp, holder: &mut Holder) -> BTreeMap<String, String> {
        let offered = self.offer(app, holder).await;
        let token = self.token(app, &offered).await.at("/access_token");
        let mut fetched = BTreeMap::new();
        let ids = offered.json()["credential_offer"]["credential_configuration_ids"].clone();
        for id in ids.as_array().unwrap().iter().filter_map(Value::as_str) {
            let issued = self.credential(app, &token, id, &self.device).await;
            fetched.insert(id.to_owned(), issued.at("/credentials/0/credential"));
        }
        fetched
    }

    pub(crate) async fn pass(&self, app: &TestApp, holder: &mut Holder) -> Answer {
        holder
            .client
            .post("/wallet/pass", &json!({ "proof": self.proof(app) }))
            .await
    }

    fn dpop(&self, app: &TestApp, path: &str, token: Option<&str>) -> String {
        self.drawn.set(self.drawn.get() + 1);
        let name = format!("app-{}-{}", self.device.key_id(), self.drawn.get());
        let mut claims =
            json!({"htm": "POST", "htu": format!("{ISSUER}{path}"), "jti": name, "iat": app.now().as_second()});
        if let Some(token) = token {
            claims["ath"] = json!(base64url::encode(sha256(token.as_bytes())));
        }
        signed(
            &self.device,
            &json!({"typ": "dpop+jwt", "jwk": self.device.public()}),
            &claims,
        )
    }
}

fn signed(key: &SoftKey, members: &Value, claims: &Value) -> String {
    let members = members.as_object().unwrap().clone();
    jws::sign_with(key, members, claims.to_string().as_bytes()).unwrap()
}
