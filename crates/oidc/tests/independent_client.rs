//! The public `openidconnect` crate, which we did not write, goes the whole way against these rules: discovery,
//! authorization, token, ID token, userinfo. Its HTTP client is a function here.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test: what fails here fails the test"
)]

use std::cell::RefCell;
use std::convert::Infallible;

use crypto::digest::DigestKey;
use crypto::jwk::JwkSet;
use crypto::secret::Secret;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::Timestamp;
use oidc::assurance::{self, Assurance, Factor};
use oidc::authentication::Judge;
use oidc::authorize::{self, Next, Request, Session};
use oidc::claims::{Facts, Scopes, userinfo};
use oidc::client::{Client, secret_digest};
use oidc::error::Error;
use oidc::id_token::IdToken;
use oidc::params::Params;
use oidc::provider::{Issuer, Provider};
use oidc::reply::Delivery;
use oidc::token::{Binding, TokenRequest, TokenResponse, TokenType};
use oidc::{bearer, discovery};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _, http,
};
use serde_json::json;
use url::Url;

const NOW: i64 = 1_790_000_000;
const SECRET: &str = "a secret + with % and : signs";
const CODE: &str = "the-code";
const ACCESS_TOKEN: &str = "the-access-token";

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

/// A provider in memory with one client and one person.
struct Op {
    provider: Provider,
    key: SoftKey,
    secrets: DigestKey,
    client: Client,
    issued: RefCell<Option<(Request, Binding)>>,
}

impl Op {
    fn new(method: &str, algorithm: Algorithm) -> Self {
        let secrets = DigestKey::new([3; 32]);
        let metadata = json!({
            "client_id": "portal", "client_name": "Cổng", "redirect_uris": ["https://portal.example/cb"],
            "scope": "openid profile email", "token_endpoint_auth_method": method,
        });
        let digest = secret_digest(&secrets, &Secret::new(SECRET.to_owned()));
        Self {
            provider: Provider::new(Issuer::parse("https://vneid.example").unwrap()),
            key: SoftKey::from_seed(algorithm, &[1; 32]).unwrap(),
            secrets,
            client: Client::new(serde_json::from_value(metadata).unwrap(), Some(digest)).unwrap(),
            issued: RefCell::new(None),
        }
    }

    /// The person is signed in and has consented: where the browser is sent.
    fn authorize(&self, url: &Url) -> Url {
        let params = Params::parse(url.query().unwrap()).unwrap();
        assert_eq!(authorize::client_id(&params), Ok("portal"));
        let request = authorize::check(&params, &self.client, now()).unwrap();
        let session = Session {
            auth_time: now(),
            assurance: Some(Assurance::Two),
            consented_at: Some(now()),
            other_than_hinted: false,
        };
        assert_eq!(request.next(&self.client, Some(&session)), Next::Proceed);
        let Delivery::Redirect(answer) = request.reply_to.code(&self.provider.issuer, CODE) else {
            panic!("not a redirect")
        };
        let binding = Binding {
            dpop_jkt: None,
            resources: Vec::new(),
            client_id: request.client_id.clone(),
            redirect_uri: request.reply_to.redirect_uri().to_owned(),
            challenge: request.challenge.clone(),
            expires_at: Timestamp::from_second(NOW + 60).unwrap(),
        };
        self.issued.replace(Some((request, binding)));
        Url::parse(&answer).unwrap()
    }

    fn answer(&self, request: &http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        let authorization = request
            .headers()
            .get("authorization")
            .map(|value| value.to_str().unwrap());
        let body = match request.uri().path() {
            discovery::PATH => Ok(json!(discovery::document(&self.provider, &[self.key.algorithm()]))),
            "/sso/jwks" => Ok(json!(JwkSet::new(vec![self.key.public().clone()]))),
            "/sso/token" => self.token(request.body(), authorization).map(|answer| json!(answer)),
            "/sso/userinfo" => Self::userinfo(authorization),
            path => panic!("no such path: {path}"),
        };
        let (status, body) = match body {
            Ok(body) => (200, body),
            Err(error) => (error.status(), json!(error)),
        };
        let answer = http::Response::builder()
            .status(status)
            .header("content-type", "application/json");
        answer.body(body.to_string().into_bytes()).unwrap()
    }

    fn token(&self, body: &[u8], authorization: Option<&str>) -> Result<TokenResponse, Error> {
        let request = TokenRequest::read(&Params::parse(body)?, authorization)?;
        let judge = Judge {
            certificate: None,
            provider: &self.provider,
            secrets: &self.secrets,
            now: now(),
        };
        request.credentials.prove(&self.client, &judge)?;
        let (asked, binding) = self.issued.take().ok_or(Error::grant())?;
        binding.check(&request.grant, &self.client, None, now())?;
        let issuer = &self.provider.issuer;
        let id_token = IdToken {
            nonce: asked.nonce,
            acr: Some(Assurance::Two),
            amr: assurance::amr(&[Factor::Password, Factor::SmsCode])
                .into_iter()
                .map(str::to_owned)
                .collect(),
            ..IdToken::new(issuer, "sub".to_owned(), "portal".to_owned(), now(), now(), 300)
        };
        let id_token = id_token
            .with_access_token(self.key.algorithm(), ACCESS_TOKEN)
            .sign(&self.key)
            .unwrap();
        let (access_token, token_type) = (ACCESS_TOKEN.to_owned(), TokenType::Bearer);
        Ok(TokenResponse {
            access_token,
            token_type,
            expires_in: 300,
            id_token: Some(id_token),
            refresh_token: None,
            scope: asked.scopes,
            authorization_details: Vec::new(),
        })
    }

    fn userinfo(authorization: Option<&str>) -> Result<serde_json::Value, Error> {
        let token = bearer::token(authorization, None)?;
        if token.expose() != ACCESS_TOKEN {
            return Err(bearer::INVALID);
        }
        let facts = Facts {
            name: Some("Nguyễn Văn An".to_owned()),
            birthdate: Some(jiff::civil::date(1990, 2, 28)),
            email: Some("an@example.vn".to_owned()),
            vneid_personal_number: Some("001090000001".to_owned()),
            ..Facts::default()
        };
        Ok(userinfo("sub", &facts, &Scopes::parse("openid profile")?).into())
    }
}

/// Goes the whole way and answers the name that the portal greets by.
fn sign_in(op: &Op, verifier: Option<&str>) -> Result<String, String> {
    let http = |request: http::Request<Vec<u8>>| Ok::<_, Infallible>(op.answer(&request));
    let issuer = IssuerUrl::new("https://vneid.example".to_owned()).unwrap();
    let metadata = CoreProviderMetadata::discover(&issuer, &http).map_err(|error| format!("{error:?}"))?;
    let secret = ClientSecret::new(SECRET.to_owned());
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new("portal".to_owned()), Some(secret))
        .set_redirect_uri(RedirectUrl::new("https://portal.example/cb".to_owned()).unwrap());
    let (challenge, right) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(challenge)
        .url();

    let back = op.authorize(&url);
    let param = |name: &str| {
        back.query_pairs()
            .find(|(found, _)| found == name)
            .unwrap()
            .1
            .into_owned()
    };
    assert_eq!(
        (param("state"), param("iss")),
        (state.secret().clone(), "https://vneid.example".to_owned())
    );

    let verifier = verifier.map_or(right, |wrong| PkceCodeVerifier::new(wrong.to_owned()));
    let tokens = client
        .exchange_code(AuthorizationCode::new(param("code")))
        .unwrap()
        .set_pkce_verifier(verifier)
        .request(&http)
        .map_err(|error| format!("{error:?}"))?;
    let id_token = tokens.id_token().unwrap();
    let judge = client
        .id_token_verifier()
        .set_time_fn(|| "2026-09-21T14:14:00Z".parse().unwrap());
    let claims = id_token.claims(&judge, &nonce).map_err(|error| format!("{error:?}"))?;
    let (algorithm, key) = (id_token.signing_alg().unwrap(), id_token.signing_key(&judge).unwrap());
    let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).unwrap();
    assert_eq!(claims.access_token_hash(), Some(&hash));
    assert_eq!(claims.auth_context_ref().unwrap().as_str(), Assurance::Two.acr());

    let info: CoreUserInfoClaims = client
        .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
        .unwrap()
        .request(&http)
        .map_err(|error| format!("{error:?}"))?;
    assert!(info.email().is_none(), "not asked for");
    Ok(info.name().unwrap().get(None).unwrap().to_string())
}

#[test]
fn an_independent_client_goes_the_whole_way_with_es256() {
    assert_eq!(
        sign_in(&Op::new("client_secret_basic", Algorithm::Es256), None).as_deref(),
        Ok("Nguyễn Văn An")
    );
}

#[test]
fn an_independent_client_goes_the_whole_way_with_eddsa() {
    assert_eq!(
        sign_in(&Op::new("client_secret_basic", Algorithm::EdDsa), None).as_deref(),
        Ok("Nguyễn Văn An")
    );
}

#[test]
fn an_independent_client_reads_our_refusals() {
    let wrong_verifier = sign_in(&Op::new("client_secret_basic", Algorithm::Es256), Some(&"x".repeat(43))).unwrap_err();
    let wrong_method = sign_in(&Op::new("client_secret_post", Algorithm::Es256), None).unwrap_err();

    assert!(
        wrong_verifier.contains("ServerResponse") && wrong_verifier.contains("invalid_grant"),
        "{wrong_verifier}"
    );
    assert!(
        wrong_method.contains("ServerResponse") && wrong_method.contains("invalid_client"),
        "{wrong_method}"
    );
}
