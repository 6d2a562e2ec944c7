//! What is printed on papers, and how a declared paper matches its holder: no I/O.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::documents::rules::Kind;
use crate::shell::problem::Fault;

/// What somebody declares about a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::documents) struct Declared {
    pub(in crate::documents) kind: Kind,
    /// The number printed on it, as it is kept: without what people write between.
    pub(in crate::documents) number: String,
    /// What else is printed on it: the class, the chassis; empty for insurance.
    pub(in crate::documents) second: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::documents) struct DeclareForm {
    #[serde(default)]
    pub(in crate::documents) kind: String,
    #[serde(default)]
    pub(in crate::documents) number: String,
    #[serde(default)]
    pub(in crate::documents) second: String,
}

impl DeclareForm {
    /// Reads what can only be right.
    pub(in crate::documents) fn check(&self) -> Result<Declared, Vec<Fault>> {
        let kind = Kind::from_word(self.kind.trim()).filter(|kind| kind.can_be_declared());
        let Some(kind) = kind else {
            return Err(vec![Fault::new("kind", "documents-declare-kind-fault")]);
        };
        let number = match kind {
            Kind::DrivingLicence => licence_number(&self.number),
            Kind::Vehicles => plate(&self.number),
            _ => insurance_number(&self.number),
        };
        let second = compact(&self.second);
        let mut faults = Vec::new();
        if number.is_none() {
            faults.push(Fault::new("number", number_fault(kind)));
        }
        if second.is_empty() && kind != Kind::HealthInsurance {
            faults.push(Fault::new("second", "documents-declare-second-fault"));
        }
        match number {
            Some(number) if faults.is_empty() => Ok(Declared { kind, number, second }),
            _ => Err(faults),
        }
    }
}

fn number_fault(kind: Kind) -> &'static str {
    match kind {
        Kind::DrivingLicence => "documents-declare-licence-fault",
        Kind::Vehicles => "documents-declare-plate-fault",
        _ => "documents-declare-insurance-fault",
    }
}

/// Letters and digits alone, in capitals.
fn compact(text: &str) -> String {
    let kept = text.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

/// Twelve digits.
fn licence_number(text: &str) -> Option<String> {
    let digits = compact(text);
    (digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// Ten digits, or the fifteen characters of a card until 2021, of which the last ten are the number.
fn insurance_number(text: &str) -> Option<String> {
    let text = compact(text);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match text.len() {
        10 if digits(&text) => Some(text),
        15 => {
            let (head, number) = text.split_at_checked(5)?;
            let (group, rest) = head.split_at_checked(2)?;
            let level = rest.bytes().next()?;
            let ok = group.bytes().all(|byte| byte.is_ascii_uppercase()) && (b'1'..=b'5').contains(&level);
            (ok && digits(rest) && digits(number)).then(|| number.to_owned())
        }
        _ => None,
    }
}

/// A plate, old (four digits) or new (five): two digits of the place, one or two letters or a letter and a digit, the number.
pub(super) fn plate(text: &str) -> Option<String> {
    let text = compact(text);
    let (place, rest) = text.split_at_checked(2)?;
    let series: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    let after = rest.get(series.len()..)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    // A letter and a digit, and then four or five: `29X1-2345`, `29-B1 123.45`.
    let count = after.len();
    let fits = match series.len() {
        1 => (4..=6).contains(&count),
        2 => (4..=5).contains(&count),
        _ => false,
    };
    (digits(place) && place != "00" && fits && digits(after)).then_some(text)
}

/// One line of a match: what is compared, and whether both say the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::documents) struct Line {
    /// The last part of the sentence `documents-field-…`.
    pub(in crate::documents) field: String,
    /// What the population database says: the holder's own.
    pub(in crate::documents) own: String,
    /// Whether the source of the paper says the same. What it says else is not shown: it may be somebody else's.
    pub(in crate::documents) agrees: bool,
}

/// Compares whom a paper is kept under with its declarer.
pub(super) fn compare(own: (&str, &str, Date), kept: (Option<&str>, &str, Date), owners: &[&str]) -> Vec<Line> {
    let fold = |name: &str| civil::names::fold(name);
    let named = fold(own.1) == fold(kept.1) || owners.iter().any(|owner| fold(owner) == fold(own.1));
    let line = |field: &str, own: String, agrees| Line {
        field: field.to_owned(),
        own,
        agrees,
    };
    vec![
        line("number", own.0.to_owned(), kept.0 == Some(own.0)),
        line("full-name", own.1.to_owned(), named),
        line("birth", own.2.strftime("%d/%m/%Y").to_string(), own.2 == kept.2),
    ]
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn declared(kind: &str, number: &str, second: &str) -> Result<Declared, Vec<std::borrow::Cow<'static, str>>> {
        let form = DeclareForm {
            kind: kind.to_owned(),
            number: number.to_owned(),
            second: second.to_owned(),
        };
        form.check()
            .map_err(|faults| faults.into_iter().map(|fault| fault.field).collect())
    }

    #[test]
    fn plates_old_and_new_are_read_however_they_are_written() {
        let good = [
            "30A-123.45",
            "30A12345",
            "29X1-2345",
            "29-b1 123.45",
            "51LD-12345",
            "43H 1234",
            "15MĐ",
        ];
        let read: Vec<bool> = good.iter().map(|text| plate(text).is_some()).collect();

        assert_eq!(read, [true, true, true, true, true, true, false]);
        assert_eq!(plate("30a-123.45").as_deref(), Some("30A12345"));
        for bad in [
            "",
            "ABC",
            "3A-12345",
            "00A-12345",
            "30A-123",
            "30ABC-12345",
            "30A-1234567",
        ] {
            assert_eq!(plate(bad), None, "{bad}");
        }
    }

    #[test]
    fn each_kind_has_its_number_and_says_which_field_is_wrong() {
        assert!(declared("driving-licence", "9000 0000 0012", "B").is_ok());
        assert_eq!(declared("driving-licence", "123", "B"), Err(vec!["number".into()]));
        assert_eq!(declared("vehicles", "30A-123.45", ""), Err(vec!["second".into()]));
        assert_eq!(
            declared("health-insurance", "DN4019000000012", "").unwrap().number,
            "9000000012"
        );
        assert_eq!(
            declared("health-insurance", "DN9019000000012", ""),
            Err(vec!["number".into()])
        );
        assert_eq!(declared("passport", "P1", ""), Err(vec!["kind".into()]));
    }

    #[test]
    fn a_match_names_what_differs_and_an_owner_of_two_counts() {
        let own = ("001090912345", "Nguyễn Văn An", date(1990, 5, 1));
        let differs = compare(own, (None, "Nguyễn Văn Lan", date(1990, 1, 5)), &[]);
        let owners = compare(
            own,
            (Some("001090912345"), "Trần Thị Bình", date(1990, 5, 1)),
            &["Nguyễn Văn An"],
        );

        assert_eq!(
            differs.iter().map(|line| line.agrees).collect::<Vec<_>>(),
            [false, false, false]
        );
        assert!(owners.iter().all(|line| line.agrees));
    }
}
