//! Declaration of absence (*khai báo tạm vắng*): who is of the age for military service and leaves for three months or more, and whoever leaves the
//! commune for twelve months or more (Luật Cư trú 68/2020/QH14, article 31). The accused on bail and those like them declare in person.

use futures_util::future::BoxFuture;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Entry, Outcome, Rules};
use crate::app::App;
use crate::officers::Officer;
use crate::procedures::dossiers::Dossier;
use crate::procedures::filling::Form;
use crate::procedures::recording;
use crate::shell::problem::{Fault, Problem};
use crate::shell::texts;

#[cfg(test)]
mod tests;

pub(super) const ENTRY: Entry = Entry {
    code: "absence",
    description: include_str!("procedure.toml"),
    texts: texts::source!(),
    rules: &Absence,
};

struct Absence;

impl Rules for Absence {
    fn check(&self, form: &Form<'_>) -> Vec<Fault> {
        let (Some(begins), Some(ends)) = (form.day("begins"), form.day("ends")) else {
            return Vec::new();
        };
        let months = if form.value("ground") == "conscription" { 3 } else { 12 };
        let fault = (!is_long(begins, ends, months))
            .then(|| Fault::new("ends", "procedure-absence-fault-short").with("months", months));
        fault.into_iter().collect()
    }

    fn outcome<'a>(
        &'a self,
        app: &'a App,
        dossier: &'a Dossier,
        _: &'a Officer,
    ) -> BoxFuture<'a, Result<Outcome, Problem>> {
        Box::pin(async move {
            let said = |name: &str| (name.to_owned(), dossier.filed.read(name));
            Ok(Outcome {
                facts: ["begins", "ends", "destination"].map(said).into(),
                orders: vec![recording::order(app, dossier)],
                ..Outcome::default()
            })
        })
    }
}

/// Whether somebody is away for so many months.
fn is_long(begins: Date, ends: Date, months: i64) -> bool {
    begins.checked_add(months.months()).is_ok_and(|first| ends >= first)
}
