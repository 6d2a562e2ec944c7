use crypto::jws;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn client(id: &str) -> Client {
    let whole = json!({
        "client_id": id, "client_name": "Cổng", "redirect_uris": ["https://portal.example/cb"], "scope": "openid",
        "vneid_offers": if id == "api" { vec!["https://api.example/"] } else { vec![] },
    });
    Client::new(serde_json::from_value(whole).unwrap(), Some([1; 32])).unwrap()
}

fn token() -> Active {
    Active {
        iss: "https://vneid.example".to_owned(),
        client_id: "portal".to_owned(),
        sub: "s".to_owned(),
        scope: "openid".to_owned(),
        aud: vec!["https://api.example/".to_owned()],
        exp: 1300,
        token_type: Some(TokenType::Dpop),
        cnf: Some(Confirmation::Dpop("k".to_owned())),
        authorization_details: Vec::new(),
    }
}

#[test]
fn the_owner_and_the_offerer_of_the_resource_are_told_and_nobody_else() {
    let told = |id| serde_json::to_value(Answer::new(Some(token()), &client(id))).unwrap();

    let whole = json!({
        "active": true, "iss": "https://vneid.example", "client_id": "portal", "sub": "s", "scope": "openid",
        "aud": ["https://api.example/"], "exp": 1300, "token_type": "DPoP", "cnf": {"jkt": "k"},
    });
    assert_eq!(told("portal"), whole);
    assert_eq!(told("api"), whole);
    assert_eq!(told("stranger"), json!({"active": false}));
    assert_eq!(
        serde_json::to_value(Answer::new(None, &client("portal"))).unwrap(),
        json!({"active": false})
    );
}

#[test]
fn a_signed_answer_is_for_the_asker_alone() {
    let key = SoftKey::from_seed(Algorithm::Es256, &[1; 32]).unwrap();
    let issuer = Issuer::parse("https://vneid.example").unwrap();
    let answer = Answer::new(Some(token()), &client("api"));

    let compact = answer
        .sign(&issuer, &client("api"), Timestamp::UNIX_EPOCH, &key)
        .unwrap();

    let verified = jws::verify(&compact, key.public(), &[Algorithm::Es256]).unwrap();
    assert!(verified.header().is_typ("token-introspection+jwt"));
    let claims: Value = verified.claims().unwrap();
    assert_eq!(
        (&claims["aud"], &claims["token_introspection"]["active"]),
        (&json!("api"), &json!(true))
    );
}

#[test]
fn a_request_names_its_token_and_perhaps_a_hint() {
    let read = |body: &str| AboutToken::read(&Params::parse(body).unwrap(), None);

    let request = read("client_id=a&token=t&token_type_hint=refresh_token").unwrap();
    assert_eq!(
        (request.hint, request.token.expose().as_str()),
        (Some(Hint::RefreshToken), "t")
    );
    assert_eq!(read("client_id=a&token=t&token_type_hint=other").unwrap().hint, None);
    assert!(read("client_id=a").is_err());
    assert!(read("client_id=a&token=t&token=t").is_err());
    assert!(read("token=t").is_err());
    assert!(!format!("{request:?}").contains("\"t\""));
}

proptest! {
    #[test]
    fn any_form_is_answered(body: Vec<u8>) {
        if let Ok(params) = Params::parse(body) {
            let _ = AboutToken::read(&params, None);
        }
    }
}
