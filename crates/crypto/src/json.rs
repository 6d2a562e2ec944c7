//! JSON that refuses duplicate members.
//!
//! Two parsers that disagree on which of two equal members counts can be played against one another; so a JOSE header
//! or a claims set with duplicates is refused (RFC 7515 section 4, RFC 7519 section 4).

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The bytes are not JSON, have a duplicate member, or are nested too deeply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not JSON with unique members")]
pub struct NotJson;

/// Parses JSON, refusing duplicate members at every depth.
///
/// # Errors
/// [`NotJson`].
pub fn parse(bytes: &[u8]) -> Result<Value, NotJson> {
    serde_json::from_slice::<Strict>(bytes)
        .ok()
        .map(|strict| strict.0)
        .ok_or(NotJson)
}

/// Parses a JSON object, refusing duplicate members at every depth.
///
/// # Errors
/// [`NotJson`], also for JSON that is not an object.
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, NotJson> {
    match parse(bytes)? {
        Value::Object(members) => Ok(members),
        _ => Err(NotJson),
    }
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        StrictSeed.deserialize(deserializer).map(Self)
    }
}

#[derive(Clone, Copy)]
struct StrictSeed;

impl<'de> DeserializeSeed<'de> for StrictSeed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StrictSeed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(self)?;
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn ordinary_json_is_read() {
        let value = json!({"a": [1, -2, 1.5, null, true, "x"], "b": {"a": "y"}});

        assert_eq!(parse(value.to_string().as_bytes()), Ok(value));
    }

    #[test]
    fn duplicate_members_are_refused_at_every_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"[{"x":{"b":1,"c":2,"b":3}}]"#,
        ] {
            assert_eq!(parse(text.as_bytes()), Err(NotJson), "{text}");
        }
    }

    #[test]
    fn deep_nesting_and_trailing_text_are_refused() {
        assert_eq!(parse("[".repeat(10_000).as_bytes()), Err(NotJson));
        assert_eq!(parse(b"{} {}"), Err(NotJson));
        assert_eq!(parse_object(b"[]"), Err(NotJson));
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }

        #[test]
        fn agrees_with_the_plain_parser_where_members_are_unique(names: std::collections::BTreeSet<String>, number: i64) {
            let value = Value::Object(names.into_iter().map(|name| (name, json!([number]))).collect());
            prop_assert_eq!(parse(value.to_string().as_bytes()), Ok(value));
        }
    }
}
