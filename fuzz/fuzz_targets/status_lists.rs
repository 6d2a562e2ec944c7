//! Status lists and trust lists of strangers.
#![no_main]

use credentials::status::StatusToken;
use credentials::trust::{Trust, TrustList};
use crypto::jwk::JwkSet;
use jiff::{SignedDuration, Timestamp};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = StatusToken::read_jwt(text, &JwkSet::default()).is_ok();
        let _ = TrustList::read(text, &JwkSet::default(), 0, Timestamp::UNIX_EPOCH, SignedDuration::ZERO).is_ok();
        if let Ok(list) = serde_json::from_str::<TrustList>(text) {
            let _ = Trust::new(list).is_ok();
        }
    }
});
