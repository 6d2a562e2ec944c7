//! Token Status List (draft-ietf-oauth-status-list-20): whether a credential is valid, revoked or suspended, published so
//! that nobody learns whose status was looked up.
//!
//! - [`StatusList`]: the bits, two for each credential here; lists of others with 1, 4 or 8 are read too;
//! - [`StatusToken`]: a signed list (`statuslist+jwt`, `statuslist+cwt`) with its time, end and time to live;
//! - [`StatusRef`]: what stands in a credential: the list's address and an index;
//! - [`Shards`]: which list and index a new credential gets.
//!
//! *Khóa căn cước điện tử* (locking, Luật Căn cước 26/2023/QH15 Đ34) is `Suspended`; unlocking is `Valid` again;
//! *thu hồi* is `Invalid`, for ever.

mod list;
mod shards;
mod token;

pub use list::{MAX_LIST, OutOfRange, Status, StatusList};
pub use shards::{Place, Shards};
pub(crate) use token::x5c;
pub use token::{MAX_TOKEN, StatusRefusal, StatusToken};

use serde::{Deserialize, Serialize};

use crate::cbor::{self, Value};

/// Where the status of a credential stands (draft section 6): `status_list` in its claim `status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusRef {
    /// The address of the status list token, which is also its `sub`.
    pub uri: String,
    /// The index in that list.
    #[serde(rename = "idx")]
    pub index: u64,
}

impl StatusRef {
    /// The claim `status` of a JWT.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "status_list": self })
    }

    /// Reads the claim `status` of a JWT; `None` when it names no status list, or is malformed.
    pub fn from_json(claim: &serde_json::Value) -> Option<Self> {
        Self::deserialize(claim.get("status_list")?).ok()
    }

    /// The `Status` structure of a CWT or mdoc.
    pub fn to_cbor(&self) -> Value {
        let info = cbor::map([("idx", self.index.into()), ("uri", self.uri.as_str().into())]);
        cbor::map([("status_list", info)])
    }

    /// Reads the `Status` structure of a CWT or mdoc.
    pub fn from_cbor(status: &Value) -> Option<Self> {
        let info = cbor::named(status, "status_list")?;
        Some(Self {
            uri: cbor::named(info, "uri")?.as_text()?.to_owned(),
            index: cbor::named(info, "idx")?.as_integer()?.try_into().ok()?,
        })
    }
}

#[cfg(test)]
mod tests;
