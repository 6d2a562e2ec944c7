//! PDF papers: taken only where they do nothing when they are opened, as far as that can be seen.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use super::rules::Refused;

/// What does something, or hides something, as names in a PDF (ISO 32000-2).
const ACTIVE: [&[u8]; 12] = [
    b"/JavaScript",
    b"/JS",
    b"/Launch",
    b"/OpenAction",
    b"/AA",
    b"/EmbeddedFile",
    b"/EmbeddedFiles",
    b"/RichMedia",
    b"/XFA",
    b"/SubmitForm",
    b"/ImportData",
    b"/Encrypt",
];
/// What a packed part may unpack to, in bytes.
const MOST_UNPACKED: u64 = 8 * 1024 * 1024;

/// Refuses a paper that does something, or that cannot be looked into.
///
/// # Errors
/// [`Refused::Active`].
pub(super) fn must_be_still(paper: &[u8]) -> Result<(), Refused> {
    let (mut outside, mut rest) = (Vec::new(), paper);
    while let Some(at) = find(rest, b"stream") {
        let (before, after) = rest.split_at(at);
        outside.extend_from_slice(before);
        let content = after.get(6..).unwrap_or_default();
        let end = find(content, b"endstream").ok_or(Refused::Active)?;
        let (packed, next) = content.split_at(end);
        let dictionary = before.get(rfind(before, b"obj")..).unwrap_or(before);
        if holds(dictionary, b"/ObjStm") {
            outside.extend_from_slice(&unpacked(dictionary, packed)?);
        }
        outside.push(b' ');
        rest = next.get(9..).unwrap_or_default();
    }
    outside.extend_from_slice(rest);
    let plain = unescaped(&outside);
    if ACTIVE.iter().any(|name| holds(&plain, name)) {
        return Err(Refused::Active);
    }
    Ok(())
}

fn unpacked(dictionary: &[u8], packed: &[u8]) -> Result<Vec<u8>, Refused> {
    let other_ways = [&b"/LZWDecode"[..], b"/ASCIIHexDecode", b"/ASCII85Decode", b"/Crypt"];
    if other_ways.iter().any(|way| holds(dictionary, way)) {
        return Err(Refused::Active);
    }
    let begin = packed.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let packed = packed.get(begin..).unwrap_or_default();
    if !holds(dictionary, b"/FlateDecode") {
        return Ok(packed.to_vec());
    }
    let mut plain = Vec::new();
    let read = ZlibDecoder::new(packed).take(MOST_UNPACKED).read_to_end(&mut plain);
    match read {
        Ok(length) if u64::try_from(length).is_ok_and(|length| length < MOST_UNPACKED) => Ok(plain),
        _ => Err(Refused::Active),
    }
}

/// Names may be written with `#` and two digits for any letter.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let (mut plain, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let letter = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (*first, letter) {
            (b'#', Some(letter)) => {
                plain.push(letter);
                rest = after.get(2..).unwrap_or_default();
            }
            (byte, _) => {
                plain.push(byte);
                rest = after;
            }
        }
    }
    plain
}

/// Whether a name stands in a text, whole.
fn holds(text: &[u8], name: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = find(rest, name) {
        let after = rest.get(at + name.len()..).unwrap_or_default();
        if after.first().is_none_or(|next| !next.is_ascii_alphanumeric()) {
            return true;
        }
        rest = after;
    }
    false
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn rfind(text: &[u8], wanted: &[u8]) -> usize {
    text.windows(wanted.len())
        .rposition(|window| window == wanted)
        .unwrap_or(0)
}
