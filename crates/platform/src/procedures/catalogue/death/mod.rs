//! Death: registration, removal of the residence, and the funeral allowance that the applicant chooses, as one.

use civil::PersonalNumber;
use civil::names::fold;
use futures_util::future::BoxFuture;

use super::{Entry, Rules};
use crate::accounts;
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::procedures::filling::Form;
use crate::registries::{self, Life, Person};
use crate::shell::problem::{Fault, Problem};
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

    /// Nobody is declared dead by a slip of the pen, nor by a stranger alone.
    fn ready<'a>(&'a self, app: &'a App, form: &'a Form<'a>) -> BoxFuture<'a, Result<Vec<Fault>, Problem>> {
        Box::pin(async move {
            let Ok(number) = PersonalNumber::parse(form.value("deceased_number")) else {
                return Ok(Vec::new());
            };
            let found = registries::person(app, &number, "procedure").await?;
            write_down(app, &number).await?;
            let fault = doubt(form, found.as_ref().map(|answer| &answer.record));
            Ok(fault.into_iter().collect())
        })
    }
}

/// Who is declared dead can read in the own history that name and number were looked at.
async fn write_down(app: &App, number: &PersonalNumber) -> Result<(), Problem> {
    let Some(account) = accounts::of_number(app, number).await? else {
        return Ok(());
    };
    let look = Look::now(app, account.person, &Who::Platform, Purpose::Procedure, "number name");
    Ok(app.db.write(move |tx| history::record(tx, &look)).await?)
}

/// Name and number are of one person who is not dead yet; whom the database does not name among the relatives has one confirm it.
fn doubt(form: &Form<'_>, found: Option<&Person>) -> Option<Fault> {
    let is_meant =
        |record: &&Person| record.life != Life::Dead && fold(&record.full_name) == fold(form.value("deceased_name"));
    let Some(record) = found.filter(is_meant) else {
        return Some(Fault::new("deceased_number", "procedure-death-fault-unknown"));
    };
    let mut relatives = record.relatives.iter();
    let is_kin = relatives.any(|relative| relative.number.as_str() == form.value("applicant_number"));
    let alone = !is_kin && form.value("relative_number").is_empty();
    alone.then(|| Fault::new("relative_number", "procedure-death-fault-kin"))
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
