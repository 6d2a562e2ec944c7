//! Comparing what was declared with what the databases and the chip say.

use std::sync::Arc;

use civil::chip::{Authentic, ChipFiles, ChipRefusal};
use civil::{PersonalNumber, Sex, names};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::chip::{ChipFields, chip_fields, day, jpeg_2000};
use crate::biometrics::Comparison;
use crate::registries::{self, Answer, CardState, IdCard, Layout, Person};

/// What the applicant is on record with, or showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// *Số định danh cá nhân*.
    pub number: PersonalNumber,
    /// *Họ, chữ đệm và tên khai sinh*.
    pub full_name: String,
    /// *Ngày sinh*.
    pub date_of_birth: Date,
    /// *Giới tính*.
    pub sex: Sex,
    /// The address on the card, where the card was read.
    pub residence: Option<String>,
    /// The card's day of issue, where the card was read.
    pub issued_on: Option<Date>,
}

/// What comparing found, kept with the application as it was at submission.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Findings {
    /// When the comparison was made.
    pub at: Timestamp,
    /// The population database's record is as it was at this instant.
    pub population_as_of: Timestamp,
    /// The population database's name for the record.
    pub population_record: String,
    /// The ID-card database's record is as it was at this instant.
    pub cards_as_of: Timestamp,
    /// The card that counts: the newest valid one, else the newest.
    pub card: Option<CardSeen>,
    /// What the chip says.
    pub chip: ChipSeen,
    /// Field by field.
    pub fields: Vec<Compared>,
    /// What an electronic identity card shows, from the population database.
    pub facts: Facts,
    /// The commune of the permanent residence, whose police is competent for what is sent in online.
    #[serde(default)]
    pub home_commune: Option<String>,
    /// Faces and fingers compared, each with its scores.
    #[serde(default)]
    pub comparisons: Vec<Comparison>,
    /// Whether the chip proved to be the original.
    #[serde(default)]
    pub original: Original,
    /// The chip's portrait where it is in JPEG 2000: its size in pixels. It is carried to the matcher, but neither decoded nor shown here.
    #[serde(default)]
    pub jpeg_2000: Option<(u32, u32)>,
}

/// Whether a chip proved by active authentication that it is no copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Original {
    /// It was not asked.
    #[default]
    Unasked,
    /// It signed our challenge with its key.
    Proven,
    /// It has no key to prove it with.
    Keyless,
}

impl Findings {
    /// How many fields do not agree.
    pub fn differences(&self) -> usize {
        self.fields.iter().filter(|field| !field.agrees).count()
    }

    /// The card that counts can be used.
    pub fn has_valid_card(&self) -> bool {
        self.card.as_ref().is_some_and(|card| card.state == CardState::Valid)
    }
}

/// What counts of a card.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CardSeen {
    /// Its generation.
    pub layout: Layout,
    /// *Ngày cấp*.
    pub issued_on: Date,
    /// *Có giá trị đến*; `None` is *không thời hạn*.
    pub expires_on: Option<Date>,
    /// What it is worth.
    pub state: CardState,
}

impl CardSeen {
    /// The last part of the sentence about its state.
    pub fn state_word(&self) -> &'static str {
        match self.state {
            CardState::Valid => "valid",
            CardState::Expired => "expired",
            CardState::Lost => "lost",
            CardState::Held => "held",
            CardState::Replaced => "replaced",
            CardState::Revoked => "revoked",
        }
    }
}

/// What passive authentication says of the chip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum ChipSeen {
    /// No chip data were given.
    Absent,
    /// The data are the state's and unchanged.
    Authentic {
        /// Who signed them.
        signer: String,
        /// Who vouches for the signer.
        authority: String,
        /// The data groups that are proven.
        groups: Vec<u8>,
    },
    /// They are not; the reason is technical English.
    Refused {
        /// Why.
        reason: String,
    },
}

impl ChipSeen {
    /// The last part of the sentence about it.
    pub fn word(&self) -> &'static str {
        match self {
            ChipSeen::Absent => "absent",
            ChipSeen::Authentic { .. } => "authentic",
            ChipSeen::Refused { .. } => "refused",
        }
    }
}

/// A field as each source has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Compared {
    /// Its name: the last part of the sentence for it.
    pub field: String,
    /// As declared.
    pub declared: Option<String>,
    /// In the population database.
    pub population: Option<String>,
    /// In the ID-card database.
    pub id_card: Option<String>,
    /// On the chip.
    pub chip: Option<String>,
    /// All that have it say the same.
    pub agrees: bool,
}

/// What an electronic identity card shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// *Số định danh cá nhân*.
    pub number: PersonalNumber,
    /// *Họ, chữ đệm và tên khai sinh*.
    pub full_name: String,
    /// *Ngày sinh*.
    pub date_of_birth: Date,
    /// *Giới tính*.
    pub sex: Sex,
    /// *Quốc tịch*.
    pub nationality: String,
    /// *Quê quán*.
    pub origin: String,
    /// *Nơi thường trú*.
    pub residence: Option<String>,
}

impl Facts {
    /// Those of a record of the population database.
    pub fn of(person: &Person) -> Self {
        Self {
            number: person.number.clone(),
            full_name: person.full_name.clone(),
            date_of_birth: person.date_of_birth,
            sex: person.sex,
            nationality: person.nationality.clone(),
            origin: person.origin.clone(),
            residence: person
                .permanent_residence
                .as_ref()
                .map(|residence| residence.text.clone()),
        }
    }
}

/// A chip that was read.
pub(super) struct Chip {
    pub(super) files: Arc<ChipFiles>,
    pub(super) authentic: Result<Authentic, ChipRefusal>,
}

pub(super) fn findings(
    declared: &Declared,
    person: &Answer<Person>,
    (cards, cards_as_of): (&[IdCard], Timestamp),
    chip: Option<Chip>,
    now: Timestamp,
) -> Findings {
    let card = registries::valid(cards).or(cards.last());
    let chip_fields = chip.as_ref().map(|chip| chip_fields(&chip.files)).unwrap_or_default();
    let jpeg_2000 = chip.as_ref().and_then(|chip| jpeg_2000(&chip.files));
    Findings {
        at: now,
        population_as_of: person.as_of,
        population_record: person.record_id.clone(),
        cards_as_of,
        card: card.map(|card| CardSeen {
            layout: card.layout,
            issued_on: card.issued_on,
            expires_on: card.expires_on,
            state: card.state,
        }),
        chip: seen(chip),
        fields: compare(declared, &person.record, card, chip_fields),
        home_commune: person
            .record
            .permanent_residence
            .as_ref()
            .map(|home| home.commune_code.clone()),
        facts: Facts::of(&person.record),
        comparisons: Vec::new(),
        original: Original::default(),
        jpeg_2000,
    }
}

fn seen(chip: Option<Chip>) -> ChipSeen {
    match chip.map(|chip| chip.authentic) {
        None => ChipSeen::Absent,
        Some(Ok(authentic)) => ChipSeen::Authentic {
            signer: authentic.signer,
            authority: authentic.authority,
            groups: authentic.groups.iter().map(|group| group.number()).collect(),
        },
        Some(Err(refusal)) => ChipSeen::Refused {
            reason: refusal.to_string(),
        },
    }
}

fn compare(declared: &Declared, person: &Person, card: Option<&IdCard>, chip: ChipFields) -> Vec<Compared> {
    let own_card = card.filter(|card| card.layout != Layout::Cmnd);
    let exact: fn(&str, &str) -> bool = |one, other| one == other;
    let residence = person.permanent_residence.as_ref();
    let mut fields = vec![
        Row::new("number", exact)
            .declared(Some(declared.number.as_str().to_owned()))
            .population(Some(person.number.as_str().to_owned()))
            .id_card(own_card.map(|card| card.number.clone()))
            .chip(chip.number),
        Row::new("full-name", names::same)
            .declared(Some(declared.full_name.clone()))
            .population(Some(person.full_name.clone()))
            .id_card(card.map(|card| card.full_name.clone()))
            .chip(chip.full_name),
        Row::new("date-of-birth", exact)
            .declared(Some(day(declared.date_of_birth)))
            .population(Some(day(person.date_of_birth)))
            .id_card(card.map(|card| day(card.date_of_birth)))
            .chip(chip.date_of_birth),
        Row::new("sex", exact)
            .declared(Some(declared.sex.vietnamese().to_owned()))
            .population(Some(person.sex.vietnamese().to_owned()))
            .id_card(card.map(|card| card.sex.vietnamese().to_owned()))
            .chip(chip.sex),
        Row::new("issued-on", exact)
            .declared(declared.issued_on.map(day))
            .id_card(card.map(|card| day(card.issued_on)))
            .chip(chip.issued_on),
        Row::new("expires-on", exact)
            .id_card(card.and_then(|card| card.expires_on).map(day))
            .chip(chip.expires_on),
    ];
    // Cards of before 1/7/2025 print the former address: that is no difference.
    let former = residence.and_then(|residence| residence.former_text.clone());
    let printed = card.map(|card| card.address.clone());
    let lives = residence.map(|residence| match (&former, &printed) {
        (Some(former), Some(printed)) if names::same(former, printed) => former.clone(),
        _ => residence.text.clone(),
    });
    fields.push(
        Row::new("residence", names::same)
            .declared(declared.residence.clone())
            .population(lives)
            .id_card(printed)
            .chip(chip.residence),
    );
    fields.into_iter().map(Row::compared).collect()
}

/// A row being put together, with what counts as the same.
struct Row {
    compared: Compared,
    same: fn(&str, &str) -> bool,
}

impl Row {
    fn new(field: &str, same: fn(&str, &str) -> bool) -> Self {
        Self {
            compared: Compared {
                field: field.to_owned(),
                declared: None,
                population: None,
                id_card: None,
                chip: None,
                agrees: true,
            },
            same,
        }
    }

    fn declared(mut self, value: Option<String>) -> Self {
        self.compared.declared = value;
        self
    }

    fn population(mut self, value: Option<String>) -> Self {
        self.compared.population = value;
        self
    }

    fn id_card(mut self, value: Option<String>) -> Self {
        self.compared.id_card = value;
        self
    }

    fn chip(mut self, value: Option<String>) -> Self {
        self.compared.chip = value;
        self
    }

    fn compared(mut self) -> Compared {
        let Compared {
            declared,
            population,
            id_card,
            chip,
            ..
        } = &self.compared;
        let said: Vec<&String> = [declared, population, id_card, chip].into_iter().flatten().collect();
        let agrees = said.windows(2).all(|pair| match pair {
            [one, other] => (self.same)(one, other),
            _ => true,
        });
        self.compared.agrees = agrees;
        self.compared
    }
}
