//! The first three digits of a personal number.
//!
//! **Trap:** these codes keep the meaning of the old 63 provinces for ever, although the administrative list has had 34
//! units with re-used codes since 1/7/2025 (015 is the old Yên Bái; administrative code 15 is the new Lào Cai). The two
//! tables never mix: administrative units are in their own module.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use thiserror::Error;

/// The 63 provinces of birth registration by code (Circular 07/2016/TT-BCA, Annex I).
pub const PROVINCES: [(u16, &str); 63] = [
    (1, "Hà Nội"),
    (2, "Hà Giang"),
    (4, "Cao Bằng"),
    (6, "Bắc Kạn"),
    (8, "Tuyên Quang"),
    (10, "Lào Cai"),
    (11, "Điện Biên"),
    (12, "Lai Châu"),
    (14, "Sơn La"),
    (15, "Yên Bái"),
    (17, "Hòa Bình"),
    (19, "Thái Nguyên"),
    (20, "Lạng Sơn"),
    (22, "Quảng Ninh"),
    (24, "Bắc Giang"),
    (25, "Phú Thọ"),
    (26, "Vĩnh Phúc"),
    (27, "Bắc Ninh"),
    (30, "Hải Dương"),
    (31, "Hải Phòng"),
    (33, "Hưng Yên"),
    (34, "Thái Bình"),
    (35, "Hà Nam"),
    (36, "Nam Định"),
    (37, "Ninh Bình"),
    (38, "Thanh Hóa"),
    (40, "Nghệ An"),
    (42, "Hà Tĩnh"),
    (44, "Quảng Bình"),
    (45, "Quảng Trị"),
    (46, "Thừa Thiên Huế"),
    (48, "Đà Nẵng"),
    (49, "Quảng Nam"),
    (51, "Quảng Ngãi"),
    (52, "Bình Định"),
    (54, "Phú Yên"),
    (56, "Khánh Hòa"),
    (58, "Ninh Thuận"),
    (60, "Bình Thuận"),
    (62, "Kon Tum"),
    (64, "Gia Lai"),
    (66, "Đắk Lắk"),
    (67, "Đắk Nông"),
    (68, "Lâm Đồng"),
    (70, "Bình Phước"),
    (72, "Tây Ninh"),
    (74, "Bình Dương"),
    (75, "Đồng Nai"),
    (77, "Bà Rịa - Vũng Tàu"),
    (79, "Hồ Chí Minh"),
    (80, "Long An"),
    (82, "Tiền Giang"),
    (83, "Bến Tre"),
    (84, "Trà Vinh"),
    (86, "Vĩnh Long"),
    (87, "Đồng Tháp"),
    (89, "An Giang"),
    (91, "Kiên Giang"),
    (92, "Cần Thơ"),
    (93, "Hậu Giang"),
    (94, "Sóc Trăng"),
    (95, "Bạc Liêu"),
    (96, "Cà Mau"),
];

/// Codes from here up are taken as countries.
///
/// Circular 07/2016/TT-BCA Annex II lists codes for births registered abroad, but its rows are not public: that they lie
/// above 100 is an assumption, so every value from 100 to 999 is accepted and names come from [`CountryCodes`].
const FIRST_COUNTRY: u16 = 100;

/// Three digits that say where a birth was registered: one of the 63 provinces, or a country.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BirthPlaceCode(u16);

impl BirthPlaceCode {
    /// `None` for a value that names no province and cannot be a country.
    pub fn new(value: u16) -> Option<Self> {
        let known = (FIRST_COUNTRY..=999).contains(&value) || province(value).is_some();
        known.then_some(Self(value))
    }

    /// The code as a number, 1–999.
    pub fn value(self) -> u16 {
        self.0
    }

    /// The old province, without *tỉnh* or *thành phố*; `None` when registered abroad.
    pub fn province(self) -> Option<&'static str> {
        province(self.0)
    }

    /// Whether the birth was registered abroad (as far as is known, see [`CountryCodes`]).
    pub fn is_abroad(self) -> bool {
        self.0 >= FIRST_COUNTRY
    }
}

impl fmt::Display for BirthPlaceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

impl fmt::Debug for BirthPlaceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BirthPlaceCode({self})")
    }
}

fn province(value: u16) -> Option<&'static str> {
    let at = PROVINCES.binary_search_by_key(&value, |(code, _)| *code).ok()?;
    PROVINCES.get(at).map(|(_, name)| *name)
}

/// The configured names of countries by code, as in Annex II of Circular 07/2016/TT-BCA; empty by default.
///
/// In configuration it is a table of three-digit keys and names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct CountryCodes(BTreeMap<u16, String>);

/// A key that is no country code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a country code: three digits from 100 to 999 are")]
pub struct CountryCodesError(String);

impl CountryCodes {
    /// The name of the country, if the table has it.
    pub fn name(&self, code: BirthPlaceCode) -> Option<&str> {
        self.0.get(&code.0).map(String::as_str)
    }
}

impl TryFrom<BTreeMap<String, String>> for CountryCodes {
    type Error = CountryCodesError;

    fn try_from(table: BTreeMap<String, String>) -> Result<Self, CountryCodesError> {
        let read = |(key, name): (String, String)| match key.parse() {
            Ok(code @ FIRST_COUNTRY..=999) if key.len() == 3 => Ok((code, name)),
            _ => Err(CountryCodesError(key)),
        };
        table.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }
}
