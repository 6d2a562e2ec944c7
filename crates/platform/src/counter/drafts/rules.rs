//! What a desk hands in, and whether it is what the device signed.

use crypto::jwk::PublicKey;
use crypto::sign::{self, Algorithm};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::DraftId;
use crate::officers::OfficerId;

/// A draft as the page signed it.
#[derive(Deserialize)]
pub(super) struct Packet {
    /// Drawn by the page when the draft was finished: the same for every try to hand it in.
    pub(super) draft: DraftId,
    /// The officer whose page it was.
    pub(super) officer: OfficerId,
    /// When it was finished, by the device's clock.
    pub(super) taken_at: Timestamp,
    /// The form: fields as text, files as `{"base64": …}`.
    pub(super) form: Map<String, Value>,
}

/// Why a draft is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsigned {
    /// Not a packet.
    Form,
    /// The signature is not one of this key over this packet.
    Signature,
    /// It was put together by another officer.
    OtherOfficer,
}

/// Reads a packet that a key signed.
pub(super) fn open(text: &str, signature: &[u8], key: &PublicKey, officer: OfficerId) -> Result<Packet, Unsigned> {
    if key.algorithm() != Algorithm::Es256 || sign::verify(key, text.as_bytes(), signature).is_err() {
        return Err(Unsigned::Signature);
    }
    let packet: Packet = serde_json::from_str(text).map_err(|_error| Unsigned::Form)?;
    if packet.officer != officer {
        return Err(Unsigned::OtherOfficer);
    }
    Ok(packet)
}
