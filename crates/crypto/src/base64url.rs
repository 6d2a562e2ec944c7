//! Base64url without padding (RFC 4648 section 5, RFC 7515 section 2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The text is not base64url: a foreign character, padding, an impossible length, or bits left over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not base64url without padding")]
pub struct NotBase64Url;

/// The bytes as base64url text without padding.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes that the text stands for. Exactly one text stands for given bytes.
///
/// # Errors
/// [`NotBase64Url`].
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, NotBase64Url> {
    URL_SAFE_NO_PAD.decode(text).ok().ok_or(NotBase64Url)
}

/// As [`decode`], for a known number of bytes.
///
/// # Errors
/// [`NotBase64Url`], also when the number of bytes differs.
pub fn decode_fixed<const N: usize>(text: impl AsRef<[u8]>) -> Result<[u8; N], NotBase64Url> {
    decode(text)?.try_into().ok().ok_or(NotBase64Url)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_rfc_7515_appendix_c() {
        assert_eq!(encode([3, 236, 255, 224, 193]), "A-z_4ME");
        assert_eq!(decode("A-z_4ME"), Ok(vec![3, 236, 255, 224, 193]));
    }

    #[test]
    fn padding_foreign_characters_and_left_over_bits_are_refused() {
        for text in ["QQ==", "Q+", "Q/", "Q", "QR", "Q Q", "Q\n"] {
            assert_eq!(decode(text), Err(NotBase64Url), "{text}");
        }
    }

    proptest! {
        #[test]
        fn bytes_survive_and_text_is_unique(bytes: Vec<u8>) {
            prop_assert_eq!(decode(encode(&bytes)), Ok(bytes));
        }

        #[test]
        fn what_decodes_encodes_to_itself(text in "[A-Za-z0-9_=+/-]{0,12}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(bytes), text);
            }
        }
    }
}
