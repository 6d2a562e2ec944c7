//! Who may speak to the agent.

use ::http::{HeaderMap, header};

/// Whether a request comes from a page of the platform, to a name of this machine: another site's page says its own
/// origin, and one whose name was made to lead here says its own host.
pub(super) fn may_speak(headers: &HeaderMap, origin: &str) -> bool {
    let said = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = said(header::HOST).unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    said(header::ORIGIN) == Some(origin) && matches!(host, "127.0.0.1" | "localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(origin: &'static str, host: &'static str) -> HeaderMap {
        let header = |text| ::http::HeaderValue::from_static(text);
        [(header::ORIGIN, header(origin)), (header::HOST, header(host))]
            .into_iter()
            .collect()
    }

    #[test]
    fn only_the_platforms_own_pages_may_speak() {
        let ours = "https://id.example.vn";
        let cases = [
            (ours, "127.0.0.1:17800", true),
            (ours, "localhost:17800", true),
            (ours, "evil.example:17800", false),
            ("https://evil.example", "127.0.0.1:17800", false),
            ("https://id.example.vn.evil.example", "127.0.0.1:17800", false),
            ("null", "127.0.0.1:17800", false),
        ];

        for (origin, host, may) in cases {
            assert_eq!(may_speak(&headers(origin, host), ours), may, "{origin} {host}");
        }
        assert!(!may_speak(&HeaderMap::new(), ours));
    }
}
