//! A wallet of another maker fetches a credential (`OpenID4VCI` 1.0 with HAIP): pushed request, consent, code, token, credential.

use crypto::base64url;
use crypto::digest::sha256;
use crypto::jws;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use serde_json::{Value, json};

use super::{Step, citizen, walk};
use crate::house::{Body, House, Jar};

const SCOPE: &str = "vneid_eid_sd_jwt";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The wallet: its own key, the key of its tokens, the key of its credential.
struct Wallet {
    instance: SoftKey,
    dpop: SoftKey,
    credential: SoftKey,
    drawn: std::cell::Cell<u32>,
}

impl Wallet {
    fn new() -> Self {
        let [instance, dpop, credential] =
            [51, 52, 53].map(|seed| SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap());
        Self {
            instance,
            dpop,
            credential,
            drawn: std::cell::Cell::new(0),
        }
    }

    /// What its maker says of it and of its key.
    fn attested(&self, house: &House) -> Value {
        let wish = json!({ "wallet": self.instance.public(), "keys": [self.credential.public()] });
        house
            .post(&mut Jar::default(), "/sandbox/wallet-provider", &wish)
            .json()
    }

    fn name(&self) -> String {
        self.drawn.set(self.drawn.get() + 1);
        format!("walk-{}", self.drawn.get())
    }

    fn dpop(&self, house: &House, path: &str, token: Option<&str>) -> String {
        let mut claims = json!({ "htm": "POST", "htu": format!("{}{path}", house.origin()), "jti": self.name(), "iat": house.now() });
        if let Some(token) = token {
            claims["ath"] = json!(base64url::encode(sha256(token.as_bytes())));
        }
        signed(
            &self.dpop,
            json!({ "typ": "dpop+jwt", "jwk": self.dpop.public() }),
            &claims,
        )
    }

    /// A form to an endpoint of the authorization server.
    fn form(&self, house: &House, path: &str, fields: &[(&str, &str)]) -> Body {
        let made = self.attested(house);
        let claims = json!({ "aud": house.origin(), "jti": self.name(), "iat": house.now() });
        let proof = jws::sign(
            &self.instance,
            Some("oauth-client-attestation-pop+jwt"),
            claims.to_string().as_bytes(),
        )
        .unwrap();
        Body::form(fields)
            .with("OAuth-Client-Attestation", made["client_attestation"].as_str().unwrap())
            .with("OAuth-Client-Attestation-PoP", &proof)
            .with("DPoP", &self.dpop(house, path, None))
    }

    /// The holder agrees, with the passcode; the form that exchanges the code.
    fn exchange(&self, house: &House, (made, holder): (&Value, &Jar)) -> Body {
        let known = self.attested(house);
        let (id, back) = (
            known["client_id"].as_str().unwrap(),
            known["redirect_uri"].as_str().unwrap(),
        );
        let challenge = base64url::encode(sha256(VERIFIER.as_bytes()));
        let fields = [
            ("response_type", "code"),
            ("client_id", id),
            ("redirect_uri", back),
            ("scope", SCOPE),
            ("state", "s"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let pushed = house.post(&mut Jar::default(), "/sso/par", self.form(house, "/sso/par", &fields));
        let pushed = pushed.json()["request_uri"]
            .as_str()
            .unwrap_or_else(|| panic!("{}", pushed.body))
            .to_owned();
        let mut query = url::form_urlencoded::Serializer::new("/sso/authorize?".to_owned());
        query.extend_pairs([("client_id", id), ("request_uri", &pushed)]);
        let asked = house.get(&mut holder.clone(), &query.finish()).json();
        let agreed = json!({ "request": asked["request"], "answer": "agree", "passcode": made["passcode"] });
        let sent = house.post(&mut holder.clone(), "/sso/consent", &agreed);
        let sent = url::Url::parse(sent.location.as_deref().unwrap_or_else(|| panic!("{}", sent.body))).unwrap();
        let code = sent
            .query_pairs()
            .find(|(name, _)| name == "code")
            .unwrap()
            .1
            .into_owned();
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", id),
            ("code", &code),
            ("redirect_uri", back),
            ("code_verifier", VERIFIER),
        ];
        self.form(house, "/sso/token", &fields)
    }

    /// The request for the credential, with a proof of its key over a fresh nonce.
    fn request(&self, house: &House, token: &str) -> Body {
        const PATH: &str = "/issuance/credential";
        let nonce = house.post(&mut Jar::default(), "/issuance/nonce", &json!({})).json();
        let made = self.attested(house);
        let claims =
            json!({ "aud": house.origin(), "iat": house.now(), "nonce": nonce["c_nonce"], "iss": made["client_id"] });
        let members = json!({
            "typ": "openid4vci-proof+jwt", "jwk": self.credential.public(), "key_attestation": made["key_attestation"],
        });
        let proof = signed(&self.credential, members, &claims);
        let body = json!({ "credential_configuration_id": SCOPE, "proofs": { "jwt": [proof] } });
        Body::from(&body)
            .with("Authorization", &format!("DPoP {token}"))
            .with("DPoP", &self.dpop(house, PATH, Some(token)))
    }
}

fn signed(key: &SoftKey, members: Value, claims: &Value) -> String {
    let Value::Object(members) = members else {
        unreachable!()
    };
    jws::sign_with(key, members, claims.to_string().as_bytes()).unwrap()
}

/// How many batches of credentials the holder's page of wallets names.
fn held(house: &House, holder: &Jar) -> usize {
    let page = house.get(&mut holder.clone(), "/wallets").json();
    page["wallets"].as_array().unwrap_or_else(|| panic!("{page}")).len()
}

#[test]
fn a_credential_whose_issuance_is_killed_is_there_wholly_with_its_status_or_not_at_all() {
    let mut house = House::start();
    let (made, holder) = citizen(&house, 2);
    let wallet = Wallet::new();

    // A code that was struck is used up or is not; whoever gets no token asks for another code.
    let mut tokens = 0;
    for after in [1, 4, 9, 16] {
        let exchange = wallet.exchange(&house, (&made, &holder));
        house.strike(
            &mut Jar::default(),
            "/sso/token",
            exchange.clone(),
            std::time::Duration::from_millis(after),
        );
        let again = house.post(&mut Jar::default(), "/sso/token", exchange);
        assert!(
            again.status == 200 || again.status == 400 || again.status == 401,
            "{}",
            again.body
        );
        tokens += usize::from(again.status == 200);
    }
    let answer = house
        .post(
            &mut Jar::default(),
            "/sso/token",
            wallet.exchange(&house, (&made, &holder)),
        )
        .json();
    let token = answer["access_token"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"))
        .to_owned();
    assert_eq!(held(&house, &holder), 0);

    let struck = walk(
        &mut house,
        1,
        |house| held(house, &holder),
        |house, _| Step::of("/issuance/credential", wallet.request(house, &token)),
    );

    assert!(struck >= 1, "{struck} {tokens}");
    assert_eq!(held(&house, &holder), 1);
    house.is_sound();
}
