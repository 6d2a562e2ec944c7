//! Resource indicators (RFC 8707): a client names the service that a token is for, and the token is good nowhere else.

use url::Url;

use crate::client::Client;
use crate::error::{Error, ErrorCode};
use crate::params::Params;

const MAX_URI: usize = 2048;
const MAX_COUNT: usize = 8;

/// Whether a text can name a resource: an absolute URI without a fragment (section 2).
pub(crate) fn is_acceptable(uri: &str) -> bool {
    uri.len() <= MAX_URI
        && !uri.contains('#')
        && uri.bytes().all(|byte| byte.is_ascii_graphic())
        && Url::parse(uri).is_ok()
}

/// The resources that a request names, each once; all must be registered for the client, byte for byte.
///
/// # Errors
/// `invalid_target`.
pub fn read(params: &Params, client: &Client) -> Result<Vec<String>, Error> {
    let named = params.resources();
    let registered = &client.metadata().vneid_resources;
    if named.len() > MAX_COUNT || !named.iter().all(|uri| is_acceptable(uri) && registered.contains(uri)) {
        return Err(Error::new(
            ErrorCode::InvalidTarget,
            "a resource is malformed, or not for this client",
        ));
    }
    let mut named = named.to_vec();
    named.sort_unstable();
    named.dedup();
    Ok(named)
}

/// The resources of an access token: of those granted, the ones that the token request names, or all if it names none
/// (section 2.2).
///
/// # Errors
/// `invalid_target` for one that was not granted.
pub fn narrow(granted: &[String], named: Vec<String>) -> Result<Vec<String>, Error> {
    if named.is_empty() {
        return Ok(granted.to_vec());
    }
    if named.iter().all(|uri| granted.contains(uri)) {
        return Ok(named);
    }
    Err(Error::new(ErrorCode::InvalidTarget, "a resource was not granted"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn client() -> Client {
        let metadata = json!({
            "client_id": "portal", "client_name": "Cổng", "redirect_uris": ["https://portal.example/cb"], "scope": "openid",
            "token_endpoint_auth_method": "none", "vneid_resources": ["https://a.example/api", "https://b.example/"],
        });
        Client::new(serde_json::from_value(metadata).unwrap(), None).unwrap()
    }

    fn named(query: &str) -> Result<Vec<String>, ErrorCode> {
        read(&Params::parse(query).unwrap(), &client()).map_err(|error| error.code)
    }

    #[test]
    fn only_registered_resources_may_be_named() {
        let both = "resource=https://b.example/&resource=https://a.example/api&resource=https://b.example/";

        assert_eq!(named(both).unwrap(), ["https://a.example/api", "https://b.example/"]);
        assert!(named("").unwrap().is_empty());
        for bad in [
            "resource=https://c.example/",
            "resource=https://a.example/api%23x",
            "resource=/api",
            "resource=https://a.example/api/",
        ] {
            assert_eq!(named(bad), Err(ErrorCode::InvalidTarget), "{bad}");
        }
    }

    #[test]
    fn a_token_is_for_no_more_than_was_granted() {
        let granted = ["https://a.example/api".to_owned()];

        assert_eq!(narrow(&granted, vec![]).unwrap(), granted);
        assert_eq!(narrow(&granted, granted.to_vec()).unwrap(), granted);
        let error = narrow(&granted, vec!["https://b.example/".to_owned()]).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidTarget);
    }
}
