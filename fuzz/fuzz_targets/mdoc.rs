//! Mobile documents of strangers.
#![no_main]

use credentials::mdoc::DeviceResponse;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = DeviceResponse::parse(bytes).is_ok();
});
