//! Health insurance (F25), social insurance with its chart (F26), tax code, judicial record.

use jiff::civil::Date;

use super::{Paper, maybe, part};
use crate::documents::rules::{Badge, Bar, Content, Field};
use crate::registries::{HealthInsurance, JudicialRecord, Period, SocialInsurance, TaxCode};

impl Paper for HealthInsurance {
    fn content(&self, today: Date) -> Content {
        let badge = match self.state.as_str() {
            "valid" => Badge::until(Some(self.valid_to), today),
            _ => Badge::bad("suspended"),
        };
        let fields = [
            Some(Field::text("facility", self.facility.as_str())),
            Some(Field::text(
                "benefit",
                format!("{} ({} %)", self.benefit_level, self.benefit_percent),
            )),
            Some(Field::day("valid-to", self.valid_to)),
            Some(Field::day("valid-from", self.valid_from)),
            Some(Field::text("facility-code", self.facility_code.as_str())),
            Some(Field::text("group", self.group.as_str())),
            maybe("card-code", self.card_code.as_ref()),
            self.five_years_since.map(|since| Field::day("five-years", since)),
        ];
        Content::new(Some(self.number.clone()), badge, fields.into_iter().flatten().collect())
    }
}

impl Paper for SocialInsurance {
    fn content(&self, today: Date) -> Content {
        let months: i64 = self.periods.iter().map(|period| months(period, today)).sum();
        let badge = match self.state.as_str() {
            "contributing" => Badge::good("contributing"),
            "pension" => Badge::info("pension"),
            _ => Badge::info("reserved"),
        };
        let newest = self.periods.last();
        let fields = [
            Some(Field::text("months", months.to_string())),
            newest.map(|period| Field::text("employer", period.employer.as_str())),
            newest.map(|period| Field::text("wage-base", dong(period.wage_base))),
            Some(Field::text("agency", self.agency.as_str())),
        ];
        let mut content = Content::new(Some(self.number.clone()), badge, fields.into_iter().flatten().collect());
        content.parts = self.periods.iter().rev().map(period_part).collect();
        content.chart = chart(&self.periods, today);
        let highest = self.periods.iter().map(|period| period.wage_base).max();
        if let (Some(first), Some(highest)) = (self.periods.first(), highest) {
            content.axis = vec![
                first.from.year().to_string(),
                format!("≤ {}", dong(highest)),
                today.year().to_string(),
            ];
        }
        content
    }
}

fn period_part(period: &Period) -> crate::documents::rules::Part {
    let scheme = if period.scheme == "voluntary" {
        "voluntary"
    } else {
        "compulsory"
    };
    let fields = [
        Some(Field::day("from", period.from)),
        Some(match period.to {
            Some(to) => Field::day("to", to),
            None => Field::word("to", "now"),
        }),
        Some(Field::text("position", period.position.as_str())),
        Some(Field::text("wage-base", dong(period.wage_base))),
        Some(Field::word("scheme", scheme)),
    ];
    part(
        "period",
        period.employer.as_str(),
        None,
        fields.into_iter().flatten().collect(),
    )
}

/// Whole months of a period, the month of its end included.
fn months(period: &Period, today: Date) -> i64 {
    let end = period.to.unwrap_or(today);
    let count = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
    (count(end) - count(period.from) + 1).max(0)
}

/// An amount as people in Viet Nam write it: `5.200.000 đ`.
fn dong(amount: i64) -> String {
    let digits = amount.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    format!("{grouped} đ")
}

/// The periods as bars over time, as high as the wage; of a hundred both ways.
#[expect(clippy::cast_precision_loss, reason = "a picture needs no more")]
fn chart(periods: &[Period], today: Date) -> Vec<Bar> {
    let day = |date: Date| i64::from(date.year()) * 372 + i64::from(date.month()) * 31 + i64::from(date.day());
    let (Some(first), Some(highest)) = (periods.first(), periods.iter().map(|period| period.wage_base).max()) else {
        return Vec::new();
    };
    let begin = day(first.from);
    let span = (day(today) - begin).max(1) as f64;
    let place = |date: Date| round((day(date) - begin) as f64 * 100.0 / span);
    let bar = |period: &Period| {
        let (from, to) = (place(period.from), place(period.to.unwrap_or(today)));
        Bar {
            x: from,
            width: round((to - from).max(0.5)),
            height: round(period.wage_base as f64 * 100.0 / highest.max(1) as f64),
            label: format!("{}: {}", period.employer, dong(period.wage_base)),
        }
    };
    periods.iter().map(bar).collect()
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

impl Paper for TaxCode {
    fn content(&self, _: Date) -> Content {
        let badge = if self.state == "active" {
            Badge::good("active")
        } else {
            Badge::bad("closed")
        };
        let fields = [
            Some(Field::text("tax-authority", self.authority.as_str())),
            Some(Field::day("registered", self.registered_on)),
            maybe("former-code", self.former_code.as_ref()),
        ];
        Content::new(Some(self.code.clone()), badge, fields.into_iter().flatten().collect())
    }
}

impl Paper for JudicialRecord {
    fn content(&self, today: Date) -> Content {
        let badge = if self.standing(today).next().is_none() {
            Badge::good("no-record")
        } else {
            Badge::info("record")
        };
        let banned = if self.in_force(today).next().is_some() {
            "banned"
        } else {
            "not-banned"
        };
        let mut content = Content::new(None, badge, vec![Field::word("enterprises", banned)]);
        content.parts = self
            .standing(today)
            .map(|conviction| {
                let fields = vec![
                    Field::text("penalty", conviction.penalty.as_str()),
                    Field::text("court", conviction.court.as_str()),
                ];
                part("conviction", conviction.offence.as_str(), None, fields)
            })
            .collect();
        content
    }
}
