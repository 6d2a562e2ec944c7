//! Selective-disclosure credentials of strangers: taken apart, their disclosures put in their places, and judged by a verifier that trusts nobody.
#![no_main]

use credentials::sdjwt::{ClaimPath, SdJwt};
use credentials::verify::Verifier;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(parsed) = SdJwt::parse(text) {
        let _ = parsed.open_unverified().is_ok();
        let _ = parsed.present(&[ClaimPath::of(["age_over_18"])]).is_ok();
        let _ = (parsed.chain(), parsed.unverified_type(), parsed.unverified_status());
    }
    let _ = Verifier::addresses_in_text(text);
});
