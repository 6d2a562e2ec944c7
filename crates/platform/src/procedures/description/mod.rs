//! What a procedure is, as data: `procedure.toml` of its folder, read and checked when the platform starts.
//!
//! A file holds versions, each in force from a day, until a day or further. A decree that changes one ends it and adds another; what is typed
//! under the old one is checked anew under the new one. An operator can add versions without a release (`procedures.descriptions`).
//!
//! **Invariant:** on each day at most one version of a procedure is in force; a set that says otherwise keeps the platform from starting.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use super::catalogue::{self, Entry};
use crate::registries::Source;
use crate::shell::words::words;

mod linked;
mod rules;

#[cfg(test)]
mod tests;

pub use linked::{Confirmation, Part, Verification};

words! {
    /// For whom somebody asks.
    Whom {
        /// *Bản thân*.
        Own = "self",
        /// *Khai hộ* for a child or ward, whom the civil-status database knows as theirs.
        Child = "child",
        /// *Khai hộ* for somebody else: nothing of them is filled in.
        Other = "other",
    }
}

words! {
    /// Who receives it.
    Receiver {
        /// The police of the commune of the subject's permanent residence, or of the commune that the field `place` names.
        CommunePolice = "commune-police",
        /// The police of that commune's province.
        ProvincePolice = "province-police",
        /// The managing agency of the ministry.
        Ministry = "ministry",
        /// The commune that keeps the civil-status register (*Ủy ban nhân dân xã*).
        CivilStatus = "civil-status",
        /// The same commune, for social aid and people with merit.
        Welfare = "welfare",
        /// Social insurance, for cards of health insurance.
        HealthInsurance = "health-insurance",
        /// Social insurance.
        SocialInsurance = "social-insurance",
    }
}

impl Receiver {
    /// The source behind which the body is reached; none for the police, who work at the desk.
    pub fn source(self) -> Option<Source> {
        match self {
            Self::CommunePolice | Self::ProvincePolice | Self::Ministry => None,
            Self::CivilStatus => Some(Source::CivilStatus),
            Self::HealthInsurance => Some(Source::HealthInsurance),
            Self::Welfare | Self::SocialInsurance => Some(Source::SocialInsurance),
        }
    }
}

words! {
    /// What can be typed into a field.
    Kind {
        /// One line.
        Text = "text",
        /// Several lines.
        Long = "long",
        /// A day.
        Day = "day",
        /// A whole number.
        Number = "number",
        /// One of its options.
        Choice = "choice",
        /// A commune: its code of five digits, or its name with that of its province.
        Commune = "commune",
        /// A phone number.
        Phone = "phone",
        /// An e-mail address.
        Email = "email",
        /// A personal number.
        PersonalNumber = "personal-number",
        /// A tick.
        Check = "check",
        /// A table with columns.
        Rows = "rows",
    }
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name, which is also that of its sentence: `procedure-CODE-field-NAME`.
    pub name: String,
    /// What can be typed.
    pub kind: Kind,
    /// Whether it may stay empty.
    #[serde(default)]
    pub optional: bool,
    /// Where the state knows it from: a word of `known::Fact`. Then it is shown, and asked only where the source has nothing.
    #[serde(default)]
    pub from: Option<String>,
    /// The options of a choice.
    #[serde(default)]
    pub options: Vec<String>,
    /// The columns of a table.
    #[serde(default)]
    pub columns: Vec<Field>,
    /// The most characters of a text, the greatest number, the most rows.
    #[serde(default)]
    pub most: Option<u32>,
    /// The least number, the least rows.
    #[serde(default)]
    pub least: Option<u32>,
    /// A day not before so many days from today.
    #[serde(default)]
    pub from_days: Option<i32>,
    /// A day not after so many days from today.
    #[serde(default)]
    pub to_days: Option<i32>,
    /// Asked only where another field says something.
    #[serde(default)]
    pub when: Option<When>,
}

/// Where another field says something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The other field.
    pub field: String,
    /// One of these; a tick says `on`.
    pub is: Vec<String>,
}

/// What somebody pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// The group, which is also that of its sentence: `procedure-CODE-fee-GROUP`.
    pub group: String,
    /// In đồng.
    pub amount: u32,
}

/// What is paid on top, for each that a number says beyond so many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extra {
    /// The field of kind number.
    pub field: String,
    /// So many are in the fee.
    pub over: u32,
    /// In đồng, each.
    pub amount: u32,
}

/// A document that is attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its name, which is also that of its sentence: `procedure-CODE-document-NAME`.
    pub name: String,
    /// Whether it may be missing.
    #[serde(default)]
    pub optional: bool,
    /// Asked only where a field says something.
    #[serde(default)]
    pub when: Option<When>,
}

/// Another limit, where a field says something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Where it applies.
    pub when: When,
    /// In working days.
    pub working_days: u16,
}

/// A procedure as it is from a day on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The first day.
    pub from: Date,
    /// The last day; none while it is in force.
    #[serde(default)]
    pub until: Option<Date>,
    /// The level that is needed.
    pub level: i64,
    /// Whether the passcode is asked for before the form is opened.
    #[serde(default)]
    pub passcode: bool,
    /// For whom one may ask.
    pub whom: Vec<Whom>,
    /// What it rests on.
    pub basis: Vec<String>,
    /// Who receives it.
    pub receiver: Receiver,
    /// The field of kind commune that says whose police; without it the subject's permanent residence.
    #[serde(default)]
    pub place: Option<String>,
    /// The legal limit in working days; 0 is the same day.
    pub working_days: u16,
    /// Other limits; the first that applies.
    #[serde(default)]
    pub limit: Vec<Limit>,
    /// The longer limit.
    #[serde(default)]
    pub verification: Option<Verification>,
    /// Who confirms it first.
    #[serde(default)]
    pub confirmation: Option<Confirmation>,
    /// What comes later in the day counts from the next working day.
    #[serde(default)]
    pub cut_off: Option<Time>,
    /// The parts of a linked procedure.
    #[serde(default)]
    pub part: Vec<Part>,
    /// What the applicant agrees to.
    #[serde(default)]
    pub consents: Vec<String>,
    /// What is paid; free of charge where there is none.
    #[serde(default)]
    pub fee: Vec<Fee>,
    /// What is paid on top.
    #[serde(default)]
    pub extra: Vec<Extra>,
    /// What is attached.
    #[serde(default)]
    pub document: Vec<Document>,
    /// The form.
    pub field: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// What the numbers of dossiers begin with; an operator's file need not say it.
    #[serde(default)]
    short: Option<String>,
    #[serde(rename = "version")]
    versions: Vec<Version>,
}

/// A procedure: what it is called, its versions in order, its rules in code.
pub struct Procedure {
    /// The name of its folder.
    pub code: String,
    /// What the numbers of its dossiers begin with: *CT07*.
    pub short: String,
    /// The linked procedure that it is a part of; nobody asks for a part alone.
    pub part_of: Option<String>,
    /// Oldest first.
    versions: Vec<Version>,
    pub(super) entry: &'static Entry,
}

impl Procedure {
    /// What is in force on a day.
    pub fn on(&self, day: Date) -> Option<&Version> {
        let stands = |version: &&Version| version.from <= day && version.until.is_none_or(|last| day <= last);
        self.versions.iter().find(stands)
    }

    /// The version that began on a day, also one that has ended.
    pub fn of(&self, from: Date) -> Option<&Version> {
        self.versions.iter().find(|version| version.from == from)
    }
}

/// All procedures. Part of [`crate::app::App`].
pub struct Catalogue {
    procedures: BTreeMap<String, Procedure>,
}

/// A description cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unsound {
    /// The folder of the operator's descriptions, or a file of it.
    #[error("the descriptions of procedures cannot be read")]
    Unreadable(#[source] std::io::Error),
    /// What a file says.
    #[error("the description of procedure {0} is unsound: {1}")]
    Said(String, String),
}

impl Catalogue {
    /// Reads the descriptions that come with the program, and those of the operator's folder, `CODE.toml`, which come on top.
    ///
    /// # Errors
    /// [`Unsound`], with the first thing that is wrong.
    pub fn open(folder: Option<&Path>) -> Result<Self, Unsound> {
        let mut procedures = BTreeMap::new();
        for entry in catalogue::ALL {
            let File { short, mut versions } = read(entry.code, entry.description)?;
            let short = short.unwrap_or_else(|| entry.code.to_ascii_uppercase());
            if let Some(folder) = folder {
                let file = folder.join(format!("{}.toml", entry.code));
                match std::fs::read_to_string(&file) {
                    Ok(text) => rules::overlay(&mut versions, read(entry.code, &text)?.versions),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => return Err(Unsound::Unreadable(error)),
                }
            }
            rules::check(entry.code, &versions)?;
            let code = entry.code.to_owned();
            for (part, versions) in parts(&versions) {
                let procedure = Procedure {
                    code: part.clone(),
                    short: short.clone(),
                    part_of: Some(code.clone()),
                    versions,
                    entry,
                };
                procedures.insert(part, procedure);
            }
            let procedure = Procedure {
                code: code.clone(),
                short,
                part_of: None,
                versions,
                entry,
            };
            procedures.insert(code, procedure);
        }
        Ok(Self { procedures })
    }

    /// The one of a code.
    pub fn find(&self, code: &str) -> Option<&Procedure> {
        self.procedures.get(code)
    }

    /// All that can be asked for.
    pub fn all(&self) -> impl Iterator<Item = &Procedure> {
        self.procedures.values().filter(|procedure| procedure.part_of.is_none())
    }
}

/// The parts of linked procedures as procedures of their own, in the versions of the whole.
fn parts(versions: &[Version]) -> BTreeMap<String, Vec<Version>> {
    let mut parts: BTreeMap<String, Vec<Version>> = BTreeMap::new();
    for version in versions {
        for part in &version.part {
            parts.entry(part.code.clone()).or_default().push(Version {
                basis: part.basis.clone(),
                receiver: part.receiver,
                place: None,
                working_days: part.working_days,
                limit: Vec::new(),
                verification: part.verification.clone(),
                confirmation: None,
                cut_off: part.cut_off,
                part: Vec::new(),
                consents: Vec::new(),
                fee: Vec::new(),
                document: version.document.clone(),
                field: Vec::new(),
                ..version.clone()
            });
        }
    }
    parts
}

fn read(code: &str, text: &str) -> Result<File, Unsound> {
    toml::from_str(text).map_err(|error: toml::de::Error| Unsound::Said(code.to_owned(), error.to_string()))
}
