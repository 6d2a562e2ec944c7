//! A wallet of another maker, under the High Assurance Interoperability Profile: its provider's key, its own, and those of its credentials.

use std::cell::Cell;

use axum::body::Body;
use crypto::base64url;
use crypto::digest::sha256;
use crypto::jws;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use http::{Request, header};
use serde_json::{Value, json};

use super::{Answer, Holder, TestApp};
use crate::accounts::Level;
use crate::sandbox::holders::{self, PASSCODE};

pub(crate) const ISSUER: &str = "http://localhost:8080";
pub(crate) const CALLBACK: &str = "https://wallet.example/cb";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

pub(crate) fn key(seed: u8) -> SoftKey {
    SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap()
}

/// A wallet, and whatever it says of itself: a test makes some of it wrong.
pub(crate) struct Wallet {
    pub(crate) id: &'static str,
    pub(crate) provider: SoftKey,
    pub(crate) instance: SoftKey,
    pub(crate) dpop: SoftKey,
    pub(crate) drawn: Cell<u32>,
}

/// Somebody with an electronic identity card and a driving licence, signed in.
pub(crate) async fn card_holder(app: &TestApp) -> Holder {
    let today = app.clock.today();
    let drives = |person: &nation::Person| {
        nation::licence::licence(app.nation(), person, today)
            .is_some_and(|licence| licence.state == nation::licence::LicenceState::Valid)
    };
    with_card(app, app.citizens().find(drives).unwrap()).await
}

/// The holder of a citizen's electronic identity card, signed in.
pub(crate) async fn with_card(app: &TestApp, citizen: nation::Person) -> Holder {
    let account = holders::make(app, &citizen, Level::Two).await.unwrap();
    let mut holder = Holder {
        person: account.person,
        citizen,
        client: app.client(),
    };
    app.sign_in(&mut holder).await;
    holder
}

impl Wallet {
    pub(crate) async fn register(app: &TestApp, id: &'static str) -> Self {
        let wallet = Self {
            id,
            provider: key(31),
            instance: key(32),
            dpop: key(33),
            drawn: Cell::new(0),
        };
        let metadata = json!({
            "client_id": id, "client_name": "Ví mẫu", "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:pre-authorized_code"],
            "scope": crate::issuance::scopes(),
            "token_endpoint_auth_method": "attest_jwt_client_auth", "vneid_profile": "haip",
            "jwks": {"keys": [wallet.provider.public()]},
        });
        let metadata = serde_json::from_value(metadata).unwrap();
        crate::sso::register(app, metadata, None).await.unwrap();
        wallet
    }

    /// The same wallet, to be changed.
    pub(crate) fn again(&self) -> Self {
        Self {
            id: self.id,
            provider: key(31),
            instance: key(32),
            dpop: key(33),
            drawn: Cell::new(1000),
        }
    }

    fn name(&self) -> String {
        self.drawn.set(self.drawn.get() + 1);
        format!("{}-{}", self.id, self.drawn.get())
    }

    /// The attestation and its proof, with changes to their claims; `null` takes a claim away.
    pub(crate) fn attestation(&self, app: &TestApp, statement: &Value, proof: &Value) -> [String; 2] {
        let now = app.now().as_second();
        let claims = json!({"sub": self.id, "exp": now + 600, "cnf": {"jwk": self.instance.public()}});
        let statement = sign(
            &self.provider,
            "oauth-client-attestation+jwt",
            &changed(claims, statement),
        );
        let claims = json!({"aud": ISSUER, "jti": self.name(), "iat": now});
        [
            statement,
            sign(
                &self.instance,
                "oauth-client-attestation-pop+jwt",
                &changed(claims, proof),
            ),
        ]
    }

    pub(crate) fn dpop(&self, app: &TestApp, path: &str, token: Option<&str>) -> String {
        let mut claims =
            json!({"htm": "POST", "htu": format!("{ISSUER}{path}"), "jti": self.name(), "iat": app.now().as_second()});
        if let Some(token) = token {
            claims["ath"] = json!(base64url::encode(sha256(token.as_bytes())));
        }
        let members = json!({"typ": "dpop+jwt", "jwk": self.dpop.public()});
        jws::sign_with(
            &self.dpop,
            members.as_object().unwrap().clone(),
            claims.to_string().as_bytes(),
        )
        .unwrap()
    }

    /// Posts a form with an attestation.
    pub(crate) async fn post_with(
        &self,
        app: &TestApp,
        path: &str,
        fields: &[(&str, &str)],
        [statement, proof]: &[String; 2],
    ) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("OAuth-Client-Attestation", statement)
            .header("OAuth-Client-Attestation-PoP", proof)
            .header("DPoP", self.dpop(app, path, None));
        app.client().send(request, Body::from(form)).await
    }

    pub(crate) async fn post(&self, app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Answer {
        let attestation = self.attestation(app, &json!({}), &json!({}));
        self.post_with(app, path, fields, &attestation).await
    }

    pub(crate) async fn push(&self, app: &TestApp, scope: &str) -> Answer {
        let attestation = self.attestation(app, &json!({}), &json!({}));
        self.push_with(app, scope, &[], &attestation).await
    }

    pub(crate) async fn push_with(
        &self,
        app: &TestApp,
        scope: &str,
        more: &[(&str, &str)],
        attestation: &[String; 2],
    ) -> Answer {
        let challenge = base64url::encode(sha256(VERIFIER.as_bytes()));
        let mut fields = vec![
            ("response_type", "code"),
            ("client_id", self.id),
            ("redirect_uri", CALLBACK),
            ("scope", scope),
            ("state", "s1"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        fields.extend_from_slice(more);
        fields.retain(|(_, value)| !value.is_empty());
        self.post_with(app, "/sso/par", &fields, attestation).await
    }

    /// The person agrees on the page, with the passcode; the code.
    pub(crate) async fn code(&self, app: &TestApp, holder: &mut Holder, scope: &str) -> String {
        self.code_for(app, holder, scope, &[]).await
    }

    /// The same, with further parameters.
    async fn code_for(&self, app: &TestApp, holder: &mut Holder, scope: &str, more: &[(&str, &str)]) -> String {
        let attestation = self.attestation(app, &json!({}), &json!({}));
        let pushed = self.push_with(app, scope, more, &attestation).await;
        let mut query = url::form_urlencoded::Serializer::new("/sso/authorize?".to_owned());
        query.extend_pairs([("client_id", self.id), ("request_uri", &pushed.at("/request_uri"))]);
        let asked = holder.client.get(&query.finish()).await;
        assert_eq!(asked.at("/needs_passcode"), "true", "{asked}");
        let agreed = json!({"request": asked.at("/request"), "answer": "agree", "passcode": PASSCODE});
        let sent = holder.client.post("/sso/consent", &agreed).await.location();
        let sent = url::Url::parse(&sent).unwrap();
        let code = sent.query_pairs().find(|(name, _)| name == "code");
        code.unwrap_or_else(|| panic!("no code: {sent}")).1.into_owned()
    }

    pub(crate) async fn exchange(&self, app: &TestApp, code: &str, verifier: &str) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", self.id),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ];
        self.post(app, "/sso/token", &fields).await
    }

    /// The whole way to an access token.
    pub(crate) async fn token(&self, app: &TestApp, holder: &mut Holder, scope: &str) -> String {
        let code = self.code(app, holder, scope).await;
        let answer = self.exchange(app, &code, VERIFIER).await;
        assert_eq!(answer.at("/token_type"), "DPoP", "{answer}");
        answer.at("/access_token")
    }

    /// The answer with the token to a request with further parameters.
    pub(crate) async fn token_for(
        &self,
        app: &TestApp,
        holder: &mut Holder,
        scope: &str,
        more: &[(&str, &str)],
    ) -> Answer {
        let code = self.code_for(app, holder, scope, more).await;
        self.exchange(app, &code, VERIFIER).await
    }

    /// Posts a body with the access token.
    pub(crate) async fn send(&self, app: &TestApp, path: &str, token: &str, (kind, body): (&str, String)) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, kind)
            .header(header::AUTHORIZATION, format!("DPoP {token}"))
            .header("DPoP", self.dpop(app, path, Some(token)));
        app.client().send(request, Body::from(body)).await
    }

    pub(crate) async fn ask(&self, app: &TestApp, path: &str, token: &str, body: &Value) -> Answer {
        self.send(app, path, token, ("application/json", body.to_string()))
            .await
    }

    /// An attestation of keys by the wallet's provider.
    pub(crate) fn attested(&self, app: &TestApp, keys: &[SoftKey], nonce: Option<&str>) -> String {
        let now = app.now().as_second();
        let keys: Vec<_> = keys.iter().map(SoftKey::public).collect();
        let claims = json!({"iat": now, "exp": now + 600, "attested_keys": keys, "nonce": nonce});
        sign(&self.provider, "key-attestation+jwt", &changed(claims, &json!({})))
    }

    /// A proof of the first key over a nonce, with an attestation of all.
    pub(crate) fn proof(&self, app: &TestApp, keys: &[SoftKey], nonce: &str) -> String {
        let claims = json!({"aud": ISSUER, "iat": app.now().as_second(), "nonce": nonce, "iss": self.id});
        let members = json!({
            "typ": "openid4vci-proof+jwt", "jwk": keys[0].public(), "key_attestation": self.attested(app, keys, None),
        });
        jws::sign_with(
            &keys[0],
            members.as_object().unwrap().clone(),
            claims.to_string().as_bytes(),
        )
        .unwrap()
    }
}

fn sign(signer: &SoftKey, typ: &str, claims: &Value) -> String {
    jws::sign(signer, Some(typ), claims.to_string().as_bytes()).unwrap()
}

/// Claims with changes; `null` takes one away.
fn changed(mut claims: Value, changes: &Value) -> Value {
    let members = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        members.insert(name.clone(), value.clone());
    }
    members.retain(|_, value| !value.is_null());
    claims
}
