//! Identity QR codes of strangers: the text as it is, and as the bytes inside it, so that what lies behind base45 and ZLIB is reached too.
#![no_main]

use std::io::Write as _;

use credentials::identity_qr::{Pass, Shown};
use flate2::Compression;
use flate2::write::ZlibEncoder;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Shown::parse(text).is_ok();
    }
    let _ = Pass::parse(bytes).is_ok();
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    if encoder.write_all(bytes).is_ok()
        && let Ok(compressed) = encoder.finish()
        && let Ok(shown) = Shown::parse(&base45::encode(compressed))
    {
        let _ = (shown.key_id(), shown.unverified_status());
    }
});
