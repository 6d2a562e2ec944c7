//! Distinguished names as they are compared, not as they are written (RFC 5280 section 7.1, RFC 4518).

use der::asn1::{ObjectIdentifier as Oid, SetOfVec};
use der::{Any, Tag, Tagged};
use unicode_normalization::UnicodeNormalization as _;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::Name;

const COUNTRY: Oid = Oid::new_unwrap("2.5.4.6");

/// A name in the form in which equal names are equal: texts of whatever string type are normalised, in lower case and
/// with single spaces; other values are taken byte by byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DistinguishedName(Vec<Vec<(Oid, Value)>>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Text(String),
    Other(Tag, Vec<u8>),
}

impl DistinguishedName {
    pub(super) fn of(name: &Name) -> Self {
        let relative = |set: &SetOfVec<AttributeTypeAndValue>| {
            let mut values: Vec<_> = set.iter().map(|it| (it.oid, Value::of(&it.value))).collect();
            values.sort();
            values
        };
        Self(name.0.iter().map(|set| relative(&set.0)).collect())
    }

    /// The country that stands in the name, two letters in lower case.
    pub(super) fn country(&self) -> Option<&str> {
        self.0.iter().flatten().find_map(|(oid, value)| match value {
            Value::Text(text) if *oid == COUNTRY => Some(text.as_str()),
            _ => None,
        })
    }
}

impl Value {
    fn of(value: &Any) -> Self {
        let bytes = value.value();
        let text = match value.tag() {
            Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::VisibleString => {
                String::from_utf8(bytes.to_vec()).ok()
            }
            // By the letter T.61; issuers fill it with Latin-1, whose letters are the first of Unicode.
            Tag::TeletexString => Some(bytes.iter().copied().map(char::from).collect()),
            Tag::BmpString => utf16(bytes),
            _ => None,
        };
        match text {
            Some(text) => Self::Text(prepared(&text)),
            None => Self::Other(value.tag(), bytes.to_vec()),
        }
    }
}

fn utf16(bytes: &[u8]) -> Option<String> {
    let (pairs, []) = bytes.as_chunks::<2>() else {
        return None;
    };
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    String::from_utf16(&units).ok()
}

fn prepared(text: &str) -> String {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use x509_cert::name::{RdnSequence, RelativeDistinguishedName};

    use super::*;

    const COMMON_NAME: Oid = Oid::new_unwrap("2.5.4.3");

    fn name(parts: &[(Oid, Tag, &[u8])]) -> DistinguishedName {
        let relative = parts.iter().map(|(oid, tag, bytes)| {
            let value = Any::new(*tag, *bytes).unwrap();
            RelativeDistinguishedName(SetOfVec::try_from(vec![AttributeTypeAndValue { oid: *oid, value }]).unwrap())
        });
        DistinguishedName::of(&RdnSequence(relative.collect()))
    }

    fn common(tag: Tag, bytes: &[u8]) -> DistinguishedName {
        name(&[(COMMON_NAME, tag, bytes)])
    }

    #[test]
    fn names_that_differ_only_in_writing_are_the_same() {
        let plain = common(Tag::PrintableString, b"CSCA Viet Nam");

        assert_eq!(common(Tag::Utf8String, b"CSCA Viet Nam"), plain);
        assert_eq!(common(Tag::Utf8String, b"csca VIET nam"), plain);
        assert_eq!(common(Tag::PrintableString, b" CSCA  Viet Nam "), plain);
        assert_eq!(common(Tag::TeletexString, b"CSCA Viet Nam"), plain);
        assert_eq!(
            common(Tag::BmpString, b"\0C\0S\0C\0A\0 \0V\0i\0e\0t\0 \0N\0a\0m"),
            plain
        );
        assert_eq!(
            common(Tag::Utf8String, "Việt".as_bytes()),
            common(Tag::Utf8String, "VIE\u{323}\u{302}T".as_bytes())
        );
    }

    #[test]
    fn other_names_are_others() {
        let plain = common(Tag::PrintableString, b"CSCA Viet Nam");
        let country = |code: &'static [u8]| (COUNTRY, Tag::PrintableString, code);

        assert_ne!(common(Tag::PrintableString, b"CSCA VietNam"), plain);
        assert_ne!(common(Tag::OctetString, b"CSCA Viet Nam"), plain);
        assert_ne!(common(Tag::Utf8String, b"\xff"), common(Tag::Utf8String, b"\xfe"));
        assert_ne!(name(&[(COUNTRY, Tag::PrintableString, b"CSCA Viet Nam")]), plain);
        assert_ne!(
            name(&[country(b"VN"), country(b"LA")]),
            name(&[country(b"LA"), country(b"VN")])
        );
        assert_eq!(name(&[country(b"VN")]).country(), Some("vn"));
        assert_eq!(plain.country(), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_name_equal_to_itself(bytes in proptest::collection::vec(any::<u8>(), 0..40), tag in 0..5_usize) {
            let tags = [Tag::Utf8String, Tag::PrintableString, Tag::BmpString, Tag::TeletexString, Tag::Ia5String];

            prop_assert_eq!(common(tags[tag], &bytes), common(tags[tag], &bytes));
        }
    }
}
