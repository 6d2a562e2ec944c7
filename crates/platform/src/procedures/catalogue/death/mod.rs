//! Death: registration, removal of the residence, and the funeral allowance that the applicant chooses, as one.

use civil::PersonalNumber;

use super::{Entry, Rules};
use crate::procedures::filling::Form;
use crate::shell::problem::Fault;
use crate::shell::texts;

pub(super) const ENTRY: Entry = Entry {
    code: "death",
    description: include_str!("procedure.toml"),
    texts: texts::source!(),
    rules: &Death,
};

struct Death;

impl Rules for Death {
    /// Nobody declares the own death; who confirms it is neither the applicant nor the deceased; the aid is that of the age.
    fn check(&self, form: &Form<'_>) -> Vec<Fault> {
        let (applicant, deceased) = (form.value("applicant_number"), form.value("deceased_number"));
        let own = (deceased == applicant).then(|| Fault::new("deceased_number", "procedure-death-fault-own"));
        let relative = form.value("relative_number");
        let same = !relative.is_empty() && [applicant, deceased].contains(&relative);
        let relative = same.then(|| Fault::new("relative_number", "procedure-death-fault-relative"));
        own.into_iter().chain(relative).chain(other_aid(form)).collect()
    }
}

/// The aid of another age than the deceased had: the number tells the year of birth, so who would be 80 in the year of the death is believed.
fn other_aid(form: &Form<'_>) -> Option<Fault> {
    let number = PersonalNumber::parse(form.value("deceased_number")).ok()?;
    let years = form.day("died_on")?.year() - number.birth_year();
    match form.value("allowance") {
        "aid" if years > 80 => Some(Fault::new("allowance", "procedure-death-fault-from-80")),
        "aid_80" if years < 80 => Some(Fault::new("allowance", "procedure-death-fault-under-80")),
        _ => None,
    }
}
