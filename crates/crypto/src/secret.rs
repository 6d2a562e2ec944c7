//! Values that never print and are wiped when dropped.

use std::fmt;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroize;

/// A value that must not be seen: `Debug` and `Display` print `Secret(..)`, and the memory is wiped on drop.
///
/// It can be read from a configuration or a form (`Deserialize`), but never written (no `Serialize`).
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the value in.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. The word is long on purpose: a reviewer can search for it.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl<T: Zeroize> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl<'de, T: Zeroize + Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_does_not_print() {
        let secret = Secret::new("mật khẩu".to_owned());

        assert_eq!(
            format!("{secret} {secret:?} {:?}", Some(&secret)),
            "Secret(..) Secret(..) Some(Secret(..))"
        );
        assert_eq!(secret.expose(), "mật khẩu");
    }

    #[test]
    fn a_secret_is_read_from_json() {
        let secret: Secret<String> = serde_json::from_str("\"s3cret\"").unwrap();

        assert_eq!(secret.expose(), "s3cret");
    }
}
