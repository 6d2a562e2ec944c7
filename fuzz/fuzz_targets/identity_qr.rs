//! Identity QR codes of strangers.
#![no_main]

use credentials::identity_qr::Shown;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = Shown::parse(text).is_ok();
});
