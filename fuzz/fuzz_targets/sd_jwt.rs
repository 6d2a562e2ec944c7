//! Selective-disclosure credentials of strangers.
#![no_main]

use credentials::sdjwt::SdJwt;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = SdJwt::parse(text).is_ok();
});
