//! The tag-length-value objects that the files of a chip are made of (ISO/IEC 7816-4 section 6.3).
//!
//! Tags of one or two bytes, definite lengths of up to three bytes. Nothing is copied and nothing recurses on reading.

/// One object: its tag, and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object<'a> {
    /// One byte, or two as big-endian number (`5F1F`).
    pub tag: u16,
    /// The bytes inside.
    pub content: &'a [u8],
}

/// Takes the first object off; `None` when the bytes do not begin with one that is whole.
pub fn first(bytes: &[u8]) -> Option<(Object<'_>, &[u8])> {
    let (tag, rest) = tag(bytes)?;
    let (length, rest) = length(rest)?;
    let (content, rest) = rest.split_at_checked(length)?;
    Some((Object { tag, content }, rest))
}

/// The content of the one object that the bytes are; `None` for another tag, or when anything follows.
pub fn only(expected: u16, bytes: &[u8]) -> Option<&[u8]> {
    match first(bytes)? {
        (Object { tag, content }, []) if tag == expected => Some(content),
        _ => None,
    }
}

/// All objects of a content one after the other; `None` as soon as one is not whole.
pub fn all(mut bytes: &[u8]) -> impl Iterator<Item = Option<Object<'_>>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let taken = first(bytes);
        bytes = taken.map_or(&[][..], |(_, rest)| rest);
        Some(taken.map(|(object, _)| object))
    })
}

/// The first object of a tag in a content.
pub fn find(wanted: u16, content: &[u8]) -> Option<&[u8]> {
    all(content)
        .map_while(|object| object)
        .find(|object| object.tag == wanted)
        .map(|object| object.content)
}

/// Writes an object with the shortest length there is.
pub fn write(tag: u16, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    match tag.to_be_bytes() {
        [0, tag] => out.push(tag),
        tag => out.extend(tag),
    }
    let length = content.len().to_be_bytes();
    let digits = length
        .iter()
        .position(|byte| *byte != 0)
        .and_then(|at| length.get(at..))
        .unwrap_or(&[0]);
    if content.len() >= 0x80 {
        out.push(0x80 | u8::try_from(digits.len()).unwrap_or(0x7f));
    }
    out.extend(digits);
    out.extend(content);
    out
}

/// Whether a structure is small enough to be handed to a decoder whose work grows with the square of what a set holds:
/// at most 64 objects in one, 16 levels, 2,048 objects in all.
pub(crate) fn is_modest(bytes: &[u8]) -> bool {
    let mut budget = 2_048_u16;
    walk(bytes, 16, &mut budget)
}

fn walk(content: &[u8], levels: u8, budget: &mut u16) -> bool {
    for (before, object) in all(content).enumerate() {
        let (Some(object), Some(rest)) = (object, budget.checked_sub(1)) else {
            return false;
        };
        *budget = rest;
        let sound = !is_constructed(object.tag) || (levels > 0 && walk(object.content, levels - 1, budget));
        if before >= 64 || !sound {
            return false;
        }
    }
    true
}

/// Whether an object of this tag holds objects.
pub(super) fn is_constructed(tag: u16) -> bool {
    let first = if tag > 0xff { tag >> 8 } else { tag };
    first & 0x20 != 0
}

/// Takes a tag off.
pub(super) fn tag(bytes: &[u8]) -> Option<(u16, &[u8])> {
    match bytes {
        [high, low, rest @ ..] if high & 0x1f == 0x1f => {
            (low & 0x80 == 0).then(|| (u16::from_be_bytes([*high, *low]), rest))
        }
        [tag, rest @ ..] if tag & 0x1f != 0x1f => Some((u16::from(*tag), rest)),
        _ => None,
    }
}

/// Takes a length off.
pub(super) fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match *bytes {
        [short @ 0..=0x7f, ref rest @ ..] => Some((usize::from(short), rest)),
        [0x81, a, ref rest @ ..] => Some((usize::from(a), rest)),
        [0x82, a, b, ref rest @ ..] => Some((usize::from(u16::from_be_bytes([a, b])), rest)),
        [0x83, a, b, c, ref rest @ ..] => usize::try_from(u32::from_be_bytes([0, a, b, c]))
            .ok()
            .map(|length| (length, rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_structure_that_would_cost_too_much_is_not_modest() {
        let wide = write(0x31, &write(0x05, &[]).repeat(65));
        let deep = (0..17).fold(Vec::new(), |inner, _| write(0x30, &inner));
        let many = write(0x30, &write(0x30, &write(0x30, &[5, 0].repeat(60)).repeat(60)));

        assert!(!is_modest(&wide));
        assert!(!is_modest(&deep));
        assert!(!is_modest(&many));
        assert!(is_modest(&write(0x31, &write(0x05, &[]).repeat(64))));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(tag in prop_oneof![Just(0x61_u16), Just(0x5f1f), Just(0x04)], length in 0_usize..70_000) {
            let content = vec![7; length];

            let bytes = write(tag, &content);

            prop_assert_eq!(only(tag, &bytes), Some(&content[..]));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = (first(&bytes), all(&bytes).count(), is_modest(&bytes));
        }
    }
}
