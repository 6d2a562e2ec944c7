//! What is told of a guest, and how it is read.

use civil::calendar::day_of;
use civil::personal_number::PersonalNumberError;
use civil::{CardQr, PersonalNumber, Sex, names};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::applications::evidence::Facts;
use crate::shell::problem::Fault;
use crate::stays::rules::{read_day, read_instant};

/// The country of who does not say.
pub(in crate::stays) const HOME: &str = "Việt Nam";

/// How a guest's data came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::stays) enum KnownBy {
    /// Typed.
    Typed,
    /// By a list.
    List,
    /// Read off the QR code of the card, which proves nothing.
    Card,
    /// By the identity QR, signed by the holder's device.
    Identity,
    /// Who tells, with the own account.
    Own,
}

impl KnownBy {
    /// The word for it in sentences.
    pub(in crate::stays) fn word(self) -> &'static str {
        match self {
            Self::Typed => "typed",
            Self::List => "list",
            Self::Card => "card",
            Self::Identity => "identity",
            Self::Own => "own",
        }
    }
}

/// What somebody is identified by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "number", rename_all = "kebab-case")]
pub(in crate::stays) enum Document {
    /// *Số định danh cá nhân*.
    Personal(PersonalNumber),
    /// A passport or what stands for one: its number.
    Passport(String),
}

impl Document {
    fn read(text: &str, nationality: &str) -> Result<Self, &'static str> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let text = text.to_uppercase();
        let home = names::same(nationality, HOME);
        if text.len() == 12 || home && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            match PersonalNumber::parse(&text) {
                Ok(number) => return Ok(Self::Personal(number)),
                Err(PersonalNumberError::OldIdentityCard) => {
                    return Err("stays-fault-old-number");
                }
                Err(_) if home => return Err("stays-fault-number"),
                Err(_) => {}
            }
        }
        let sound = (5..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if sound {
            Ok(Self::Passport(text))
        } else {
            Err("stays-fault-document")
        }
    }

    /// The number as lists show it.
    pub(in crate::stays) fn masked(&self) -> String {
        match self {
            Self::Personal(number) => number.masked(),
            Self::Passport(number) => {
                let end = number.get(number.len().saturating_sub(3)..).unwrap_or_default();
                format!("*****{end}")
            }
        }
    }
}

/// Somebody who stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stays) struct Guest {
    /// The name, as the document has it.
    pub(in crate::stays) full_name: String,
    /// What identifies the guest.
    pub(in crate::stays) document: Document,
    /// The date of birth.
    pub(in crate::stays) date_of_birth: Date,
    /// The sex.
    pub(in crate::stays) sex: Sex,
    /// The country.
    pub(in crate::stays) nationality: String,
    /// How this came in.
    pub(in crate::stays) known_by: KnownBy,
    /// The guest's own arrival, where a list says it.
    pub(in crate::stays) from: Option<Timestamp>,
    /// The guest's own departure, where a list says it.
    pub(in crate::stays) to: Option<Timestamp>,
}

impl Guest {
    /// What the QR code of a card says.
    pub(in crate::stays) fn of_card(card: CardQr) -> Result<Self, Fault> {
        if card.contradiction().is_some() {
            return Err(Fault::new("code", "stays-fault-contradiction"));
        }
        Ok(Self {
            full_name: card.full_name,
            document: Document::Personal(card.number),
            date_of_birth: card.date_of_birth,
            sex: card.sex,
            nationality: HOME.to_owned(),
            known_by: KnownBy::Card,
            from: None,
            to: None,
        })
    }

    /// What an identity QR proved.
    pub(in crate::stays) fn of_facts(facts: Facts) -> Self {
        Self {
            full_name: facts.full_name,
            document: Document::Personal(facts.number),
            date_of_birth: facts.date_of_birth,
            sex: facts.sex,
            nationality: facts.nationality,
            known_by: KnownBy::Identity,
            from: None,
            to: None,
        }
    }

    /// What a digest by which the guest is found again is taken of.
    pub(in crate::stays) fn mark(&self) -> String {
        match &self.document {
            Document::Personal(number) => number.as_str().to_owned(),
            Document::Passport(number) => format!("{}|{number}", names::fold(&self.nationality)),
        }
    }

    /// The age in whole years on a day.
    pub(in crate::stays) fn age(&self, today: Date) -> i16 {
        age(self.date_of_birth, today)
    }
}

fn age(born: Date, today: Date) -> i16 {
    let years = today.year() - born.year();
    let before = (today.month(), today.day()) < (born.month(), born.day());
    if before { years - 1 } else { years }
}

/// Whether guests are under age and nobody of age is with them.
pub(in crate::stays) fn alone_under_age(guests: &[Guest], today: Date, of_age: i64) -> bool {
    !guests.is_empty() && guests.iter().all(|guest| i64::from(guest.age(today)) < of_age)
}

/// A guest as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::stays) struct Typed {
    pub(in crate::stays) full_name: String,
    pub(in crate::stays) document: String,
    pub(in crate::stays) date_of_birth: String,
    pub(in crate::stays) sex: String,
    pub(in crate::stays) nationality: String,
    pub(in crate::stays) from: String,
    pub(in crate::stays) to: String,
}

impl Typed {
    /// Whether there is more of a guest than what a form says by itself.
    pub(in crate::stays) fn is_begun(&self) -> bool {
        [&self.full_name, &self.document]
            .iter()
            .any(|text| !text.trim().is_empty())
    }

    /// Reads what was typed; answers every field that is wrong.
    pub(in crate::stays) fn read(&self, known_by: KnownBy, now: Timestamp) -> Result<Guest, Vec<Fault>> {
        let mut faults = Vec::new();
        let full_name = names::normalise(&self.full_name);
        if !names::is_plausible(&full_name) || full_name.chars().count() > 100 {
            faults.push(Fault::new("full_name", "stays-fault-name"));
        }
        let nationality = match names::normalise(&self.nationality) {
            none if none.is_empty() => HOME.to_owned(),
            said => said,
        };
        if !names::is_plausible(&nationality) || nationality.chars().count() > 60 {
            faults.push(Fault::new("nationality", "stays-fault-nationality"));
        }
        let document = Document::read(&self.document, &nationality);
        let born = read_day(&self.date_of_birth).filter(|day| *day <= day_of(now) && day.year() >= 1900);
        let sex = read_sex(&self.sex);
        let mut optional = |field: &'static str, text: &str| {
            let read = read_instant(text);
            if read.is_none() && !text.trim().is_empty() {
                faults.push(Fault::new(field, "stays-fault-instant"));
            }
            read
        };
        let (from, to) = (optional("from", &self.from), optional("to", &self.to));
        if let Err(wrong) = document {
            faults.push(Fault::new("document", wrong));
        }
        if born.is_none() {
            faults.push(Fault::new("date_of_birth", "stays-fault-birth"));
        }
        if sex.is_none() {
            faults.push(Fault::new("sex", "stays-fault-sex"));
        }
        let (Ok(document), Some(date_of_birth), Some(sex), true) = (document, born, sex, faults.is_empty()) else {
            return Err(faults);
        };
        if let Document::Personal(number) = &document
            && number.contradiction(sex, date_of_birth).is_some()
        {
            return Err(vec![Fault::new("document", "stays-fault-contradiction")]);
        }
        Ok(Guest {
            full_name,
            document,
            date_of_birth,
            sex,
            nationality,
            known_by,
            from,
            to,
        })
    }
}

fn read_sex(text: &str) -> Option<Sex> {
    match names::fold(text).as_str() {
        "male" | "m" | "nam" => Some(Sex::Male),
        "female" | "f" | "nu" => Some(Sex::Female),
        _ => None,
    }
}
