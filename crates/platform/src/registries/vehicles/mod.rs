//! The vehicle-registration database (*Cơ sở dữ liệu đăng ký xe*): the vehicles of a person.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::contract::Record;
use super::rules::Source;

/// All vehicles of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vehicles {
    /// Each with its certificate.
    pub vehicles: Vec<Vehicle>,
}

/// *Chứng nhận đăng ký xe* (Thông tư 79/2024/TT-BCA).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vehicle {
    /// *Biển số*.
    pub plate: String,
    /// `car` or `motorcycle`.
    pub kind: String,
    /// *Chủ xe*.
    pub owner: String,
    /// The other owner.
    pub co_owner: Option<String>,
    /// *Địa chỉ*.
    pub address: String,
    /// *Nhãn hiệu*.
    pub brand: String,
    /// *Số loại*.
    pub model: String,
    /// *Màu sơn*.
    pub colour: String,
    /// *Dung tích* or *công suất*.
    pub power: String,
    /// *Số máy*.
    pub engine_number: String,
    /// *Số khung*.
    pub chassis_number: String,
    /// *Số chỗ ngồi*.
    pub seats: u8,
    /// *Đăng ký lần đầu*.
    pub first_registered_on: Date,
    /// *Ngày cấp*.
    pub issued_on: Date,
    /// *Nơi cấp*.
    pub issued_by: String,
    /// *Hạn đăng kiểm*; motorcycles have none.
    pub inspected_until: Option<Date>,
    /// `valid`, `held` or `withdrawn`.
    pub state: String,
}

impl Record for Vehicles {
    const SOURCE: Source = Source::Vehicle;
    const PATH: &'static str = "/vehicle/v1/query";
}
