//! Resource indicators (RFC 8707): a client names the service that a token is for, and the token is good nowhere else.

use url::Url;

use crate::client::Client;
use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::provider::Issuer;

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

/// The one resource elsewhere that an access token about a person is for; none if it is for our own endpoints.
///
/// Our own endpoints are named by the issuer, or by nothing where nothing was granted. A token is for one resource, so that no
/// two learn the same name of a person from it, and none can use it at another (RFC 9700 section 2.3).
///
/// # Errors
/// `invalid_target` for one that was not granted, for several, and for none where several were granted.
pub fn target(granted: &[String], named: Vec<String>, issuer: &Issuer) -> Result<Option<String>, Error> {
    let ours = |uri: &String| uri == issuer.as_str();
    if named.len() == 1 && named.iter().all(ours) {
        return Ok(None);
    }
    let mut left = narrow(granted, named)?;
    left.dedup();
    match (left.pop(), left.is_empty()) {
        (one, true) => Ok(one.filter(|uri| !ours(uri))),
        _ => Err(Error::new(
            ErrorCode::InvalidTarget,
            "a token is for one resource: name it by resource",
        )),
    }
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

    #[test]
    fn a_token_about_a_person_is_for_one_resource_or_for_us() {
        let issuer = Issuer::parse("https://vneid.example").unwrap();
        let uris = |uris: &[&str]| uris.iter().map(|uri| (*uri).to_owned()).collect::<Vec<_>>();
        let judged =
            |granted: &[&str], named: &[&str]| target(&uris(granted), uris(named), &issuer).map_err(|error| error.code);
        let (a, b, us) = ("https://a.example/", "https://b.example/", "https://vneid.example");

        assert_eq!(judged(&[], &[]), Ok(None));
        assert_eq!(judged(&[], &[us]), Ok(None));
        assert_eq!(judged(&[a, b], &[us]), Ok(None));
        assert_eq!(judged(&[us], &[]), Ok(None));
        assert_eq!(judged(&[a], &[]), Ok(Some(a.to_owned())));
        assert_eq!(judged(&[a, b], &[b]), Ok(Some(b.to_owned())));
        for (granted, named) in [
            (&[a, b][..], &[][..]),
            (&[a, b], &[a, b]),
            (&[a], &[us, a]),
            (&[a], &[b]),
            (&[], &[a]),
        ] {
            assert_eq!(
                judged(granted, named),
                Err(ErrorCode::InvalidTarget),
                "{granted:?} {named:?}"
            );
        }
    }
}
