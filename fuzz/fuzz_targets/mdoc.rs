//! Mobile documents of strangers, as issued and as presented.
#![no_main]

use credentials::mdoc::{DeviceResponse, IssuerSigned};
use credentials::verify::Verifier;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = DeviceResponse::parse(bytes).is_ok();
    if let Ok(issued) = IssuerSigned::parse(bytes) {
        let _ = (issued.chain(), issued.unverified_type(), issued.unverified_status());
    }
    let _ = Verifier::addresses_in_bytes(bytes);
});
