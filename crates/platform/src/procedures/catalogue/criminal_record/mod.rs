//! Criminal record certificate (*cấp phiếu lý lịch tư pháp*): what is asked here is issued by `certificates`.

use futures_util::future::BoxFuture;
use jiff::civil::Date;

use super::{Entry, Finding, Findings, Outcome, Rules};
use crate::app::App;
use crate::certificates::{self, Copies, Delivery, Granted, Kind};
use crate::officers::Officer;
use crate::procedures::description::Whom;
use crate::procedures::dossiers::Dossier;
use crate::procedures::filling::Form;
use crate::registries::{Ban, Conviction, JudicialRecord, Source, Subject};
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
    /// Number 2 is for the person alone, on the person's own request (Luật Lý lịch tư pháp 2009, article 41).
    fn check(&self, form: &Form<'_>) -> Vec<Fault> {
        let whole = form.value("kind") == Kind::Two.word();
        let for_another = whole && form.content.whom != Whom::Own;
        let fault = for_another.then(|| Fault::new("kind", "procedure-criminal-record-fault-own"));
        fault.into_iter().collect()
    }

    /// The officer sees what the judicial-record database says now.
    fn findings<'a>(&'a self, app: &'a App, dossier: &'a Dossier) -> BoxFuture<'a, Result<Option<Findings>, Problem>> {
        Box::pin(async move {
            let record = certificates::judicial_record(app, &dossier.person, subject_of(dossier)?).await?;
            Ok(Some(Findings {
                source: Some(Source::Justice),
                what: "judicial-record",
                found: record.map(|record| found(&record, app.clock.today())),
            }))
        })
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
    Ok(Granted {
        person: dossier.person,
        subject: subject_of(dossier)?,
        dossier: dossier.number.clone(),
        kind,
        with_bans: filed.value("bans") == "on",
        purpose: filed.value("purpose").to_owned(),
        organisation: organisation.filter(|name| !name.is_empty() && kind == Kind::One),
        issued_by: officer.unit.clone(),
        copies: Delivery::of_word(filed.value("delivery")).map(|delivery| Copies {
            many: filed.value("copies").parse().unwrap_or_default(),
            delivery,
            address: filed.value("address").to_owned(),
            unit: dossier.unit.clone(),
        }),
    })
}

/// What the database says, as the officer reads it.
fn found(record: &JudicialRecord, today: Date) -> Vec<Finding> {
    let day = |day: Date| day.strftime("%d/%m/%Y").to_string();
    let conviction = |one: &Conviction| {
        let cleared = one.cleared_on.filter(|on| *on <= today);
        let said = [
            (
                "judgment",
                Some(format!("{}, {}, {}", one.judgment, day(one.judged_on), one.court)),
            ),
            ("offence", Some(format!("{} ({})", one.offence, one.provision))),
            ("penalty", Some(one.penalty.clone())),
            ("additional-penalty", one.additional_penalty.clone()),
            ("civil-duties", one.civil_duties.clone()),
            ("cleared-on", cleared.map(day)),
        ];
        Finding {
            name: if cleared.is_some() { "cleared" } else { "standing" },
            facts: said
                .into_iter()
                .filter_map(|(name, said)| Some((name, said?)))
                .collect(),
        }
    };
    let ban = |one: &Ban| Finding {
        name: "ban",
        facts: vec![
            ("judgment", format!("{}, {}", one.decision, one.court)),
            ("positions", one.positions.clone()),
            ("period", format!("{} – {}", day(one.from), day(one.until))),
        ],
    };
    let convictions = record.convictions.iter().map(conviction);
    convictions.chain(record.bans.iter().map(ban)).collect()
}

fn subject_of(dossier: &Dossier) -> Result<Option<Subject>, Problem> {
    match dossier.filed.whom {
        Whom::Own => Ok(None),
        Whom::Child | Whom::Other => subject(dossier).map(Some).ok_or_else(Problem::not_found),
    }
}

/// Of whom the certificate is, where that is not the applicant.
fn subject(dossier: &Dossier) -> Option<Subject> {
    Some(Subject {
        number: dossier.filed.subject.clone()?,
        full_name: dossier.filed.value("full_name").to_owned(),
        date_of_birth: dossier.filed.day("birth")?,
    })
}
