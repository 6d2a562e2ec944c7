//! The elliptic curves that are accepted, named or written out.
//!
//! ICAO 9303-12 section 4.4 has issuers write the parameters of a curve out instead of naming it. Computing on parameters
//! that a stranger chose would let him choose the key, too, so what is written out has to be one of the named curves in
//! every number: prime, coefficients, generator, order, cofactor (RFC 3279 section 2.3.5).

use crypto::x509::Key;
use der::asn1::ObjectIdentifier as Oid;
use der::{Any, Tag, Tagged};

use super::{SchemeRefusal, identifiers as id, tlv};

/// A curve that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
    Brainpool256,
    Brainpool384,
}

impl Curve {
    /// The curve that the parameters of a public key name or write out.
    pub(super) fn of(parameters: Option<&Any>) -> Result<Self, SchemeRefusal> {
        let parameters = parameters.ok_or(SchemeRefusal::Unknown)?;
        if parameters.tag() == Tag::Sequence {
            return explicit(parameters.value()).ok_or(SchemeRefusal::ExplicitCurve);
        }
        match parameters.decode_as::<Oid>().map_err(|_error| SchemeRefusal::Unknown)? {
            id::P_256 => Ok(Self::P256),
            id::P_384 => Ok(Self::P384),
            id::P_521 => Ok(Self::P521),
            id::BRAINPOOL_P256R1 => Ok(Self::Brainpool256),
            id::BRAINPOOL_P384R1 => Ok(Self::Brainpool384),
            curve if curve.to_string().starts_with(id::BRAINPOOL) => Err(SchemeRefusal::Brainpool),
            _ => Err(SchemeRefusal::Unknown),
        }
    }

    /// The key that a point on this curve is.
    pub(super) fn key(self, point: &[u8]) -> Key<'_> {
        match self {
            Self::P256 => Key::P256(point),
            Self::P384 => Key::P384(point),
            Self::P521 => Key::P521(point),
            Self::Brainpool256 => Key::Brainpool256(point),
            Self::Brainpool384 => Key::Brainpool384(point),
        }
    }
}

/// The curve whose numbers stand in the content of `ECParameters`.
fn explicit(content: &[u8]) -> Option<Curve> {
    let (version, rest) = take(0x02, content)?;
    let (field, rest) = take(0x30, rest)?;
    let (coefficients, rest) = take(0x30, rest)?;
    let (generator, rest) = take(0x04, rest)?;
    let (order, rest) = take(0x02, rest)?;
    let cofactor = if rest.is_empty() { &[1] } else { tlv::only(0x02, rest)? };

    let (field_type, prime) = take(0x06, field)?;
    let (a, rest) = take(0x04, coefficients)?;
    // A seed may follow: it tells how the numbers were found, not what they are.
    let (b, _seed) = take(0x04, rest)?;
    let ordinary = matches!(version, [1..=3]) && field_type == id::PRIME_FIELD.as_bytes() && cofactor == [1];
    let prime = tlv::only(0x02, prime).filter(|_| ordinary)?;
    let known = CURVES.iter().find(|known| {
        known.prime == digits(prime) && known.a == digits(a) && known.b == digits(b) && known.order == digits(order)
    })?;
    known.is_generator(generator).then_some(known.curve)
}

fn take(tag: u16, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (object, rest) = tlv::first(bytes)?;
    (object.tag == tag).then_some((object.content, rest))
}

/// A number in hexadecimal without leading zeros.
fn digits(number: &[u8]) -> String {
    hex::encode(number).trim_start_matches('0').to_owned()
}

/// The numbers of a curve in hexadecimal.
struct Numbers {
    curve: Curve,
    prime: &'static str,
    a: &'static str,
    b: &'static str,
    x: &'static str,
    y: &'static str,
    order: &'static str,
}

impl Numbers {
    /// Whether a point, compressed or not (SEC 1 section 2.3.3), is the generator.
    fn is_generator(&self, point: &[u8]) -> bool {
        match point {
            [4, coordinates @ ..] => {
                let (x, y) = coordinates.split_at(coordinates.len() / 2);
                x.len() == y.len() && digits(x) == self.x && digits(y) == self.y
            }
            [2, x @ ..] => digits(x) == self.x && !self.has_odd_y(),
            [3, x @ ..] => digits(x) == self.x && self.has_odd_y(),
            _ => false,
        }
    }

    fn has_odd_y(&self) -> bool {
        self.y.ends_with(['1', '3', '5', '7', '9', 'b', 'd', 'f'])
    }
}

/// FIPS 186-4 appendix D.1.2 and RFC 5639 section 3.
const CURVES: [Numbers; 5] = [
    Numbers {
        curve: Curve::P256,
        prime: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        a: "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
        b: "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
        x: "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        y: "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
        order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    },
    Numbers {
        curve: Curve::P384,
        prime: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        a: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffc",
        b: "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
        x: "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
        y: "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
        order: "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    },
    Numbers {
        curve: Curve::P521,
        prime: concat!(
            "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "fffffffffffffffffffffffffffffffffff",
        ),
        a: concat!(
            "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "ffffffffffffffffffffffffffffffffffc",
        ),
        b: concat!(
            "51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf",
            "073573df883d2c34f1ef451fd46b503f00",
        ),
        x: concat!(
            "c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8",
            "de3348b3c1856a429bf97e7e31c2e5bd66",
        ),
        y: concat!(
            "11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0",
            "761353c7086a272c24088be94769fd16650",
        ),
        order: concat!(
            "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a",
            "5d03bb5c9b8899c47aebb6fb71e91386409",
        ),
    },
    Numbers {
        curve: Curve::Brainpool256,
        prime: "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
        a: "7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
        b: "26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
        x: "8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
        y: "547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
        order: "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
    },
    Numbers {
        curve: Curve::Brainpool384,
        prime: "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
        a: "7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826",
        b: "4a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11",
        x: "1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e",
        y: "8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315",
        order: "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565",
    },
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `ECParameters` of each curve as OpenSSL writes them.
    const VECTORS: &str = include_str!("../../tests/chip/curves.txt");

    fn vectors() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
        let bytes = |hex: &str| {
            let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
            pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
        };
        let lines = VECTORS.lines().filter(|line| !line.starts_with('#'));
        lines.map(move |line| {
            let (name, hex) = line.split_once(' ').unwrap();
            (name, bytes(hex))
        })
    }

    fn content(parameters: &[u8]) -> &[u8] {
        tlv::only(0x30, parameters).unwrap()
    }

    #[test]
    fn a_curve_that_is_written_out_is_recognised() {
        for (name, parameters) in vectors() {
            let found = explicit(content(&parameters)).map(|curve| format!("{curve:?}"));

            assert_eq!(found.as_deref(), Some(name));
        }
    }

    #[test]
    fn a_changed_number_makes_another_curve() {
        for (_, parameters) in vectors() {
            let changed = |at: usize| {
                let mut changed = content(&parameters).to_vec();
                changed[at] ^= 4;
                changed
            };
            let accepted = (0..content(&parameters).len()).filter(|at| explicit(&changed(*at)).is_some());

            assert!(
                accepted.count() <= 23,
                "the bit string of the seed is all that may change"
            );
        }
    }

    #[test]
    fn another_generator_is_refused() {
        let [p256, ..] = &CURVES;
        let swapped = |first: u8| [&[first], &bytes(p256.y)[..], &bytes(p256.x)].concat();
        let compressed = |first: u8| [&[first], &bytes(p256.x)[..]].concat();

        assert!(!p256.is_generator(&swapped(4)));
        assert!(p256.is_generator(&compressed(3)));
        assert!(!p256.is_generator(&compressed(2)));
        assert!(!p256.is_generator(&[]));
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    proptest! {
        #[test]
        fn any_bytes_are_no_curve(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(explicit(&bytes), None);
        }
    }
}
