//! Kinds, acts, topics and states of reports; the texts and codes of both sides: no I/O, no clock, no dice.

use civil::units;
use db::{Cell, Column};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::accounts::Level;
use crate::shell::words::words;

/// The most kinds of act, or topics, that one report names.
pub(super) const MOST_MATTERS: usize = 3;
/// The most files that one report brings.
pub(super) const MOST_FILES: usize = 5;
/// The longest summary or answer, in characters.
pub(super) const LONGEST_TEXT: usize = 4000;

words! {
    /// What is sent.
    Kind {
        /// *Tố giác tội phạm*: a report of a crime.
        Crime = "crime",
        /// *Phản ánh*: feedback on security and order.
        Feedback = "feedback",
        /// *Kiến nghị*: a petition on security and order.
        Petition = "petition",
    }
}

words! {
    /// Where a report stands.
    State {
        /// Sent; the unit has not taken it up.
        Sent = "sent",
        /// The unit has taken it up.
        Received = "received",
        /// The unit checks what it says.
        Checking = "checking",
        /// The unit has answered; it is over.
        Answered = "answered",
        /// The unit does not take it up, and has said why; it is over.
        Refused = "refused",
    }
}

words! {
    /// What stands in the trace of a report.
    Word {
        /// It was sent.
        Sent = "sent",
        /// It was taken up.
        Received = "received",
        /// It is being checked.
        Checking = "checking",
        /// It was passed on to the unit that is competent.
        Forwarded = "forwarded",
        /// The unit wrote to the sender.
        Asked = "asked",
        /// The sender wrote to the unit.
        Said = "said",
        /// It was answered.
        Answered = "answered",
        /// It was refused.
        Refused = "refused",
    }
}

macro_rules! column {
    ($name:ident) => {
        impl Column for $name {
            fn read(cell: Cell<'_>) -> Result<Self, db::Error> {
                $name::of_word(&String::read(cell)?).ok_or_else(|| db::Error::Column {
                    column: stringify!($name).to_lowercase(),
                    why: "no such word".to_owned(),
                })
            }
        }
    };
}

column!(Kind);
column!(State);
column!(Word);

/// Acts, by the word for each and the article of the Penal Code 2015 (*Bộ luật Hình sự*) that is nearest to what people mean by it. It helps the
/// unit to sort; what an act is in law, the unit decides.
pub(super) const ACTS: [(&str, &str); 18] = [
    ("injury", "Điều 134"),
    ("abuse", "Điều 140, 185"),
    ("child", "Điều 142–147"),
    ("trafficking", "Điều 150, 151"),
    ("robbery", "Điều 168, 171"),
    ("extortion", "Điều 170"),
    ("theft", "Điều 173"),
    ("fraud", "Điều 174, 175"),
    ("online-fraud", "Điều 174, 290"),
    ("usury", "Điều 201"),
    ("counterfeit", "Điều 192–195"),
    ("environment", "Điều 235–246"),
    ("drugs", "Điều 247–259"),
    ("traffic", "Điều 260–276"),
    ("disorder", "Điều 318"),
    ("gambling", "Điều 321, 322"),
    ("corruption", "Điều 353–366"),
    ("other", ""),
];

/// What feedback and petitions are about.
pub(super) const TOPICS: [&str; 8] = [
    "order",
    "traffic",
    "noise",
    "fire",
    "scam",
    "residence",
    "conduct",
    "other",
];

impl Kind {
    /// The level from which somebody may send it (5.4: reports of crimes are of level 2 alone).
    pub(super) fn level(self) -> Level {
        match self {
            Kind::Crime => Level::Two,
            Kind::Feedback | Kind::Petition => Level::One,
        }
    }

    /// How its number begins.
    pub(super) fn letters(self) -> &'static str {
        match self {
            Kind::Crime => "TG",
            Kind::Feedback => "PA",
            Kind::Petition => "KN",
        }
    }

    /// The words of what it can be about.
    pub(super) fn matters(self) -> Vec<&'static str> {
        match self {
            Kind::Crime => ACTS.iter().map(|(word, _)| *word).collect(),
            Kind::Feedback | Kind::Petition => TOPICS.to_vec(),
        }
    }

    /// The limit in force on a day for dealing with it, where the law sets one.
    pub(super) fn limit(self, on: Date) -> Option<&'static Limit> {
        LIMITS.iter().find(|limit| limit.kind == self && limit.valid_from <= on)
    }
}

/// How long a unit has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Limit {
    kind: Kind,
    /// Days after the day of receipt.
    pub(super) days: u16,
    /// The clause it rests on.
    pub(super) law: &'static str,
    valid_from: Date,
}

const LIMITS: [Limit; 1] = [Limit {
    kind: Kind::Crime,
    days: 20,
    law: "Bộ luật Tố tụng hình sự 2015, Điều 147 khoản 1",
    valid_from: Date::constant(2018, 1, 1),
}];

impl State {
    /// Whether nothing more happens.
    pub(super) fn is_over(self) -> bool {
        matches!(self, State::Answered | State::Refused)
    }

    /// Where it stands after something was done about it; `None` where that cannot be done.
    pub(super) fn after(self, word: Word) -> Option<State> {
        if self.is_over() {
            return None;
        }
        match word {
            Word::Sent => None,
            Word::Received => (self == State::Sent).then_some(State::Received),
            Word::Checking => (self != State::Checking).then_some(State::Checking),
            Word::Forwarded => Some(State::Sent),
            Word::Asked | Word::Said => Some(self),
            Word::Answered => Some(State::Answered),
            Word::Refused => Some(State::Refused),
        }
    }
}

/// Where it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The commune, five digits.
    pub(super) commune: String,
    /// House, street, landmark; may be empty.
    pub(super) detail: String,
}

impl Place {
    /// One line.
    pub(super) fn text(&self) -> String {
        let named = address(&self.commune);
        if self.detail.is_empty() {
            named
        } else {
            format!("{}, {named}", self.detail)
        }
    }
}

/// A commune with its province: *Phường Ba Đình, Thành phố Hà Nội*.
pub(super) fn address(commune: &str) -> String {
    let Some(found) = units::commune(commune) else {
        return commune.to_owned();
    };
    let province = provinces().into_iter().find(|(code, _)| *code == found.province);
    format!(
        "{}, {}",
        found.full_name(),
        province.map(|(_, name)| name).unwrap_or_default()
    )
}

/// The provinces since their last change of a kind, by code, with their names.
pub(super) fn provinces() -> Vec<(&'static str, String)> {
    const SINCE: Date = Date::constant(2026, 4, 30);
    let mut provinces: Vec<_> = units::on(SINCE)
        .map(|province| (province.code, province.full_name()))
        .collect();
    provinces.sort();
    provinces
}

/// Whether there is a unit with this code: of a commune, or of a province.
pub(super) fn is_unit(code: &str) -> bool {
    units::commune(code).is_some() || provinces().iter().any(|(province, _)| *province == code)
}

/// What a report says. Sealed as one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    /// The words of the acts, or of the topics.
    pub(super) matters: Vec<String>,
    /// Where it happened, if that is known.
    pub(super) place: Option<Place>,
    /// When, in the sender's words; may be empty.
    pub(super) happened: String,
    /// What happened, or what is wanted.
    pub(super) summary: String,
    /// Who is involved, as far as the sender knows; may be empty.
    pub(super) involved: String,
    /// The organisation on whose behalf it is sent.
    #[serde(default)]
    pub(super) organisation: Option<Organisation>,
}

/// An organisation on whose behalf somebody reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Organisation {
    /// Its name.
    pub(super) name: String,
    /// What the sender is there.
    pub(super) position: String,
}

/// A text that somebody writes to the other side; none if it says nothing or too much.
pub(super) fn message(text: &str) -> Option<String> {
    let text = text.trim();
    (1..=LONGEST_TEXT)
        .contains(&text.chars().count())
        .then(|| text.to_owned())
}

/// Whether a text holds what is looked for, whatever its case and diacritics.
pub(super) fn holds(text: &str, wanted: &str) -> bool {
    text.contains(wanted) || civil::names::fold(text).contains(&civil::names::fold(wanted))
}

/// The number of a report, as people type it; none where a text says anything else.
pub(super) fn number(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_uppercase();
    let (letters, rest) = text.split_once('-')?;
    let (month, drawn) = rest.split_once('-')?;
    let sound = Kind::ALL.iter().any(|kind| kind.letters() == letters)
        && (month.len() == 4 && month.bytes().all(|byte| byte.is_ascii_digit()))
        && (drawn.len() == 8 && drawn.bytes().all(|byte| byte.is_ascii_hexdigit()));
    sound.then_some(text)
}

/// The code by which an anonymous report is followed, as people type it: only its digits count.
pub(super) fn code(text: &str) -> Option<[u8; 10]> {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    let clean = text
        .chars()
        .all(|c| c.is_ascii_hexdigit() || c == '-' || c.is_whitespace());
    if digits.len() != 20 || !clean {
        return None;
    }
    let mut bytes = [0; 10];
    for (at, place) in bytes.iter_mut().enumerate() {
        *place = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// The code in five groups of four.
pub(super) fn code_text(code: [u8; 10]) -> String {
    let groups = code
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |all, byte| (all << 8) | u16::from(*byte)));
    groups
        .map(|group: u16| format!("{group:04X}"))
        .collect::<Vec<_>>()
        .join("-")
}
