//! The file of a paper: where a signature is appended, and where it is found again.
//!
//! What is signed is written by our own writer of PDF, which has a classic table of cross-references, so a small part of the format is enough. What
//! strangers bring is looked at for one thing alone: the place of the last signature, and whether all else is covered by it.

use std::fmt::Write as _;
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::{Draft, PaperRefusal};

/// How many digits each number of a byte range has.
const DIGITS: usize = 10;
/// The start of a byte range, as it is written here.
const RANGE: &str = "/ByteRange[";
/// How far before its byte range the time of a signature stands at most.
const BEFORE: usize = 4096;
/// What stands at the time of a signature.
const TIME: &str = "/M(D:";

/// What has to be known of a file to append to it.
pub(super) struct Skeleton<'a> {
    pdf: &'a [u8],
    size: usize,
    root: (usize, &'a str),
    page: (usize, &'a str),
    table: usize,
    id: &'a str,
    /// The number of the dictionary with title and author, where there is one.
    info: Option<usize>,
}

impl<'a> Skeleton<'a> {
    /// `None` for a file that our writer does not make, and for one that has a form or notes already.
    pub(super) fn read(pdf: &'a [u8]) -> Option<Self> {
        let last = text(pdf, rfind(pdf, b"startxref")?..pdf.len())?;
        let table = number_after(last, "startxref")?;
        let trailer = text(pdf, table..pdf.len())?;
        let (entries, trailer) = trailer.split_once("trailer")?;
        let (size, root) = (number_after(trailer, "/Size")?, number_after(trailer, "/Root")?);
        let id = trailer.split_once("/ID")?.1;
        let id = id.get(..=id.find(']')?)?;
        let object = |number: usize| {
            // `xref`, a line with the numbers, then entries of 20 bytes.
            let first = entries.match_indices('\n').nth(1)?.0 + 1;
            let entry = entries.get(first + 20 * number..)?.get(..DIGITS)?;
            let start: usize = entry.parse().ok()?;
            let end = start + find(pdf.get(start..)?, b"endobj")?;
            let whole = text(pdf, start..end)?;
            whole.split_once("obj").map(|(_, body)| body.trim())
        };
        let catalogue = object(root)?;
        let pages = object(number_after(catalogue, "/Pages")?)?;
        let page = number_after(pages.split_once("/Kids")?.1.split_once('[')?.1, "")?;
        let shown = object(page)?;
        let free = !catalogue.contains("/AcroForm") && !shown.contains("/Annots");
        free.then_some(Self {
            pdf,
            size,
            root: (root, catalogue),
            page: (page, shown),
            table,
            id,
            info: number_after(trailer, "/Info"),
        })
    }

    /// The file with the field of a signature, whose place of so many bytes is empty (ISO 32000-1 clauses 7.5.6 and 12.8).
    pub(super) fn append(&self, draft: &Draft<'_>, room: usize) -> (Vec<u8>, Gap) {
        let (signature, field) = (self.size, self.size + 1);
        let mut file = self.pdf.to_vec();
        if !file.ends_with(b"\n") {
            file.push(b'\n');
        }
        let mut places = Vec::new();
        let (catalogue, page) = (self.root.0, self.page.0);
        let form = format!("<</AcroForm<</Fields[{field} 0 R]/SigFlags 3>>");
        object(&mut file, &mut places, catalogue, &self.root.1.replacen("<<", &form, 1));
        let notes = format!("<</Annots[{field} 0 R]");
        object(&mut file, &mut places, page, &self.page.1.replacen("<<", &notes, 1));
        let shown = format!(
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature)/F 132/Rect[0 0 0 0]/P {page} 0 R/V {signature} 0 R>>"
        );
        object(&mut file, &mut places, field, &shown);
        let (head, range) = dictionary(draft);
        let start = file.len() + format!("{signature} 0 obj\n").len() + head.len();
        let range_at = start - range;
        let body = format!("{head}<{}>>>", "0".repeat(2 * room));
        object(&mut file, &mut places, signature, &body);
        let gap = Gap {
            inner: start + 1..start + 1 + 2 * room,
        };
        self.close(&mut file, places);
        gap.write(&mut file, range_at);
        (file, gap)
    }

    /// The table of what was appended.
    fn close(&self, file: &mut Vec<u8>, mut places: Vec<(usize, usize)>) {
        let table = file.len();
        places.sort_unstable();
        let mut end = "xref\n".to_owned();
        for (number, at) in &places {
            // Writing to a string does not fail.
            let _ = write!(end, "{number} 1\n{at:010} 00000 n \n");
        }
        let (size, root, before, id) = (self.size + 2, self.root.0, self.table, self.id);
        let info = self.info.map(|info| format!("/Info {info} 0 R")).unwrap_or_default();
        let _ = write!(
            end,
            "trailer\n<</Size {size}/Root {root} 0 R{info}/Prev {before}/ID{id}>>\nstartxref\n{table}\n%%EOF\n"
        );
        file.extend_from_slice(end.as_bytes());
    }
}

fn object(file: &mut Vec<u8>, places: &mut Vec<(usize, usize)>, number: usize, body: &str) {
    places.push((number, file.len()));
    file.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
}

/// The dictionary of a signature up to its contents, and how far before its end the numbers of the byte range begin.
fn dictionary(draft: &Draft<'_>) -> (String, usize) {
    let at = Offset::constant(7).to_datetime(draft.signed_at);
    let head = format!(
        "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached{TIME}{}+07'00')/Name{}/Reason{}{RANGE}",
        at.strftime("%Y%m%d%H%M%S"),
        written(draft.name),
        written(draft.reason),
    );
    let numbers = " ".repeat(4 * (DIGITS + 1));
    let tail = "]/Contents";
    (format!("{head}{numbers}{tail}"), numbers.len() + tail.len())
}

/// A text as PDF has it: UTF-16, in hexadecimal.
fn written(text: &str) -> String {
    let mut hex = String::from("<FEFF");
    for unit in text.encode_utf16() {
        let _ = write!(hex, "{unit:04X}");
    }
    hex + ">"
}

/// The place of a signature: the hexadecimal digits between `<` and `>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    inner: Range<usize>,
}

impl Gap {
    /// The place of the last signature.
    ///
    /// # Errors
    /// [`PaperRefusal::NotSigned`], [`PaperRefusal::NotWhole`], [`PaperRefusal::Unreadable`].
    pub(super) fn find(pdf: &[u8]) -> Result<Self, PaperRefusal> {
        let start = rfind(pdf, RANGE.as_bytes()).ok_or(PaperRefusal::NotSigned)? + RANGE.len();
        let window = pdf.get(start..).unwrap_or_default();
        let window = window.get(..4 * (DIGITS + 1)).ok_or(PaperRefusal::Unreadable)?;
        let numbers = std::str::from_utf8(window).ok().ok_or(PaperRefusal::Unreadable)?;
        let numbers: Option<Vec<usize>> = numbers.split_ascii_whitespace().map(|word| word.parse().ok()).collect();
        let Some([0, open, close, rest]) = numbers.as_deref() else {
            return Err(PaperRefusal::Unreadable);
        };
        let whole = close.checked_add(*rest) == Some(pdf.len());
        let inside = open.checked_add(2).is_some_and(|least| least <= *close) && *close <= pdf.len();
        if !whole || !inside || start > *open {
            return Err(PaperRefusal::NotWhole);
        }
        let bounds = (pdf.get(*open), pdf.get(close - 1));
        if bounds != (Some(&b'<'), Some(&b'>')) {
            return Err(PaperRefusal::Unreadable);
        }
        Ok(Self {
            inner: open + 1..close - 1,
        })
    }

    /// Writes the byte range: all but the digits and their brackets.
    fn write(&self, file: &mut [u8], at: usize) {
        let (open, close) = (self.inner.start - 1, self.inner.end + 1);
        let numbers = format!("0 {open} {close} {}", file.len() - close);
        if let Some(place) = file.get_mut(at..at + numbers.len()) {
            place.copy_from_slice(numbers.as_bytes());
        }
    }

    /// All of the file but the digits and their brackets.
    pub(super) fn around(&self, file: &[u8]) -> Option<Vec<u8>> {
        let before = file.get(..self.inner.start.checked_sub(1)?)?;
        Some([before, file.get(self.inner.end + 1..)?].concat())
    }

    /// Puts a signature into its place; `None` if it does not fit.
    pub(super) fn fill(&self, file: &mut [u8], signature: &[u8]) -> Option<()> {
        let place = file.get_mut(self.inner.clone())?.get_mut(..2 * signature.len())?;
        hex::encode_to_slice(signature, place).ok()
    }

    /// What lies in its place; digits must be written as they are written here, so that there is one way alone.
    pub(super) fn read(&self, file: &[u8]) -> Option<Vec<u8>> {
        let (pairs, []) = file.get(self.inner.clone())?.as_chunks::<2>() else {
            return None;
        };
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
        pairs.iter().map(byte).collect()
    }

    /// When the signer says that it signed.
    pub(super) fn signed_at(&self, file: &[u8]) -> Option<Timestamp> {
        let head = file.get(self.inner.start.saturating_sub(BEFORE)..self.inner.start)?;
        let start = rfind(head, TIME.as_bytes())? + TIME.len();
        let written = std::str::from_utf8(head.get(start..)?.get(..21)?).ok()?;
        let (local, offset) = written.split_at_checked(14)?;
        if offset != "+07'00'" {
            return None;
        }
        let local = DateTime::strptime("%Y%m%d%H%M%S", local).ok()?;
        Offset::constant(7).to_timestamp(local).ok()
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn rfind(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|window| window == wanted)
}

fn text(bytes: &[u8], range: Range<usize>) -> Option<&str> {
    std::str::from_utf8(bytes.get(range)?).ok()
}

/// The number that follows a word.
fn number_after(text: &str, word: &str) -> Option<usize> {
    let (_, rest) = text.split_once(word)?;
    let rest = rest.trim_start();
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}
