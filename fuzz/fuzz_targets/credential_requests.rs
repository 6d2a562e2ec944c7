//! What wallets send: credential requests and their proofs.
#![no_main]

use crypto::digest::DigestKey;
use jiff::{SignedDuration, Timestamp};
use oidc::credential::{CredentialRequest, DeferredRequest, Judge, Nonces, Notification, Proofs};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let nonces = Nonces::new(DigestKey::new([1; 32]), SignedDuration::from_mins(5));
    let judge = Judge {
        issuer: "https://id.example",
        client_id: "wallet",
        attesters: None,
        attested: false,
        nonces: &nonces,
        now: Timestamp::UNIX_EPOCH,
    };
    if let Ok(request) = CredentialRequest::read(bytes) {
        let _ = judge.keys(&request.proofs).is_ok();
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = judge.keys(&Proofs::Jwt(vec![text.to_owned()])).is_ok();
    }
    let _ = (DeferredRequest::read(bytes).is_ok(), Notification::read(bytes).is_ok());
});
