//! Temporary residence (*đăng ký tạm trú*, form CT01): who lives outside the permanent residence for thirty days or more registers, for two years
//! at most, and renews in the last fifteen days (Luật Cư trú 68/2020/QH14, articles 27 and 28).
//!
//! **Invariant:** in somebody else's dwelling, or with a household, nothing is sent in before each of those who were asked has agreed.

use futures_util::future::BoxFuture;
use jiff::civil::Date;
use jiff::{ToSpan as _, Unit};

use super::{Entry, Finding, Findings, Outcome, Rules};
use crate::app::App;
use crate::officers::Officer;
use crate::procedures::dossiers::Dossier;
use crate::procedures::filling::{self, Form};
use crate::procedures::recording;
use crate::residence::{self, Given};
use crate::shell::clock::civil_date;
use crate::shell::problem::{Fault, Problem};
use crate::shell::texts::{self, Lang};

#[cfg(test)]
mod tests;

pub(super) const ENTRY: Entry = Entry {
    code: "temporary-residence",
    description: include_str!("procedure.toml"),
    texts: texts::source!(),
    rules: &TemporaryResidence,
};

/// Who stays less is told of by a stay notification.
const SHORTEST_DAYS: i64 = 30;
/// When a term may be renewed: so many days before its end.
const RENEWED_WITHIN_DAYS: i64 = 15;

struct TemporaryResidence;

impl Rules for TemporaryResidence {
    fn check(&self, form: &Form<'_>) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let (Some(begins), Some(ends)) = (form.day("begins"), form.day("ends")) {
            faults.extend(term(begins, ends).map(|text| Fault::new("ends", text)));
        }
        if form.value("request") == "renew"
            && let Some(last) = form.day("term_ends")
            && !may_renew(last, form.today)
        {
            faults.push(Fault::new("term_ends", "procedure-temporary-residence-fault-renewal"));
        }
        if form.value("request") == "renew" && form.value("temporary").is_empty() {
            faults.push(Fault::new("request", "procedure-temporary-residence-fault-none"));
        }
        faults
    }

    /// The owner or the head of the household has agreed, in VNeID.
    fn ready<'a>(&'a self, app: &'a App, form: &'a Form<'a>) -> BoxFuture<'a, Result<Vec<Fault>, Problem>> {
        Box::pin(async move {
            if form.value("dwelling") == "own" {
                return Ok(Vec::new());
            }
            let Some(commune) = form.place() else {
                return Ok(Vec::new());
            };
            let (vault, person, now) = (app.vault.clone(), form.known.applicant.person, app.clock.now());
            let (commune, address) = (commune.code, form.value("address").to_owned());
            let stands = app
                .db
                .read(move |conn| residence::agreed(conn, &vault, &person, (commune, &address), now))
                .await?;
            let missing = stands.agreed == 0 || stands.open > 0;
            let fault = missing.then(|| Fault::new("address", "procedure-temporary-residence-fault-agreement"));
            Ok(fault.into_iter().collect())
        })
    }

    /// The officer sees who agreed, in VNeID.
    fn findings<'a>(&'a self, app: &'a App, dossier: &'a Dossier) -> BoxFuture<'a, Result<Option<Findings>, Problem>> {
        Box::pin(async move {
            let filed = &dossier.filed;
            let Some(commune) = filling::commune(filed.value("commune")).filter(|_| filed.value("dwelling") != "own")
            else {
                return Ok(None);
            };
            let (vault, person, now) = (app.vault.clone(), dossier.person, app.clock.now());
            let address = filed.value("address").to_owned();
            let given = app
                .db
                .read(move |conn| residence::given(conn, &vault, &person, (commune.code, &address), now))
                .await?;
            Ok(Some(Findings {
                source: None,
                what: "",
                found: Some(given.into_iter().map(|one| found(app, one)).collect()),
            }))
        })
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
                facts: ["address", "begins", "ends"].map(said).into(),
                orders: vec![recording::order(app, dossier)],
                ..Outcome::default()
            })
        })
    }
}

/// An agreement, as the officer reads it.
fn found(app: &App, given: Given) -> Finding {
    let role = format!("residence-role-{}", given.role.word());
    Finding {
        name: "agreed",
        facts: vec![
            ("role", app.texts.say(Lang::Vi, &role, &[])),
            ("number", given.masked_number),
            ("since", civil_date(given.agreed_at).strftime("%d/%m/%Y").to_string()),
        ],
    }
}

/// What is wrong with a term: thirty days at least, two years at most.
fn term(begins: Date, ends: Date) -> Option<&'static str> {
    let days = begins
        .until((Unit::Day, ends))
        .map_or(0, |span| i64::from(span.get_days()));
    if days < SHORTEST_DAYS {
        Some("procedure-temporary-residence-fault-short")
    } else if ends > begins.saturating_add(2.years()) {
        Some("procedure-temporary-residence-fault-long")
    } else {
        None
    }
}

/// Whether a term may be renewed: in its last fifteen days.
fn may_renew(last: Date, today: Date) -> bool {
    (last.saturating_sub(RENEWED_WITHIN_DAYS.days())..=last).contains(&today)
}
