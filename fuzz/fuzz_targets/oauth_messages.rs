//! Queries and forms of relying parties.
#![no_main]

use oidc::claims::Scopes;
use oidc::logout::LogoutRequest;
use oidc::params::Params;
use oidc::token::TokenRequest;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Scopes::parse(text);
    }
    if let Ok(params) = Params::parse(bytes) {
        let _ = (TokenRequest::read(&params, None).is_ok(), LogoutRequest::read(&params).is_ok());
    }
});
