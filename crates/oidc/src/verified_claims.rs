//! Claims with the proof of how they were verified (OpenID Identity Assurance Schema 1.0; OpenID Connect for Identity
//! Assurance 1.0).
//!
//! A [`Proofing`] is the record of how a person was once identified. [`answer`] builds `verified_claims` from it as far
//! as a [`Wish`] asks, with no more data than was asked for (section 5 of OpenID Connect for Identity Assurance).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::claims::Scopes;

/// Our trust framework: the levels of identification of Nghị định 69/2024/NĐ-CP Điều 7.
pub const FRAMEWORK: &str = "vn_vneid";
/// The claims that can be verified: what the population database and the card say.
pub const CLAIMS: &[&str] = &[
    "name",
    "family_name",
    "middle_name",
    "given_name",
    "gender",
    "birthdate",
    "address",
    "vneid_personal_number",
];

const MAX_DEPTH: usize = 8;
const MAX_ALTERNATIVES: usize = 8;

/// How a person was identified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proofing {
    /// The level of the account (mức độ tài khoản định danh điện tử): 1 or 2.
    pub level: u8,
    /// When it was done.
    pub at: Timestamp,
    /// The process's own number (the dossier), which the person and the police know too.
    pub process: Option<String>,
    /// The identity card that was checked, if one was.
    pub card: Option<Card>,
    /// Whether the data was compared with the national population database (Cơ sở dữ liệu quốc gia về dân cư).
    pub register: bool,
    /// Whether the face was compared with the one in the card's chip or on record.
    pub face: bool,
    /// Whether the person stood before an officer.
    pub in_person: bool,
}

/// The card that was checked (thẻ căn cước).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// When it was issued.
    pub issued_on: jiff::civil::Date,
    /// When it ends, if ever.
    pub expires_on: Option<jiff::civil::Date>,
    /// Whether the signature of the chip's data was verified.
    pub chip: bool,
}

/// One `verified_claims` of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// The filter for the verification: members with `null`, `value`, `values`, `max_age`, or further members.
    pub verification: Value,
    /// The wished claims, by name.
    pub claims: BTreeMap<String, Value>,
}

impl Wish {
    /// Reads one wish or a list of alternatives; nothing if one is not of the right shape.
    pub(crate) fn read_all(value: &Value) -> Option<Vec<Self>> {
        match value {
            Value::Array(several) if several.len() <= MAX_ALTERNATIVES => several.iter().map(Self::read).collect(),
            Value::Array(_) => None,
            one => Self::read(one).map(|wish| vec![wish]),
        }
    }

    /// Both members are needed, `claims` must not be empty, and `trust_framework` must be asked for.
    fn read(value: &Value) -> Option<Self> {
        let verification = value.get("verification")?;
        let framework = verification.as_object()?.contains_key("trust_framework");
        let claims = value.get("claims")?.as_object()?;
        let shaped = claims.values().all(|wish| wish.is_null() || wish.is_object());
        (framework && shaped && !claims.is_empty() && depth(verification) <= MAX_DEPTH).then(|| Self {
            verification: verification.clone(),
            claims: claims.iter().map(|(name, wish)| (name.clone(), wish.clone())).collect(),
        })
    }
}

/// The `verified_claims` for these alternatives: one object, or a list where several fit; nothing where none does.
///
/// `known` are the person's data under the names of OpenID Connect; of them only what was verified, wished for and
/// granted is told. An alternative whose verification cannot be met is left out as a whole; an unknown claim is left out
/// alone.
pub fn answer(
    wishes: &[Wish],
    proofing: &Proofing,
    known: &Map<String, Value>,
    granted: &Scopes,
    now: Timestamp,
) -> Option<Value> {
    let record = proofing.verification();
    let mut answers: Vec<Value> = wishes
        .iter()
        .filter_map(|wish| {
            let verification = filter(&wish.verification, &record, now)?;
            let claims = claims(wish, known, granted);
            (!claims.is_empty()).then(|| json!({"verification": verification, "claims": claims}))
        })
        .collect();
    match answers.len() {
        0 => None,
        1 => answers.pop(),
        _ => Some(Value::Array(answers)),
    }
}

fn claims(wish: &Wish, known: &Map<String, Value>, granted: &Scopes) -> Map<String, Value> {
    wish.claims
        .iter()
        .filter(|(name, _)| CLAIMS.contains(&name.as_str()) && granted.release(name))
        .filter_map(|(name, wanted)| {
            let value = known.get(name)?;
            accepts(wanted, value).then(|| (name.clone(), value.clone()))
        })
        .collect()
}

impl Proofing {
    /// The whole `verification` element.
    fn verification(&self) -> Value {
        let mut evidence = Vec::new();
        if let Some(card) = &self.card {
            evidence.push(card.evidence(self));
        }
        if self.register {
            evidence.push(json!({
                "type": "electronic_record",
                "check_details": [{"check_method": "data", "organization": "Bộ Công an", "time": self.at}],
                "record": {
                    "type": "population_register",
                    "source": {"name": "Cơ sở dữ liệu quốc gia về dân cư", "country_code": "VNM"},
                },
            }));
        }
        let mut told = json!({
            "trust_framework": FRAMEWORK,
            "assurance_level": format!("vneid_level_{}", self.level),
            "time": self.at,
            "evidence": evidence,
        });
        if let (Some(process), Some(members)) = (&self.process, told.as_object_mut()) {
            members.insert("verification_process".to_owned(), json!(process));
        }
        told
    }
}

impl Card {
    fn evidence(&self, proofing: &Proofing) -> Value {
        let check = |method: &str| json!({"check_method": method, "organization": "Bộ Công an", "time": proofing.at});
        let document = match (self.chip, proofing.in_person) {
            (true, _) => "vcrypt",
            (false, true) => "vpip",
            (false, false) => "vri",
        };
        let person = match (proofing.face, proofing.in_person) {
            (true, true) => Some("bvp"),
            (true, false) => Some("bvr"),
            (false, true) => Some("pvp"),
            (false, false) => None,
        };
        let checks: Vec<Value> = std::iter::once(document).chain(person).map(check).collect();
        let mut details = json!({
            "type": "idcard", "date_of_issuance": self.issued_on,
            "issuer": {"name": "Bộ Công an", "country_code": "VNM"},
        });
        if let (Some(end), Some(members)) = (self.expires_on, details.as_object_mut()) {
            members.insert("date_of_expiry".to_owned(), json!(end));
        }
        json!({"type": "document", "check_details": checks, "document_details": details})
    }
}

/// What of the record is asked for; nothing if a condition is not met. Members that the record does not have are left
/// out, unless a value was asked for.
fn filter(wish: &Value, record: &Value, now: Timestamp) -> Option<Value> {
    match (wish, record) {
        (Value::Null, _) => Some(record.clone()),
        (Value::Object(wished), Value::Object(known)) => filter_members(wished, known, now).map(Value::Object),
        (Value::Object(condition), scalar) => {
            (accepts(wish, scalar) && is_recent(condition, scalar, now)).then(|| scalar.clone())
        }
        (Value::Array(wished), Value::Array(known)) => filter_list(wished, known, now).map(Value::Array),
        _ => None,
    }
}

fn filter_members(
    wished: &Map<String, Value>,
    known: &Map<String, Value>,
    now: Timestamp,
) -> Option<Map<String, Value>> {
    let mut told = Map::new();
    for (name, wish) in wished {
        match known.get(name) {
            Some(value) => {
                told.insert(name.clone(), filter(wish, value, now)?);
            }
            None if is_condition(wish) => return None,
            None => {}
        }
    }
    Some(told)
}

/// Each entry of the request is met by at least one of the record.
fn filter_list(wished: &[Value], known: &[Value], now: Timestamp) -> Option<Vec<Value>> {
    let mut told = Vec::new();
    for wish in wished {
        let before = told.len();
        told.extend(known.iter().filter_map(|entry| filter(wish, entry, now)));
        if told.len() == before {
            return None;
        }
    }
    Some(told)
}

/// Whether a wish asks for certain values, so that nothing else will do.
fn is_condition(wish: &Value) -> bool {
    ["value", "values", "max_age"]
        .iter()
        .any(|name| wish.get(name).is_some())
        || wish.get("essential") == Some(&Value::Bool(true))
}

fn accepts(wish: &Value, value: &Value) -> bool {
    let one = wish.get("value").is_none_or(|wanted| wanted == value);
    let several = wish
        .get("values")
        .is_none_or(|wanted| wanted.as_array().is_some_and(|wanted| wanted.contains(value)));
    one && several
}

/// `max_age`, in seconds, for times.
fn is_recent(condition: &Map<String, Value>, value: &Value, now: Timestamp) -> bool {
    let Some(most) = condition.get("max_age") else {
        return true;
    };
    let at = value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    match (most.as_i64(), at) {
        (Some(most), Some(at)) => now.as_second().saturating_sub(at.as_second()) <= most,
        _ => false,
    }
}

fn depth(value: &Value) -> usize {
    let deepest = |values: &mut dyn Iterator<Item = &Value>| values.map(depth).max().unwrap_or(0) + 1;
    match value {
        Value::Array(list) => deepest(&mut list.iter()),
        Value::Object(members) => deepest(&mut members.values()),
        _ => 0,
    }
}

#[cfg(test)]
#[path = "verified_claims_tests.rs"]
mod tests;
