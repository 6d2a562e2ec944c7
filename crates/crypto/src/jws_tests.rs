use serde_json::json;

use super::*;
use crate::jwk::JwkSet;
use crate::sign::SoftKey;

fn keys() -> Vec<SoftKey> {
    Algorithm::ALL
        .iter()
        .map(|algorithm| SoftKey::from_seed(*algorithm, &[7; 32]).unwrap())
        .collect()
}

#[test]
fn what_is_signed_verifies_with_its_key_and_its_set() {
    for key in keys() {
        let token = sign(&key, Some("at+jwt"), br#"{"sub":"a"}"#).unwrap();
        let set = JwkSet::new(keys().iter().map(|key| key.public().clone()).collect());

        let alone = verify(&token, key.public(), Algorithm::ALL).unwrap();
        let among = verify(&token, &set, Algorithm::ALL).unwrap();

        assert_eq!(alone.claims::<Value>(), Ok(json!({"sub": "a"})));
        assert!(alone.header().is_typ("application/AT+JWT"));
        assert_eq!(among.key(), key.public());
    }
}
