//! What relying parties do beyond a sign-in.

use crypto::base64url;
use crypto::digest::sha256;
use http::{HeaderName, StatusCode, header};
use oidc::authentication::ASSERTION_TYPE;
use serde_json::Value;

use crate::connection::expected;
use crate::load::{Given, Walk, basic};
use crate::server::{APP, BANK, PORTAL};

const DPOP: HeaderName = HeaderName::from_static("dpop");
/// The bank need not keep its verifier secret here.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

impl Walk {
    /// New tokens for a refresh token, which may be replaced.
    pub async fn refresh(&mut self, index: usize) {
        let basic = basic(APP);
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &self.tokens[index])];
        let headers = [(header::AUTHORIZATION, basic.as_str())];
        let given = self.connection.post(&self.portal.paths.token, &headers, &fields).await;
        let given: Given = serde_json::from_slice(expected(given, StatusCode::OK).body()).unwrap();
        self.portal.checked(&given.id_token, APP);
        self.tokens[index] = given.refresh_token.unwrap();
    }

    /// A token for the relying party itself.
    pub async fn for_itself(&mut self) {
        let basic = basic(APP);
        let mut fields = vec![("grant_type", "client_credentials")];
        fields.extend(self.portal.for_itself.iter().map(|(name, value)| (&**name, &**value)));
        let headers = [(header::AUTHORIZATION, basic.as_str())];
        let given = self.connection.post(&self.portal.paths.token, &headers, &fields).await;
        let given: Value = serde_json::from_slice(expected(given, StatusCode::OK).body()).unwrap();
        assert!(given["access_token"].is_string());
    }

    /// What a token is good for.
    pub async fn introspect(&mut self, index: usize) {
        let basic = basic(APP);
        let fields = [("token", self.tokens[index].as_str())];
        let headers = [(header::AUTHORIZATION, basic.as_str())];
        let told = self
            .connection
            .post(&self.portal.paths.introspect, &headers, &fields)
            .await;
        let told: Value = serde_json::from_slice(expected(told, StatusCode::OK).body()).unwrap();
        assert_eq!(told["active"], true);
    }

    /// Pushes the bank's request; where the visitor is sent.
    pub async fn pushed(&mut self, state: &str) -> String {
        let challenge = base64url::encode(sha256(VERIFIER.as_bytes()));
        let assertion = self.portal.bank.assertion(&self.portal.issuer);
        let fields = [
            ("response_type", "code"),
            ("redirect_uri", PORTAL),
            ("scope", "openid profile phone"),
            ("state", state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ];
        let pushed = self.connection.post("/sso/par", &[], &fields).await;
        let pushed: Value = serde_json::from_slice(expected(pushed, StatusCode::CREATED).body()).unwrap();
        url::form_urlencoded::Serializer::new("/sso/authorize?".to_owned())
            .extend_pairs([
                ("client_id", BANK),
                ("request_uri", pushed["request_uri"].as_str().unwrap()),
            ])
            .finish()
    }

    /// The bank's whole way under FAPI 2.0.
    pub async fn as_a_bank(&mut self, index: usize) {
        let state = base64url::encode(self.portal.chance.bytes::<12>());
        let ask = self.pushed(&state).await;
        let code = self.code(index, &ask, &state).await;

        let (portal, issuer) = (self.portal.clone(), self.portal.issuer.clone());
        let assertion = portal.bank.assertion(&issuer);
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", PORTAL),
            ("code_verifier", VERIFIER),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ];
        let proof = portal.bank.proof("POST", &format!("{issuer}/sso/token"), None);
        let given = self.connection.post("/sso/token", &[(DPOP, &proof)], &fields).await;
        let given: Given = serde_json::from_slice(expected(given, StatusCode::OK).body()).unwrap();
        let claims = portal.checked(&given.id_token, BANK);

        let token = &given.access_token;
        let proof = portal.bank.proof("GET", &format!("{issuer}/sso/userinfo"), Some(token));
        let bound = format!("DPoP {token}");
        let headers = [(header::AUTHORIZATION, bound.as_str()), (DPOP, proof.as_str())];
        let told = self.connection.get("/sso/userinfo", &headers).await;
        let told: Value = serde_json::from_slice(expected(told, StatusCode::OK).body()).unwrap();
        assert_eq!(told["sub"], claims.sub);
    }
}
