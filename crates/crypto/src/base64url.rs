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

/// Writes the bytes as base64url text without padding to the end of a text.
pub fn encode_onto(bytes: impl AsRef<[u8]>, text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

/// As [`encode`], of a known number of bytes and so of letters (four for each three bytes), without a text of its own. The rest of the letters is
/// left as it was where there are fewer than needed.
pub fn encode_fixed<const N: usize, const LETTERS: usize>(bytes: [u8; N]) -> [u8; LETTERS] {
    let mut letters = [0; LETTERS];
    URL_SAFE_NO_PAD.encode_slice(bytes, &mut letters).ok();
    letters
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
            let mut text = "before".to_owned();
            encode_onto(&bytes, &mut text);
            prop_assert_eq!(text, format!("before{}", encode(&bytes)));
            prop_assert_eq!(decode(encode(&bytes)), Ok(bytes));
        }

        #[test]
        fn a_known_number_of_bytes_is_written_alike(bytes: [u8; 32]) {
            let letters: [u8; 43] = encode_fixed(bytes);
            prop_assert_eq!(letters.to_vec(), encode(bytes).into_bytes());
        }

        #[test]
        fn what_decodes_encodes_to_itself(text in "[A-Za-z0-9_=+/-]{0,12}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(bytes), text);
            }
        }
    }
}
