//! Where the status of a presentation stands, before anything of it is verified: to fetch what is needed to judge it.

use crate::identity_qr::Shown;
use crate::mdoc::{DeviceResponse, IssuerSigned};
use crate::sdjwt::SdJwt;
use crate::status::StatusRef;

/// The addresses of the status lists that an identity QR or an SD-JWT names. Nothing of it is verified: whoever fetches them decides which
/// addresses it goes to.
pub fn addresses_in_text(text: &str) -> Vec<String> {
    let text = text.trim();
    let place = if text.contains('~') {
        SdJwt::parse(text).ok().and_then(|parsed| parsed.unverified_status())
    } else {
        Shown::parse(text).ok().and_then(|shown| shown.unverified_status())
    };
    place.into_iter().map(|place: StatusRef| place.uri).collect()
}

/// As [`addresses_in_text`], of the documents in a `DeviceResponse` or an `IssuerSigned`.
pub fn addresses_in_bytes(bytes: &[u8]) -> Vec<String> {
    if let Ok(issued) = IssuerSigned::parse(bytes) {
        return issued.unverified_status().into_iter().map(|place| place.uri).collect();
    }
    let documents = DeviceResponse::parse(bytes).map_or_else(|_| Vec::new(), |response| response.documents);
    let places = documents
        .iter()
        .filter_map(|document| document.issuer_signed().unverified_status());
    places.map(|place| place.uri).collect()
}
