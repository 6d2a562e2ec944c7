//! The placeholders of a statement, found in its text.

use std::collections::BTreeSet;

use crate::Error;

/// Refuses a statement whose placeholders are not exactly `$1` to `$given`.
pub(crate) fn check(sql: &str, given: usize) -> Result<(), Error> {
    let named = named(sql);
    if let Some(missing) = named.iter().find(|number| !(1..=given).contains(*number)) {
        return Err(Error::Parameters(format!(
            "${missing} is named, but {given} values are given"
        )));
    }
    if named.len() < given {
        return Err(Error::Parameters(format!(
            "{given} values are given, but {} are named",
            named.len()
        )));
    }
    Ok(())
}

/// The numbers of the placeholders outside of quotes.
fn named(sql: &str) -> BTreeSet<usize> {
    let mut numbers = BTreeSet::new();
    let mut quote = None;
    // A doubled quote inside quotes closes and opens again at once.
    for (at, each) in sql.char_indices() {
        match (quote, each) {
            (Some(open), _) if open == each => quote = None,
            (None, '\'' | '"') => quote = Some(each),
            (None, '$') => {
                let digits = sql.get(at + 1..).unwrap_or_default();
                let end = digits
                    .find(|digit: char| !digit.is_ascii_digit())
                    .unwrap_or(digits.len());
                numbers.extend(digits.get(..end).and_then(|number| number.parse::<usize>().ok()));
            }
            _ => {}
        }
    }
    numbers
}
