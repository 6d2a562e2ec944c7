//! Signed messages and public keys of strangers.
#![no_main]

use crypto::jwk::{Jwk, JwkSet};
use crypto::jws::Compact;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = (crypto::json::parse(bytes), Jwk::parse(bytes), JwkSet::parse(bytes));
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Compact::parse(text).map(|compact| compact.unverified_claims().is_ok());
    }
});
