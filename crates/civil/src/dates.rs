//! Dates as Vietnamese papers write them.

use jiff::civil::Date;

/// Reads `ddMMyyyy`: exactly eight ASCII digits that are a day of the calendar, from 1900 on.
pub(crate) fn from_ddmmyyyy(text: &str) -> Option<Date> {
    let bytes: &[u8; 8] = text.as_bytes().try_into().ok()?;
    let [d1, d2, m1, m2, y1, y2, y3, y4] = digits(bytes)?;
    let year = y1 * 1000 + y2 * 100 + y3 * 10 + y4;
    day(year, m1 * 10 + m2, d1 * 10 + d2)
}

/// Writes `ddMMyyyy`.
pub(crate) fn to_ddmmyyyy(date: Date) -> String {
    format!("{:02}{:02}{:04}", date.day(), date.month(), date.year())
}

/// Reads `yyMMdd` in the century that begins with `century` (1900, 2000 …).
pub(crate) fn from_yymmdd(text: &str, century: i16) -> Option<Date> {
    let bytes: &[u8; 6] = text.as_bytes().try_into().ok()?;
    let [y1, y2, m1, m2, d1, d2] = digits(bytes)?;
    day(century + y1 * 10 + y2, m1 * 10 + m2, d1 * 10 + d2)
}

/// Writes `yyMMdd`.
pub(crate) fn to_yymmdd(date: Date) -> String {
    format!("{:02}{:02}{:02}", date.year().rem_euclid(100), date.month(), date.day())
}

fn digits<const N: usize>(bytes: &[u8; N]) -> Option<[i16; N]> {
    bytes
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| bytes.map(|byte| i16::from(byte - b'0')))
}

fn day(year: i16, month: i16, day: i16) -> Option<Date> {
    if year < 1900 {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
