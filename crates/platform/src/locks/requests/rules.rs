//! States and time limits of requests: no I/O, no clock.

use civil::PersonalNumber;
use serde::{Deserialize, Serialize};

use crate::locks::rules::{Ground, reason as reason_of};
use crate::officers::CaseNumber;
use crate::shell::problem::Fault;

/// Working days for forwarding (QĐ 5709/QĐ-BCA-C06).
pub(super) const FORWARD_DAYS: u16 = 1;
/// Working days for the decision after that.
pub(super) const DECIDE_DAYS: u16 = 2;

/// Where a request stands.
///
/// ```text
/// Received -- forward --> Forwarded -- grant --> Granted
///                                   '- refuse -> Refused
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// It has come, and is forwarded within a working day.
    Received,
    /// The ministry decides within two working days.
    Forwarded,
    /// What was asked for is done.
    Granted,
    /// It was refused, with the reason.
    Refused,
}

impl State {
    pub(super) const ALL: [Self; 4] = [State::Received, State::Forwarded, State::Granted, State::Refused];

    pub(super) fn word(self) -> &'static str {
        match self {
            State::Received => "received",
            State::Forwarded => "forwarded",
            State::Granted => "granted",
            State::Refused => "refused",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// On which ground: what a competent body asks for, or a breach of the terms of use that an officer has found or seen remedied
/// (Luật Căn cước 26/2023/QH15, article 34.1.b and 34.2.b).
fn ground(word: &str) -> Option<Ground> {
    match word {
        "" | "competent-body" => Some(Ground::CompetentBody),
        "breach" => Some(Ground::Breach),
        _ => None,
    }
}

fn competent_body() -> Ground {
    Ground::CompetentBody
}

/// What a body asks for, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    /// On which ground.
    #[serde(default = "competent_body")]
    pub(super) ground: Ground,
    /// The body.
    pub(super) body: String,
    /// The number of its document.
    pub(super) document: String,
    /// Its reason.
    pub(super) reason: String,
    /// The officer who received it, as others know them.
    pub(super) received_by: String,
}

/// A body's request, as it is typed from its document.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ReceiveForm {
    pub(super) number: String,
    pub(super) full_name: String,
    pub(super) word: String,
    pub(super) ground: String,
    pub(super) body: String,
    pub(super) document: String,
    pub(super) reason: String,
}

/// What was typed, all right.
pub(super) struct Read {
    pub(super) number: PersonalNumber,
    pub(super) raises: bool,
    pub(super) ground: Ground,
    pub(super) body: String,
    pub(super) document: CaseNumber,
    pub(super) reason: String,
}

pub(super) fn read(form: &ReceiveForm) -> Result<Read, Vec<Fault>> {
    let (number, document) = (
        PersonalNumber::parse(form.number.trim()).ok(),
        CaseNumber::parse(&form.document),
    );
    let (body, reason) = (reason_of(&form.body), reason_of(&form.reason));
    let raises = match form.word.as_str() {
        "lock" => Some(true),
        "unlock" => Some(false),
        _ => None,
    };
    let ground = ground(&form.ground);
    let mut faults = Vec::new();
    for (field, text, missing) in [
        ("number", "locks-number-fault", number.is_none()),
        ("word", "locks-word-fault", raises.is_none()),
        ("ground", "locks-requests-ground-fault", ground.is_none()),
        ("body", "locks-reason-fault", body.is_none()),
        ("document", "locks-document-fault", document.is_none()),
        ("reason", "locks-reason-fault", reason.is_none()),
    ] {
        if missing {
            faults.push(Fault::new(field, text));
        }
    }
    match (number, raises.zip(ground), body, document, reason) {
        (Some(number), Some((raises, ground)), Some(body), Some(document), Some(reason)) => Ok(Read {
            number,
            raises,
            ground,
            body,
            document,
            reason,
        }),
        _ => Err(faults),
    }
}
