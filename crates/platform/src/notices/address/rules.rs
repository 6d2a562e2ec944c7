//! Addresses, and what a code is worth.

use jiff::SignedDuration;

/// How long a code lasts.
pub(super) const LASTS: SignedDuration = SignedDuration::from_mins(10);
/// How often a code may be tried.
pub(super) const TRIES: i64 = 5;
/// How many codes are sent within [`WITHIN`].
pub(super) const MOST_SENT: i64 = 5;
/// See [`MOST_SENT`].
pub(super) const WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// The longest address (RFC 5321 section 4.5.3.1.3, less its brackets).
const LONGEST: usize = 254;

/// An address as it is kept, if the text is one.
pub(super) fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let (_, domain) = text.rsplit_once('@')?;
    let fits = text.len() <= LONGEST && domain.contains('.');
    text.parse::<lettre::Address>()
        .ok()
        .filter(|_| fits)
        .map(|address| address.to_string())
}

/// The address as its holder recognises it and nobody else learns it: `a***@thu.example`.
pub(super) fn masked(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((name, domain)) => format!("{}***@{domain}", name.chars().take(1).collect::<String>()),
        None => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_told() {
        assert_eq!(
            address("  an.tran@thu.example "),
            Some("an.tran@thu.example".to_owned())
        );
        for wrong in [
            "",
            "an",
            "an@",
            "@thu.example",
            "an@localhost",
            "an @thu.example",
            "an@thu.example\r\nBcc: x@y.z",
        ] {
            assert_eq!(address(wrong), None, "{wrong}");
        }
        assert_eq!(address(&format!("{}@thu.example", "a".repeat(300))), None);
    }

    #[test]
    fn an_address_is_shown_without_its_name() {
        assert_eq!(masked("an.tran@thu.example"), "a***@thu.example");
    }
}
