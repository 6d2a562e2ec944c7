//! The card's data: read from the QR code on a picture, given as the code's text, or typed.
//!
//! The code is unsigned text and proves nothing: everything in it is compared with the population database.

use ::http::StatusCode;
use civil::CardQr;
use civil::card_qr::{CardQrError, FieldReason};

use super::rules::field_name;
use crate::app::App;
use crate::shell::picture::PictureRefusal;
use crate::shell::problem::{Fault, Problem};
use crate::shell::qr::{self, Unread};

pub(super) mod http;

#[cfg(test)]
mod tests;

/// Reads the code on a picture, in the workshop.
pub(super) async fn read(app: &App, picture: Vec<u8>) -> Result<CardQr, Problem> {
    let unprocessable = |slug| Problem::new(slug, StatusCode::UNPROCESSABLE_ENTITY);
    let text = app.workshop.run(move || qr::text_on(&picture)).await?;
    let text = text.map_err(|unread| match unread {
        Unread::NoCode => unprocessable("registration-no-code"),
        Unread::Picture(PictureRefusal::TooLarge) => {
            Problem::new("registration-picture-too-large", StatusCode::PAYLOAD_TOO_LARGE)
        }
        Unread::Picture(_) => unprocessable("registration-not-a-picture"),
    })?;
    parse(&text, "picture")
}

/// Reads the text of a code. What is wrong with it is told at its field; in a code as a whole, at `whole`.
pub(crate) fn parse(text: &str, whole: &'static str) -> Result<CardQr, Problem> {
    CardQr::parse(text).map_err(|error| {
        let unprocessable = |slug| Problem::new(slug, StatusCode::UNPROCESSABLE_ENTITY);
        match error {
            CardQrError::NotACard | CardQrError::TooLong | CardQrError::FieldCount(_) => {
                unprocessable("registration-not-a-card").fault(Fault::new(whole, "registration-code-other"))
            }
            CardQrError::Field { field, reason } => {
                unprocessable("registration-card-unclear").fault(Fault::new(field_name(field), fault(reason)))
            }
        }
    })
}

fn fault(reason: FieldReason) -> &'static str {
    match reason {
        FieldReason::Empty => "registration-fault-empty",
        FieldReason::ControlCharacter => "registration-fault-characters",
        FieldReason::Number(_) => "registration-number-form",
        FieldReason::NotNineDigits => "registration-fault-old-number",
        FieldReason::NotAName => "registration-fault-name",
        FieldReason::NotADate => "registration-fault-date",
        FieldReason::NotASex => "registration-fault-sex",
        FieldReason::BeforeBirth => "registration-fault-before-birth",
    }
}
