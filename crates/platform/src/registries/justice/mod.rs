//! The judicial-record database (*lý lịch tư pháp*).

use serde::{Deserialize, Serialize};

use super::contract::Record;
use super::rules::Source;

/// What certificate no. 1 says (Luật Lý lịch tư pháp 2009, article 42).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudicialRecord {
    /// Convictions that are not cleared.
    pub convictions: Vec<Conviction>,
    /// *Bị cấm thành lập, quản lý doanh nghiệp*.
    pub banned_from_enterprises: bool,
}

/// A conviction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conviction {
    /// *Tội danh*.
    pub offence: String,
    /// *Hình phạt*.
    pub penalty: String,
    /// *Tòa án*.
    pub court: String,
}

impl Record for JudicialRecord {
    const SOURCE: Source = Source::Justice;
    const PATH: &'static str = "/justice/v1/query";
}
