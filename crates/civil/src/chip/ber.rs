//! BER made DER, within limits (ITU-T X.690 sections 8 and 10).
//!
//! Some cards carry an EF.SOD as their signing software streamed it: lengths that are indefinite or longer than needed,
//! octet strings in pieces. What is signed in it is DER by its own standards, so writing the frame anew changes no
//! signature. Sets are not sorted here: whoever decodes them does.

use super::tlv;

/// Structures deeper than this are refused.
const LEVELS: u8 = 24;

/// Structures of more objects than this are refused.
const OBJECTS: u16 = 8_192;

const OCTET_STRING: u16 = 0x04;
const OCTET_STRING_IN_PIECES: u16 = 0x24;

/// The one object that the bytes are, in DER; `None` when they are not one whole object, or too deep or too many.
pub(super) fn to_der(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut writer = Writer { objects: OBJECTS };
    let mut der = Vec::with_capacity(bytes.len());
    let rest = writer.object(bytes, LEVELS, &mut der)?;
    rest.is_empty().then_some(der)
}

struct Writer {
    objects: u16,
}

impl Writer {
    /// Writes the first object and answers what follows it.
    fn object<'a>(&mut self, bytes: &'a [u8], levels: u8, der: &mut Vec<u8>) -> Option<&'a [u8]> {
        self.objects = self.objects.checked_sub(1)?;
        let (tag, rest) = tlv::tag(bytes).filter(|(tag, _)| *tag != 0)?;
        let (length, rest) = length(rest)?;
        let constructed = tlv::is_constructed(tag);
        let mut content = Vec::new();
        let rest = match length {
            Some(length) => {
                let (inside, rest) = rest.split_at_checked(length)?;
                if constructed {
                    self.all(inside, levels.checked_sub(1)?, &mut content)?;
                } else {
                    content.extend_from_slice(inside);
                }
                rest
            }
            None if constructed => self.until_end(rest, levels.checked_sub(1)?, &mut content)?,
            None => return None,
        };
        if tag == OCTET_STRING_IN_PIECES {
            der.extend(tlv::write(OCTET_STRING, &joined(&content)?));
        } else {
            der.extend(tlv::write(tag, &content));
        }
        Some(rest)
    }

    fn all(&mut self, mut bytes: &[u8], levels: u8, der: &mut Vec<u8>) -> Option<()> {
        while !bytes.is_empty() {
            bytes = self.object(bytes, levels, der)?;
        }
        Some(())
    }

    /// Objects up to the end-of-contents octets.
    fn until_end<'a>(&mut self, mut bytes: &'a [u8], levels: u8, der: &mut Vec<u8>) -> Option<&'a [u8]> {
        loop {
            if let Some(rest) = bytes.strip_prefix(&[0, 0]) {
                return Some(rest);
            }
            bytes = self.object(bytes, levels, der)?;
        }
    }
}

/// The content of octet strings one after the other.
fn joined(pieces: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::with_capacity(pieces.len());
    for piece in tlv::all(pieces) {
        let piece = piece.filter(|piece| piece.tag == OCTET_STRING)?;
        whole.extend_from_slice(piece.content);
    }
    Some(whole)
}

/// A length, which may be written in more bytes than needed; `None` inside for the indefinite form.
fn length(bytes: &[u8]) -> Option<(Option<usize>, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    match (*first, rest) {
        (short @ 0..=0x7f, rest) => Some((Some(short.into()), rest)),
        (0x80, rest) => Some((None, rest)),
        (long @ 0x81..=0x84, rest) => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            let length = digits
                .iter()
                .fold(0_u32, |length, digit| length << 8 | u32::from(*digit));
            Some((Some(usize::try_from(length).ok()?), rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn streamed_objects_are_written_with_their_lengths() {
        let pieces = [0x24, 0x80, 4, 2, 1, 2, 0x24, 3, 4, 1, 3, 4, 0x81, 1, 4, 0, 0];
        let streamed = [&[0x30, 0x80, 2, 0x82, 0, 1, 5], &pieces[..], &[0, 0]].concat();

        assert_eq!(to_der(&streamed).unwrap(), [0x30, 9, 2, 1, 5, 4, 4, 1, 2, 3, 4]);
    }

    #[test]
    fn what_is_not_one_whole_object_is_refused() {
        let refused: [&[u8]; 9] = [
            &[],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x80, 0],
            &[0x04, 0x80, 0, 0],
            &[0x30, 0, 0],
            &[0, 0],
            &[0x24, 3, 2, 1, 0],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
        ];

        for bytes in refused {
            assert_eq!(to_der(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn depth_and_number_are_limited() {
        let deep = |levels: usize| [[0x30, 0x80].repeat(levels), [0, 0].repeat(levels)].concat();
        let many = |count: usize| tlv::write(0x30, &[5, 0].repeat(count));

        assert!(to_der(&deep(24)).is_some());
        assert_eq!(to_der(&deep(25)), None);
        assert_eq!(to_der(&deep(16_000)), None);
        assert!(to_der(&many(8_191)).is_some());
        assert_eq!(to_der(&many(8_192)), None);
    }

    /// An object in BER, with its DER.
    fn object() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
        let leaf = proptest::collection::vec(any::<u8>(), 0..20).prop_map(|content| {
            let der = tlv::write(0x04, &content);
            (der.clone(), der)
        });
        leaf.prop_recursive(4, 40, 5, |inner| {
            (proptest::collection::vec(inner, 0..5), 0..3_u8).prop_map(|(parts, form)| {
                let ber: Vec<u8> = parts.iter().flat_map(|(ber, _)| ber.clone()).collect();
                let der: Vec<u8> = parts.into_iter().flat_map(|(_, der)| der).collect();
                let length = u32::try_from(ber.len()).unwrap().to_be_bytes();
                let ber = match form {
                    0 => [&[0x30, 0x80], &ber[..], &[0, 0]].concat(),
                    1 => [&[0x30, 0x84], &length[..], &ber].concat(),
                    _ => tlv::write(0x30, &ber),
                };
                (ber, tlv::write(0x30, &der))
            })
        })
    }

    proptest! {
        #[test]
        fn any_form_of_an_object_becomes_its_der((ber, der) in object()) {
            prop_assert_eq!(to_der(&ber), Some(der.clone()));
            prop_assert_eq!(to_der(&der), Some(der));
        }

        #[test]
        fn any_bytes_are_converted_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Some(der) = to_der(&bytes) {
                prop_assert_eq!(to_der(&der), Some(der));
            }
        }
    }
}
