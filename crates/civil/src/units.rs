//! Administrative units of Viet Nam, each with the days on which it was one.
//!
//! Until 30/6/2025 there were 63 provincial units; since 1/7/2025 there are 34 in two tiers, province and commune
//! (Resolution 202/2025/QH15, Decision 19/2025/QĐ-TTg), and since 30/4/2026 Đồng Nai is a municipality.
//!
//! **Trap:** the code of an administrative unit is not the place code of a personal number, though they look alike:
//! 15 was Yên Bái until 30/6/2025 and is Lào Cai since; place code 015 in a personal number is Yên Bái for ever. So a
//! province is looked up by code *and day*, and a place code only through [`province_of_birth`].
//!
//! Not here: the districts and communes before 1/7/2025.

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::names;
use crate::personal_number::BirthPlaceCode;

/// A provincial unit between two days. A unit that changed its rank has two records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Province {
    /// Two digits, unique on any one day.
    pub code: &'static str,
    /// *Tỉnh* or *thành phố trực thuộc trung ương*.
    pub kind: ProvinceKind,
    /// The name without its kind.
    pub name: &'static str,
    /// The first day; `None` where it lies before these records.
    pub valid_from: Option<Date>,
    /// The last day; `None` while it is in force.
    pub valid_to: Option<Date>,
    merged_into: &'static str,
}

/// The rank of a provincial unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProvinceKind {
    /// *Tỉnh*.
    Province,
    /// *Thành phố trực thuộc trung ương*.
    Municipality,
}

/// A unit of the lower tier, as in force since 1/7/2025 (state of 25/7/2026).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Commune {
    /// Five digits.
    pub code: &'static str,
    /// *Xã*, *phường* or *đặc khu*.
    pub kind: CommuneKind,
    /// The name without its kind; unique neither in the country nor always in a province.
    pub name: &'static str,
    /// The code of its province.
    pub province: &'static str,
}

/// The kind of a commune.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommuneKind {
    /// *Xã*.
    Rural,
    /// *Phường*.
    Ward,
    /// *Đặc khu*.
    SpecialZone,
}

static PROVINCES: LazyLock<Vec<Province>> = LazyLock::new(|| {
    rows(include_str!("../data/provinces.tsv"))
        .filter_map(Province::read)
        .collect()
});

static COMMUNES: LazyLock<Vec<Commune>> = LazyLock::new(|| {
    let mut province = "";
    let mut communes = Vec::new();
    for row in rows(include_str!("../data/communes.tsv")) {
        match row.strip_prefix('=') {
            Some(code) => province = code,
            None => communes.extend(Commune::read(row, province)),
        }
    }
    communes.sort_unstable_by_key(|commune| commune.code);
    communes
});

/// The provincial units of a day: 63 until 30/6/2025, 34 from then on.
pub fn on(day: Date) -> impl Iterator<Item = &'static Province> {
    PROVINCES.iter().filter(move |province| province.is_valid(day))
}

/// The provincial unit that has a code on a day.
pub fn province(code: &str, day: Date) -> Option<&'static Province> {
    on(day).find(|province| province.code == code)
}

/// The old province that the first three digits of a personal number name; `None` for a birth abroad.
pub fn province_of_birth(place: BirthPlaceCode) -> Option<&'static Province> {
    let name = place.province()?;
    PROVINCES
        .iter()
        .find(|province| province.is_old() && province.name == name)
}

/// The code that the territory of an old province has since 1/7/2025; `None` if there was no such code before.
pub fn merged_into(old_code: &str) -> Option<&'static str> {
    PROVINCES
        .iter()
        .find(|province| province.is_old() && province.code == old_code)
        .map(|province| province.merged_into)
}

/// The commune with a code of five digits.
pub fn commune(code: &str) -> Option<&'static Commune> {
    let at = COMMUNES.binary_search_by_key(&code, |commune| commune.code).ok()?;
    COMMUNES.get(at)
}

/// All 3,321 communes, by code.
pub fn communes() -> impl ExactSizeIterator<Item = &'static Commune> {
    COMMUNES.iter()
}

/// The communes of a province, by code.
pub fn communes_of(province: &str) -> impl Iterator<Item = &'static Commune> {
    COMMUNES.iter().filter(move |commune| commune.province == province)
}

/// The communes of a province that a text names, with or without the kind and the diacritics: *Phường Ba Đình*, *ba dinh*.
pub fn communes_named(province: &str, text: &str) -> Vec<&'static Commune> {
    let wanted = names::fold(text);
    let named = |commune: &&Commune| {
        [commune.name.to_owned(), commune.full_name()]
            .iter()
            .any(|n| names::fold(n) == wanted)
    };
    communes_of(province).filter(named).collect()
}

impl Province {
    /// The name with its kind: *Tỉnh Lào Cai*, *Thành phố Hà Nội*.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.kind.vietnamese(), self.name)
    }

    fn is_valid(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|first| first <= day) && self.valid_to.is_none_or(|last| day <= last)
    }

    fn is_old(&self) -> bool {
        !self.merged_into.is_empty()
    }

    /// `None` for a row that is not sound: the embedded table is counted in a test.
    fn read(row: &'static str) -> Option<Self> {
        let fields: Vec<&'static str> = row.split('\t').collect();
        let &[code, kind, from, to, merged_into, name] = fields.as_slice() else {
            return None;
        };
        let kind = match kind {
            "t" => ProvinceKind::Province,
            "p" => ProvinceKind::Municipality,
            _ => return None,
        };
        Some(Self {
            code,
            kind,
            name,
            valid_from: from.parse().ok(),
            valid_to: to.parse().ok(),
            merged_into,
        })
    }
}

impl ProvinceKind {
    /// *Tỉnh* or *Thành phố*.
    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::Province => "Tỉnh",
            Self::Municipality => "Thành phố",
        }
    }
}

impl Commune {
    /// The name with its kind: *Phường Ba Đình*.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.kind.vietnamese(), self.name)
    }

    fn read(row: &'static str, province: &'static str) -> Option<Self> {
        let (code, rest) = row.split_once('\t')?;
        let (kind, name) = rest.split_once('\t')?;
        let kind = match kind {
            "x" => CommuneKind::Rural,
            "p" => CommuneKind::Ward,
            "d" => CommuneKind::SpecialZone,
            _ => return None,
        };
        Some(Self {
            code,
            kind,
            name,
            province,
        })
    }
}

impl CommuneKind {
    /// *Xã*, *Phường* or *Đặc khu*.
    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::Rural => "Xã",
            Self::Ward => "Phường",
            Self::SpecialZone => "Đặc khu",
        }
    }
}

fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

#[cfg(test)]
mod tests;
