//! Criminal record certificate (*cấp phiếu lý lịch tư pháp*): what is asked here is issued by `certificates`.

use futures_util::future::BoxFuture;

use super::{Entry, Outcome, Rules};
use crate::app::App;
use crate::certificates::{self, Granted, Kind};
use crate::officers::Officer;
use crate::procedures::description::Whom;
use crate::procedures::dossiers::Dossier;
use crate::procedures::filling::Form;
use crate::registries::Subject;
use crate::shell::problem::{Fault, Problem};
use crate::shell::texts;

#[cfg(test)]
mod tests;

pub(super) const ENTRY: Entry = Entry {
    code: "criminal-record",
    description: include_str!("procedure.toml"),
    texts: texts::source!(),
    rules: &CriminalRecord,
};

struct CriminalRecord;

impl Rules for CriminalRecord {
    /// Number 2 is for the person alone, on the person's own request (Luật Lý lịch tư pháp 2009, article 41); who has paper sent says how many.
    fn check(&self, form: &Form<'_>) -> Vec<Fault> {
        let whole = form.value("kind") == Kind::Two.word();
        let for_another = whole && form.content.whom != Whom::Own;
        let copies: u32 = form.value("copies").parse().unwrap_or_default();
        let on_paper = ["post", "desk"].contains(&form.value("delivery"));
        let wrong = [
            (for_another, Fault::new("kind", "procedure-criminal-record-fault-own")),
            (
                on_paper && copies == 0,
                Fault::new("copies", "procedure-criminal-record-fault-copies"),
            ),
        ];
        wrong
            .into_iter()
            .filter_map(|(wrong, fault)| wrong.then_some(fault))
            .collect()
    }

    /// The certificate is issued as soon as the decision stands.
    fn outcome<'a>(
        &'a self,
        app: &'a App,
        dossier: &'a Dossier,
        officer: &'a Officer,
    ) -> BoxFuture<'a, Result<Outcome, Problem>> {
        Box::pin(async move {
            let granted = granted(dossier, officer)?;
            let facts = vec![("kind".to_owned(), granted.kind.word().to_owned())];
            Ok(Outcome {
                facts,
                link: Some("/certificates".to_owned()),
                orders: vec![certificates::order(app, granted)?],
            })
        })
    }
}

fn granted(dossier: &Dossier, officer: &Officer) -> Result<Granted, Problem> {
    let filed = &dossier.filed;
    let kind = Kind::of_word(filed.value("kind")).ok_or_else(|| Problem::internal("no kind of certificate"))?;
    let organisation = Some(filed.value("organisation").to_owned());
    let subject = match filed.whom {
        Whom::Own => None,
        Whom::Child | Whom::Other => Some(subject(dossier).ok_or_else(Problem::not_found)?),
    };
    Ok(Granted {
        person: dossier.person,
        subject,
        dossier: dossier.number.clone(),
        kind,
        with_bans: filed.value("bans") == "on",
        purpose: filed.value("purpose").to_owned(),
        organisation: organisation.filter(|name| !name.is_empty() && kind == Kind::One),
        issued_by: officer.unit.clone(),
    })
}

/// Of whom the certificate is, where that is not the applicant.
fn subject(dossier: &Dossier) -> Option<Subject> {
    Some(Subject {
        number: dossier.filed.subject.clone()?,
        full_name: dossier.filed.value("full_name").to_owned(),
        date_of_birth: dossier.filed.day("birth")?,
    })
}
