//! Recovery by the chip of the card and the face, on any device.
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /recovery/cases/{ticket}/reader` | invites a reader to bring the chip |
//! | `POST /recovery/cases/{ticket}/portrait` | the `portrait`, compared with the face on record |
//!
//! **Invariant:** only the chip itself, by an answer to our own challenge, and a face that matches the record prove a recovery; a comparison that
//! is undecided proves nothing.

use axum::Router;
use axum::routing::post;
use civil::PersonalNumber;
use civil::chip::{Reading, dg1};

use crate::accounts::Account;
use crate::app::App;
use crate::biometrics::{Decision, FaceReference, FaceSample, compare_faces};
use crate::chips::Received;
use crate::history::{self, Look, Purpose, Who};
use crate::shell::picture::{self, Wanted};
use crate::shell::problem::{Fault, Problem};

mod http;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/recovery/cases/{ticket}/reader", post(http::invite))
        .route("/recovery/cases/{ticket}/portrait", post(http::compare))
}

/// What is asked of a portrait that is compared.
const PORTRAIT: Wanted = Wanted {
    shortest: 300,
    longest: 1600,
};

/// Whether a portrait shows the face on record. The holder sees in the history that it was compared, whatever came of it.
///
/// # Errors
/// The fault of a field `portrait` that is no picture; those of the matcher and of the database.
pub(crate) async fn is_face(
    app: &App,
    account: &Account,
    portrait: Vec<u8>,
    purpose: Purpose,
) -> Result<bool, Problem> {
    let drawn = app
        .workshop
        .run(move || {
            let jpeg = picture::renew(&portrait, PORTRAIT)?;
            let size = picture::decode(&jpeg).map(|picture| (picture.width(), picture.height()))?;
            Ok::<_, picture::PictureRefusal>((jpeg, size))
        })
        .await?;
    let fault = || Problem::invalid(vec![Fault::new("portrait", "recovery-portrait-needed")]);
    let (jpeg, size) = drawn.map_err(|error| fault().caused_by(error))?;
    let sample = FaceSample::of_picture(&jpeg, size).map_err(Problem::internal)?;
    let on_record = FaceReference::OnRecord(&account.number);
    let compared = compare_faces(app, &sample, on_record, purpose.slug()).await?;

    let look = Look::now(app, account.person, &Who::Platform, purpose, "portrait");
    app.db.write(move |tx| history::record(tx, &look)).await?;
    Ok(compared.decision == Decision::Match)
}

/// Whether what a reader brought is the original chip of a person's own card.
pub(crate) fn is_own(received: &Received, number: &PersonalNumber) -> bool {
    let Ok(reading) = serde_json::from_slice::<Reading>(&received.reading) else {
        return false;
    };
    received.verdict.is_original() && dg1::parse(&reading.files.dg1).is_ok_and(|zone| zone.number == *number)
}
