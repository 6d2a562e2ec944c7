//! Parameters of a query or a form (`application/x-www-form-urlencoded`).

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};
use url::form_urlencoded;
use zeroize::Zeroize;

use crate::error::Error;

/// The longest query or form that is read, in bytes.
pub const MAX_BYTES: usize = 32 * 1024;
/// The most parameters that are read.
pub const MAX_COUNT: usize = 64;

/// The one parameter that may be given several times (RFC 8707 section 2).
pub const RESOURCE: &str = "resource";

/// Parameters by name. Prints only the names; the values are wiped when dropped.
#[derive(Default)]
pub struct Params {
    values: BTreeMap<String, String>,
    repeated: BTreeSet<String>,
    resources: Vec<String>,
    signed: bool,
}

/// The name and the value of a parameter; none where they have control characters or are not UTF-8.
fn decoded(pair: &[u8]) -> Option<(String, String)> {
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'%' | b'+');
    if pair.iter().all(is_plain) {
        let pair = std::str::from_utf8(pair).ok()?;
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        return Some((name.to_owned(), value.to_owned()));
    }
    let (name, value) = form_urlencoded::parse(pair).next()?;
    let is_refused = |char: char| char.is_control() || char == char::REPLACEMENT_CHARACTER;
    let refused = name.chars().chain(value.chars()).any(is_refused);
    (!refused).then(|| (name.into_owned(), value.into_owned()))
}

impl Params {
    /// Reads a query or a form.
    ///
    /// A parameter without a value counts as absent (RFC 6749 section 3.1). Values with control characters or that
    /// are not UTF-8 are refused.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn parse(encoded: impl AsRef<[u8]>) -> Result<Self, Error> {
        let encoded = encoded.as_ref();
        if encoded.len() > MAX_BYTES {
            return Err(Error::request("the request is too large"));
        }
        let mut params = Self::default();
        for (count, pair) in encoded
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
            .enumerate()
        {
            if count >= MAX_COUNT {
                return Err(Error::request("too many parameters"));
            }
            let (name, value) =
                decoded(pair).ok_or(Error::request("a parameter has characters that are not allowed"))?;
            params.add(name, value);
        }
        Ok(params)
    }

    /// The parameters that a verified request object carries (RFC 9101 section 4): numbers and JSON values as text.
    ///
    /// # Errors
    /// `invalid_request` for control characters.
    pub(crate) fn of_request_object(claims: &Map<String, Value>) -> Result<Self, Error> {
        let mut params = Self::default();
        params.signed = true;
        for (name, value) in claims {
            let texts: Vec<String> = match value {
                Value::Null => continue,
                Value::String(text) => vec![text.clone()],
                Value::Array(several) if name == RESOURCE => {
                    several.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                other => vec![other.to_string()],
            };
            for text in texts {
                if text.chars().any(char::is_control) {
                    return Err(Error::request("a parameter has characters that are not allowed"));
                }
                params.add(name.clone(), text);
            }
        }
        Ok(params)
    }

    /// Whether the parameters come out of a request object that the client signed.
    pub fn are_signed(&self) -> bool {
        self.signed
    }

    /// The values of `resource`, which may be given several times (RFC 8707 section 2).
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// The value of a parameter.
    ///
    /// # Errors
    /// `invalid_request` if it was given more than once (RFC 6749 section 3.1).
    pub fn get(&self, name: &str) -> Result<Option<&str>, Error> {
        if self.repeated.contains(name) {
            return Err(Error::request("a parameter was given more than once"));
        }
        Ok(self
            .values
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty()))
    }

    /// The value of a parameter of at most this many bytes.
    ///
    /// # Errors
    /// `invalid_request` if it is longer or was given more than once.
    pub fn get_short(&self, name: &str, most: usize) -> Result<Option<&str>, Error> {
        match self.get(name)? {
            Some(value) if value.len() > most => Err(Error::request("a parameter is too long")),
            value => Ok(value),
        }
    }

    /// Whether any parameter at all, known to us or not, was given more than once (RFC 6749 section 3.1 forbids it).
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn refuse_repeated(&self) -> Result<(), Error> {
        if self.repeated.is_empty() {
            Ok(())
        } else {
            Err(Error::request("a parameter was given more than once"))
        }
    }

    fn add(&mut self, name: String, value: String) {
        if name == RESOURCE {
            self.resources.push(value);
            return;
        }
        match self.values.entry(name) {
            Entry::Vacant(place) => {
                place.insert(value);
            }
            Entry::Occupied(taken) => {
                self.repeated.insert(taken.key().clone());
            }
        }
    }
}

impl Drop for Params {
    fn drop(&mut self) {
        self.values.values_mut().for_each(Zeroize::zeroize);
        self.resources.zeroize();
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Params")
            .field("names", &self.values.keys())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_repeated_parameter_is_refused_even_with_the_same_value() {
        let params = Params::parse("a=1&b=2&a=1").unwrap();

        assert!(params.get("a").is_err());
        assert_eq!(params.get("b"), Ok(Some("2")));
        assert!(params.refuse_repeated().is_err());
    }

    #[test]
    fn an_empty_parameter_counts_as_absent() {
        let params = Params::parse("a=&b&c=%20").unwrap();

        assert_eq!(params.get("a"), Ok(None));
        assert_eq!(params.get("b"), Ok(None));
        assert_eq!(params.get("c"), Ok(Some(" ")));
    }

    #[test]
    fn control_characters_broken_utf_8_and_floods_are_refused() {
        for bad in ["a=%00", "a=%0A", "a=%FF", "%0d=1"] {
            assert!(Params::parse(bad).is_err(), "{bad}");
        }
        assert!(Params::parse("a=".to_owned() + &"x".repeat(MAX_BYTES)).is_err());
        assert!(Params::parse("a=1&".repeat(MAX_COUNT + 1)).is_err());
    }

    #[test]
    fn parameters_print_no_values() {
        let printed = format!("{:?}", Params::parse("client_secret=hush").unwrap());

        assert!(
            printed.contains("client_secret") && !printed.contains("hush"),
            "{printed}"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            let _ = Params::parse(bytes);
        }

        #[test]
        fn any_value_is_read_as_it_was_written(value in "[^\\p{Cc}\u{fffd}]{1,40}") {
            let encoded = form_urlencoded::Serializer::new(String::new()).append_pair("v", &value).finish();
            let params = Params::parse(encoded).unwrap();
            prop_assert_eq!(params.get("v"), Ok(Some(value.as_str())));
        }
    }
}
