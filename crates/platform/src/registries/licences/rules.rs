//! What the platform needs to know of a driving licence.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A driving licence (*giấy phép lái xe*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// Its number.
    pub number: String,
    /// The name on it.
    pub full_name: String,
    /// The date of birth on it.
    pub date_of_birth: Date,
    /// *Quốc tịch*.
    pub nationality: String,
    /// *Nơi cư trú*.
    pub address: String,
    /// What may be driven.
    pub classes: Vec<LicenceClass>,
    /// *Ngày cấp*.
    pub issued_on: Date,
    /// *Nơi cấp*.
    pub issued_by: String,
    /// The points left of 12 (Luật 36/2024/QH15, article 58).
    pub points: u8,
    /// What it is worth; each class ends on its own.
    pub state: LicenceState,
}

/// A class of a driving licence (*hạng*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceClass {
    /// `A1`, `B`, `D2`, …
    pub name: String,
    /// Since when.
    pub issued_on: Date,
    /// Last day; `None` is *không thời hạn*.
    pub expires_on: Option<Date>,
}

/// What a licence is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LicenceState {
    /// It can be used, as far as its classes are in time.
    Valid,
    /// Held by the traffic police (*tạm giữ*).
    Held,
    /// The right to drive was taken (*tước quyền sử dụng*).
    Revoked,
}
