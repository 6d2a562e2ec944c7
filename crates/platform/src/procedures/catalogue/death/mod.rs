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
    /// Nobody declares the own death.
    fn check(&self, form: &Form<'_>) -> Vec<Fault> {
        let own = form.value("deceased_number") == form.value("applicant_number");
        let fault = own.then(|| Fault::new("deceased_number", "procedure-death-fault-own"));
        fault.into_iter().collect()
    }
}
