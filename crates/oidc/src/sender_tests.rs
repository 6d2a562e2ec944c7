use crypto::secret::Secret;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::dpop::ProofId;
use crate::error::ErrorCode;

fn client(changes: &Value) -> Client {
    let key = SoftKey::from_seed(Algorithm::Es256, &[7; 32]).unwrap();
    let mut whole = json!({
        "client_id": "bank", "client_name": "Ngân hàng", "redirect_uris": ["https://bank.example/cb"], "scope": "openid",
        "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key.public()]},
    });
    whole
        .as_object_mut()
        .unwrap()
        .extend(changes.as_object().unwrap().clone());
    Client::new(serde_json::from_value(whole).unwrap(), None).unwrap()
}

fn proof(thumbprint: &str) -> Shown {
    let id = ProofId {
        digest: [1; 32],
        expires_at: Timestamp::UNIX_EPOCH,
    };
    Shown {
        proof: Some(Proof {
            thumbprint: thumbprint.to_owned(),
            id,
        }),
        certificate: None,
    }
}

fn certificate(digest: &str) -> Shown {
    Shown {
        proof: None,
        certificate: Some(digest.to_owned()),
    }
}

fn dpop(key: &str) -> Confirmation {
    Confirmation::Dpop(key.to_owned())
}

fn bind(changes: &Value, shown: &Shown) -> Result<Option<Confirmation>, ErrorCode> {
    shown.bind(&client(changes)).map_err(|error| error.code)
}

#[test]
fn fapi2_security_profile_final_ensure_holder_of_key_required() {
    let fapi = json!({"vneid_profile": "fapi2"});
    let mtls = json!({"vneid_profile": "fapi2", "tls_client_certificate_bound_access_tokens": true});

    assert_eq!(bind(&fapi, &Shown::default()), Err(ErrorCode::InvalidDpopProof));
    assert_eq!(bind(&fapi, &proof("k")), Ok(Some(dpop("k"))));
    assert_eq!(
        bind(&fapi, &certificate("c")),
        Ok(Some(Confirmation::Certificate("c".to_owned())))
    );
    assert_eq!(bind(&mtls, &proof("k")), Err(ErrorCode::InvalidRequest));
}

#[test]
fn a_client_that_must_use_dpop_gets_no_token_without() {
    let must = json!({"dpop_bound_access_tokens": true});

    assert_eq!(
        bind(&must, &Shown::default()),
        Err(ErrorCode::InvalidDpopProof),
        "esignet 2600"
    );
    assert_eq!(bind(&must, &certificate("c")), Err(ErrorCode::InvalidDpopProof));
    assert_eq!(bind(&json!({}), &Shown::default()), Ok(None));
    assert_eq!(
        bind(&json!({}), &proof("k")),
        Ok(Some(dpop("k"))),
        "who shows a key is bound to it"
    );
}

#[test]
fn a_bound_token_is_used_in_its_own_scheme_with_its_own_key() {
    let use_it = |bound: Option<&Confirmation>, scheme, shown: &Shown| {
        let presented = Presented {
            scheme,
            token: Secret::new("t".to_owned()),
        };
        shown.may_use(bound, &presented).map_err(|error| error.code)
    };
    let (key, cert) = (dpop("k"), Confirmation::Certificate("c".to_owned()));
    let invalid = Err(ErrorCode::InvalidToken);

    assert_eq!(use_it(None, TokenType::Bearer, &Shown::default()), Ok(()));
    assert_eq!(use_it(None, TokenType::Dpop, &proof("k")), invalid);
    assert_eq!(use_it(Some(&key), TokenType::Dpop, &proof("k")), Ok(()));
    assert_eq!(use_it(Some(&key), TokenType::Dpop, &proof("other")), invalid);
    assert_eq!(
        use_it(Some(&key), TokenType::Bearer, &proof("k")),
        invalid,
        "RFC 9449 section 7.2"
    );
    assert_eq!(
        use_it(Some(&key), TokenType::Dpop, &Shown::default()),
        Err(ErrorCode::InvalidDpopProof)
    );
    assert_eq!(use_it(Some(&cert), TokenType::Bearer, &certificate("c")), Ok(()));
    assert_eq!(use_it(Some(&cert), TokenType::Bearer, &certificate("d")), invalid);
    assert_eq!(use_it(Some(&cert), TokenType::Bearer, &Shown::default()), invalid);
}

#[test]
fn a_binding_is_written_as_the_cnf_claim() {
    assert_eq!(serde_json::to_value(dpop("k")).unwrap(), json!({"jkt": "k"}));
    let cert: Confirmation = serde_json::from_value(json!({"x5t#S256": "c"})).unwrap();
    assert_eq!(cert, Confirmation::Certificate("c".to_owned()));
    assert_eq!(Confirmation::token_type(Some(&cert)), TokenType::Bearer);
    assert_eq!(Confirmation::token_type(Some(&dpop("k"))), TokenType::Dpop);
}
