//! Identifiers: sixteen random bytes, a type for each kind, written in lower-case hexadecimal.

/// Declares an identifier type of sixteen random bytes.
///
/// It is written and read as 32 hexadecimal digits in addresses, JSON and pages, and kept as bytes in the database.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
            /// A new identifier, drawn by chance.
            pub fn draw(chance: &$crate::shell::chance::Chance) -> Self {
                Self(chance.bytes())
            }

            /// The bytes, as the database keeps them.
            pub fn bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl From<[u8; 16]> for $name {
            fn from(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut digits = [0; 32];
                hex::encode_to_slice(self.0, &mut digits).map_err(|_| std::fmt::Error)?;
                f.write_str(std::str::from_utf8(&digits).map_err(|_| std::fmt::Error)?)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::shell::ids::NotAnId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::shell::ids::parse(text).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl<'a> From<&'a $name> for db::Value<'a> {
            fn from(id: &'a $name) -> Self {
                db::Value::Bytes(&id.0)
            }
        }

        impl db::Column for $name {
            fn read(cell: db::Cell<'_>) -> Result<Self, db::Error> {
                <[u8; 16]>::read(cell).map(Self)
            }
        }
    };
}

pub(crate) use id;

id! {
    /// A person: drawn once, kept for ever. A personal number can be cancelled and set anew; this cannot.
    PersonId
}

/// The text is not an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of 32 hexadecimal digits")]
pub struct NotAnId;

pub(crate) fn parse(text: &str) -> Result<[u8; 16], NotAnId> {
    let digits = text.as_bytes();
    if digits.len() != 32 {
        return Err(NotAnId);
    }
    let mut bytes = [0; 16];
    for (place, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return Err(NotAnId) };
        *place = hex(*high)? << 4 | hex(*low)?;
    }
    Ok(bytes)
}

fn hex(digit: u8) -> Result<u8, NotAnId> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(NotAnId),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(bytes: [u8; 16]) {
            let id = PersonId::from(bytes);

            proptest::prop_assert_eq!(id.to_string().parse::<PersonId>(), Ok(id));
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = text.parse::<PersonId>();
        }
    }

    #[test]
    fn an_identifier_has_one_way_to_be_written() {
        assert_eq!("0123456789ABCDEF0123456789abcdef".parse::<PersonId>(), Err(NotAnId));
    }
}
