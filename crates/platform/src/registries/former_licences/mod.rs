//! The register of driving licences before the driving-licence database: what it still says of a person.

use serde::{Deserialize, Serialize};

use super::Licence;
use super::contract::Record;
use super::rules::Source;

/// A licence as the former register keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FormerLicence(pub Licence);

impl Record for FormerLicence {
    const SOURCE: Source = Source::FormerLicence;
    const PATH: &'static str = "/former-licence/v1/query";
}
