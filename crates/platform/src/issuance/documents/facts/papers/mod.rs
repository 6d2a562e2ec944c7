//! Vehicle registration and health insurance card, as their sources say them at this moment; the criminal record certificate, as it was issued.

use credentials::paper::{CRIMINAL_RECORD, Facts, HEALTH_INSURANCE, Paper, Said, VEHICLES};
use http::StatusCode;
use jiff::civil::Date;

use super::card;
use crate::app::App;
use crate::certificates;
use crate::registries::{self, Ban, Conviction, HealthInsurance, Subject, Vehicle, Vehicles};
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;

#[cfg(test)]
mod tests;

/// For what the sources are asked.
const PURPOSE: &str = "issuance";

async fn subject(app: &App, person: &PersonId) -> Result<Subject, Problem> {
    let facts = card(app, person).await?.content.facts;
    Ok(Subject {
        number: facts.number,
        full_name: facts.full_name,
        date_of_birth: facts.date_of_birth,
    })
}

fn holder(subject: &Subject) -> Facts {
    vec![
        ("full_name", Said::Text(subject.full_name.clone())),
        ("birthdate", Said::Day(subject.date_of_birth)),
    ]
}

/// The vehicles that may be driven: one that is held or withdrawn has no certificate to show.
pub(super) async fn vehicles(app: &App, person: &PersonId) -> Result<Paper, Problem> {
    let subject = subject(app, person).await?;
    let answer = registries::record::<Vehicles>(app, &subject, PURPOSE).await?;
    let known = answer.into_iter().flat_map(|answer| answer.record.vehicles);
    let parts: Vec<Facts> = known
        .filter(|vehicle| vehicle.state == "valid")
        .map(|vehicle| part(&vehicle))
        .collect();
    if parts.is_empty() {
        return Err(Problem::new("issuance-no-vehicle", StatusCode::NOT_FOUND));
    }
    let mut facts = holder(&subject);
    facts.push(("vehicles", Said::Parts(parts)));
    Ok(Paper {
        kind: &VEHICLES,
        facts,
        good_until: None,
    })
}

fn part(vehicle: &Vehicle) -> Facts {
    let kind = if vehicle.kind == "motorcycle" {
        "Xe mô tô"
    } else {
        "Xe ô tô"
    };
    let text = |text: &str| Said::Text(text.to_owned());
    let fixed = vec![
        ("plate", text(&vehicle.plate)),
        ("kind", text(kind)),
        ("owner", text(&vehicle.owner)),
        ("brand", text(&vehicle.brand)),
        ("model", text(&vehicle.model)),
        ("colour", text(&vehicle.colour)),
        ("engine_number", text(&vehicle.engine_number)),
        ("chassis_number", text(&vehicle.chassis_number)),
        ("seats", Said::Number(i64::from(vehicle.seats))),
        ("first_registered_on", Said::Day(vehicle.first_registered_on)),
    ];
    let owner = vehicle.co_owner.as_deref().map(|name| ("co_owner", text(name)));
    let inspected = vehicle.inspected_until.map(|day| ("inspected_until", Said::Day(day)));
    fixed.into_iter().chain(owner).chain(inspected).collect()
}

/// The health insurance card, while it is good.
pub(super) async fn insurance(app: &App, person: &PersonId) -> Result<Paper, Problem> {
    let subject = subject(app, person).await?;
    let answer = registries::record::<HealthInsurance>(app, &subject, PURPOSE).await?;
    let today = app.clock.today();
    let card = answer
        .map(|answer| answer.record)
        .filter(|card| is_good(card, today))
        .ok_or_else(|| Problem::new("issuance-no-insurance", StatusCode::NOT_FOUND))?;
    let mut facts = holder(&subject);
    facts.extend([
        ("insurance_number", Said::Text(card.number)),
        ("group", Said::Text(card.group)),
        ("benefit_level", Said::Number(i64::from(card.benefit_level))),
        ("benefit_percent", Said::Number(i64::from(card.benefit_percent))),
        ("facility", Said::Text(card.facility)),
        ("facility_code", Said::Text(card.facility_code)),
        ("valid_from", Said::Day(card.valid_from)),
        ("valid_to", Said::Day(card.valid_to)),
    ]);
    facts.extend(card.five_years_since.map(|day| ("five_years_since", Said::Day(day))));
    Ok(Paper {
        kind: &HEALTH_INSURANCE,
        facts,
        good_until: Some(card.valid_to),
    })
}

fn is_good(card: &HealthInsurance, today: Date) -> bool {
    card.state == "valid" && card.valid_from <= today && today <= card.valid_to
}

/// The newest criminal record certificate number 1 of the holder, as it was issued.
pub(super) async fn criminal_record(app: &App, person: &PersonId) -> Result<Paper, Problem> {
    let subject = subject(app, person).await?;
    let said = certificates::newest(app, person, &subject.number).await?;
    let said = said.ok_or_else(|| Problem::new("issuance-no-certificate", StatusCode::NOT_FOUND))?;
    let record = if said.convictions.is_empty() {
        "không có án tích"
    } else {
        "có án tích"
    };
    let mut facts = holder(&subject);
    facts.extend([
        ("certificate_number", Said::Text(said.number)),
        ("criminal_record", Said::Text(record.to_owned())),
        ("issued_on", Said::Day(said.issued_on)),
        ("issuing_authority", Said::Text(said.issued_by)),
    ]);
    if !said.convictions.is_empty() {
        facts.push((
            "convictions",
            Said::Parts(said.convictions.iter().map(conviction).collect()),
        ));
    }
    if let Some(bans) = said.bans.filter(|bans| !bans.is_empty()) {
        facts.push(("bans", Said::Parts(bans.iter().map(ban).collect())));
    }
    facts.extend(said.good_until.map(|day| ("valid_to", Said::Day(day))));
    Ok(Paper {
        kind: &CRIMINAL_RECORD,
        facts,
        good_until: said.good_until,
    })
}

fn conviction(one: &Conviction) -> Facts {
    let beside = one.additional_penalty.clone();
    let fixed = vec![
        ("offence", Said::Text(one.offence.clone())),
        ("penalty", Said::Text(one.penalty.clone())),
    ];
    let beside = beside.map(|penalty| ("additional_penalty", Said::Text(penalty)));
    fixed.into_iter().chain(beside).collect()
}

fn ban(ban: &Ban) -> Facts {
    vec![
        ("positions", Said::Text(ban.positions.clone())),
        ("decision", Said::Text(ban.decision.clone())),
        ("until", Said::Day(ban.until)),
    ]
}
