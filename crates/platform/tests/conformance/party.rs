//! A relying party.

use std::sync::atomic::{AtomicU32, Ordering};

use crypto::base64url;
use crypto::digest::sha256;
use crypto::jwk::JwkSet;
use crypto::jws;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use serde_json::{Map, Value, json};

use crate::house::{House, Person, ask, house};

pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CALLBACK: &str = "https://portal.example/cb";
pub(crate) const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A relying party that has registered itself.
pub(crate) struct Party {
    pub(crate) house: &'static House,
    pub(crate) http: reqwest::Client,
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) key: SoftKey,
    pub(crate) holder: SoftKey,
}

/// Registers a relying party; the answer whatever it is.
pub(crate) async fn register(more: Value) -> Value {
    let house = house().await;
    let http = house.browser();
    let about = json!({ "client_name": "Cổng thử", "scope": "openid profile email phone address vneid_account" });
    let stated = ask(http
        .post(format!("{}/sandbox/software-statements", house.url))
        .json(&about))
    .await;
    let mut body = json!({ "redirect_uris": [CALLBACK], "software_statement": stated["software_statement"] });
    merge(&mut body, more);
    ask(http.post(stated["registration_endpoint"].as_str().unwrap()).json(&body)).await
}

fn merge(into: &mut Value, more: Value) {
    let Value::Object(more) = more else {
        panic!("not an object")
    };
    into.as_object_mut().unwrap().extend(more);
}

impl Party {
    pub(crate) async fn new(more: Value) -> Self {
        let house = house().await;
        let key = SoftKey::generate(Algorithm::Es256).unwrap();
        let mut body = json!({});
        if more.get("token_endpoint_auth_method").is_some() || more.get("jwks").is_some() {
            body["jwks"] = json!({ "keys": [key.public()] });
        }
        merge(&mut body, more);
        let registered = register(body).await;
        Self {
            house,
            http: house.browser(),
            id: registered["client_id"]
                .as_str()
                .unwrap_or_else(|| panic!("{registered}"))
                .to_owned(),
            secret: registered["client_secret"].as_str().unwrap_or_default().to_owned(),
            key,
            holder: SoftKey::generate(Algorithm::Es256).unwrap(),
        }
    }

    /// A bank under FAPI 2.0.
    pub(crate) async fn bank(more: Value) -> Self {
        let mut strict = json!({ "token_endpoint_auth_method": "private_key_jwt", "vneid_profile": "fapi2" });
        merge(&mut strict, more);
        Self::new(strict).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.house.url)
    }

    /// The parameters of a request, changed so.
    pub(crate) fn params(&self, changes: &[(&str, Option<&str>)]) -> Map<String, Value> {
        let mut params = json!({
            "response_type": "code", "client_id": self.id, "redirect_uri": CALLBACK, "scope": "openid profile", "state": "s1",
            "nonce": "n1", "code_challenge": base64url::encode(sha256(VERIFIER.as_bytes())), "code_challenge_method": "S256",
        });
        let params = params.as_object_mut().unwrap();
        for (name, value) in changes {
            match value {
                Some(value) => params.insert((*name).to_owned(), json!(value)),
                None => params.remove(*name),
            };
        }
        params.clone()
    }

    /// Where a browser is sent with these parameters.
    pub(crate) fn address(&self, changes: &[(&str, Option<&str>)]) -> String {
        let params = self.params(changes);
        let pairs = params
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        url::form_urlencoded::Serializer::new(self.url("/sso/authorize?"))
            .extend_pairs(pairs)
            .finish()
    }

    /// Sends a form with the client's secret.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let request = self
            .http
            .post(self.url(path))
            .basic_auth(&self.id, Some(&self.secret))
            .form(fields);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default(),
        )
    }

    pub(crate) async fn exchange(&self, code: &str) -> (u16, Value) {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.post("/sso/token", &fields).await
    }

    /// Signs in with a request changed so; the tokens.
    pub(crate) async fn tokens(&self, person: &Person, changes: &[(&str, Option<&str>)]) -> Value {
        let code = param(&agree(person, &self.address(changes)).await, "code").unwrap();
        let (status, tokens) = self.exchange(&code).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    pub(crate) async fn userinfo(&self, token: &str) -> (u16, Value) {
        let answer = self
            .http
            .get(self.url("/sso/userinfo"))
            .bearer_auth(token)
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default(),
        )
    }

    /// The claims of a token that the provider signed.
    pub(crate) async fn verified(&self, token: &Value) -> Value {
        let keys = self
            .http
            .get(self.url("/sso/jwks"))
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap();
        let keys = JwkSet::parse(&keys).unwrap();
        let verified = jws::verify(token.as_str().unwrap(), &keys, &[Algorithm::Es256]).unwrap();
        verified.claims().unwrap()
    }

    /// The client's statement of who it is, changed so.
    pub(crate) fn assertion(&self, header: Value, changes: Value) -> String {
        let now = now();
        let mut claims = json!({
            "iss": self.id, "sub": self.id, "aud": self.house.url, "iat": now, "exp": now + 60, "jti": name(),
        });
        merge(&mut claims, changes);
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let Value::Object(header) = header else {
            panic!("not an object")
        };
        jws::sign_with(&self.key, header, claims.to_string().as_bytes()).unwrap()
    }

    /// A proof of the holder's key.
    pub(crate) fn proof(&self, method: &str, path: &str, token: Option<&str>) -> String {
        let mut claims = json!({"htm": method, "htu": self.url(path), "jti": name(), "iat": now()});
        if let Some(token) = token {
            claims["ath"] = json!(base64url::encode(sha256(token.as_bytes())));
        }
        let header = json!({"typ": "dpop+jwt", "jwk": self.holder.public()});
        jws::sign_with(
            &self.holder,
            header.as_object().unwrap().clone(),
            claims.to_string().as_bytes(),
        )
        .unwrap()
    }

    /// Sends a form with the client's assertion, perhaps with a proof of the holder's key.
    pub(crate) async fn prove(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        assertion: &str,
        proves: bool,
    ) -> (u16, Value) {
        let mut fields = fields.to_vec();
        fields.extend([("client_assertion_type", ASSERTION), ("client_assertion", assertion)]);
        let mut request = self.http.post(self.url(path)).form(&fields);
        if proves {
            request = request.header("DPoP", self.proof("POST", path, None));
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default(),
        )
    }

    /// Pushes a request changed so.
    pub(crate) async fn push(&self, changes: &[(&str, Option<&str>)]) -> (u16, Value) {
        let params = self.params(changes);
        let fields: Vec<(&str, &str)> = params
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        self.prove("/sso/par", &fields, &self.assertion(json!({}), json!({})), false)
            .await
    }

    pub(crate) fn pushed(&self, answer: &Value) -> String {
        let name = answer["request_uri"].as_str().unwrap_or_else(|| panic!("{answer}"));
        let pairs = [("client_id", self.id.as_str()), ("request_uri", name)];
        url::form_urlencoded::Serializer::new(self.url("/sso/authorize?"))
            .extend_pairs(pairs)
            .finish()
    }
}

/// A name that nobody has used.
pub(crate) fn name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn now() -> i64 {
    platform::shell::clock::Clock::system().now().as_second()
}

/// Goes to the address and agrees to what is asked; where the browser is sent back to.
pub(crate) async fn agree(person: &Person, address: &str) -> String {
    let asked = person.get(address).await;
    if let Some(to) = location(&asked) {
        return to;
    }
    let asked: Value = asked.json().await.unwrap();
    let answer = json!({ "request": asked["request"], "answer": "agree" });
    let sent = person.post("/sso/consent", &answer).await;
    location(&sent).expect("not sent back")
}

pub(crate) fn location(answer: &reqwest::Response) -> Option<String> {
    Some(answer.headers().get("location")?.to_str().unwrap().to_owned())
}

pub(crate) fn param(address: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    let mut pairs = url.query_pairs();
    pairs
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
}
