//! Death: registration, removal of the residence, and the funeral allowance that the applicant chooses, as one.

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
    /// Nobody declares the own death; who confirms it is neither the applicant nor the deceased.
    fn check(&self, form: &Form<'_>) -> Vec<Fault> {
        let (applicant, deceased) = (form.value("applicant_number"), form.value("deceased_number"));
        let own = (deceased == applicant).then(|| Fault::new("deceased_number", "procedure-death-fault-own"));
        let relative = form.value("relative_number");
        let same = !relative.is_empty() && [applicant, deceased].contains(&relative);
        let relative = same.then(|| Fault::new("relative_number", "procedure-death-fault-relative"));
        own.into_iter().chain(relative).collect()
    }
}
