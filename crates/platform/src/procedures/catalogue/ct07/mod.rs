//! Confirmation of residence (*xác nhận thông tin về cư trú*, form CT07): what the residence database says, confirmed by the police.

use futures_util::future::BoxFuture;

use super::{Entry, Outcome, Rules};
use crate::app::App;
use crate::officers::Officer;
use crate::procedures::dossiers::Dossier;
use crate::shell::problem::Problem;
use crate::shell::texts;

pub(super) const ENTRY: Entry = Entry {
    code: "ct07",
    description: include_str!("procedure.toml"),
    texts: texts::source!(),
    rules: &Confirmation,
};

struct Confirmation;

impl Rules for Confirmation {
    /// The confirmation says what was known when the request was sent in, and until when it is good.
    fn outcome<'a>(
        &'a self,
        app: &'a App,
        dossier: &'a Dossier,
        _: &'a Officer,
    ) -> BoxFuture<'a, Result<Outcome, Problem>> {
        Box::pin(async move {
            let last = app.clock.today().saturating_add(jiff::ToSpan::years(1));
            let said = |name: &str| (name.replace('_', "-"), dossier.filed.value(name).to_owned());
            let mut facts: Vec<(String, String)> =
                ["permanent", "temporary", "current", "household_head"].map(said).into();
            facts.retain(|(_, value)| !value.is_empty());
            facts.push(("until".to_owned(), last.strftime("%d/%m/%Y").to_string()));
            Ok(Outcome {
                facts,
                ..Outcome::default()
            })
        })
    }
}
