//! How a frame of the relying party notices that the person's session has changed (OpenID Connect Session Management 1.0).

use crypto::digest::sha256;
use url::Url;

/// The `session_state` of an answer (section 4.2): a digest over the client, the origin that it is at, and what the browser keeps of the session;
/// nothing for an address without an origin.
pub fn session_state(client_id: &str, redirect_uri: &str, browser: &str, salt: &str) -> Option<String> {
    let origin = Url::parse(redirect_uri).ok()?.origin();
    if !origin.is_tuple() {
        return None;
    }
    let text = format!("{client_id} {} {browser} {salt}", origin.ascii_serialization());
    let state = hex::encode(sha256(text.as_bytes()));
    Some(format!("{state}.{salt}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_changes_with_client_origin_and_session() {
        let state = |client, uri, browser| session_state(client, uri, browser, "s").unwrap();

        let one = state("portal", "https://portal.example/cb?a=b", "b");

        assert_eq!(one, state("portal", "https://portal.example/other", "b"));
        assert_ne!(one, state("bank", "https://portal.example/cb", "b"));
        assert_ne!(one, state("portal", "https://portal.example:8443/cb", "b"));
        assert_ne!(one, state("portal", "https://portal.example/cb", ""));
        assert_eq!(one.split_once('.').unwrap().1, "s");
        assert_eq!(session_state("app", "vn.example.app:/cb", "b", "s"), None);
    }
}
