//! Codes and what the holder sets.

use jiff::SignedDuration;
use serde::Deserialize;

use crate::accounts::Account;
use crate::shell::problem::Fault;
use crate::signin::{Answers, Passcode, Password, own_words};

/// How long a code is good for.
pub(super) const CODE_LASTS: SignedDuration = SignedDuration::from_mins(5);
/// How often a code may be tried.
pub(super) const MOST_TRIES: i64 = 5;
/// How many codes a number gets in [`CODES_IN`].
pub(super) const MOST_CODES: i64 = 5;
/// The time in which codes are counted.
pub(super) const CODES_IN: SignedDuration = SignedDuration::from_hours(24);
/// How long secrets may be set after the code was confirmed.
pub(super) const CONFIRMED_FOR: SignedDuration = SignedDuration::from_mins(30);

/// What the holder sets, or confirms.
#[derive(Deserialize)]
pub(super) struct SecretsForm {
    #[serde(default)]
    pub(super) password: String,
    #[serde(default)]
    pub(super) password_again: String,
    #[serde(default)]
    pub(super) passcode: String,
    #[serde(default)]
    pub(super) passcode_again: String,
    #[serde(default)]
    pub(super) question_1: String,
    #[serde(default)]
    pub(super) answer_1: String,
    #[serde(default)]
    pub(super) question_2: String,
    #[serde(default)]
    pub(super) answer_2: String,
}

/// Secrets that fulfil the rules.
pub(super) struct Secrets {
    pub(super) password: Option<Password>,
    pub(super) passcode: Passcode,
    pub(super) answers: Answers,
}

impl SecretsForm {
    /// Reads what a holder sets who has no passcode yet; and a password, where there is none.
    ///
    /// A form of a program may leave out the repetitions.
    pub(super) fn check(&self, account: &Account, sets_password: bool) -> Result<Secrets, Vec<Fault>> {
        let own = own_words(account);
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let mut faults = Vec::new();
        let repeated = |again: &str, first: &str| again.is_empty() || again == first;
        let password = if sets_password {
            if !repeated(&self.password_again, &self.password) {
                faults.push(Fault::new("password_again", "applications-again-differs"));
            }
            collect(Password::check(&self.password, &own), &mut faults)
        } else {
            None
        };
        if !repeated(&self.passcode_again, &self.passcode) {
            faults.push(Fault::new("passcode_again", "applications-again-differs"));
        }
        let passcode = collect(Passcode::check(self.passcode.trim(), &own), &mut faults);
        let first = (self.question_1.as_str(), self.answer_1.as_str());
        let second = (self.question_2.as_str(), self.answer_2.as_str());
        let answers = collect(Answers::check(first, second), &mut faults);
        match (passcode, answers) {
            (Some(passcode), Some(answers)) if faults.is_empty() => Ok(Secrets {
                password,
                passcode,
                answers,
            }),
            _ => Err(faults),
        }
    }
}

fn collect<T>(checked: Result<T, Vec<Fault>>, faults: &mut Vec<Fault>) -> Option<T> {
    checked.map_err(|wrong| faults.extend(wrong)).ok()
}
