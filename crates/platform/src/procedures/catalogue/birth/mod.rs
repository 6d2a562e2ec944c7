//! Birth: registration, permanent residence and health-insurance card of a child under six, as one.

use super::{Entry, Rules};
use crate::procedures::filling::Form;
use crate::shell::problem::Fault;
use crate::shell::texts;

pub(super) const ENTRY: Entry = Entry {
    code: "birth",
    description: include_str!("procedure.toml"),
    texts: texts::source!(),
    rules: &Birth,
};

struct Birth;

impl Rules for Birth {
    /// A child has a name that the register can hold (Luật Hộ tịch 60/2014/QH13, article 14).
    fn check(&self, form: &Form<'_>) -> Vec<Fault> {
        let name = form.value("child_name");
        let wrong = !name.is_empty() && (!civil::names::is_plausible(name) || !name.trim().contains(' '));
        let fault = wrong.then(|| Fault::new("child_name", "procedure-birth-fault-name"));
        fault.into_iter().collect()
    }
}
