//! CBOR and signed CBOR messages of strangers.
#![no_main]

use credentials::cbor;
use credentials::cose::Signed;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = cbor::decode(bytes, 64 * 1024) {
        let written = cbor::encode(&value);
        assert!(cbor::decode(&written, 1024 * 1024).is_ok());
    }
    if let Ok(signed) = Signed::parse(bytes, 64 * 1024) {
        let _ = (signed.chain(), signed.key_id(), signed.payload().is_ok());
    }
});
