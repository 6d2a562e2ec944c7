//! DG14: what the chip can do against copies (ICAO 9303-11 section 9.2).
//!
//! `6E { SET OF SecurityInfo { OID protocol, required, optional } }`.

use der::Decode;
use der::asn1::ObjectIdentifier as Oid;
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::curves::Curve;
use super::{ChipFileError, SchemeRefusal, identifiers as id, tlv};

const FILE: u16 = 0x6e;
const SET: u16 = 0x31;
const SEQUENCE: u16 = 0x30;
const INTEGER: u16 = 0x02;
const IDENTIFIER: u16 = 0x06;
const BIT_STRING: u16 = 0x03;

/// One security info: its protocol, and the object that the protocol requires.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct SecurityInfo<'a> {
    pub(super) protocol: Oid,
    pub(super) required: tlv::Object<'a>,
    pub(super) optional: Option<tlv::Object<'a>>,
}

/// All security infos of DG14.
///
/// # Errors
/// [`ChipFileError::Structure`] for anything that is not DG14.
pub(super) fn infos_of(file: &[u8]) -> Result<Vec<SecurityInfo<'_>>, ChipFileError> {
    infos(file)?.collect::<Option<_>>().ok_or(ChipFileError::Structure)
}

/// All security infos of EF.CardAccess: the same set without the tag of a data group (ICAO 9303-10 section 3.11.3).
///
/// # Errors
/// [`ChipFileError::Structure`] for anything else.
pub(super) fn of_card_access(file: &[u8]) -> Result<Vec<SecurityInfo<'_>>, ChipFileError> {
    let set = tlv::only(SET, file).filter(|set| tlv::is_modest(set));
    let infos = set.and_then(|set| in_set(set).collect::<Option<_>>());
    infos.ok_or(ChipFileError::Structure)
}

/// The curve and the point of a public key in a security info.
pub(super) fn point<'a>(key: &tlv::Object<'a>) -> Result<(Curve, &'a [u8]), SchemeRefusal> {
    let unknown = SchemeRefusal::Unknown;
    let (algorithm, rest) = tlv::first(key.content).ok_or(unknown)?;
    let point = tlv::only(BIT_STRING, rest).and_then(|bits| bits.strip_prefix(&[0]));
    let algorithm = tlv::write(algorithm.tag, algorithm.content);
    let algorithm = AlgorithmIdentifierOwned::from_der(&algorithm).map_err(|_error| unknown)?;
    if algorithm.oid != id::EC_PUBLIC_KEY {
        return Err(unknown);
    }
    Ok((Curve::of(algorithm.parameters.as_ref())?, point.ok_or(unknown)?))
}

/// How active authentication signs when its key is on a curve: the algorithm of `ActiveAuthenticationInfo`; `None`
/// inside when DG14 does not say.
///
/// # Errors
/// [`ChipFileError::Structure`] for anything that is not DG14, [`ChipFileError::Duplicate`] when it says it twice.
pub(super) fn active_authentication(file: &[u8]) -> Result<Option<Oid>, ChipFileError> {
    let mut algorithm = None;
    for info in infos(file)? {
        let info = info.ok_or(ChipFileError::Structure)?;
        if info.protocol != id::ACTIVE_AUTHENTICATION {
            continue;
        }
        let version = info.required;
        let named = info
            .optional
            .filter(|object| object.tag == IDENTIFIER && version.tag == INTEGER && version.content == [1])
            .ok_or(ChipFileError::Structure)?;
        if algorithm.is_some() {
            return Err(ChipFileError::Duplicate);
        }
        algorithm = Some(identifier(named.content).ok_or(ChipFileError::Structure)?);
    }
    Ok(algorithm)
}

fn infos(file: &[u8]) -> Result<impl Iterator<Item = Option<SecurityInfo<'_>>>, ChipFileError> {
    let set = tlv::only(FILE, file).and_then(|content| tlv::only(SET, content));
    let set = set.filter(|set| tlv::is_modest(set)).ok_or(ChipFileError::Structure)?;
    Ok(in_set(set))
}

fn in_set(set: &[u8]) -> impl Iterator<Item = Option<SecurityInfo<'_>>> {
    tlv::all(set).map(|object| {
        let mut parts = tlv::all(object.filter(|object| object.tag == SEQUENCE)?.content);
        let protocol = parts.next()?.filter(|object| object.tag == IDENTIFIER)?;
        let required = parts.next()??;
        let optional = match parts.next() {
            None => None,
            Some(object) => Some(object?),
        };
        parts.next().is_none().then_some(SecurityInfo {
            protocol: identifier(protocol.content)?,
            required,
            optional,
        })
    })
}

fn identifier(content: &[u8]) -> Option<Oid> {
    Oid::from_der(&tlv::write(IDENTIFIER, content)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN_SHA_256: &str = "0.4.0.127.0.7.1.1.4.1.3";

    fn info(protocol: &str, rest: &[u8]) -> Vec<u8> {
        let protocol = Oid::new_unwrap(protocol);
        tlv::write(SEQUENCE, &[&tlv::write(IDENTIFIER, protocol.as_bytes()), rest].concat())
    }

    fn active(version: u8) -> Vec<u8> {
        let algorithm = tlv::write(IDENTIFIER, Oid::new_unwrap(PLAIN_SHA_256).as_bytes());
        info("2.23.136.1.1.5", &[&[2, 1, version], &algorithm[..]].concat())
    }

    fn file(infos: &[Vec<u8>]) -> Vec<u8> {
        tlv::write(FILE, &tlv::write(SET, &infos.concat()))
    }

    #[test]
    fn the_algorithm_is_found_among_other_infos() {
        let other = info("0.4.0.127.0.7.2.2.3.2.2", &[2, 1, 1]);

        let found = active_authentication(&file(&[other.clone(), active(1)]));

        assert_eq!(found, Ok(Some(Oid::new_unwrap(PLAIN_SHA_256))));
        assert_eq!(active_authentication(&file(&[other])), Ok(None));
    }

    #[test]
    fn what_is_no_security_info_is_refused() {
        let incomplete = info("2.23.136.1.1.5", &[2, 1, 1]);
        let structure = Err(ChipFileError::Structure);

        assert_eq!(active_authentication(&file(&[incomplete])), structure);
        assert_eq!(active_authentication(&file(&[active(2)])), structure);
        assert_eq!(active_authentication(&file(&[vec![0x30, 0]])), structure);
        assert_eq!(active_authentication(&file(&[vec![5, 0]])), structure);
        assert_eq!(active_authentication(&[]), structure);
        assert_eq!(
            active_authentication(&file(&[active(1), active(1)])),
            Err(ChipFileError::Duplicate)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = active_authentication(&bytes);
            let _ = active_authentication(&file(&[bytes]));
        }
    }
}
