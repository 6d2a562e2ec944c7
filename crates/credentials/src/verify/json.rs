//! What is shown, as JSON.

use serde_json::{Value as Json, json};

use crate::cbor::Value;
use crate::identity_qr::Identity;
use crate::mdoc::Elements;

/// The identity data, with the photo in standard base64.
pub(super) fn identity(identity: &Identity) -> Json {
    let mut json = serde_json::to_value(identity).unwrap_or_default();
    if let (Some(members), Some(photo)) = (json.as_object_mut(), &identity.photo) {
        members.insert("photo".to_owned(), crate::base64(&photo.image).into());
    }
    json
}

/// Data elements by namespace.
pub(super) fn elements(elements: &Elements) -> Json {
    let members = |elements: &std::collections::BTreeMap<String, Value>| {
        elements
            .iter()
            .map(|(name, value)| (name.clone(), item(value)))
            .collect::<Json>()
    };
    elements
        .iter()
        .map(|(name, elements)| (name.clone(), members(elements)))
        .collect()
}

/// A data item: bytes in standard base64, tagged items as what they hold, keys as text.
fn item(value: &Value) -> Json {
    match value {
        Value::Integer(number) => integer(i128::from(*number)),
        Value::Bytes(bytes) => crate::base64(bytes).into(),
        Value::Float(number) => json!(number),
        Value::Text(text) => text.as_str().into(),
        Value::Bool(truth) => (*truth).into(),
        Value::Tag(_, inner) => item(inner),
        Value::Array(items) => items.iter().map(item).collect(),
        Value::Map(entries) => entries
            .iter()
            .map(|(name, value)| {
                (
                    name.as_text().map_or_else(|| item(name).to_string(), str::to_owned),
                    item(value),
                )
            })
            .collect(),
        _ => Json::Null,
    }
}

/// JSON has integers of 64 bits; larger ones are written as text.
fn integer(number: i128) -> Json {
    i64::try_from(number).map_or_else(|_| number.to_string().into(), Json::from)
}
