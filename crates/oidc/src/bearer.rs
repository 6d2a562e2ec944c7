//! Access tokens in requests (RFC 6750, RFC 9449 section 7).

use crypto::secret::Secret;

use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::token::TokenType;

const MAX_TOKEN: usize = 4096;

/// An access token, and how it was sent.
#[derive(Debug, Clone)]
pub struct Presented {
    /// The scheme of the header; a token in a form counts as `Bearer`.
    pub scheme: TokenType,
    /// The token.
    pub token: Secret<String>,
}

/// Finds the access token in the `Authorization` header or, for a POST with a form, in `access_token` (RFC 6750
/// sections 2.1 and 2.2). The query is never looked at (RFC 9700 section 4.3.2).
///
/// # Errors
/// `invalid_request` if both ways are used or the header is malformed; [`MISSING`] if there is none.
pub fn presented(authorization: Option<&str>, form: Option<&Params>) -> Result<Presented, Error> {
    let in_form = form.map_or(Ok(None), |form| form.get_short("access_token", MAX_TOKEN))?;
    match (authorization, in_form) {
        (Some(header), None) => from_header(header).ok_or(Error::request("the authorization header is malformed")),
        (None, Some(token)) => Ok(Presented {
            scheme: TokenType::Bearer,
            token: Secret::new(token.to_owned()),
        }),
        (Some(_), Some(_)) => Err(Error::request("the access token was given in two ways")),
        (None, None) => Err(MISSING),
    }
}

/// As [`presented`], for a resource that takes bearer tokens only.
///
/// # Errors
/// As [`presented`]; `invalid_request` for another scheme.
pub fn token(authorization: Option<&str>, form: Option<&Params>) -> Result<Secret<String>, Error> {
    match presented(authorization, form)? {
        Presented {
            scheme: TokenType::Bearer,
            token,
        } => Ok(token),
        Presented { .. } => Err(Error::request("the authorization header is malformed")),
    }
}

/// There is no access token at all.
pub const MISSING: Error = Error::new(ErrorCode::InvalidToken, "the access token is missing");

/// The access token is unknown, expired or revoked: the same words for each.
pub const INVALID: Error = Error::new(ErrorCode::InvalidToken, "the access token is not valid");

/// The `WWW-Authenticate` header of a refusal at a protected resource (RFC 6750 section 3). Who came without a token
/// is told only the way (section 3.1).
pub fn challenge(error: Error) -> String {
    let Error { code, description } = error;
    if error == MISSING {
        return r#"Bearer realm="vneid""#.to_owned();
    }
    format!(r#"Bearer realm="vneid", error="{code}", error_description="{description}""#)
}

/// The HTTP status of a refusal at a protected resource: 401 for everything about a token or its proof (RFC 9449
/// section 7.1).
pub const fn status(error: Error) -> u16 {
    match error.code {
        ErrorCode::InvalidDpopProof | ErrorCode::UseDpopNonce => 401,
        code => code.status(),
    }
}

fn from_header(header: &str) -> Option<Presented> {
    let (scheme, token) = header.split_once(' ')?;
    let scheme = TokenType::from_scheme(scheme)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    let well_formed = !token.is_empty() && token.len() <= MAX_TOKEN && token.bytes().all(allowed);
    well_formed.then(|| Presented {
        scheme,
        token: Secret::new(token.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(authorization: Option<&str>, form: Option<&str>) -> Result<String, ErrorCode> {
        let form = form.map(|form| Params::parse(form).unwrap());
        token(authorization, form.as_ref())
            .map(|token| token.expose().clone())
            .map_err(|error| error.code)
    }

    #[test]
    fn oidcc_userinfo_get() {
        assert_eq!(found(Some("Bearer abc"), None).as_deref(), Ok("abc"));
        assert_eq!(found(Some("bearer a.b-c_~+/="), None).as_deref(), Ok("a.b-c_~+/="));
    }

    #[test]
    fn oidcc_userinfo_post_header() {
        assert_eq!(found(Some("Bearer abc"), Some("")).as_deref(), Ok("abc"));
    }

    #[test]
    fn oidcc_userinfo_post_body() {
        assert_eq!(found(None, Some("access_token=abc")).as_deref(), Ok("abc"));
    }

    #[test]
    fn a_token_in_two_ways_or_malformed_is_an_invalid_request() {
        assert_eq!(
            found(Some("Bearer abc"), Some("access_token=abc")),
            Err(ErrorCode::InvalidRequest)
        );
        assert_eq!(
            found(None, Some("access_token=a&access_token=a")),
            Err(ErrorCode::InvalidRequest)
        );
        for header in [
            "Bearer",
            "Bearer ",
            "Basic abc",
            "Bearer a b",
            "Bearer  abc",
            "Bearer a,b",
            "DPoP abc",
        ] {
            assert_eq!(found(Some(header), None), Err(ErrorCode::InvalidRequest), "{header}");
        }
    }

    #[test]
    fn no_token_is_answered_with_a_challenge() {
        let missing = token(None, None).unwrap_err();

        assert_eq!(
            (missing.status(), challenge(missing).as_str()),
            (401, r#"Bearer realm="vneid""#)
        );
        let invalid =
            r#"Bearer realm="vneid", error="invalid_token", error_description="the access token is not valid""#;
        assert_eq!((INVALID.status(), challenge(INVALID).as_str()), (401, invalid));
    }

    #[test]
    fn fapi2_security_profile_final_access_token_type_header_case_sensitivity() {
        for header in ["DPoP abc", "dpop abc", "DPOP abc"] {
            let presented = presented(Some(header), None).unwrap();
            assert_eq!(
                (presented.scheme, presented.token.expose().as_str()),
                (TokenType::Dpop, "abc")
            );
        }
        assert_eq!(presented(Some("bEARER abc"), None).unwrap().scheme, TokenType::Bearer);
    }

    #[test]
    fn a_refused_proof_is_a_401_at_a_resource_and_a_400_elsewhere() {
        let error = Error::dpop("x");

        assert_eq!((status(error), error.status()), (401, 400));
        assert_eq!(status(INVALID), 401);
    }

    proptest! {
        #[test]
        fn any_header_is_answered(header in ".*") {
            let _ = found(Some(&header), None);
        }
    }
}
