//! The procedures: a folder each, with its description, its sentences and, where data are not enough, its rules in code.
//!
//! To add one, say `passport`: a folder with `procedure.toml`, `vi.ftl`, `en.ftl` and a `mod.rs` that gives an [`Entry`]; one line in [`ALL`].

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::dossiers::Dossier;
use super::filling::Form;
use crate::app::App;
use crate::officers::Officer;
use crate::registries::Source;
use crate::shell::jobs::Order;
use crate::shell::problem::{Fault, Problem};
use crate::shell::texts;

mod absence;
mod birth;
mod criminal_record;
mod ct07;
mod death;
mod temporary_residence;

/// A procedure's folder.
pub struct Entry {
    /// Its name, in addresses, tables and sentences.
    pub code: &'static str,
    /// `procedure.toml`.
    pub description: &'static str,
    /// Its sentences: `procedure-CODE-…`.
    pub texts: texts::Source,
    /// Its rules in code.
    pub rules: &'static dyn Rules,
}

/// All procedures, one line each.
pub const ALL: &[&Entry] = &[
    &absence::ENTRY,
    &birth::ENTRY,
    &criminal_record::ENTRY,
    &ct07::ENTRY,
    &death::ENTRY,
    &temporary_residence::ENTRY,
];

/// What a procedure does where data are not enough.
pub trait Rules: Send + Sync {
    /// What is wrong with a form beyond what its description says.
    fn check(&self, _form: &Form<'_>) -> Vec<Fault> {
        Vec::new()
    }

    /// What is wrong with a form that only a database can tell: asked when it is sent in.
    fn ready<'a>(&'a self, _app: &'a App, _form: &'a Form<'a>) -> BoxFuture<'a, Result<Vec<Fault>, Problem>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// What the platform itself decides in favour right after a dossier is sent in, because the databases have all that is needed; none where
    /// somebody has to look.
    fn at_once<'a>(&'a self, _app: &'a App, _dossier: &'a Dossier) -> BoxFuture<'a, Result<Option<Outcome>, Problem>> {
        Box::pin(async { Ok(None) })
    }

    /// What a source says now that whoever decides has to see first; none where nothing has to be looked up.
    fn findings<'a>(
        &'a self,
        _app: &'a App,
        _dossier: &'a Dossier,
    ) -> BoxFuture<'a, Result<Option<Findings>, Problem>> {
        Box::pin(async { Ok(None) })
    }

    /// What the applicant gets when an officer decides in favour; what else has to happen is ordered in the same unit of work.
    fn outcome<'a>(
        &'a self,
        _app: &'a App,
        _dossier: &'a Dossier,
        _officer: &'a Officer,
    ) -> BoxFuture<'a, Result<Outcome, Problem>> {
        Box::pin(async { Ok(Outcome::default()) })
    }
}

/// A procedure that needs no code.
pub struct Plain;

impl Rules for Plain {}

/// What a decision in favour gives.
#[derive(Clone, Default)]
pub struct Outcome {
    /// What the result says, by the name of its sentence: `procedure-CODE-result-NAME`.
    pub facts: Vec<(String, String)>,
    /// Where more of the result is: a page of ours, such as that of a certificate.
    pub link: Option<String>,
    /// What else happens, in the same unit of work.
    pub orders: Vec<Order>,
}

/// What a source says of somebody, for whoever decides.
#[derive(Clone, Debug, Serialize)]
pub struct Findings {
    /// The source; none for what the platform itself keeps.
    pub source: Option<Source>,
    /// The kinds of data, as the history names them.
    #[serde(skip)]
    pub what: &'static str,
    /// What it has; none while it is silent.
    pub found: Option<Vec<Finding>>,
}

impl Findings {
    /// The sentence that names the source.
    pub fn sentence(&self) -> String {
        match self.source {
            Some(source) => format!("documents-source-{}", source.text()),
            None => "procedures-findings-own".to_owned(),
        }
    }
}

/// One entry of what a source says.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What it is, by the name of its sentence: `procedure-CODE-finding-NAME`.
    pub name: &'static str,
    /// What it says, likewise.
    pub facts: Vec<(&'static str, String)>,
}

/// The decision as it is kept with the dossier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Decided in favour.
    pub granted: bool,
    /// In the words of who decided.
    pub words: String,
    /// As in [`Outcome`].
    pub facts: Vec<(String, String)>,
    /// As in [`Outcome`].
    pub link: Option<String>,
    /// Who decided: name and unit.
    pub by: String,
}
