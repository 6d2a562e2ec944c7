//! How long a source may be.

use super::{File, Finding};

const LINES: usize = 400;
const LINES_OF_TESTS: usize = 600;

/// Sources have at most 400 lines, tests at most 600.
pub fn files_are_small(files: &[File]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.is("rs"))
        .filter_map(|file| {
            let most = if file.is_test() { LINES_OF_TESTS } else { LINES };
            let lines = file.text.lines().count();
            (lines > most).then(|| {
                file.finding(
                    most + 1,
                    format!("{lines} lines, at most {most}: divide it by what its parts know"),
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_long_source_is_found_and_a_test_may_be_longer() {
        let text = "\n".repeat(401);
        let files = [
            file("crates/db/src/lib.rs", &text),
            file("crates/db/src/tests.rs", &text),
            file("crates/db/tests/a.rs", &text),
        ];

        let found = files_are_small(&files);

        assert_eq!(found.len(), 1);
        assert_eq!((found[0].path.as_str(), found[0].line), ("crates/db/src/lib.rs", 401));
    }
}
