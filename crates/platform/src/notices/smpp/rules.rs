//! What is said to an SMS centre, and what its answers mean (SMPP 3.4, clause numbers in brackets).

use std::str::FromStr as _;

use rusmpp::extra::concatenation::SubmitSmMultipartExt as _;
use rusmpp::extra::encoding::gsm7bit::{Gsm7BitAlphabet, Gsm7BitUnpacked};
use rusmpp::extra::encoding::ucs2::Ucs2;
use rusmpp::pdus::{BindTransceiver, DeliverSm, SubmitSm};
use rusmpp::types::COctetString;
use rusmpp::values::{
    Ansi41Specific, EsmClass, GsmFeatures, InterfaceVersion, MessageType, MessagingMode, Npi, RegisteredDelivery, Ton,
};
use rusmpp::{CommandStatus, Pdu};
use serde::{Deserialize, Serialize};

use crate::notices::Refused;
use crate::shell::words::words;

/// How many letters of GSM a message without header holds.
const GSM_LETTERS: usize = 160;

words! {
    /// What became of a message on its way to the phone [5.2.28].
    Fate {
        /// It is on the phone.
        Delivered = "delivered",
        /// It will never be.
        Failed = "failed",
    }
}

/// A delivery receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What the centre called the message when it took it.
    pub id: String,
    /// What became of it.
    pub fate: Fate,
}

/// How the receipts of a centre name messages, beside how its answers do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ids {
    /// Letter by letter the same.
    #[default]
    Same,
    /// As a decimal number, while answers are hexadecimal.
    Decimal,
    /// As a hexadecimal number, while answers are decimal.
    Hexadecimal,
}

impl Ids {
    /// What an answer called a message, in the form in which it is kept.
    pub fn of_answer(self, id: &str) -> String {
        match self {
            Ids::Same => id.to_owned(),
            Ids::Decimal => plain(id, 16),
            Ids::Hexadecimal => plain(id, 10),
        }
    }

    /// What a receipt calls a message, in the form in which it is kept.
    pub fn of_receipt(self, id: &str) -> String {
        match self {
            Ids::Same => id.to_owned(),
            Ids::Decimal => plain(id, 10),
            Ids::Hexadecimal => plain(id, 16),
        }
    }
}

/// The number as it is kept, whatever its base and its zeros; what is no number is kept as it is.
fn plain(id: &str, base: u32) -> String {
    u128::from_str_radix(id.trim(), base).map_or_else(|_| id.to_owned(), |number| number.to_string())
}

/// The request that opens a session in both directions [4.1.5].
pub fn bind(system_id: &str, password: &str) -> Result<BindTransceiver, Refused> {
    let too_long = |error| Refused::Never(format!("system_id has at most 15, password at most 8 letters: {error}"));
    Ok(BindTransceiver::builder()
        .system_id(COctetString::from_str(system_id).map_err(too_long)?)
        .password(COctetString::from_str(password).map_err(too_long)?)
        .interface_version(InterfaceVersion::Smpp3_4)
        .build())
}

/// The parts of a text: one where it fits, in the alphabet of GSM where that has its letters, else in UCS-2 [4.4.1].
///
/// `reference` tells the parts of one text from those of another.
pub fn parts(sender: &str, to: &str, text: &str, reference: u8) -> Result<Vec<SubmitSm>, Refused> {
    let never = |error: String| Refused::Never(error);
    let whole = SubmitSm::builder()
        .source_addr_ton(Ton::Alphanumeric)
        .source_addr(COctetString::from_str(sender).map_err(|error| never(format!("sender: {error}")))?)
        .dest_addr_ton(Ton::International)
        .dest_addr_npi(Npi::Isdn)
        .destination_addr(
            COctetString::from_str(to.trim_start_matches('+')).map_err(|error| never(format!("number: {error}")))?,
        )
        // The library's default class says "this is a receipt", which a centre would have to refuse.
        .esm_class(EsmClass::new(
            MessagingMode::Default,
            MessageType::Default,
            Ansi41Specific::Other(0),
            GsmFeatures::NotSelected,
        ))
        .registered_delivery(RegisteredDelivery::request_all())
        .build();
    let gsm = Gsm7BitUnpacked::new().with_alphabet(Gsm7BitAlphabet::default());
    let parts = match gsm.encode_to_vec(text) {
        Ok(letters) => {
            // A letter is an octet here and seven bits on the air, where the header of a part takes the place of seven letters.
            let most = if letters.len() <= GSM_LETTERS {
                GSM_LETTERS
            } else {
                GSM_LETTERS - 1
            };
            let cut = whole.multipart(text).reference_u8(reference);
            cut.max_short_message_size(most)
                .encoder(gsm)
                .build()
                .map_err(|error| error.to_string())
        }
        Err(_) => {
            let cut = whole.multipart(text).reference_u8(reference);
            cut.encoder(Ucs2::new()).build().map_err(|error| error.to_string())
        }
    };
    parts.map_err(|error| never(format!("text: {error}")))
}

/// What the status of an answer means for a message [5.1.3]. What is the fault of the number or the text no centre takes; what a centre has against our
/// sender or our alphabet may be its own matter.
pub fn judge(status: CommandStatus) -> Result<(), Refused> {
    use CommandStatus as Status;
    let said = format!("{status:?}");
    match status {
        Status::EsmeRok => Ok(()),
        Status::EsmeRinvmsglen | Status::EsmeRinvdstadr | Status::EsmeRinvdstton | Status::EsmeRinvdstnpi => {
            Err(Refused::Never(said))
        }
        _ => Err(Refused::NotYet(said)),
    }
}

/// The receipt in a message from the centre, if it is one [appendix B: `id:… stat:…`].
pub fn receipt(message: &DeliverSm) -> Option<Receipt> {
    if message.esm_class.message_type != MessageType::ShortMessageContainsMCDeliveryReceipt {
        return None;
    }
    read_receipt(&String::from_utf8_lossy(message.short_message().as_ref()))
}

/// Reads the words of a receipt; what says neither that it arrived nor that it never will is none.
pub fn read_receipt(text: &str) -> Option<Receipt> {
    let word = |name: &str| {
        let at = text.find(name)?;
        text.get(at + name.len()..)?.split_whitespace().next()
    };
    let fate = match word("stat:")? {
        "DELIVRD" => Fate::Delivered,
        "EXPIRED" | "DELETED" | "UNDELIV" | "REJECTD" => Fate::Failed,
        _ => return None,
    };
    let id = word("id:")?.to_owned();
    Some(Receipt { id, fate })
}

/// Whether an answer opens the session.
pub fn is_open(status: CommandStatus, answer: Option<&Pdu>) -> Result<(), Refused> {
    match (status, answer) {
        (CommandStatus::EsmeRok, Some(Pdu::BindTransceiverResp(_))) => Ok(()),
        (status, _) => Err(Refused::NotYet(format!("the session was refused: {status:?}"))),
    }
}
