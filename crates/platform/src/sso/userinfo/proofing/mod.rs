//! The record of how a person was identified, from the application by which the account has its level.

use db::Conn;
use oidc::verified_claims::{Card, Proofing};

use crate::accounts::{Account, Level};
use crate::applications::evidence::ChipSeen;
use crate::applications::{self, Application, State};
use crate::biometrics::{Decision, Modality};
use crate::shell::problem::Problem;
use crate::shell::vault::Vault;

/// The record; nothing for an account that nobody has verified. An account without an application was compared with the population database
/// at its registration, and that is all that can be said of it.
pub(super) fn of(conn: &mut Conn<'_>, vault: &Vault, account: &Account) -> Result<Option<Proofing>, Problem> {
    let level = match account.level {
        Level::Zero => return Ok(None),
        Level::One => 1,
        Level::Two => 2,
    };
    let plain = Proofing {
        level,
        at: account.granted_at.unwrap_or(account.created_at),
        process: None,
        card: None,
        register: true,
        face: false,
        in_person: false,
    };
    let outlines = applications::outlines(conn, &account.person)?;
    let by_which = outlines
        .into_iter()
        .find(|(_, outline)| outline.level == account.level && outline.state == State::Activated);
    let Some((id, _)) = by_which else {
        return Ok(Some(plain));
    };
    let application = applications::find(conn, vault, &id)?;
    Ok(Some(
        application.map_or(plain.clone(), |application| told(&application, plain)),
    ))
}

fn told(application: &Application, plain: Proofing) -> Proofing {
    let Some(findings) = &application.findings else {
        return plain;
    };
    let card = findings.card.as_ref().map(|card| Card {
        issued_on: card.issued_on,
        expires_on: card.expires_on,
        chip: matches!(findings.chip, ChipSeen::Authentic { .. }),
    });
    let face = findings
        .comparisons
        .iter()
        .any(|compared| compared.modality == Modality::Face && compared.decision == Decision::Match);
    Proofing {
        at: findings.at,
        process: Some(application.number.clone()),
        card,
        face,
        in_person: application.commune.is_some(),
        ..plain
    }
}
