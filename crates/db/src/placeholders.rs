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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::named;

    proptest! {
        #[test]
        fn the_engine_finds_the_same_placeholders(pieces in prop::collection::vec(piece(), 1..12)) {
            let sql = format!("SELECT {}", pieces.join(", "));
            let connection = rusqlite::Connection::open_in_memory().unwrap();
            let statement = connection.prepare(&sql).unwrap();

            let theirs = (1..=statement.parameter_count())
                .map(|index| statement.parameter_name(index).unwrap()[1..].parse().unwrap())
                .collect();

            prop_assert_eq!(named(&sql), theirs, "{}", sql);
        }

        #[test]
        fn any_text_can_be_searched(sql in ".*") {
            named(&sql);
        }
    }

    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            (1..30_u8).prop_map(|number| format!("${number}")),
            (1..30_u8).prop_map(|number| format!("1 AS \"${number}\"")),
            "[$0-9ư ]{0,6}".prop_map(|text| format!("'{text}''$7'")),
            (1..30_u8).prop_map(|number| format!("(${number}+$1)")),
        ]
    }
}
