use askama::Template;
use axum::extract::State as Of;
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use super::super::cases::{self, Shown, Ticket};
use super::super::rules::{State, Way};
use super::{is_face, is_own};
use crate::accounts;
use crate::app::App;
use crate::chips::{self, Invitation};
use crate::history::Purpose;
use crate::shell::filters;
use crate::shell::input::{Path, Upload};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

/// Where a reader brings the chip.
#[derive(Template, Serialize)]
#[template(path = "recovery/chip/pages/reader.html")]
pub(super) struct Reader {
    ticket: String,
    address: String,
    url: String,
    expires_at: Timestamp,
}

fn not_now() -> Problem {
    Problem::new("recovery-not-by-card", StatusCode::CONFLICT)
}

/// Invites a reader. A recovery of nobody invites one as well.
pub(super) async fn invite(Of(app): Of<App>, Path(text): Path<String>) -> Result<Page<Reader>, Problem> {
    let ticket = Ticket::read(&app, &text)?;
    let case = cases::load(&app, &ticket).await?;
    let gathering = matches!(case.state(app.clock.now()), State::Gathering { .. });
    if case.way != Way::CardAndFace || !gathering {
        return Err(not_now());
    }

    let invitation = Invitation::draw(&app, ticket.person, *ticket.case.bytes())?;
    let shown = Reader {
        ticket: text,
        url: format!("{}{}", app.config.public_url, invitation.address()),
        address: invitation.address(),
        expires_at: invitation.expires_at(),
    };
    app.db.write(move |tx| chips::invite(tx, &invitation)).await?;

    Ok(Page(shown))
}

/// Compares the face, once the chip was brought. The answer does not tell which of the two was not right.
pub(super) async fn compare(
    Of(app): Of<App>,
    Path(text): Path<String>,
    mut upload: Upload,
) -> Result<Next<Shown>, Problem> {
    let ticket = Ticket::read(&app, &text)?;
    let fault = || Problem::invalid(vec![Fault::new("portrait", "recovery-portrait-needed")]);
    let portrait = upload.file("portrait").ok_or_else(fault)?;
    let (person, concerns, vault) = (ticket.person, *ticket.case.bytes(), app.vault.clone());
    let (account, received) = app
        .db
        .read(move |conn| {
            Ok::<_, Problem>((
                accounts::find(conn, &vault, &person)?,
                chips::received(conn, &vault, &person, &concerns)?,
            ))
        })
        .await?;
    let unproven = || Problem::new("recovery-card-unproven", StatusCode::FORBIDDEN);
    let (account, received) = account.zip(received).ok_or_else(unproven)?;
    if !is_own(&received, &account.number) {
        return Err(unproven());
    }
    if !is_face(&app, &account, portrait, Purpose::Recovery).await? {
        return Err(unproven());
    }
    cases::prove(&app, &account, &ticket).await?;

    let case = cases::load(&app, &ticket).await?;
    Ok(Next {
        to: format!("/recovery/cases/{text}"),
        view: cases::shown(&app, text, &case)?,
    })
}
