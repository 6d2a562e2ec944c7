//! What a paper is on a page: its kind, its fields, what it is worth, and where it is from. No I/O.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::accounts::Level;
use crate::registries::Source;

/// A kind of paper in the wallet of documents (*ví giấy tờ*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// *Thông tin cá nhân*.
    Personal,
    /// *Thẻ căn cước* and the history of cards and nine-digit numbers.
    IdCards,
    /// *Thông tin cư trú*.
    Residence,
    /// *Hộ tịch*: birth and marriage.
    CivilStatus,
    /// *Giấy phép lái xe*.
    DrivingLicence,
    /// *Đăng ký xe*.
    Vehicles,
    /// *Thẻ bảo hiểm y tế*.
    HealthInsurance,
    /// *Bảo hiểm xã hội*.
    SocialInsurance,
    /// *Sổ sức khỏe điện tử*.
    HealthBook,
    /// *Hộ chiếu*.
    Passport,
    /// *Mã số thuế*.
    Tax,
    /// *Lý lịch tư pháp*.
    JudicialRecord,
}

impl Kind {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 12] = [
        Self::Personal,
        Self::IdCards,
        Self::Residence,
        Self::DrivingLicence,
        Self::Vehicles,
        Self::HealthInsurance,
        Self::SocialInsurance,
        Self::HealthBook,
        Self::Passport,
        Self::CivilStatus,
        Self::Tax,
        Self::JudicialRecord,
    ];

    /// The word for it in addresses, tables and sentences.
    pub fn word(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::IdCards => "id-cards",
            Self::Residence => "residence",
            Self::CivilStatus => "civil-status",
            Self::DrivingLicence => "driving-licence",
            Self::Vehicles => "vehicles",
            Self::HealthInsurance => "health-insurance",
            Self::SocialInsurance => "social-insurance",
            Self::HealthBook => "health-book",
            Self::Passport => "passport",
            Self::Tax => "tax",
            Self::JudicialRecord => "judicial-record",
        }
    }

    /// The one of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Who keeps it.
    pub fn source(self) -> Source {
        match self {
            Self::Personal => Source::Population,
            Self::IdCards => Source::IdCard,
            Self::Residence => Source::Residence,
            Self::CivilStatus => Source::CivilStatus,
            Self::DrivingLicence => Source::DrivingLicence,
            Self::Vehicles => Source::Vehicle,
            Self::HealthInsurance => Source::HealthInsurance,
            Self::SocialInsurance => Source::SocialInsurance,
            Self::HealthBook => Source::HealthRecord,
            Self::Passport => Source::Passport,
            Self::Tax => Source::Tax,
            Self::JudicialRecord => Source::Justice,
        }
    }

    /// Whether somebody whose level this is has it (Decree 69/2024, article 9; the split of Công văn 859/CV-TCTTKĐA).
    pub fn is_of(self, level: Level) -> bool {
        match self {
            Self::Personal => level >= Level::One,
            _ => level >= Level::Two,
        }
    }

    /// Whether its holder may take it out of the wallet again: the papers of the population and ID-card databases belong to the account.
    pub fn can_be_removed(self) -> bool {
        !matches!(self, Self::Personal | Self::IdCards | Self::Residence)
    }

    /// Whether it is issued as a credential to the wallet of a device.
    pub fn can_be_kept(self) -> bool {
        matches!(
            self,
            Self::IdCards | Self::DrivingLicence | Self::Vehicles | Self::HealthInsurance
        )
    }

    /// Whether it can be added by the number printed on it.
    pub fn can_be_declared(self) -> bool {
        matches!(self, Self::DrivingLicence | Self::Vehicles | Self::HealthInsurance)
    }

    /// What of a person it shows, as the history names it.
    pub fn what(self) -> &'static str {
        match self {
            Self::Personal => "number name birth sex address family",
            Self::IdCards => "card",
            Self::Residence => "address family",
            Self::CivilStatus => "civil-status",
            Self::DrivingLicence => "licence",
            Self::Vehicles => "vehicle",
            Self::HealthInsurance => "health-insurance",
            Self::SocialInsurance => "social-insurance",
            Self::HealthBook => "health",
            Self::Passport => "passport",
            Self::Tax => "tax",
            Self::JudicialRecord => "judicial-record",
        }
    }
}

/// How something stands: a tone, and the sentence that says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Badge {
    /// `good`, `warn`, `bad` or `info`.
    pub tone: &'static str,
    /// The last part of the sentence `documents-state-…`.
    pub state: &'static str,
    /// The day that the sentence is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
}

impl Badge {
    /// The sentence that says it.
    pub fn sentence(&self) -> String {
        format!("documents-state-{}", self.state)
    }

    pub(super) fn good(state: &'static str) -> Self {
        Self {
            tone: "good",
            state,
            on: None,
        }
    }

    pub(super) fn bad(state: &'static str) -> Self {
        Self {
            tone: "bad",
            state,
            on: None,
        }
    }

    pub(super) fn info(state: &'static str) -> Self {
        Self {
            tone: "info",
            state,
            on: None,
        }
    }

    /// Of something whose last day is known: in red when it is past, marked when it is near.
    pub(super) fn until(last: Option<Date>, today: Date) -> Self {
        let Some(last) = last else {
            return Self::good("without-end");
        };
        let days = today.until(last).map_or(0, |span| span.get_days());
        let (tone, state) = match days {
            ..0 => ("bad", "expired"),
            0..=NEAR_DAYS => ("bad", "near-end"),
            _ => ("good", "until"),
        };
        Self {
            tone,
            state,
            on: Some(last),
        }
    }
}

/// From so many days before its end a paper is shown in red (*sắp hết hạn*).
const NEAR_DAYS: i32 = 30;

/// One thing that a paper says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name; the sentence is `documents-field-…`.
    pub name: &'static str,
    /// What it says.
    pub value: Value,
    /// Small print beside it, such as the address with the former three tiers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub former: Option<String>,
}

/// What a field says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// As it stands.
    Text(String),
    /// A day.
    Day(Date),
    /// The last part of a sentence `documents-word-…`.
    Word {
        /// As above.
        word: &'static str,
    },
}

impl Field {
    /// The sentence that names it.
    pub fn label(&self) -> String {
        format!("documents-field-{}", self.name)
    }

    pub(super) fn text(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, Value::Text(text.into()))
    }

    pub(super) fn day(name: &'static str, day: Date) -> Self {
        Self::new(name, Value::Day(day))
    }

    pub(super) fn word(name: &'static str, word: &'static str) -> Self {
        Self::new(name, Value::Word { word })
    }

    fn new(name: &'static str, value: Value) -> Self {
        Self {
            name,
            value,
            former: None,
        }
    }

    pub(super) fn formerly(mut self, former: Option<&str>) -> Self {
        self.former = former.map(str::to_owned);
        self
    }
}

/// A part of a paper: a class, a vehicle, a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Of what kind, where the parts differ: the sentence `documents-part-…`.
    pub name: &'static str,
    /// What it is called.
    pub title: String,
    /// How it stands.
    pub badge: Option<Badge>,
    /// What it says.
    pub fields: Vec<Field>,
}

/// A stretch of a chart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bar {
    /// Left edge and width, of a hundred.
    pub x: f64,
    /// As above.
    pub width: f64,
    /// Height, of a hundred.
    pub height: f64,
    /// What it stands for.
    pub label: String,
}

impl Bar {
    /// The top edge, as pictures count.
    pub fn y(&self) -> f64 {
        100.0 - self.height
    }
}

/// What a paper says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Content {
    /// The number that is printed large.
    pub number: Option<String>,
    /// How it stands.
    pub badge: Badge,
    /// What it says.
    pub fields: Vec<Field>,
    /// Its parts.
    pub parts: Vec<Part>,
    /// A chart of periods, oldest first; empty for most.
    pub chart: Vec<Bar>,
    /// What stands under the chart: where it begins, how high it goes, where it ends.
    pub axis: Vec<String>,
    /// What its holder is to know of where it is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<Remark>,
}

/// A remark on a paper that two sources keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The last part of the sentence `documents-remark-…`.
    pub word: &'static str,
    /// The fields in which the other source says otherwise.
    pub fields: Vec<&'static str>,
}

impl Content {
    pub(super) fn new(number: Option<String>, badge: Badge, fields: Vec<Field>) -> Self {
        Self {
            number,
            badge,
            fields,
            parts: Vec::new(),
            chart: Vec::new(),
            axis: Vec::new(),
            remark: None,
        }
    }

    /// The fields that the small card on the overview shows.
    pub fn first(&self) -> &[Field] {
        self.fields.get(..3).unwrap_or(&self.fields)
    }
}

/// Where a paper is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Who keeps it.
    pub source: Source,
    /// The source's name for the record.
    pub record_id: String,
    /// It is as it was at this instant.
    pub as_of: Timestamp,
    /// Whether the source itself vouches for it now; if not, it is silent or behind.
    pub fresh: bool,
}

impl Provenance {
    /// The sentence that names the source.
    pub fn sentence(&self) -> String {
        format!("documents-source-{}", self.source.text())
    }
}

/// What the wallet holds of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Held {
    /// A paper.
    Here {
        /// What it says.
        content: Box<Content>,
        /// Where it is from.
        provenance: Provenance,
    },
    /// The source keeps nothing of this person.
    Absent,
    /// The source gives no answer, and there is no copy.
    Silent,
    /// The operator has not connected the source.
    Unconnected,
    /// The holder has taken it out.
    Removed,
}
