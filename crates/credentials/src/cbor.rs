//! CBOR (RFC 8949) of strangers, read within bounds.
//!
//! **Invariant:** nothing is read that is longer than the caller's bound, nested deeper than [`MAX_DEPTH`], followed by
//! further bytes, or has a map with the same key twice: guarded by the tests of this module.

pub use ciborium::Value;

use ciborium::de::{Error, from_reader_with_recursion_limit};

/// The deepest nesting of arrays, maps and tags that is read.
pub const MAX_DEPTH: usize = 16;

/// Why bytes were not read as CBOR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// Not one data item, or followed by further bytes.
    #[error("not one item of CBOR")]
    Malformed,
    /// Longer than this kind of thing may be.
    #[error("CBOR is too large")]
    TooLarge,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("CBOR is nested too deeply")]
    TooDeep,
    /// A map has one key twice (RFC 8949 section 5.6).
    #[error("CBOR map has a key twice")]
    DuplicateKey,
}

/// Reads one data item of at most `max` bytes.
///
/// # Errors
/// [`CborError`].
pub fn decode(bytes: &[u8], max: usize) -> Result<Value, CborError> {
    if bytes.len() > max {
        return Err(CborError::TooLarge);
    }
    let mut rest = bytes;
    let value: Value = from_reader_with_recursion_limit(&mut rest, MAX_DEPTH).map_err(|error| match error {
        Error::RecursionLimitExceeded => CborError::TooDeep,
        Error::Io(_) | Error::Syntax(_) | Error::Semantic(..) => CborError::Malformed,
    })?;
    if !rest.is_empty() {
        return Err(CborError::Malformed);
    }
    unique_keys(&value)?;
    Ok(value)
}

/// Writes a data item, integers and lengths in their shortest form.
pub fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    // The one error there is comes from the writer, and memory takes everything.
    ciborium::into_writer(value, &mut bytes).ok();
    bytes
}

/// Writes data items one after another, without a tree of values in between.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    /// The beginning of a map of so many entries.
    pub(crate) fn map(&mut self, entries: usize) -> &mut Self {
        self.head(5, entries as u64)
    }

    /// The beginning of an array of so many items.
    pub(crate) fn array(&mut self, items: usize) -> &mut Self {
        self.head(4, items as u64)
    }

    /// A text.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.head(3, text.len() as u64).raw(text.as_bytes())
    }

    /// A byte string.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.head(2, bytes.len() as u64).raw(bytes)
    }

    /// A number.
    pub(crate) fn number(&mut self, number: u64) -> &mut Self {
        self.head(0, number)
    }

    /// A byte string that holds an encoded data item: tag 24.
    pub(crate) fn wrapped(&mut self, item: &[u8]) -> &mut Self {
        self.head(6, 24).bytes(item)
    }

    /// A value.
    pub(crate) fn value(&mut self, value: &Value) -> &mut Self {
        // As in `encode`, nothing can fail.
        ciborium::into_writer(value, &mut self.0).ok();
        self
    }

    /// What is encoded already.
    pub(crate) fn raw(&mut self, encoded: &[u8]) -> &mut Self {
        self.0.extend_from_slice(encoded);
        self
    }

    /// What was written.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// A major type with its argument, in the shortest form (RFC 8949 section 3).
    fn head(&mut self, major: u8, argument: u64) -> &mut Self {
        let bytes = argument.to_be_bytes();
        let (short, from) = match argument {
            0..=23 => return self.raw(&[(major << 5) | bytes[7]]),
            24..=0xff => (24, 7),
            0x100..=0xffff => (25, 6),
            0x1_0000..=0xffff_ffff => (26, 4),
            _ => (27, 0),
        };
        self.raw(&[(major << 5) | short])
            .raw(bytes.get(from..).unwrap_or_default())
    }
}

/// A byte string that holds an encoded data item: tag 24 (RFC 8949 section 3.4.5.1).
pub(crate) fn wrap(bytes: Vec<u8>) -> Value {
    Value::Tag(24, Box::new(Value::Bytes(bytes)))
}

/// What a tag 24 holds.
pub(crate) fn wrapped(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Tag(24, inner) => inner.as_bytes().map(Vec::as_slice),
        _ => None,
    }
}

/// The value of a text key.
pub(crate) fn named<'a>(map: &'a Value, name: &str) -> Option<&'a Value> {
    let entries = map.as_map()?;
    let found = entries.iter().find(|(key, _)| key.as_text() == Some(name))?;
    Some(&found.1)
}

/// The value of an integer key.
pub(crate) fn labelled(map: &Value, label: i64) -> Option<&Value> {
    let entries = map.as_map()?;
    let found = entries.iter().find(|(key, _)| integer(key) == Some(label))?;
    Some(&found.1)
}

/// A data item that is an integer of 64 bits.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    i64::try_from(value.as_integer()?).ok()
}

/// A map with text keys.
pub(crate) fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

/// A map with integer keys.
pub(crate) fn labels(entries: impl IntoIterator<Item = (i64, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn unique_keys(value: &Value) -> Result<(), CborError> {
    match value {
        Value::Array(items) => items.iter().try_for_each(unique_keys),
        Value::Tag(_, inner) => unique_keys(inner),
        Value::Map(entries) => {
            let mut keys: Vec<Vec<u8>> = entries.iter().map(|(key, _)| encode(key)).collect();
            keys.sort_unstable();
            if keys.array_windows().any(|[one, next]| one == next) {
                return Err(CborError::DuplicateKey);
            }
            entries.iter().try_for_each(|(key, value)| {
                unique_keys(key)?;
                unique_keys(value)
            })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_item_is_read_as_it_was_written() {
        let item = map([
            ("a", Value::Array(vec![1.into(), wrap(vec![0xf6])])),
            ("b", Value::Null),
        ]);

        assert_eq!(decode(&encode(&item), 100), Ok(item));
    }

    #[test]
    fn what_is_too_long_too_deep_or_followed_by_more_is_refused() {
        let nested = |depth: usize| [vec![0x81; depth], vec![0x00]].concat();

        assert_eq!(decode(&[0; 3], 2), Err(CborError::TooLarge));
        assert!(decode(&nested(MAX_DEPTH - 1), 1000).is_ok());
        assert_eq!(decode(&nested(MAX_DEPTH + 1), 1000), Err(CborError::TooDeep));
        assert_eq!(decode(&nested(100_000), 200_000), Err(CborError::TooDeep));
        assert_eq!(decode(&[0, 0], 1000), Err(CborError::Malformed));
        assert_eq!(decode(&[], 1000), Err(CborError::Malformed));
    }

    #[test]
    fn a_length_that_is_a_lie_costs_nothing() {
        for head in [0x5b, 0x7b, 0x9b, 0xbb] {
            let lie = [&[head][..], &[0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]].concat();

            assert_eq!(decode(&lie, 1000), Err(CborError::Malformed));
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_at_every_depth_and_in_every_spelling() {
        // {1: 0, 1: 0}, [{"a": 0, "a": 0}], and {1: 0, 1 (in two bytes): 0}
        for bytes in [
            &[0xa2, 1, 0, 1, 0][..],
            &[0x81, 0xa2, 0x61, b'a', 0, 0x61, b'a', 0],
            &[0xa2, 1, 0, 0x18, 1, 0],
        ] {
            assert_eq!(decode(bytes, 100), Err(CborError::DuplicateKey));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_without_a_tree_is_what_a_tree_would_be(number: u64, text: String, bytes: Vec<u8>) {
            let mut writer = Writer::default();
            let tree = map([("n", number.into()), ("t", Value::Array(vec![text.as_str().into(), wrap(bytes.clone())]))]);

            writer.map(2).text("n").number(number).text("t").array(2).text(&text).wrapped(&bytes);

            prop_assert_eq!(writer.into_bytes(), encode(&tree));
        }

        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            let _ = decode(&bytes, 10_000);
        }
    }
}
