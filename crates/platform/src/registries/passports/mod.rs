//! The passport database (*hộ chiếu*).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::contract::Record;
use super::rules::Source;

/// *Hộ chiếu phổ thông*, the newest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passport {
    /// Its number.
    pub number: String,
    /// *Loại*: `P`.
    pub kind: String,
    /// *Ngày cấp*.
    pub issued_on: Date,
    /// *Có giá trị đến*.
    pub expires_on: Date,
    /// *Nơi cấp*.
    pub issued_by: String,
    /// Whether it has a chip.
    pub chip: bool,
    /// `valid`, `expired`, `lost` or `cancelled`.
    pub state: String,
}

impl Record for Passport {
    const SOURCE: Source = Source::Passport;
    const PATH: &'static str = "/passport/v1/query";
}
