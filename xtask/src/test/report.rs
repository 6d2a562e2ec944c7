//! The summary at the end of a run.

use std::fmt;
use std::time::Duration;

/// Tests counted from what the test harness prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
}

/// What became of one step.
pub struct Stage {
    pub name: &'static str,
    pub command: String,
    pub passed: bool,
    pub count: Count,
    pub took: Duration,
}

/// The whole run. It prints as a table whose last line is `N passed, N failed`.
#[derive(Default)]
pub struct Report {
    stages: Vec<Stage>,
}

impl Count {
    /// Adds a line like `test result: ok. 12 passed; 0 failed; 0 ignored; …`; other lines change nothing.
    pub fn read(&mut self, line: &str) {
        let Some((_, figures)) = line.split_once("test result: ") else {
            return;
        };
        let figure = |word: &str| {
            let mut words = figures.split([' ', ';', '.']).filter(|part| !part.is_empty());
            let mut last = 0;
            words.by_ref().find_map(|part| {
                let found = (part == word).then_some(last);
                last = part.parse().unwrap_or(0);
                found
            })
        };
        self.passed += figure("passed").unwrap_or(0);
        self.failed += figure("failed").unwrap_or(0);
    }
}

impl Report {
    pub fn add(&mut self, stage: Stage) {
        self.stages.push(stage);
    }

    /// Whether every step passed.
    pub fn passed(&self) -> bool {
        self.stages.iter().all(|stage| stage.passed)
    }

    /// The tests of all steps; a step that failed without a failed test counts as one.
    fn total(&self) -> Count {
        self.stages.iter().fold(Count::default(), |total, stage| {
            let broken = u64::from(!stage.passed && stage.count.failed == 0);
            Count {
                passed: total.passed + stage.count.passed,
                failed: total.failed + stage.count.failed + broken,
            }
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{:<8}  {:<6}  {:>8}  {:>7}  {:>7}",
            "step", "result", "seconds", "passed", "failed"
        )?;
        for stage in &self.stages {
            let result = if stage.passed { "ok" } else { "FAILED" };
            let Stage { name, took, count, .. } = stage;
            let seconds = took.as_secs_f64();
            writeln!(
                f,
                "{name:<8}  {result:<6}  {seconds:>8.1}  {:>7}  {:>7}",
                count.passed, count.failed
            )?;
        }
        for stage in self.stages.iter().filter(|stage| !stage.passed) {
            writeln!(f, "FAILED: {}, run again with `{}`", stage.name, stage.command)?;
        }
        let total = self.total();
        write!(f, "{} passed, {} failed", total.passed, total.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(passed: bool, count: Count) -> Stage {
        Stage {
            name: "tests",
            command: "cargo test".to_owned(),
            passed,
            count,
            took: Duration::from_millis(1500),
        }
    }

    #[test]
    fn results_of_several_test_programs_are_added_up() {
        let mut count = Count::default();

        count.read("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.1s");
        count.read("test a_result_is_read ... ok");
        count.read("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");

        assert_eq!(count, Count { passed: 13, failed: 2 });
    }

    #[test]
    fn a_step_that_fails_without_a_failed_test_counts_as_one() {
        let mut report = Report::default();
        report.add(stage(true, Count { passed: 3, failed: 0 }));
        report.add(stage(false, Count::default()));

        let shown = report.to_string();

        assert!(shown.ends_with("\n3 passed, 1 failed"), "{shown}");
        assert!(shown.contains("FAILED: tests, run again with `cargo test`"), "{shown}");
    }

    #[test]
    fn a_failed_test_is_not_counted_twice() {
        let mut report = Report::default();
        report.add(stage(false, Count { passed: 3, failed: 2 }));

        assert!(report.to_string().ends_with("\n3 passed, 2 failed"));
        assert!(!report.passed());
    }
}
