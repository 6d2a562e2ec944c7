//! PDF and answers of authorities for time stamps that strangers bring.
#![no_main]

use credentials::pades::{self, stamp};
use credentials::trust::{Trust, TrustList};
use jiff::Timestamp;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let now = Timestamp::UNIX_EPOCH;
    let Ok(trust) = Trust::new(TrustList::new(1, now, now, Vec::new())) else {
        return;
    };
    let _ = pades::verify(bytes, &trust);
    let _ = pades::verify(&[b"%PDF-1.7", bytes].concat(), &trust);
    let _ = stamp::token(bytes, &[0; 32], now);
});
