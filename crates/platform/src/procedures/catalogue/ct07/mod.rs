//! Confirmation of residence (*xác nhận thông tin về cư trú*, form CT07): what the residence database says, confirmed by the police.

use futures_util::future::BoxFuture;

use super::{Entry, Outcome, Rules};
use crate::app::App;
use crate::officers::Officer;
use crate::procedures::dossiers::Dossier;
use crate::procedures::filling::Filed;
use crate::shell::problem::Problem;
use crate::shell::texts;

#[cfg(test)]
mod tests;

pub(super) const ENTRY: Entry = Entry {
    code: "ct07",
    description: include_str!("procedure.toml"),
    texts: texts::source!(),
    rules: &Confirmation,
};

struct Confirmation;

impl Rules for Confirmation {
    /// Where the database has what is to be confirmed nobody has to look it up: half a working day, which a platform does not need.
    fn at_once<'a>(&'a self, app: &'a App, dossier: &'a Dossier) -> BoxFuture<'a, Result<Option<Outcome>, Problem>> {
        Box::pin(async move { Ok(is_known(&dossier.filed).then(|| confirmed(app, dossier))) })
    }

    fn outcome<'a>(
        &'a self,
        app: &'a App,
        dossier: &'a Dossier,
        _: &'a Officer,
    ) -> BoxFuture<'a, Result<Outcome, Problem>> {
        Box::pin(async move { Ok(confirmed(app, dossier)) })
    }
}

/// Whether the database says what is to be confirmed. What was typed where it says nothing, an officer looks up.
fn is_known(filed: &Filed) -> bool {
    let asked = match filed.value("content") {
        "household" => "household_head",
        asked => asked,
    };
    // How people are related, an officer reads in the file: no field holds it.
    let says = filed.values.iter().find(|value| value.name == asked);
    let told = says.and_then(|value| value.told.as_ref());
    told.is_some_and(|told| told.source.is_some() && told.fresh)
}

/// What was known when the request was sent in, and until when it is good.
fn confirmed(app: &App, dossier: &Dossier) -> Outcome {
    let last = app.clock.today().saturating_add(jiff::ToSpan::years(1));
    let said = |name: &str| (name.replace('_', "-"), dossier.filed.value(name).to_owned());
    let mut facts: Vec<(String, String)> = ["permanent", "temporary", "current", "household_head"].map(said).into();
    facts.retain(|(_, value)| !value.is_empty());
    facts.push(("until".to_owned(), last.strftime("%d/%m/%Y").to_string()));
    Outcome {
        facts,
        ..Outcome::default()
    }
}
