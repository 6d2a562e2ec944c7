use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use super::super::http::{Wanted, onward, raise, refused, view};
use crate::accounts;
use crate::app::App;
use crate::chips::{self, Invitation};
use crate::history::Purpose;
use crate::recovery::chip::{is_face, is_own};
use crate::shell::filters;
use crate::shell::input::{Input, Upload};
use crate::shell::page::{LeadsElsewhere, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::{Citizen, Session};

/// Where a reader brings the chip, and the form of the portrait.
#[derive(Clone, Template, Serialize)]
#[template(path = "signin/raise/card/pages/reader.html")]
pub(super) struct Reader {
    level: i64,
    next: String,
    address: String,
    url: String,
    expires_at: Timestamp,
}

/// What the reader is invited for: this session, and no other.
fn concerns(session: &Session) -> [u8; 16] {
    let mut concerns = [0; 16];
    concerns
        .iter_mut()
        .zip(session.digest)
        .for_each(|(place, byte)| *place = byte);
    concerns
}

/// Invites a reader.
pub(super) async fn invite(
    State(app): State<App>,
    citizen: Citizen,
    Input(wanted): Input<Wanted>,
) -> Result<Response, Problem> {
    let invitation = Invitation::draw(&app, citizen.person, concerns(&citizen.session))?;
    let shown = Reader {
        level: wanted.level,
        next: onward(&wanted.next),
        url: format!("{}{}", app.config.public_url, invitation.address()),
        address: invitation.address(),
        expires_at: invitation.expires_at(),
    };
    app.db.write(move |tx| chips::invite(tx, &invitation)).await?;
    Ok((Extension(LeadsElsewhere), Page(shown)).into_response())
}

/// Raises by the chip that was brought and the face. The answer does not tell which of the two was not right.
pub(super) async fn prove(State(app): State<App>, citizen: Citizen, mut upload: Upload) -> Result<Response, Problem> {
    let wanted = Wanted {
        level: upload.field("level").parse().unwrap_or_default(),
        next: upload.field("next").to_owned(),
    };
    let ways = view(&app, &citizen, &wanted).await?;
    let Some(portrait) = upload.file("portrait") else {
        let fault = Fault::new("portrait", "recovery-portrait-needed");
        return Ok(refused(Problem::invalid(vec![fault]), ways));
    };
    let (vault, person, matter) = (app.vault.clone(), citizen.person, concerns(&citizen.session));
    let (account, received) = app
        .db
        .write(move |tx| {
            let received = chips::received(tx, &vault, &person, &matter)?;
            chips::forget(tx, &person, &matter)?;
            Ok::<_, Problem>((accounts::own(tx, &vault, &person)?, received))
        })
        .await?;

    let own = received.is_some_and(|received| is_own(&received, &account.number));
    if !own || !is_face(&app, &account, portrait, Purpose::SignIn).await? {
        let unproven = Problem::new("signin-card-unproven", StatusCode::FORBIDDEN);
        return Ok(refused(unproven, ways));
    }
    raise(&app, &citizen, "sc face", &wanted).await
}
